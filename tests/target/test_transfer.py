"""The transfer helper that ships moves files with the libcurl that it has inside: what is left out of that library
(toolchains/curl/curl_config.h) must not be what the helper uses. The daemon and the server are this test: it holds the other
end of the link and the file. OOBM_TRANSFER is the helper's command."""

import fcntl
import os
import pathlib
import shlex
import shutil
import signal
import socket
import tempfile
import threading
import time
import unittest

HELPER = shlex.split(os.environ["OOBM_TRANSFER"])
FILE = bytes(range(256)) * 400
SECONDS = 60
JOB = {
    "host": "files.example:8443", "target": "/image?a=1", "user_agent": "oobm/test", "validator": "", "offset": 0, "max_bytes": len(FILE),
    "bytes_per_s": 0, "min_bytes_per_s": 1, "stall_s": 30, "time_limit_s": 60, "progress_ms": 1,
}  # fmt: skip
# Exit statuses (agent/transfer/protocol.hpp).
FINISHED, LINK_ENDED, STALLED, TIME_OVER, TOO_LARGE, NOT_HTTP = 0, 20, 21, 22, 23, 24


def head(status, *fields, length=None):
    lines = [f"HTTP/1.1 {status}", *fields]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Outcome:
    """How a helper ended: its exit status, its reports as (key, value), the file, and the request as the server got it."""

    def __init__(self, ended, said, file, asked):
        self.ended, self.file, self.request = ended, file, asked.decode("latin-1")
        self.reports = [tuple(line.split("=", 1)) for line in said.splitlines()]

    def last(self, key):
        return next((value for name, value in reversed(self.reports) if name == key), None)

    def field(self, name):
        start = f"{name}: "
        return next((line[len(start) :] for line in self.request.split("\r\n") if line.startswith(start)), None)


