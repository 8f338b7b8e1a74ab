"""ALMS's side over a real broker: what routers are answered, what operators may do, what the access list denies."""

import shutil
import ssl
import tempfile
import unittest
from pathlib import Path

from bench import pki
from bench.alms import Alms, Refused
from bench.broker import Broker, free_port
from bench.mqtt import MqttClient, MqttError
from bench.played_router import PlayedRouter, imei, statement_claims

IMEIS = tuple(imei(number) for number in range(5))
XR80_OFFER = "AirLink Complete (XR80)"
# A term long enough that nothing ends while a test runs, short enough to show that seconds are taken as such.
TERM = ("--term-seconds", 3600)


class AlmsBench(unittest.TestCase):
    """One broker and one alms-sim for all cases of a class; each case plays a router of its own serial number."""

    instance = "na"

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="oobm-alms-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.pki = pki.instance_pki(cls.folder / "pki", cls.instance)
        cls.sims = cls.folder / "sims"
        cls.broker = Broker(cls.folder / "broker", cls.pki, port=free_port())
        cls.enterClassContext(cls.broker)
        cls.alms = Alms(cls.folder / "alms", cls.broker, sim_folder=cls.sims,
                        options=["--expiry-lag-seconds", 0])  # fmt: skip
        cls.enterClassContext(cls.alms)
        cls.alms.do("account-add", "acme", "--name", "Acme Utilities")
        cls.alms.do("account-add", "old", "--class", "Standard")

    def router(self, serial, module=IMEIS[0], **more):
        return self.enterContext(PlayedRouter(self.broker, serial, module, **more))

    def register(self, router, offer=XR80_OFFER, account="acme", other_imei=None, extra=()):
        return self.alms.do("register", router.serial, other_imei or router.imei, "--account", account, "--offer", offer,
                            *extra)  # fmt: skip

    def refusal(self, *arguments, **more):
        with self.assertRaises(Refused) as caught:
            self.register(*arguments, **more)
        return caught.exception.code

    def sim(self, router):
        return (self.sims / f"{router.imei}.sim").read_text().strip()


class Registration(AlmsBench):
    def test_unknown_router_is_pending_until_an_operator_registers_it(self):
        router = self.router("XR80NA0000001", IMEIS[0])
        nonce = router.announce()
        answer = router.command("oobm.register_result")
        self.assertEqual((answer["result"], answer["code"], answer["nonce"]), ("PENDING", "NOT_REGISTERED", nonce))
        self.assertNotIn("entitlement", answer)

        self.register(router)
        answer = router.command("oobm.register_result")
        claims = statement_claims(answer["entitlement"])
        self.assertEqual((answer["result"], answer["nonce"], claims["nonce"]), ("ACCEPTED", nonce, nonce))
        self.assertEqual((claims["state"], claims["sub"], claims["imei"]), ("INVENTORY", router.serial, router.imei))
        self.assertNotIn("valid_until", claims)
        self.assertEqual(self.sim(router), "dormant")

    def test_refusals_reach_operator_and_router(self):
        router = self.router("XR80NA0000002", IMEIS[1])
        router.announce()
        self.assertEqual(router.command("oobm.register_result")["code"], "NOT_REGISTERED")
        for code, arguments in (
            ("ACCOUNT_CLASS", {"account": "old"}),
            ("OFFER_NO_OOBM", {"offer": "AirLink Basic"}),
            ("IDENTITY_MISMATCH", {"other_imei": IMEIS[4]}),
            ("SIM_MISMATCH", {"extra": ("--iccid", "89014103211118510720")}),
        ):
            with self.subTest(code):
                router.iccid = "89014103211118510799"
                nonce = router.announce()
                router.command("oobm.register_result")
                self.assertEqual(self.refusal(router, **arguments), code)
                answer = router.command("oobm.register_result")
                self.assertEqual((answer["result"], answer["code"], answer["nonce"]), ("REFUSED", code, nonce))
                self.assertNotIn("entitlement", answer)
                router.announce()
                self.assertEqual(router.command("oobm.register_result")["code"], code)

    def test_xr90_on_an_xr80_offer(self):
        router = self.router("XR90NA0000001", IMEIS[2], sku="XR90-NA-SAMPLE")
        self.register(router)  # The portal does not know the model yet.
        router.announce()
        self.assertEqual(router.command("oobm.register_result")["code"], "OFFER_DEVICE_MISMATCH")
        self.alms.do("change-offer", router.serial, "AirLink Premium")
        self.assertEqual(router.command("oobm.register_result")["result"], "ACCEPTED")

    def test_global_router_on_the_na_instance(self):
        router = self.router("XR80GL0000001", IMEIS[3], sku="XR80-GL-SAMPLE")
        router.announce()
        router.command("oobm.register_result")
        self.assertEqual(self.refusal(router), "REGION_MISMATCH")
        self.assertEqual(router.command("oobm.register_result")["code"], "REGION_MISMATCH")

    def test_operator_errors_are_not_told_to_the_router(self):
        router = self.router("XR80NA0000003", imei(5))
        for code, arguments in (
            ("BAD_IMEI", {"other_imei": imei(0)[:-1] + str((int(imei(0)[-1]) + 1) % 10)}),
            ("UNKNOWN_ACCOUNT", {"account": "nobody"}),
            ("OFFER_NOT_IN_ACCOUNT", {"offer": "AirLink Sesame"}),
        ):
            with self.subTest(code):
                self.assertEqual(self.refusal(router, **arguments), code)
        router.announce()
        self.assertEqual(router.command("oobm.register_result")["result"], "PENDING")


