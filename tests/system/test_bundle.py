"""The support bundle that ALMS orders: the task, the daemon, its helper, the gate, and an HTTPS server that looks at what comes."""

import json
import re
import unittest

import test_agent
import test_transfer
from bench.process import wait_until
from bench.world import FILE_PORT

COMMAND = "oobm.send_support_bundle"


class Bundle(test_transfer.FileBench):
    def setUp(self):
        super().setUp()
        self.restart()  # so many a day, in one run of the agent

    def address(self, path):
        return path if "://" in path else f"https://{self.na.pki.host}:{FILE_PORT}{path}"

    def order(self, path, router=None):
        """The uid of the task."""
        serial = (router or self.served).identity.serial
        return self.alms.do("command", serial, COMMAND, f"url={self.address(path)}")["uid"]

    def answer(self, path, router=None):
        """The acknowledgement."""
        return self.ack(self.order(path, router), router or self.served)

    def assert_refused(self, ack, codes):
        self.assertEqual(ack["status"], "ERROR")
        self.assertTrue(ack["message"].startswith(codes), ack)

    def test_a_suspended_router_sends_nothing(self):
        router = self.activate(self.router(settings=test_transfer.HELPER))
        self.alms.do("suspend", router.identity.serial)
        router.wait_status(lambda s: s["lifecycle"]["state"] == "SUSPENDED", test_agent.SOON, "suspended")
        uid = self.order("/bundles/suspended", router)
        router.ctl("sync")
        self.assert_refused(self.ack(uid, router), "SUSPENDED: ")
        self.assertEqual(self.requests(), [])

    def test_a_router_without_the_helper_says_so(self):
        config = json.loads(self.served.config_path.read_text())
        self.addCleanup(self.restart_with, config)
        self.restart_with({**config, "transfer": {"helper": "/nowhere/oobm-transfer"}})
        self.assert_refused(self.answer("/bundles/x"), "NOT_INSTALLED: ")

    def test_where_it_may_not_go_it_does_not_go(self):
        for path, codes in (("https://elsewhere.example/x", "UPLOAD_FAILED: HOST_NOT_ALLOWED: "),
                            (f"https://{self.na.pki.host}:{FILE_PORT + 1}/x", "UPLOAD_FAILED: HOST_NOT_ALLOWED: "),
                            ("http://na.alms.test/x", "BAD_PARAMETER: URL_NOT_HTTPS: ")):  # fmt: skip
            with self.subTest(path=path):
                self.assert_refused(self.answer(path), codes)
        self.assertEqual(self.requests(), [])

    def test_what_is_not_wanted_is_answered_with_its_reason(self):
        for path, codes, words in (("/forbidden", "UPLOAD_FAILED: SERVER_REFUSES: ", "(HTTP 403)"),
                                   ("/full", "UPLOAD_FAILED: TOO_LARGE: ", "(HTTP 413)"),
                                   ("/none", "UPLOAD_FAILED: SERVER_REFUSES: ", "(HTTP 404)")):  # fmt: skip
            with self.subTest(path=path):
                ack = self.answer(path)
                self.assert_refused(ack, codes)
                self.assertIn(words, ack["message"])
        self.assertEqual([r["path"] for r in self.requests()], ["/forbidden", "/full", "/none"])

    def test_a_suspension_ends_it(self):
        router = self.activate(self.router(settings=test_transfer.HELPER))
        self.order("/trickle", router)
        wait_until(lambda: self.requests() != [], test_agent.SOON, "the request")
        self.alms.do("suspend", router.identity.serial)
        wait_until(lambda: "transfer_failed" in router.agent.log(), test_agent.SOON, "the end of the transfer")
        self.assertIn("NOT_IN_SERVICE", router.ctl("transfers").stdout)

    def test_one_that_a_restart_broke_off_is_called_interrupted(self):
        uid = self.order("/trickle")
        wait_until(lambda: self.requests() != [], test_agent.SOON, "the request")
        self.restart()
        self.assertEqual(self.ack(uid, self.served)["message"].split(":")[0], "INTERRUPTED")

    def test_it_arrives_over_the_oobm_link_alone_and_holds_no_secret(self):
        uid = self.order("/moved")
        ack = self.ack(uid, self.served)
        kept = (self.world.folder / "bundles" / "moved").read_text()
        self.assertEqual((ack["status"], ack["message"]), ("OK", f"{len(kept.encode())} bytes"))
        self.assertEqual([r["path"] for r in self.requests()], ["/moved", "/bundles/moved"])
        for request in self.requests():
            self.assertEqual(request["method"], "PUT")
            self.assertEqual(request["from"], self.served.attachment.oobm_address)
            self.assertFalse(request["certificate"])
        self.assertEqual(len(self.acks_received(self.served, uid)), 1)
        bundle = json.loads(kept)
        self.assertEqual(bundle["status"]["lifecycle"]["state"], "ACTIVE")
        self.assertEqual(bundle["state"]["document"]["ledger"][-1]["uid"], uid, "it was made for this task")
        for secret in (self.served.identity.iccid, "PRIVATE KEY"):
            self.assertNotIn(secret, kept)
        self.assertIsNone(re.search("eyJ", kept))
        self.assertEqual(list((self.served.folder / "state" / "files").glob("*")), [])
        self.assertEqual(json.loads(self.served.ctl("transfers", "--json").stdout)[-1]["direction"], "to_server")

    def test_what_it_costs_is_charged_as_file_transfer(self):
        spent = lambda: json.loads(self.served.ctl("usage", "--json").stdout)["uplinks"]["oobm"]["uses"]  # noqa: E731
        self.assertNotIn("file_transfer", spent())
        self.assertEqual(self.answer("/bundles/charged")["status"], "OK")
        self.assertGreater(spent()["file_transfer"]["wire_sent"], (self.world.folder / "bundles" / "charged").stat().st_size)


if __name__ == "__main__":
    unittest.main()
