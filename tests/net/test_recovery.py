"""The shorter half of recovery.py: whatever the network or the server does, the agent is in service again, has not spun, and
holds no more descriptors and memory than before."""

import unittest

import recovery
from bench.world import World


class Recovery(unittest.TestCase):
    def test_the_agent_comes_back_from_everything(self):
        trials = [trial for trial in recovery.TRIALS if trial.helped]
        with World(label="t-recovery") as world:
            attempts = recovery.run(world, trials, helped=True)
        for attempt in attempts:
            print(attempt.line())
            with self.subTest(attempt.trial.name):
                self.assertEqual(attempt.faults, [])


if __name__ == "__main__":
    unittest.main()
