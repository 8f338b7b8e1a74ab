"""The list of deliberate defects fits the tree: a defect whose text is gone would prove nothing."""

import pathlib
import re
import unittest

from defects import DEFECTS

TREE = pathlib.Path(__file__).resolve().parents[2]


class Defects(unittest.TestCase):
    def test_there_are_enough(self):
        self.assertGreaterEqual(len(DEFECTS), 20)

    def test_each_has_a_name_of_its_own(self):
        self.assertEqual(len({defect.name for defect in DEFECTS}), len(DEFECTS))

    def test_each_changes_one_place(self):
        for defect in DEFECTS:
            with self.subTest(defect.name):
                self.assertEqual((TREE / defect.file).read_text().count(defect.was), 1)
                self.assertNotEqual(defect.was, defect.becomes)

    def test_the_programs_that_notice_exist(self):
        declared = set()
        for lists in (TREE / "tests").rglob("CMakeLists.txt"):
            declared.update(re.findall(r"(?:oobm_unit_test|add_executable)\((\S+)", lists.read_text()))
        for defect in DEFECTS:
            with self.subTest(defect.name):
                self.assertTrue(defect.caught_by)
                self.assertLessEqual(set(defect.caught_by), declared)


if __name__ == "__main__":
    unittest.main()
