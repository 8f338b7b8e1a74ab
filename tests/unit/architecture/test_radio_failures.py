"""The table of radio failures: every number has its row, every row names tests that exist, and every such test has a row."""

import pathlib
import re
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]
NUMBERS = [str(n) for n in range(1, 9)] + ["8b"] + [str(n) for n in range(9, 23)]
TEST = re.compile(r"^(?:TEST|TEST_F|TEST_P)\(\s*(\w+),\s*(\w+)\)", re.MULTILINE)
ROW = re.compile(r"^\| (\d+b?) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)


def tests_in(text):
    """Suite.name of each test that the text of a source defines."""
    return {".".join(found) for found in TEST.findall(text)}


def rows_of(page):
    """Number -> the tests that its row names."""
    return {number: re.findall(r"`(\w+\.\w+)`", tests) for number, _, _, tests in ROW.findall(page)}


def number_of(test):
    """The number that a test's name carries, as the page writes it, or None."""
    found = re.search(r"\.m0?(\d+b?)_", test)
    return found.group(1) if found else None


class Reading(unittest.TestCase):
    def test_tests_of_a_source(self):
        self.assertEqual({"A.m01_x", "B.y"}, tests_in("TEST_F(A, m01_x) {\n// TEST(C, z)\nTEST(\n    B, y) {"))

    def test_rows_of_a_page(self):
        self.assertEqual({"8b": ["A.x", "B.y"]}, rows_of("| no. | a | b | c |\n| 8b | what | `AT` | `A.x`, `B.y` |\n"))

    def test_number_in_a_name(self):
        self.assertEqual(["1", "8b", "22", None], [number_of(n) for n in ("A.m01_x", "A.m08b_x", "A.m22_x", "A.x_m1")])


class ThisTree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = rows_of((TOP / "docs/radio-failures.md").read_text(encoding="utf-8"))
        cls.tests = set()
        for source in (TOP / "tests/unit/hal").glob("*_test.cpp"):
            cls.tests |= tests_in(source.read_text(encoding="utf-8"))

    def test_every_number_has_a_row(self):
        self.assertEqual(NUMBERS, list(self.rows))

    def test_every_row_names_a_test_of_its_number(self):
        for number, tests in self.rows.items():
            self.assertIn(number, [number_of(test) for test in tests])

    def test_every_test_that_is_named_exists(self):
        self.assertEqual([], [t for tests in self.rows.values() for t in tests if t not in self.tests])

    def test_every_numbered_test_is_in_its_row(self):
        for test in sorted(self.tests):
            if number_of(test):
                self.assertIn(test, self.rows[number_of(test)])


if __name__ == "__main__":
    unittest.main()
