"""The application model is what the agent's tables make, and is well-formed; spoiled tables are noticed."""

import pathlib
import shutil
import sys
import tempfile
import unittest
import xml.etree.ElementTree
import zipfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "packaging/airvantage"))
import make_model  # noqa: E402

SOURCES = ("agent/alms/data_ids.hpp", "agent/core/settings.cpp", "agent/core/package.hpp", "CMakeLists.txt")


class Model(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def spoiled(self, file, old, new):
        for source in SOURCES:
            (self.folder / source).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / source, self.folder / source)
        text = (self.folder / file).read_text()
        self.assertIn(old, text)
        (self.folder / file).write_text(text.replace(old, new, 1))
        return self.folder

    def test_tables_that_contradict_each_other(self):
        for file, old, new in (
            ("agent/alms/data_ids.hpp", "  wan_up,\n", ""),
            ("agent/alms/data_ids.hpp", 'CommandRow{"oobm.sync", "Announce now", {}}', 'CommandRow{"oobm.sync", now, {}}'),
            ("agent/core/settings.cpp", '"oobm.telemetry_period_s"', '"oobm.other_period_s"'),
        ):
            with self.subTest(new=new), self.assertRaises(make_model.ModelError):
                make_model.Tables(self.spoiled(file, old, new))

    def test_an_id_of_no_asset(self):
        folder = self.spoiled("agent/alms/data_ids.hpp", '"oobm.wan_up"', '"wan_up"')
        with self.assertRaises(make_model.ModelError):
            make_model.model(make_model.Tables(folder))

    def test_a_changed_table_makes_another_model(self):
        folder = self.spoiled("agent/alms/data_ids.hpp", '"oobm.wan_up"', '"oobm.wan_is_up"')
        self.assertNotEqual(make_model.model(make_model.Tables(folder)), make_model.model(make_model.Tables()))

    def test_the_model_in_the_tree_is_what_the_tables_make(self):
        written = (TOP / "packaging/airvantage/model.app").read_text(encoding="iso-8859-1")
        self.assertEqual(written, make_model.model(make_model.Tables()))

    def test_everything_is_in_it_once(self):
        tables = make_model.Tables()
        tree = xml.etree.ElementTree.fromstring(make_model.model(tables).encode("iso-8859-1"))
        paths = [f"oobm.{node.get('path')}" for kind in ("variable", "setting", "command") for node in tree.iter(kind)]
        wanted = [row[1] for row in tables.data if not row[1].startswith("_")] + [row[0] for row in tables.commands]
        self.assertEqual(sorted(paths), sorted(wanted))
        self.assertEqual(len(paths), len(set(paths)))
        self.assertGreater(len(paths), 40)

    def test_the_archive_is_the_same_each_time(self):
        made = []
        for name in ("one.zip", "two.zip"):
            make_model.write_zip("<x/>", self.folder / name)
            made.append((self.folder / name).read_bytes())
        self.assertEqual(made[0], made[1])
        with zipfile.ZipFile(self.folder / "one.zip") as archive:
            self.assertEqual(archive.namelist(), ["model.app"])


if __name__ == "__main__":
    unittest.main()
