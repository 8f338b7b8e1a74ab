"""What the daily question of a suspended router costs on the wire: every byte of the OOBM interface, IP headers included."""

import json
import unittest

from bench.network import OOBM, WAN, ip
from bench.world import World
from fleet import MAIN_WAN_FORBIDDEN, Member

SOON = 60
# The least of so many counts: on a busy machine TCP may repeat a segment.
RESUMED_PROBES = 2
# Of a probe that resumes its TLS session; measured: 5.2 to 5.6 kB.
PROBE_BYTES_MOST = 6_000
# Of one with a full TLS 1.3 handshake, as it follows upon a broker that has forgotten its tickets: 7.3 to 8.1 kB.
FULL_PROBE_BYTES_MOST = 9_500


class SuspendedProbe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = cls.enterClassContext(World(label="probe"))
        cls.alms = cls.world.instances["na"].alms
        cls.alms.do("account-add", "acme")
        cls.member = Member(cls.world, 1, 1, settings=MAIN_WAN_FORBIDDEN)
        cls.addClassCleanup(cls.member.stop)
        cls.member.enter_service(SOON)
        cls.alms.do("suspend", cls.member.serial)
        cls.settle()
        # The card was suspended with its router. An operator who leaves it active lets the probe go over the OOBM link.
        cls.member.sim_file.write_text("active\n")
        cls.member.wait(lambda s: s["radio"].get("registration") in ("home", "roaming"), SOON, "registered")

    @classmethod
    def settle(cls):
        """Suspended, its bearer down, and nothing more on its way."""
        cls.member.wait(lambda s: s["lifecycle"]["state"] == "SUSPENDED" and s["link"]["phase"] == "idle", SOON, "suspended")
        cls.member.wait(lambda _: not cls.member.attachment.oobm_is_up(), SOON, "its bearer is down")

    def on_the_wire(self):
        """Bytes both ways, as the interface counts them; a TUN device adds no header of its own."""
        (shown,) = json.loads(ip("-j", "-s", "link", "show", OOBM, within=self.member.attachment.namespace))
        return shown["stats64"]["tx"]["bytes"] + shown["stats64"]["rx"]["bytes"]

    def probe(self):
        """The bytes of one answered probe, and what the impairer has counted for it."""
        contacts = len(self.world.instances["na"].broker.connections())
        before, passed_before = self.on_the_wire(), self.passed()
        main_before = self.member.attachment.packets_sent(WAN)
        self.member.sync()
        connections = self.world.instances["na"].broker.connections
        self.member.wait(lambda _: len(connections()) > contacts, SOON, "the probe reaches its broker")
        self.settle()
        status = self.member.status()
        self.assertEqual(status["verdict"]["code"], "SUSPENDED_BY_ALMS", status["verdict"])
        self.assertLess(status["link"]["last_contact_age_ms"], SOON * 1000, "answered")
        self.assertEqual(self.member.attachment.packets_sent(WAN), main_before)
        return self.on_the_wire() - before, self.passed() - passed_before

    def forget_tickets(self):
        """OpenSSL's tickets end with the process that gave them."""
        instance = self.world.instances["na"]
        instance.alms.stop()
        instance.broker.stop()
        instance.broker.start()
        instance.alms.start()

    def passed(self):
        counts = self.member.link.counts()
        return sum(counts["taken_bytes"])

    def test_a_suspended_probe_stays_within_its_bytes(self):
        resumed = [self.probe() for _ in range(RESUMED_PROBES)]
        self.forget_tickets()
        full = self.probe()
        print(f"suspended probes: {resumed} B on the wire, and {full} B with a full handshake, by interface and impairer")
        self.assertGreater(min(resumed)[0], 1_000, "it did happen")
        self.assertLess(min(resumed)[0], PROBE_BYTES_MOST)
        self.assertLess(full[0], FULL_PROBE_BYTES_MOST)
        for interface_bytes, passed in (*resumed, full):
            self.assertEqual(interface_bytes, passed, "two counts of the same")
        self.assertNotIn("query[AAAA]", self.world.names.log(), "the link has IPv4 alone")


if __name__ == "__main__":
    unittest.main()
