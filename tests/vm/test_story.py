"""The story of ./dev vm as a test."""

import unittest

import story


class Life(unittest.TestCase):
    def test_the_story_holds(self):
        self.assertTrue(story.tell())


if __name__ == "__main__":
    unittest.main()
