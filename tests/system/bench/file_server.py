"""A file server of the bench: HTTPS with ranges, and paths under which it behaves badly.

As a program: file_server.py ADDRESS PORT CERTIFICATE KEY FILE LOG. It writes one line of JSON for each request.

    /whole            the file, with Range and If-Range
    /cut              the same, but each response ends after a third of the file
    /slow             the same, but so slowly that a test has time
    /away, /on        redirects to another host, to /whole
    /NAME             the file of this name in the folder "packages" beside FILE, as it is at that moment
    anything else     404

With PUT it takes support bundles, and looks at what arrives before it says that it has it:

    /bundles/NAME     keeps it in the folder "bundles" beside FILE: 201; 422 where it is no bundle
    /forbidden, /full 403 and 413, before a byte of it is sent
    /moved            redirects to /bundles/moved
    /trickle          takes it so slowly that a test has time
"""

import hashlib
import http.server
import json
import pathlib
import re
import ssl
import sys
import time

ETAG = '"v1"'
SLOW_PIECE = 2000
SLOW_PAUSE = 0.05
SLOWER_PAUSE = 1
BUNDLE_MEMBERS = {"schema", "agent", "status", "state", "events"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.note()
        redirects = {"/away": "https://elsewhere.example/whole", "/on": "/whole"}
        if self.path in redirects:
            self.head(302, {"Location": redirects[self.path], "Content-Length": "0"})
        elif self.path in ("/whole", "/cut", "/slow"):
            self.give(self.server.data, ETAG)
        elif re.fullmatch("/[A-Za-z0-9_-][A-Za-z0-9._-]*", self.path) and (self.server.packages / self.path[1:]).is_file():
            data = (self.server.packages / self.path[1:]).read_bytes()
            self.give(data, f'"{hashlib.sha256(data).hexdigest()}"')
        else:
            self.head(404, {"Content-Length": "0"})

    def handle_expect_100(self):
        refusals = {"/forbidden": 403, "/full": 413, "/moved": 307}
        if self.path not in refusals:
            return super().handle_expect_100()
        self.note()
        self.head(refusals[self.path], {"Location": "/bundles/moved", "Content-Length": "0"})
        self.close_connection = True
        return False

    def do_PUT(self):
        self.note()
        size = int(self.headers["Content-Length"])
        data = b""
        while len(data) < size:
            more = self.rfile.read(min(SLOW_PIECE, size - len(data)))
            if not more:
                return
            data += more
            if self.path == "/trickle":
                time.sleep(SLOWER_PAUSE)
        self.head(self.keep(data), {"Content-Length": "0"})
        self.close_connection = True

    def keep(self, data):
        """The status that answers a bundle."""
        name = re.fullmatch("/bundles/([A-Za-z0-9_-]+)", self.path)
        if not name:
            return 404
        try:
            bundle = json.loads(data)
        except ValueError:
            return 422
        if self.headers["Content-Type"] != "application/json" or not BUNDLE_MEMBERS <= bundle.keys():
            return 422
        self.server.bundles.mkdir(exist_ok=True)
        (self.server.bundles / name[1]).write_bytes(data)
        return 201

    def note(self):
        line = {"method": self.command, "path": self.path, "from": self.client_address[0], "range": self.headers.get("Range"),
                "certificate": self.connection.getpeercert(binary_form=True) is not None}  # fmt: skip
        with open(self.server.log, "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def head(self, status, fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()

    def give(self, data, etag):
        first = 0
        asked = self.headers.get("Range", "")
        if asked.startswith("bytes=") and self.headers.get("If-Range") == etag:
            first = int(asked.removeprefix("bytes=").removesuffix("-"))
        fields = {"Content-Length": str(len(data) - first), "ETag": etag}
        if first:
            fields["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        self.head(206 if first else 200, fields)
        end = first + len(data) // 3 if self.path == "/cut" else len(data)
        if self.path == "/slow":
            self.drip(data[first:end])
        else:
            self.wfile.write(data[first:end])
        self.close_connection = True

    def drip(self, data):
        for at in range(0, len(data), SLOW_PIECE):
            self.wfile.write(data[at : at + SLOW_PIECE])
            self.wfile.flush()
            time.sleep(SLOW_PAUSE)

    def log_message(self, *_):
        pass


def main():
    address, port, certificate, key, file, log = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer((address, int(port)), Handler)
    server.daemon_threads = True
    server.data = pathlib.Path(file).read_bytes()
    server.packages = pathlib.Path(file).parent / "packages"
    server.bundles = pathlib.Path(file).parent / "bundles"
    server.log = log
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print("listening", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
