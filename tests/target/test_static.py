"""The variant that needs nothing: it names no library and no loader, and runs in a root where there is nothing but it.
OOBM_STATIC is the program, OOBM_EMULATOR runs it."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = pathlib.Path(os.environ["OOBM_STATIC"])
EMULATOR = shutil.which(os.environ["OOBM_EMULATOR"])
CHROOT = shutil.which("chroot")
NO_DAEMON = 3


class Static(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for source, name in ((EMULATOR, "emulator"), (PROGRAM, "oobm")):
            shutil.copy(source, self.root / name)

    def run_in_empty_root(self, *words):
        command = [CHROOT, self.root, "/emulator", "/oobm", *words]
        return subprocess.run(command, capture_output=True, text=True, env={}, timeout=60, check=False)

    def test_it_names_nothing_to_be_loaded(self):
        shown = subprocess.run(["readelf", "-W", "-d", "-l", PROGRAM], capture_output=True, text=True, check=True).stdout
        self.assertIn("GNU_RELRO", shown)
        for word in ("(NEEDED)", "INTERP"):
            self.assertNotIn(word, shown)

    def test_both_programs_run_where_there_is_nothing(self):
        run = self.run_in_empty_root("oobmd", "--version")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertRegex(run.stdout, r"^\d+\.\d+\.\d+\n$")
        run = self.run_in_empty_root("oobmctl", "status")
        self.assertEqual(run.returncode, NO_DAEMON)
        self.assertIn("oobmctl: ", run.stderr)

    def test_the_command_works_where_there_is_nothing(self):
        run = self.run_in_empty_root("oobmctl", "version", "--json")
        self.assertEqual(run.returncode, NO_DAEMON)
        told = json.loads(run.stdout)
        self.assertRegex(told["oobmctl"], r"^\d+\.\d+\.\d+$")
        self.assertIn("mbedtls", told["libraries"])
        run = self.run_in_empty_root("oobmctl", "doctor")
        self.assertEqual(run.returncode, NO_DAEMON)
        self.assertIn("oobmd", run.stdout + run.stderr)

    def test_the_daemon_reads_what_it_is_given_and_refuses_it(self):
        # Not further: an emulator of user programs has no seccomp filters, which the daemon wants before it begins.
        for text, said in (("{", "JSON"), ('{"no_such_key": 1}', "no_such_key")):
            (self.root / "oobm.json").write_text(text)
            run = self.run_in_empty_root("oobmd", "--config", "/oobm.json")
            self.assertNotIn(run.returncode, (0, -6, -11), run.stderr)
            self.assertIn(said, run.stderr)

    def test_a_configuration_is_looked_for_and_missed(self):
        run = self.run_in_empty_root("oobmd", "--config", "/etc/oobm/oobm.json")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("/etc/oobm/oobm.json", run.stderr)


if __name__ == "__main__":
    unittest.main()
