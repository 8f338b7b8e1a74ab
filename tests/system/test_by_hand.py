"""What a technician carries: a request to ALMS and its signed answer, a set of keys, and the bundle for support."""

import json
import re
import unittest

import test_agent

DARK = {"uplinks": {"main_wan_registration": False}}  # and the SIM is dormant: no link reaches this router


class ByHand(test_agent.Bench):
    def file(self, text):
        path = self.world.folder / "carried"
        path.write_text(text)
        return path

    def refused(self, router, code, *arguments):
        done = router.ctl(*arguments)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(code, done.stderr)
        self.assertIn("Next: ", done.stderr)

    def imported(self, router, text, what="entitlement"):
        done = router.ctl(what, "import", self.file(text))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Accepted.", done.stdout)

    def test_a_router_that_no_link_reaches_is_registered_by_hand(self):
        router = self.router(settings=DARK)
        serial = router.identity.serial
        router.wait_status(lambda s: "imei" in s["router"], test_agent.SOON, "its identity")
        request = json.loads(router.ctl("entitlement", "request", "--json").stdout)
        self.assertEqual((request["serial"], request["imei"]), (serial, router.identity.imei))
        self.assertIn(request["nonce"], router.ctl("entitlement", "request").stdout)
        self.alms.do("register", serial, router.identity.imei, "--account", "acme", "--offer", test_agent.COMPLETE,
                     "--sku", router.identity.sku, "--iccid", router.identity.iccid)  # fmt: skip

        def sign(*options):
            return self.alms.do("sign", serial, *options)["statement"]

        self.refused(router, "STATEMENT_MALFORMED", "entitlement", "import", self.file("no signed text"))
        self.refused(router, "STATEMENT_TOO_LARGE", "entitlement", "import", self.file("x" * 2000))
        self.refused(router, "STATEMENT_NONCE", "entitlement", "import", self.file(sign("--nonce", "0" * 32)))
        forged = sign("--nonce", request["nonce"], "--break-signature")
        self.refused(router, "STATEMENT_SIGNATURE", "entitlement", "import", self.file(forged))
        keys = sign("--typ", "oobm-trust", "--key", "root-1")
        self.refused(router, "STATEMENT_TYPE", "entitlement", "import", self.file(keys))
        self.assertEqual(router.ctl("entitlement", "import", "/no/such/file", check=False).returncode, 2)
        self.assertEqual(router.status()["lifecycle"]["state"], "UNREGISTERED")

        router.agent.kill()
        router.start_agent()
        router.wait_status(lambda s: "imei" in s["router"], test_agent.SOON, "its identity again")
        self.assertTrue(router.status()["entitlement_request_open"])
        answer = self.alms.do("answer-by-hand", serial, request["nonce"])["statement"]
        self.imported(router, "\n".join(re.findall(".{1,64}", answer)) + "\n")
        status = router.status()
        self.assertEqual(status["lifecycle"]["state"], "INVENTORY")
        self.assertEqual(status["entitlement"]["account"]["id"], "acme")
        self.assertFalse(status["entitlement_request_open"])

        self.refused(router, "STATEMENT_TYPE", "trust", "import", self.file(answer))
        self.imported(router, keys, "trust")
        stored = json.loads(router.ctl("state", "--json").stdout)["document"]
        self.assertEqual(stored["trust"]["version"], 2)

        # The order is carried too; it brings the SIM to life, and from here on it goes by itself.
        self.alms.do("purchase-order", serial, "--months", 12)
        nonce = json.loads(router.ctl("entitlement", "request", "--json").stdout)["nonce"]
        self.assertNotEqual(nonce, request["nonce"])
        self.imported(router, self.alms.do("answer-by-hand", serial, nonce)["statement"])
        router.wait_status(lambda s: s["in_service"], 2 * test_agent.SOON, "in service")

    def test_what_is_handed_over_holds_no_secret(self):
        router = self.active_router()
        nonce = json.loads(router.ctl("entitlement", "request", "--json").stdout)["nonce"]
        path = self.world.folder / "bundle.json"
        self.assertEqual(router.ctl("support-bundle", path).returncode, 0)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        bundle = path.read_text()
        state = router.ctl("state").stdout
        self.assertLess(len(bundle), 160 * 1024)
        self.assertEqual(json.loads(bundle)["status"]["lifecycle"]["state"], "ACTIVE")
        stored = "".join(file.read_text() for file in (router.folder / "state").glob("state-?.json"))
        signed = re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", stored)
        self.assertTrue(signed)
        self.assertIn(nonce, stored)
        secrets = [nonce, router.identity.iccid, "PRIVATE KEY", "eyJ", *(text.split(".")[2] for text in signed)]
        for text in (bundle, state):
            for secret in secrets:
                self.assertNotIn(secret, text)
            self.assertIn(router.identity.iccid[-4:], text if text is bundle else bundle)
        link = self.world.folder / "link"
        link.symlink_to(path)
        self.assertEqual(router.ctl("support-bundle", link, check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
