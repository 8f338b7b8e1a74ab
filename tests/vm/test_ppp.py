"""PPP from end to end: pppd dials on the module's data port, a real peer answers, and the agent's session with ALMS runs
over it, with TLS, to a real broker that can be reached in no other way.
"""

import os
import time
import unittest
from pathlib import Path

from bench.played_router import imei
from bench.router import Identity
from bench.world import World
from router import PORTS, ROUTER_ADDRESS, TREE, VmRouter

WHO = Identity(serial="XR80VM000001", sku="XR80-NA-SAMPLE", imei=imei(1), iccid="8914800000000000001", model="XR80")
OFFER = "AirLink Complete (XR80)"
FIRST_SECONDS = 240  # module, bearer, TLS and the first announcement, all of them emulated
AGAIN_SECONDS = 300  # the agent's own pauses included
NOTICE_SECONDS = 60  # for the agent to see that its link is gone; far below a keep-alive
REPLY_SECONDS = 60
OTHER_RSRP = -71
UNPLUGGED_MS = 3000
TASK_BYTES = 200  # no task and no acknowledgement is smaller on the wire


def folder():
    return Path(os.environ.get("OOBM_VM_FOLDER", TREE / "build/aarch64/vm")) / "ppp"


class Ppp(unittest.TestCase):
    """One machine for all cases, which follow each other by name: each begins with the session open, and leaves it so."""

    @classmethod
    def setUpClass(cls):
        cls.world = cls.enterClassContext(World(label="vm"))
        cls.alms = cls.world.instances["na"].alms
        cls.broker = cls.world.instances["na"].broker
        cls.alms.do("account-add", "acme")
        cls.alms.do("register", WHO.serial, WHO.imei, "--account", "acme", "--offer", OFFER)
        cls.alms.do("purchase-order", WHO.serial, "--months", 12)
        began = time.monotonic()
        cls.router = cls.enterClassContext(VmRouter(folder(), WHO, cls.world))
        cls.customer_network = cls.router.customer_network()
        cls.wan_counters = cls.router.counters("wan0")
        print(f"\nboot {cls.router.machine.boot_seconds:.1f} s, agent answers after {time.monotonic() - began:.1f} s")
        cls.wait_in_service(FIRST_SECONDS)
        print(f"in service after {time.monotonic() - began:.1f} s")

    @classmethod
    def wait_in_service(cls, seconds):
        return cls.router.wait_status(lambda s: s["in_service"] and s["outbox_items"] == 0, seconds, "in service")

    def assert_serves(self):
        uid = self.alms.do("command", WHO.serial, "oobm.diagnose")["uid"]
        self.alms.wait(WHO.serial, f"ack:{uid}=OK", timeout=REPLY_SECONDS)

    def assert_comes_back(self, act):
        """The session ends by `act` and is opened anew over a new link, without anybody's help."""
        before = self.sessions()
        began = time.monotonic()
        act()
        self.router.wait_status(lambda s: not s["in_service"], NOTICE_SECONDS, "the loss is seen")
        self.wait_in_service(AGAIN_SECONDS)
        print(f"in service again after {time.monotonic() - began:.1f} s")
        self.assertGreater(self.sessions(), before)
        self.assert_serves()

    def resets(self):
        return self.router.status()["radio"]["resets"]

    def sessions(self):
        """How often the broker has let the router in."""
        return [client for _, client in self.broker.connections()].count(WHO.serial)

    def test_1_the_session_is_open_over_the_link(self):
        status = self.router.status()
        self.assertEqual(status["link"]["phase"], "online")
        self.assertEqual(status["link"]["uplink"], "oobm")
        self.assertEqual(self.sessions(), 1)
        self.alms.wait(WHO.serial, "announced", timeout=1)
        address = self.router.run("ip -4 -o addr show dev ppp0")
        self.assertIn(f"inet {ROUTER_ADDRESS} ", address)

    def test_2_tasks_travel_over_it_and_nothing_over_the_wan(self):
        received, sent = self.router.counters("ppp0")
        self.assert_serves()
        received_then, sent_then = self.router.counters("ppp0")
        self.assertGreater(received_then, received + TASK_BYTES)
        self.assertGreater(sent_then, sent + TASK_BYTES)
        self.assertEqual(self.router.counters("wan0"), self.wan_counters)

    def test_3_the_customers_network_is_untouched(self):
        self.assertEqual(self.router.customer_network(), self.customer_network)

    def test_4_the_module_answers_while_data_flow(self):
        self.assertEqual(self.router.modem_ctl("signal", str(OTHER_RSRP)), "ok")
        self.assert_serves()
        status = self.router.wait_status(lambda s: s["radio"].get("rsrp_dbm") == OTHER_RSRP, REPLY_SECONDS, "the new signal")
        self.assertTrue(status["in_service"])

    def test_5_it_comes_back_when_the_network_hangs_up(self):
        self.assert_comes_back(self.router.end_call_from_afar)

    def test_6_it_comes_back_when_pppd_is_killed(self):
        self.assert_comes_back(lambda: self.router.run("kill -9 $(cat /run/oobm-board/ppp.pid)"))

    def test_7_it_comes_back_when_the_module_restarts_without_a_word(self):
        resets = self.resets()
        # A restart that may have come before this link was dialled does not end it; missing echoes do, later.
        began = self.router.status()["at_ms"]
        self.router.wait_status(lambda s: s["at_ms"] - s["radio"]["signal_age_ms"] > began, REPLY_SECONDS, "a look at the module")
        self.assert_comes_back(lambda: self.router.modem_ctl("reboot", "quiet"))
        self.assertEqual(self.resets(), resets + 1)
        self.assertIn("settings lost", self.router.run("oobmctl events"), "found on the AT port, not by missing echoes")

    def test_8_it_comes_back_when_the_module_was_unplugged(self):
        self.assert_comes_back(lambda: self.router.modem_ctl("vanish", str(UNPLUGGED_MS)))

    def test_9_nothing_is_left_of_a_bearer_that_is_down(self):
        self.assertNotEqual(self.router.bearer_remains(), "", "while it is up, there is something to be found")
        self.router.run("kill $(cat /run/oobmd.pid); while [ -d /proc/$(cat /run/oobmd.pid) ]; do sleep 0.1; done")
        self.assertEqual(self.router.bearer_remains(), "")
        self.assertEqual(self.router.customer_network(), self.customer_network)
        self.assertEqual(self.router.counters("wan0"), self.wan_counters)
        self.assertEqual(self.router.run(f"test -e {PORTS['data']} && echo there"), "there\n")

    def test_a_the_static_program_runs_where_there_is_nothing_and_serves(self):
        self.assertEqual(self.router.run("ls /nothing"), "oobm\n", "no library, no loader")
        self.assertRegex(self.router.run("chroot /nothing /oobm oobmd --version"), r"^\d+\.\d+\.\d+\n$")
        self.assertIn("cannot reach oobmd", self.router.run("chroot /nothing /oobm oobmctl doctor 2>&1; true"))
        # Names, TLS, users and the filter of system calls with another C library than the shared one.
        self.router.run("mv /usr/sbin/oobm /usr/sbin/oobm-shared; cp /nothing/oobm /usr/sbin/oobm")
        self.router.start_agent()
        self.assertNotIn("libc.so", self.router.run("cat /proc/$(cat /run/oobmd.pid)/maps"))
        self.wait_in_service(AGAIN_SECONDS)
        self.assert_serves()


if __name__ == "__main__":
    unittest.main()
