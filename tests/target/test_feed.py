"""The feed's Makefile, read by GNU make with a stand-in for OpenWrt's build system (tests/target/feed): its syntax, its
fields, and that it installs what the ipk holds. Whether a real OpenWrt builds it cannot be told here."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import check_ipk

TARGET = pathlib.Path(__file__).resolve().parent
TOP = TARGET.parents[1]
FEED = TOP / "packaging/ipk/feed/oobm-agent"
PROGRAMS = ("agent/daemon/oobm", "agent/transfer/oobm-transfer")  # as cmake.mk builds them, in the folder of the sources


class Feed(unittest.TestCase):
    def setUp(self):
        self.out = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def make(self, *targets, check=True):
        command = ["make", "--warn-undefined-variables", "-C", FEED, f"TOPDIR={TARGET / 'feed'}", f"OUT={self.out}", *targets]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if check:
            self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        return run

    def fields(self):
        return dict(line.split("=", 1) for line in self.make().stdout.splitlines() if re.match(r"[a-zA-Z-]+[^=]*=", line))

    def installed(self, package):
        """{path: mode, or target of a link} of what the package's recipe installs."""
        self.make(f"install-{package}")
        top = self.out / package
        files = [path for path in top.rglob("*") if path.is_symlink() or path.is_file()]
        return {f"./{path.relative_to(top)}": str(path.readlink()) if path.is_symlink() else path.stat().st_mode & 0o777 for path in files}

    def scripts(self, package):
        """{name: text} of the scripts that the package brings."""
        self.make(f"scripts-{package}")
        return {path.name: path.read_text() for path in (self.out / f"CONTROL-{package}").iterdir()}

    @staticmethod
    def scripts_of_ipk(folder, *but):
        """The same of the ipk, as far as the feed has it: what the package takes on a flash is opkg's to compare."""
        texts = {path.name: path.read_text() for path in (TOP / "packaging/ipk" / folder).iterdir()}
        room = (TOP / "packaging/ipk/room.sh").read_text().rstrip("\n")
        return {name: text.replace("@ROOM@", room).replace("@NEEDED_KB@", "0") for name, text in texts.items() if text.startswith("#!") and name not in but}

    def test_a_field_that_is_missing_is_seen(self):
        broken = self.out / "a/b/c/feed/Makefile"
        broken.parent.mkdir(parents=True)
        shutil.copy(TOP / "CMakeLists.txt", self.out)
        for taken in (r"  TITLE:=Out.*\n", r"PKG_RELEASE.*\n", r"define Package/oobm-agent/description(\n.*)*?\nendef\n"):
            text = (FEED / "Makefile").read_text()
            broken.write_text(re.sub(taken, "", text, count=1))
            self.assertNotEqual(broken.read_text(), text)
            run = subprocess.run(["make", "-C", broken.parent, f"TOPDIR={TARGET / 'feed'}", f"OUT={self.out}"],
                                 capture_output=True, text=True, check=False)  # fmt: skip
            self.assertNotEqual(run.returncode, 0, taken)
            self.assertIn("is missing", run.stderr)

    def test_its_fields_are_those_of_the_project(self):
        fields = self.fields()
        version = re.search(r"^ *VERSION ([0-9.]+)$", (TOP / "CMakeLists.txt").read_text(), re.MULTILINE)
        self.assertEqual(fields["VERSION"], version[1])
        self.assertEqual(fields["oobm-agent USERID"], "oobm=:oobm")
        self.assertIn("oobm-agent", fields["oobm-agent-transfer DEPENDS"].split())
        self.assertEqual(fields["CONFFILES"].split(), ["/etc/config/oobm", "/etc/oobm/"])

    def test_it_knows_the_options_of_the_build(self):
        known = "".join(path.read_text() for path in (TOP / "toolchains/cmake/oobm.cmake", TOP / "CMakeLists.txt"))
        for option in re.findall(r"-D(OOBM_\w+)=", self.fields()["CMAKE_OPTIONS"]):
            self.assertRegex(known, rf"option\({option} ")

    def test_the_target_that_there_is_not_is_not_called(self):
        self.assertNotIn("ninja", self.make("-n", "build-install").stdout)

    def test_it_installs_what_the_packages_hold(self):
        self.make("prepare")
        for program in PROGRAMS:
            built = next((self.out / "build").iterdir()) / program
            built.write_text("a program")
        self.assertEqual(self.installed("oobm-agent"), check_ipk.AGENT)
        self.assertEqual(self.installed("oobm-agent-transfer"), check_ipk.TRANSFER)

    def test_its_scripts_are_those_of_the_packages(self):
        # What that one does OpenWrt does for every package.
        self.assertEqual(self.scripts("oobm-agent"), self.scripts_of_ipk("control", "prerm"))
        self.assertEqual(self.scripts("oobm-agent-transfer"), self.scripts_of_ipk("transfer"))
        self.assertIn("preinst", self.scripts_of_ipk("control"))


if __name__ == "__main__":
    unittest.main()
