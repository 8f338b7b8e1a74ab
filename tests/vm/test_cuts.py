"""A few losses of power at random moments; ./dev vm --cuts has more of them."""

import unittest

import cuts

SEED = 2
CUTS = 2


class PowerCuts(unittest.TestCase):
    def test_the_router_recovers_by_itself(self):
        self.assertTrue(cuts.run(CUTS, SEED))


if __name__ == "__main__":
    unittest.main()
