"""Shows that check_ipk.py finds each fault: a good package is made by the project's own builder, then spoiled."""

import gzip
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

import check_ipk

TOP = pathlib.Path(__file__).resolve().parents[2]
COMPILER = "aarch64-linux-gnu-gcc"
HARDENED = ["-pie", "-fPIE", "-Wl,-z,relro,-z,now"]
GUARDED = ["-mbranch-protection=standard"]
STRIPPED = ["-s"]


def compile_program(folder, compiler, flags):
    source = folder / "main.c"
    source.write_text("int main(void) { return 0; }\n")
    program = folder / "program"
    subprocess.run([compiler, *flags, "-o", program, source], check=True)
    return program


def build(folder, compiler=COMPILER, flags=HARDENED + GUARDED + STRIPPED, out="out"):
    """A package around a small program, made by packaging/ipk/build.sh."""
    program = compile_program(folder, compiler, flags)
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name in ("instances.json", "catalogue.json"):
        (data / name).write_text("[]\n")
    subprocess.run(
        ["sh", TOP / "packaging/ipk/build.sh", program, "1.2.3-r1", data, folder / out],
        env={**os.environ, "SOURCE_DATE_EPOCH": "1750000000"},
        check=True,
    )
    return folder / out / "oobm-agent_1.2.3-r1_aarch64_cortex-a53.ipk"


def load(data):
    """The members of a gzip'd tar, as (header, content)."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        return [(member, tar.extractfile(member).read() if member.isfile() else b"") for member in tar]


def save(members):
    """A gzip'd tar as the builder would write it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), mtime=0)


