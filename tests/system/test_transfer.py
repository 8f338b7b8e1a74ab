"""Files over the OOBM link with real parts: the daemon, its helper, the gate, and an HTTPS server that misbehaves."""

import hashlib
import json
import random
import sys
import unittest

import bench.file_server
import test_agent
from bench.alms import build_dir
from bench.network import ALMS_ADDRESS, OOBM, enter, ip
from bench.process import Process, wait_until
from bench.world import FILE_PORT

CONTENT = random.Random(1).randbytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HELPER = {"transfer": {"helper": str(build_dir() / "agent/transfer/oobm-transfer")}}


class FileBench(test_agent.Bench):
    """A world with the instance's file server, and a router in service that has the transfer helper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        file, cls.log = cls.world.folder / "content", cls.world.folder / "requests"
        file.write_bytes(CONTENT)
        server = cls.na.pki.server
        command = [sys.executable, bench.file_server.__file__, ALMS_ADDRESS["na"], FILE_PORT, server.cert, server.key, file, cls.log]
        process = Process("file server", command, cls.world.folder / "file_server.log", enter(cls.world.network.cloud))
        cls.enterClassContext(process).wait_for_log("listening")
        cls.served = cls.activate(cls.router(settings=HELPER))

    def setUp(self):
        self.log.write_text("")

    def requests(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def restart_with(self, config):
        self.served.config_path.write_text(json.dumps(config))
        self.restart()

    def restart(self):
        self.served.agent.kill()
        self.served.start_agent()
        self.wait_online()

    def wait_online(self):
        self.served.wait_status(lambda s: s["in_service"] and s["link"]["phase"] == "online", test_agent.SOON, "online")


class Transfer(FileBench):
    def fetch(self, path, *options, router=None, sha256=SHA256):
        address = path if "://" in path else f"https://{self.na.pki.host}:{FILE_PORT}{path}"
        return (router or self.served).ctl("fetch", address, "--sha256", sha256, "--output", "image.bin", *options)

    def kept(self):
        return self.served.folder / "state" / "files" / "image.bin"

    def assert_kept(self):
        self.assertEqual(self.kept().read_bytes(), CONTENT)
        self.assertEqual(self.kept().stat().st_mode & 0o777, 0o600)
        self.kept().unlink()

    def transfers(self, *options):
        return json.loads(self.served.ctl("transfers", "--json", *options).stdout)

    def wait_moved(self, least, waiting=0):
        """Of the transfer under way, behind which others may be waiting."""
        wait_until(lambda: self.transfers()[-1 - waiting]["bytes"] >= least, test_agent.SOON, f"{least} bytes")

    def test_a_router_without_service_fetches_nothing(self):
        waiting = self.router(settings=HELPER)
        done = self.fetch("/whole", router=waiting)
        self.assertEqual(done.returncode, 1)
        self.assertIn("NOT_IN_SERVICE", done.stderr)
        self.assertEqual(self.requests(), [])

    def test_a_router_without_the_helper_says_so(self):
        config = json.loads(self.served.config_path.read_text())
        self.addCleanup(self.restart_with, config)
        self.restart_with({**config, "transfer": {"helper": "/nowhere/oobm-transfer"}})
        self.assertIn("NOT_INSTALLED", self.fetch("/whole").stderr)

    def test_what_is_not_the_file_is_not_kept(self):
        for path, code in (("/none", "SERVER_REFUSES"), ("/away", "REDIRECT_REFUSED"),
                           ("https://elsewhere.example/x", "HOST_NOT_ALLOWED"), ("http://na.alms.test/x", "URL_NOT_HTTPS")):  # fmt: skip
            with self.subTest(path=path):
                done = self.fetch(path)
                self.assertEqual(done.returncode, 1)
                self.assertIn(code, done.stdout + done.stderr)
        self.assertIn("HASH_MISMATCH", self.fetch("/whole", sha256="0" * 64).stdout)
        self.assertIn("SIZE_MISMATCH", self.fetch("/whole", "--size", 1000).stdout)
        self.assertFalse(self.kept().exists())
        self.assertFalse((self.kept().parent / ".part").exists())

    def test_a_file_comes_over_the_oobm_link_alone(self):
        done = self.fetch("/on", "--size", len(CONTENT))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assert_kept()
        self.assertEqual([r["path"] for r in self.requests()], ["/on", "/whole"])
        for request in self.requests():
            self.assertEqual(request["from"], self.served.attachment.oobm_address)
            self.assertFalse(request["certificate"])
        self.assertIn("transfer_done", [event["event"] for event in self.served.events()])

    def test_a_broken_transfer_goes_on_after_a_restart_of_the_daemon(self):
        self.fetch("/slow", "--no-wait")
        self.wait_moved(40_000)
        self.served.agent.kill()
        self.served.start_agent()
        self.wait_online()
        done = self.fetch("/slow")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assert_kept()
        first, second = self.requests()
        self.assertIsNone(first["range"])
        self.assertGreaterEqual(int(second["range"].removeprefix("bytes=").removesuffix("-")), 40_000)

    def test_it_goes_on_when_its_interface_has_gone_and_come_back(self):
        self.fetch("/slow", "--no-wait")
        self.wait_moved(40_000)
        place = self.served.attachment
        paused = lambda: [e["event"] for e in self.served.events()].count("transfer_paused")  # noqa: E731
        before = paused()
        ip("link", "del", OOBM, within=place.namespace)
        wait_until(lambda: paused() > before, test_agent.SOON, "the end of the first attempt")
        self.assertFalse(self.kept().exists())
        # As after a restart of its module: down, without an address, with another number.
        place.connect_oobm()
        self.served.ctl("sync")
        wait_until(lambda: self.transfers()[-1]["state"] == "done", 2 * test_agent.SOON, "the file")
        self.assert_kept()
        first, *later = self.requests()
        self.assertIsNone(first["range"])
        self.assertNotEqual(later, [])
        for request in later:
            self.assertGreaterEqual(int(request["range"].removeprefix("bytes=").removesuffix("-")), 40_000)
            self.assertEqual(request["from"], place.oobm_address)

    def test_a_suspension_ends_it(self):
        router = self.activate(self.router(settings=HELPER))
        self.fetch("/slow", "--no-wait", router=router)
        self.alms.do("suspend", router.identity.serial)
        wait_until(lambda: "transfer_failed" in router.agent.log(), test_agent.SOON, "the end of the transfer")
        self.assertIn("NOT_IN_SERVICE", router.ctl("transfers").stdout)

    def test_one_that_is_cancelled_leaves_nothing(self):
        self.fetch("/slow", "--no-wait")
        self.fetch("/whole", "--no-wait")
        self.assertIn("BUSY", self.fetch("/whole", "--no-wait").stderr)
        self.wait_moved(1, waiting=1)
        self.assertEqual({t["code"] for t in self.transfers("--cancel")[-2:]}, {"CANCELLED"})
        self.assertFalse((self.kept().parent / ".part").exists())
        self.assertFalse(self.kept().exists())


if __name__ == "__main__":
    unittest.main()