class Service(AlmsBench):
    def active(self, serial, module, term=TERM):
        """A router that is registered, active and has been told so; returns it and its newest sequence number."""
        router = self.router(serial, module)
        router.announce()
        router.command("oobm.register_result")
        self.register(router)
        router.command("oobm.register_result")
        self.alms.do("purchase-order", serial, *term)
        claims = self.entitled(router)
        self.assertEqual(claims["state"], "ACTIVE")
        return router, claims["seq"]

    def entitled(self, router):
        return statement_claims(router.command("oobm.entitle")["entitlement"])

    def test_operators_acts_are_pushed_with_rising_sequence(self):
        router, seq = self.active("XR80NA0000011", IMEIS[0])
        self.assertEqual(self.sim(router), "active")
        for verb, state, sim in (("suspend", "SUSPENDED", "suspended"), ("resume", "ACTIVE", "active")):
            self.alms.do(verb, router.serial)
            claims = self.entitled(router)
            self.assertEqual((claims["state"], self.sim(router)), (state, sim))
            self.assertGreater(claims["seq"], seq)
            self.assertNotIn("nonce", claims)
            seq = claims["seq"]
        nonce = router.announce(seq=seq)
        claims = statement_claims(router.command("oobm.register_result")["entitlement"])
        self.assertEqual((claims["nonce"], claims["state"]), (nonce, "ACTIVE"))
        self.assertGreater(claims["seq"], seq)

    def test_illegal_acts_change_nothing(self):
        router, seq = self.active("XR80NA0000012", IMEIS[1])
        for verb in ("resume", "activate"):
            with self.subTest(verb), self.assertRaises(Refused) as caught:
                self.alms.do(verb, router.serial)
            self.assertEqual(caught.exception.code, "WRONG_STATE")
        self.assertIsNone(router.task(0.3))
        self.assertEqual(self.alms.do("show", router.serial)["system"]["seq"], seq)

    def test_term_and_grace_end_and_a_purchase_order_brings_back(self):
        router, seq = self.active("XR80NA0000013", IMEIS[2], ("--term-seconds", 1, "--grace-seconds", 1))
        self.alms.wait(router.serial, "state:SUSPENDED", timeout=10)
        claims = self.entitled(router)
        self.assertEqual((claims["state"], self.sim(router)), ("SUSPENDED", "suspended"))
        with self.assertRaises(Refused) as caught:
            self.alms.do("resume", router.serial)
        self.assertEqual(caught.exception.code, "TERM_ENDED")
        self.alms.do("purchase-order", router.serial, "--months", 12)
        claims = self.entitled(router)
        self.assertEqual((claims["state"], self.sim(router)), ("ACTIVE", "active"))
        self.assertGreater(claims["seq"], seq)

    def test_acks_and_data_are_recorded(self):
        router, _ = self.active("XR80NA0000014", IMEIS[3])
        uid = self.alms.do("command", router.serial, "oobm.diagnose")["uid"]
        with self.assertRaises(Refused) as caught:
            self.alms.wait(router.serial, f"ack:{uid}", timeout=0.2)
        self.assertEqual(caught.exception.code, "TIMEOUT")
        self.assertEqual(router.task()["uid"], uid)
        router.ack(uid, "ERROR", "SUSPENDED: The router is suspended.")
        router.ack("f" * 32)  # A uid that was never sent is no task's ack.
        task = self.alms.wait(router.serial, f"ack:{uid}=ERROR")
        self.assertEqual((task["acks_count"], task["acks"][0]["message"][:9]), (1, "SUSPENDED"))
        router.report({"oobm.lifecycle_state": "ACTIVE", "_RSRP": -97.5}, stamped=True)
        self.alms.wait(router.serial, "data:oobm.lifecycle_state=ACTIVE")
        self.assertEqual(self.alms.do("show", router.serial)["router"]["data"]["_RSRP"]["value"], -97.5)

    def test_retired_and_deleted(self):
        router, seq = self.active("XR80NA0000015", IMEIS[4])
        self.alms.do("retire", router.serial)
        self.assertEqual(self.entitled(router)["state"], "RETIRED")
        nonce = router.announce(seq=seq)
        answer = router.command("oobm.register_result")
        self.assertEqual((answer["result"], answer["code"]), ("REFUSED", "RETIRED"))
        self.assertEqual(statement_claims(answer["entitlement"])["nonce"], nonce)
        self.alms.do("deregister", router.serial)
        self.assertEqual(statement_claims(router.command("oobm.deregister")["statement"])["sub"], router.serial)
        router.announce(seq=seq)  # It has not heard of it, or has not believed it: it is told again.
        self.assertEqual(router.command("oobm.register_result")["result"], "PENDING")
        router.command("oobm.deregister")

    def test_unreadable_messages_are_counted_and_survived(self):
        router = self.router("XR80NA0000016")
        for payload in ("", "{", "[1]", '{"1":{"oobm.announce_nonce":{}}}', "\xff", "[" * 10000):
            router.client.publish(f"{router.serial}/messages/json", payload)
            router.client.publish(f"{router.serial}/acks/json", payload)
        router.announce()
        self.alms.wait(router.serial, "data:oobm.online=true")
        self.alms.wait(router.serial, "answered:PENDING")

    def test_state_survives_kill(self):
        router, seq = self.active("XR80NA0000017", imei(5))
        self.alms.process.kill()
        router.report({"oobm.uptime_s": 77})  # The broker keeps it for ALMS's session.
        self.alms.start()
        self.alms.wait(router.serial, "data:oobm.uptime_s=77")
        self.alms.do("suspend", router.serial)
        claims = self.entitled(router)
        self.assertEqual(claims["state"], "SUSPENDED")
        self.assertGreater(claims["seq"], seq)


