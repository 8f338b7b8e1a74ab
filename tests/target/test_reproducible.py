"""What ships does not depend on the folder it is compiled in: some sources are compiled and linked as a whole, as shipped, in
two other folders, without the compiler's cache, and compared. toolchains/dev/reproduce.sh does the same with whole
packages. OOBM_BUILD_DIR is the build whose compile commands are taken.
"""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["OOBM_BUILD_DIR"])
TOP = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ("agent/cli/command_line.cpp", "agent/core/lifecycle.cpp", "hal/at/signal.cpp")


def commands():
    """The compile command of each of SOURCES, by its path in the tree."""
    wanted = {str(TOP / source): source for source in SOURCES}
    entries = json.loads((BUILD / "compile_commands.json").read_text())
    # Tests may compile a source of the product once more, in their own way.
    return {wanted[entry["file"]]: entry for entry in entries if entry["file"] in wanted and not entry["output"].startswith("tests/")}


class Reproducible(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def linked(self, name, extra=()):
        """The bytes of a library of all SOURCES, stripped, the tree being at `name`."""
        top = self.folder / name
        for part in ("agent", "hal"):
            shutil.copytree(TOP / part, top / part)
        (top / BUILD.relative_to(TOP)).mkdir(parents=True)
        found = commands()
        self.assertEqual(sorted(found), sorted(SOURCES))
        environment = {**os.environ, "CCACHE_DISABLE": "1"}
        objects = []
        for source, entry in found.items():
            words = shlex.split(entry["command"].replace(str(TOP), str(top)))
            words[words.index("-o") + 1] = source + ".o"
            words[words.index("-c") + 1] = str(top / source)
            subprocess.run([*words, *extra], cwd=top, env=environment, check=True)
            objects.append(source + ".o")
        compiler = words[0]
        subprocess.run([compiler, "-shared", "-flto=1", "-Os", *extra, *objects, "-o", "whole.so"], cwd=top, env=environment, check=True,
                       capture_output=True)  # fmt: skip
        if not extra:
            subprocess.run([pathlib.Path(compiler).name.replace("g++", "strip"), "--strip-all", "whole.so"], cwd=top, check=True)
        return (top / "whole.so").read_bytes()

    def test_a_path_that_gets_in_is_seen(self):
        with_paths = ["-g", "-fdebug-prefix-map=/nowhere=."]
        self.assertNotEqual(self.linked("one", with_paths), self.linked("another/place", with_paths))

    def test_the_same_sources_make_the_same_bytes(self):
        self.assertEqual(self.linked("one"), self.linked("another/place"))


if __name__ == "__main__":
    unittest.main()