class Transfer(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_helper(self, serve, held=b"", put=None, **job):
        """`serve(link)` answers once the head of the request has come; `held` is what the file has."""
        lines = {**JOB, **job, **({"put": put} if put else {})}
        pieces = {name: self.folder / name for name in ("job", "file")}
        pieces["job"].write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
        pieces["file"].write_bytes(held)
        near, far = socket.socketpair()
        reports, report = os.pipe()  # no file: of those the helper may write one alone
        asked = bytearray()

        def answer():
            with far:
                while b"\r\n\r\n" not in asked:
                    more = far.recv(65536)
                    if not more:
                        return
                    asked.extend(more)
                try:
                    serve(far)
                except ConnectionError:
                    pass  # the helper has had enough

        server = threading.Thread(target=answer)
        server.start()
        # From high numbers, so that none is overwritten before it was given away.
        given = [os.open(pieces["job"], os.O_RDONLY), report, os.open("/dev/null", os.O_WRONLY), near.detach(), os.open(pieces["file"], os.O_RDWR)]
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in given]
        actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(high)]
        child = os.posix_spawn(shutil.which(HELPER[0]), HELPER, {}, file_actions=actions)
        for fd in given + high:
            os.close(fd)
        alarm = threading.Timer(SECONDS, os.kill, (child, signal.SIGKILL))
        alarm.start()
        with open(reports, encoding="ascii") as stream:
            said = stream.read()
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        alarm.cancel()
        server.join()
        return Outcome(ended, said, pieces["file"].read_bytes(), bytes(asked))

    def check(self, outcome, ended, **reports):
        self.assertEqual(outcome.ended, ended, outcome.reports)
        self.assertEqual({key: outcome.last(key) for key in reports}, {key: str(value) for key, value in reports.items()})

    def test_what_is_not_http_1(self):
        self.check(self.run_helper(lambda link: link.sendall(b"220 mail.example ESMTP\r\n")), NOT_HTTP, detail="Received HTTP/0.9 when not allowed")
        endless = head("200 OK", "X: " + "x" * 400_000)
        self.check(self.run_helper(lambda link: link.sendall(endless)), NOT_HTTP)

    def test_a_connection_that_ends_early(self):
        self.check(self.run_helper(lambda link: None), LINK_ENDED, detail="Empty reply from server")
        outcome = self.run_helper(lambda link: link.sendall(head("200 OK", length=len(FILE)) + FILE[:1000]))
        self.check(outcome, LINK_ENDED, got=1000, total=len(FILE))
        self.assertEqual(outcome.file, FILE[:1000])

    def test_a_server_that_stops(self):
        def stop(link):
            link.sendall(head("200 OK", length=len(FILE)) + FILE[:1000])
            link.recv(1)

        self.check(self.run_helper(stop, stall_s=2, min_bytes_per_s=100), STALLED)

    def test_time_has_an_end(self):
        def drip(link):
            link.sendall(head("200 OK", length=len(FILE)))
            for byte in FILE:
                link.sendall(bytes([byte]))
                time.sleep(0.05)

        outcome = self.run_helper(drip, time_limit_s=3)
        self.check(outcome, TIME_OVER)
        self.assertGreater([key for key, _ in outcome.reports].count("got"), 3, "progress is reported on the way")

    def test_a_file_that_is_too_large(self):
        self.check(self.run_helper(lambda link: link.sendall(head("200 OK", length=len(FILE) + 1))), TOO_LARGE)
        self.check(self.run_helper(lambda link: link.sendall(head("200 OK") + FILE + b"x")), TOO_LARGE)

    def test_a_redirect_is_reported_and_not_followed(self):
        outcome = self.run_helper(lambda link: link.sendall(head("302 Found", "Location: https://elsewhere.example/x", length=0)))
        self.check(outcome, FINISHED, status=302, location="https://elsewhere.example/x")

    def test_a_whole_file(self):
        reply = head("200 OK", 'ETag: "v1"', "Content-Encoding: gzip", "Set-Cookie: a=b", length=len(FILE)) + FILE
        outcome = self.run_helper(lambda link: link.sendall(reply), held=b"old")
        self.check(outcome, FINISHED, status=200, total=len(FILE), validator='"v1"', got=len(FILE), **{"from": 0})
        self.assertEqual(outcome.file, FILE)
        self.assertEqual(outcome.request, "GET /image?a=1 HTTP/1.1\r\nHost: files.example:8443\r\nUser-Agent: oobm/test\r\n"
                                          "Connection: close\r\nAccept-Encoding: identity\r\n\r\n")  # fmt: skip

    def test_the_rest_of_a_file(self):
        reply = head("206 Partial Content", f"Content-Range: bytes 1000-{len(FILE) - 1}/{len(FILE)}", length=len(FILE) - 1000) + FILE[1000:]
        outcome = self.run_helper(lambda link: link.sendall(reply), held=FILE[:1000], offset=1000, validator='"v1"')
        self.check(outcome, FINISHED, status=206, total=len(FILE), **{"from": 1000})
        self.assertEqual(outcome.file, FILE)
        self.assertEqual((outcome.field("Range"), outcome.field("If-Range")), ("bytes=1000-", '"v1"'))

    def test_a_body_in_chunks(self):
        reply = head("200 OK", "Transfer-Encoding: chunked") + b"%x\r\n" % 5000 + FILE[:5000] + b"\r\n%x;x=y\r\n" % (len(FILE) - 5000) + FILE[5000:]
        outcome = self.run_helper(lambda link: link.sendall(reply + b"\r\n0\r\n\r\n"))
        self.check(outcome, FINISHED, got=len(FILE))
        self.assertEqual(outcome.file, FILE)

    def test_the_rate_has_a_ceiling(self):
        began = time.monotonic()
        self.check(self.run_helper(lambda link: link.sendall(head("200 OK", length=len(FILE)) + FILE), bytes_per_s=50_000), FINISHED)
        self.assertGreater(time.monotonic() - began, 1)

    def send(self, serve, **job):
        return self.run_helper(serve, held=FILE, put="application/json", **job)

    def test_a_file_that_is_not_wanted_stays(self):
        outcome = self.send(lambda link: link.sendall(head("413 Content Too Large", length=0)))
        self.check(outcome, FINISHED, status=413, got=0)
        self.assertTrue(outcome.request.endswith("\r\n\r\n"))

    def test_a_file_is_sent(self):
        """To a server that says that it wants it, and to one that says nothing."""
        for go_on in (head("100 Continue"), b""):
            came = bytearray()

            def take(link, go_on=go_on, came=came):
                link.sendall(go_on)
                while len(came) < len(FILE):
                    more = link.recv(65536)
                    if not more:
                        return
                    came.extend(more)
                link.sendall(head("201 Created", length=0))

            outcome = self.send(take)
            self.check(outcome, FINISHED, status=201, got=len(FILE))
            self.assertEqual(came, FILE)
            self.assertTrue(outcome.request.startswith("PUT /image?a=1 HTTP/1.1\r\n"))
            self.assertEqual([outcome.field(name) for name in ("Content-Length", "Content-Type", "Expect")],
                             [str(len(FILE)), "application/json", "100-continue"])  # fmt: skip


if __name__ == "__main__":
    unittest.main()
