"""A dozen random lives of a link (flaps.py), and what they rest on: the watch sees a stray packet, and the kernel's own
answers find no way out by the main WAN either."""

import socket
import subprocess
import sys
import unittest

import flaps
from bench.network import OOBM, WAN, enter
from bench.world import World
from fleet import MAIN_WAN_FORBIDDEN, Member

# Two blocked routers, two retired ones, two with the default policy, six with the main WAN forbidden; one of them, 16, was
# the first to find a stray packet.
SEEDS = (1, 2, 5, 6, 7, 8, 9, 11, 15, 16, 46, 74)
SOON = 60
SEND = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('203.0.113.99', 9))"
KNOCK = """
import socket, sys
knocking = socket.socket()
knocking.settimeout(1)
knocking.bind(('203.0.113.10', 0))
try:
    knocking.connect((sys.argv[1], 9))
except OSError:
    pass
"""


class Flaps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = cls.enterClassContext(World(label="t-flaps"))
        cls.world.instances["na"].alms.do("account-add", "acme")
        cls.members = 0

    @classmethod
    def member(cls):
        cls.members += 1
        member = Member(cls.world, 40 + cls.members, cls.members, settings=MAIN_WAN_FORBIDDEN)
        cls.addClassCleanup(member.stop)
        return member

    def test_random_lives(self):
        for report in flaps.run_together(self.world, SEEDS, helped=True, first_number=1):
            print(report.line())
            with self.subTest(seed=report.seed):
                self.assertEqual(report.faults, [], f"replay: flaps.py --helped --seeds {report.seed}")

    def test_the_watch_sees_a_stray_packet(self):
        member = self.member()
        member.watch.start()
        self.assertEqual(member.watch.strays((WAN, OOBM)), {})
        before = member.attachment.packets_sent(WAN)
        subprocess.run([*member.attachment.prefix, sys.executable, "-c", SEND], check=True)
        self.assertEqual(member.watch.strays((WAN,)), {(WAN, "203.0.113.99", "17", "9"): 1})
        self.assertEqual(member.watch.strays((WAN,), {("203.0.113.99", "9")}), {})
        self.assertGreater(member.attachment.packets_sent(WAN), before)

    def test_a_bearer_without_its_rules_answers_no_stranger_over_the_main_wan(self):
        member = self.member()
        member.enter_service(SOON)
        hands = flaps.Hands(member, None)
        member.watch.reset()
        self.knock(member)
        answered = member.watch.strays((OOBM,), flaps.ALLOWED)
        self.assertNotEqual(answered, {}, "the kernel answers while the rules hold")
        hands.rules_lost()
        self.knock(member)
        self.assertEqual(member.watch.strays((WAN,)), {})
        self.assertEqual(member.watch.strays((OOBM,), flaps.ALLOWED), answered)

    def knock(self, member):
        """Somebody in the OOBM network tries a port on which nothing listens."""
        prefix = enter(self.world.network.cloud)
        subprocess.run([*prefix, sys.executable, "-c", KNOCK, member.attachment.oobm_address], check=True)


if __name__ == "__main__":
    unittest.main()
