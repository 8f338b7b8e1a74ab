"""Five hundred sessions on a bad link (reconnects.py); ten thousand are `./dev endurance reconnects`."""

import unittest

from bench.world import World
from reconnects import Reconnects, table

SEED = 20261122
CLIENTS = 5
COUNT = 500
SECONDS = 240


class ReconnectsEndWell(unittest.TestCase):
    def test_every_session_ends_and_leaves_nothing_behind(self):
        with World(label="t-reconnects") as world:
            outcomes = Reconnects(world, SEED, CLIENTS).run(COUNT, SECONDS)
        print("\n".join(table(outcomes)))
        for number, outcome in enumerate(outcomes):
            with self.subTest(client=number):
                self.assertEqual(outcome.faults(), [])
                self.assertEqual(outcome.reports[-1]["ready"], COUNT // CLIENTS)


if __name__ == "__main__":
    unittest.main()
