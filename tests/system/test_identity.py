"""The router's certificate with real parts: one that is renewed while the daemon runs, one that the broker does not take,
and TLS sessions that outlive the daemon."""

import json
import shutil
import unittest

import test_agent
from bench.pki import rogue_authority
from bench.process import wait_until
from test_agent import SOON


class Certificates(test_agent.Bench):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.served = cls.active_router()

    def identity(self, router):
        return json.loads(router.ctl("identity", "--json").stdout)

    def install(self, router, authority, days):
        """Puts a certificate on trial that `authority` has made for the router's own request."""
        request = router.folder / "request.pem"
        request.write_text(router.ctl("identity", "csr").stdout)
        self.assertNotIn("PRIVATE", request.read_text())
        certificate = authority.sign(request, router.folder / "new.pem", days)
        self.assertIn("On trial", router.ctl("identity", "install", str(certificate)).stdout)

    def lose_the_session(self, router):
        """As a restart of the broker does. Returns when the router knows, and the broker listens again."""
        self.na.broker.stop()
        router.wait_status(lambda s: s["link"]["phase"] != "online", SOON, "the session is lost")
        self.na.broker.start()

    def wait_in_service(self, router):
        """The router's own pause between two attempts, up to 30 s, is cut short by the technician."""

        def served():
            status = router.status()
            if status["in_service"]:
                return True
            if status["link"]["phase"] == "idle":
                router.ctl("sync")
            return False

        wait_until(served, SOON, "in service")

    def test_one_that_the_broker_refuses_costs_no_way(self):
        router = self.served
        before = self.identity(router)["in_use"]
        self.install(router, rogue_authority(self.world.folder / "pki"), days=30)
        self.assertEqual(self.identity(router)["on_trial"]["issuer"], "CN=Rogue CA")
        self.assertEqual(self.identity(router)["in_use"], before)
        refused = self.na.broker.log().count("certificate verify failed")
        self.lose_the_session(router)
        self.wait_in_service(router)
        self.assertEqual(self.na.broker.log().count("certificate verify failed"), refused + 1, self.na.broker.log()[-2000:])
        after = self.identity(router)
        self.assertEqual(after["in_use"], before)
        self.assertNotIn("on_trial", after)
        self.assertIn("TLS_CLIENT_CERT_REFUSED", after["refusal"])
        self.assertIn("refused: TLS_CLIENT_CERT_REFUSED", router.ctl("identity").stdout)
        told = [event["text"] for event in router.events() if event["event"] == "tls"]
        self.assertEqual(len([text for text in told if "refused, the old one goes on" in text]), 1, told)

    def test_a_renewed_one_is_tried_and_then_the_old_one_is_needed_no_more(self):
        router = self.active_router()
        before = self.identity(router)["in_use"]
        self.install(router, self.na.pki.authority, days=30)
        self.assertEqual(self.identity(router)["in_use"], before, "until it is accepted")
        self.lose_the_session(router)
        self.wait_in_service(router)
        after = self.identity(router)
        self.assertNotIn("on_trial", after)
        self.assertLess(after["in_use"]["not_after"], before["not_after"])
        self.assertIn("the old one is dropped", router.agent.log())
        (key,) = (router.folder / "state" / "identity").glob("key-*.pem")
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)

        old = self.na.pki.router(router.identity.serial)
        old.cert.unlink()
        old.key.unlink()
        router.agent.kill()
        router.start_agent()
        router.wait_status(lambda s: s["in_service"], SOON, "in service without the old one")

    def test_a_restart_of_the_daemon_resumes_its_tls_session(self):
        for kept in (False, True):
            with self.subTest(tickets=kept):
                self.served.agent.kill()
                if not kept:
                    shutil.rmtree(self.served.folder / "run" / "tickets")
                    shutil.rmtree(self.served.folder / "state" / "tickets")
                self.served.start_agent()
                self.served.wait_status(lambda s: s["in_service"], SOON, "in service again")
                # With a clock that nobody trusts yet, a second session follows the first and resumes it.
                seen = self.identity(self.served)
                self.assertEqual(seen["handshakes"]["full"], 0 if kept else 1, seen)
                self.assertGreaterEqual(seen["handshakes"]["resumed"], 1 if kept else 0, seen)
        self.assertIn(seen["session"]["tls"], ("TLSv1.2", "TLSv1.3"))


if __name__ == "__main__":
    unittest.main()