class Access(AlmsBench):
    def test_a_router_reaches_its_own_topics_only(self):
        victim = self.router("XR80NA0000021", IMEIS[0])
        other = self.router("XR80NA0000022", IMEIS[1])
        for topic in ("messages", "acks", "tasks"):  # Granted, for all the good it does: nothing is delivered.
            other.client.subscribe(f"{victim.serial}/{topic}/json")
        other.client.subscribe("#")
        other.client.publish(f"{victim.serial}/messages/json", '{"oobm.online":true}')
        other.client.publish(f"{victim.serial}/tasks/json", "[]")
        victim.announce()
        self.assertEqual(victim.command("oobm.register_result")["result"], "PENDING")
        self.assertIsNone(other.task(0.5))
        self.assertEqual(self.alms.do("show", victim.serial)["router"]["announcements"], 1)
        with self.assertRaises(Refused):
            self.alms.do("show", other.serial)

    def test_a_router_cannot_take_anothers_session(self):
        victim = self.router("XR80NA0000023", IMEIS[0])
        certificate = self.pki.router("XR80NA0000024")
        impostor = MqttClient(self.broker.address, self.broker.port, victim.serial, self.pki.ca, certificate)
        self.addCleanup(impostor.close)
        victim.announce()
        self.assertEqual(victim.command("oobm.register_result")["result"], "PENDING")
        self.assertIn(("127.0.0.1", "XR80NA0000024"), self.broker.connections())

    def test_strangers_are_not_let_in(self):
        rogue = pki.rogue_authority(self.folder / "pki").client("XR80NA0000025")
        with self.assertRaises((ssl.SSLError, MqttError, OSError)):
            MqttClient(self.broker.address, self.broker.port, "XR80NA0000025", self.pki.ca, rogue)
        self.assertNotIn("XR80NA0000025", [name for _, name in self.broker.connections()])

    def test_wrong_server_certificates_are_told_apart(self):
        for name, pair in (("other host", self.pki.authority.wrong_host_server()),
                           ("unknown CA", pki.rogue_authority(self.folder / "pki").server("na.alms.test"))):  # fmt: skip
            with self.subTest(name), Broker(self.folder / name, self.pki, port=free_port(), server=pair) as broker:
                with self.assertRaises(ssl.SSLCertVerificationError):
                    PlayedRouter(broker, "XR80NA0000026", IMEIS[0])

    def test_forged_statements_differ_only_as_asked(self):
        router = self.router("XR80NA0000027", IMEIS[0])
        self.register(router)
        plain = self.alms.do("sign", router.serial)["statement"]
        bare = self.alms.do("sign", router.serial, "--alg", "none", "--set", "aud=someone")["statement"]
        self.assertTrue(bare.endswith("."))
        self.assertEqual(statement_claims(bare)["aud"], "someone")
        self.assertEqual(statement_claims(plain)["aud"], "oobm-agent")
        file = self.folder / "raw"
        file.write_bytes(b"\x00no json")
        self.alms.do("send-raw", router.serial, "tasks/json", file)
        self.assertEqual(router.client.receive().payload, b"\x00no json")


if __name__ == "__main__":
    unittest.main()