class Spoiled(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def spoil(self, part, change):
        """The faults found after `change` was applied to the members of the outer tar or of one inside."""
        package = build(self.folder)
        outer = load(package.read_bytes())
        if part == "outer":
            change(outer)
        else:
            index = next(i for i, (member, _) in enumerate(outer) if member.name == f"./{part}.tar.gz")
            members = load(outer[index][1])
            change(members)
            outer[index] = (outer[index][0], save(members))
        package.write_bytes(save(outer))
        return "\n".join(check_ipk.problems_of(package))

    def replace(self, part, path, old, new):
        def change(members):
            for index, (member, content) in enumerate(members):
                if check_ipk.with_dot(member.name) == path:
                    self.assertIn(old, content)
                    members[index] = (member, content.replace(old, new))

        return self.spoil(part, change)

    def alter(self, part, path, **attributes):
        def change(members):
            for member, _ in members:
                if check_ipk.with_dot(member.name) == path:
                    for name, value in attributes.items():
                        setattr(member, name, value)

        return self.spoil(part, change)

    def test_order_of_the_members(self):
        self.assertIn("package: members are", self.spoil("outer", lambda members: members.reverse()))

    def test_format_version(self):
        self.assertIn("debian-binary", self.replace("outer", "./debian-binary", b"2.0", b"1.0"))

    def test_an_ar_container_and_rubbish(self):
        package = self.folder / "oobm-agent_1-r1_aarch64_cortex-a53.ipk"
        for content in (b"", b"!<arch>\ndebian-binary", gzip.compress(b"no tar at all", mtime=0)):
            package.write_bytes(content)
            self.assertTrue(check_ipk.problems_of(package), content)

    def test_a_time_in_the_gzip_header(self):
        package = build(self.folder)
        package.write_bytes(gzip.compress(gzip.decompress(package.read_bytes()), mtime=1))
        self.assertIn("has a name or a time", "\n".join(check_ipk.problems_of(package)))

    def test_owner(self):
        self.assertIn("belongs to 1000:0", self.alter("data", "./usr/sbin/oobm", uid=1000))

    def test_times_that_differ(self):
        self.assertIn("differ in time", self.alter("data", "./usr/sbin/oobm", mtime=1))

    def test_modes(self):
        self.assertIn("./usr/sbin/oobm is", self.alter("data", "./usr/sbin/oobm", mode=0o4755))
        self.assertIn("./postinst is", self.alter("control", "./postinst", mode=0o644))
        self.assertIn("folder", self.alter("data", "./etc/config", mode=0o777))

    def test_a_link_to_elsewhere(self):
        self.assertIn("./usr/bin/oobmctl is", self.alter("data", "./usr/bin/oobmctl", linkname="/usr/sbin/oobm"))

    def test_missing_and_surplus_files(self):
        def drop(members):
            members[:] = [entry for entry in members if not entry[0].name.endswith("catalogue.json")]

        def add(members):
            members.append((tarfile.TarInfo("./usr/sbin/gdbserver"), b""))

        self.assertIn("catalogue.json is missing", self.spoil("data", drop))
        self.assertIn("gdbserver should not be there", self.spoil("data", add))

    def test_control_fields(self):
        for old, new, complaint in (
            (b"Version: 1.2.3", b"Version: 1.2.4", "Version is not that of the file name"),
            (b"aarch64_cortex-a53", b"x86_64", "Architecture is not"),
            (b"Installed-Size: ", b"Installed-Size: 9", "Installed-Size is 9"),
            (b"Section: net\n", b"", "no Section"),
            (b"Package: oobm-agent", b"Package: other", "Package is not"),
        ):
            with self.subTest(old=old):
                self.assertIn(complaint, self.replace("control", "./control", old, new))

    def test_a_conffile_that_is_not_there(self):
        self.assertIn("no file of the package", self.replace("control", "./conffiles", b"config/oobm", b"config/other"))

    def test_scripts_that_touch_a_live_machine_in_an_image_build(self):
        for script in ("./postinst", "./prerm"):
            self.assertIn(f"{script} {{'IPKG_INSTROOT'", self.replace("control", script, b"IPKG_INSTROOT", b"OTHER"))

    def test_a_removal_that_leaves_the_service(self):
        self.assertIn("./prerm {} ['remove']", self.replace("control", "./prerm", b"oobm stop", b"oobm status"))

    def test_a_service_that_procd_would_give_up(self):
        self.assertIn("give up", self.replace("data", "./etc/init.d/oobm", b"3600 10 0", b"3600 10 5"))

    def problems_with(self, *flags, compiler=COMPILER):
        guarded = GUARDED if compiler == COMPILER else []
        return "\n".join(check_ipk.problems_of(build(self.folder, compiler, [*HARDENED, *guarded, *flags])))

    def test_a_program_of_another_machine(self):
        self.assertIn("not an ELF file for AArch64", self.problems_with(*STRIPPED, compiler="gcc"))

    def test_a_program_with_more_libraries(self):
        self.assertIn("needs libgcc_s", self.problems_with("-Wl,--no-as-needed", "-lgcc_s"))

    def test_a_library_that_is_needed_and_one_that_is_said_to_be(self):
        stub = self.folder / "libcurl.so"
        subprocess.run([COMPILER, "-shared", "-Wl,-soname,libcurl.so.4", "-o", stub, "-xc", "/dev/null"], check=True)
        needs = ["-Wl,--no-as-needed", stub]
        self.assertEqual("", self.transfer_problems(needs))
        self.assertIn("program: needs libcurl.so.4", self.transfer_problems(needs, said=False))
        self.assertEqual("", self.transfer_problems([]))
        self.assertIn("control: depends on libcurl.so.4", self.transfer_problems([], said=True))

    def transfer_problems(self, flags, said=None):
        """Of a transfer package, made by packaging/ipk/build_transfer.sh; `said` puts the dependency there, or takes it away."""
        program = compile_program(self.folder, COMPILER, [*HARDENED, *GUARDED, *STRIPPED, *flags])
        subprocess.run(["sh", TOP / "packaging/ipk/build_transfer.sh", program, "1.2.3-r1", self.folder], check=True,
                       env={**os.environ, "SOURCE_DATE_EPOCH": "1750000000"})  # fmt: skip
        package = self.folder / "oobm-agent-transfer_1.2.3-r1_aarch64_cortex-a53.ipk"
        outer = load(package.read_bytes())
        members = load(outer[2][1])
        for index, (member, content) in enumerate(members):
            if check_ipk.with_dot(member.name) == "./control" and said is not None:
                members[index] = (member, content.replace(*((b"libc, ", b"libc, libcurl4, ") if said else (b"libcurl4, ", b""))))
        outer[2] = (outer[2][0], save(members))
        package.write_bytes(save(outer))
        return "\n".join(check_ipk.problems_of(package))

    def test_a_program_without_hardening(self):
        found = self.problems_with("-no-pie", "-Wl,-z,norelro,-z,lazy", "-Wl,-z,execstack", "-mbranch-protection=none")
        for what in ("position independent", "read-only relocations", "bound at start", "guarded", "executable stack"):
            self.assertIn(what, found)

    def test_a_program_with_symbols(self):
        self.assertIn("not stripped", self.problems_with())

    def test_a_program_with_a_search_path(self):
        self.assertIn("searches libraries", self.problems_with("-Wl,-rpath,/build"))


class Static(unittest.TestCase):
    """The program that ships by itself. Its name tells what it must be."""

    def problems_with(self, *flags):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        program = compile_program(folder, COMPILER, [*GUARDED, "-fPIE", "-Wl,-z,relro,-z,now", *flags])
        shipped = program.rename(folder / "oobm-static_1.2.3-r1_aarch64_cortex-a53")
        run = subprocess.run([sys.executable, "-B", check_ipk.__file__, shipped], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0 if "nothing wrong" in run.stdout else 1)
        return run.stdout

    def test_a_good_one(self):
        self.assertIn("nothing wrong", self.problems_with("-static-pie", *STRIPPED))

    def test_one_that_needs_something(self):
        self.assertIn("needs libc.so.6", self.problems_with("-pie", *STRIPPED))
        # Of a program that is linked for no library, and yet to be loaded by one.
        self.assertIn("needs a loader", self.problems_with("-pie", "-nostdlib", "-Wl,-e,main", *STRIPPED))

    def test_one_without_hardening(self):
        found = self.problems_with("-static", "-Wl,-z,norelro", "-Wl,-z,execstack", "-mbranch-protection=none")
        for what in ("position independent", "read-only relocations", "bound at start", "guarded", "executable stack", "not stripped"):
            self.assertIn(what, found)


class Good(unittest.TestCase):
    def test_nothing_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual([], check_ipk.problems_of(build(pathlib.Path(folder))))

    def test_the_same_input_makes_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as folder:
            first = build(pathlib.Path(folder)).read_bytes()
            second = build(pathlib.Path(folder), out="again").read_bytes()
            self.assertEqual(first, second)


if __name__ == "__main__":
    unittest.main()
