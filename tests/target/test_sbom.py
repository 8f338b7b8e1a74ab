"""The bill of materials names what the linkers loaded, by its path; refuses what nobody knows, and is the same each time.

Shipped is of the cross build: what the programs tell of themselves is what the bill says. OOBM_SBOM is the bill; OOBM_PROGRAMS
is a JSON object of the words that run each.
"""

import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "toolchains/dev"))
import sbom  # noqa: E402

CROSS = "/usr/lib/gcc-cross/aarch64-linux-gnu/14"
CROSS_LIBC = f"{CROSS}/../../../../aarch64-linux-gnu/lib/../lib"
COPYRIGHT = "Format: x\n\nFiles: *\nLicense: MIT\n text\n\nFiles: y\nLicense: BSD-3-Clause\n"
GPL = "the text of version 3"


class Dpkg(sbom.Compiler):
    """What dpkg of a machine with Debian's cross compiler says."""

    def package(self, path):
        if path.startswith("/usr/aarch64-linux-gnu/"):
            return "libc6-dev-arm64-cross"
        return "libgcc-14-dev-arm64-cross" if path.startswith(f"{CROSS}/") else ""

    def built_using(self, package):
        return {"libc6-dev-arm64-cross": "linux (= 6.12), glibc (= 2.41-11)", "libgcc-14-dev-arm64-cross": "gcc-14 (= 14.2.0-19)"}[package]


class Sbom(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.sysroot, self.common, source = folder / "sysroot", folder / "common", folder / "curl_8"
        headers = sum(sbom.HEADERS.values(), ())
        for package in {*headers, *sbom.PACKAGES.values(), "libgcc-14-dev"}:
            name = "gcc-14" if "gcc" in package else f"{package}-source"
            self.document(package, f"{name} (1:2.3+dfsg-1) trixie;\n", COPYRIGHT)
        (source / "debian").mkdir(parents=True)
        (source / "debian/copyright").write_text(COPYRIGHT)
        (source / "debian/changelog").write_text("curl (8.1-2+deb13u5) trixie-security; urgency=high\n\ncurl (8.1-1) unstable;\n")
        self.common.mkdir()
        (self.common / "GPL-3").write_text(GPL)
        (self.common / "GPL").symlink_to("GPL-3")
        self.documents = sbom.Documents(self.sysroot, [source], self.common)

    def document(self, package, changelog, copyright_file):
        folder = self.sysroot / "usr/share/doc" / package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "copyright").write_text(copyright_file)
        (folder / "changelog.Debian.gz").write_bytes(gzip.compress(changelog.encode()))

    def linked(self, *files, program="oobm-transfer"):
        text = "".join(f"LOAD {file}\n" for file in files)
        return sbom.linked(program, text, self.documents, Dpkg())

    def names(self, *files, **more):
        return [(row.name, row.version) for row in self.linked(*files, **more)]

    def in_sysroot(self, name):
        return f"{self.sysroot}/usr/lib/aarch64-linux-gnu/{name}"

    def test_an_archive_that_nobody_knows(self):
        for path in (self.in_sysroot("libnew.a"), "/usr/lib/libnew.a", "libnew.a"):
            with self.assertRaisesRegex(sbom.Unknown, "libnew.a"):
                self.linked(path)

    def test_the_compilers_own_c_library_is_refused(self):
        for name in ("libc_nonshared.a", "libc.a", "Scrt1.o", "rcrt1.o"):
            with self.assertRaisesRegex(sbom.Unknown, f"{name} .libc6-dev-arm64-cross"):
                self.linked(f"{CROSS_LIBC}/{name}")

    def test_a_package_without_its_documents(self):
        (self.sysroot / "usr/share/doc/libc-ares-dev/changelog.Debian.gz").unlink()
        with self.assertRaises(sbom.Unknown):
            self.linked("archives/libcares.a")

    def test_a_source_package_that_is_nowhere(self):
        with self.assertRaisesRegex(sbom.Unknown, "source:mbedtls"):
            self.linked("liboobm_mbedtls.a")

    def test_a_licence_that_is_nowhere(self):
        self.document("libc6-dev", "glibc (2.41-12) trixie;\n", "see /usr/share/common-licenses/LGPL-2.1.\n")
        with self.assertRaisesRegex(sbom.Unknown, "LGPL-2.1"):
            sbom.notices({"oobm": self.linked(self.in_sysroot("libc.a"))}, self.documents)

    def test_the_projects_own_is_none(self):
        self.assertEqual(self.names("agent/ctl/liboobm_ctl.a", "main.o", "/tmp/ccX.ltrans0.ltrans.o"), [])

    def test_a_file_is_of_what_its_path_says(self):
        libc = [("libc6-dev-source", "1:2.3+dfsg-1")]
        for name in ("libc.a", "libc_nonshared.a", "rcrt1.o", "Scrt1.o", "crti.o"):
            self.assertEqual(self.names(self.in_sysroot(name)), libc, name)
        # Not the version of the sysroot's package, which is not what was linked.
        compiler = [("gcc-14", "14.2.0-19")]
        for name in ("libgcc.a", "libgcc_eh.a", "libstdc++.a", "crtbeginS.o"):
            self.assertEqual(self.names(f"{CROSS}/{name}"), compiler, name)
        self.assertEqual(self.names("/src/build/aarch64/archives/libcares.a"), [("libc-ares-dev-source", "1:2.3+dfsg-1")])
        self.assertEqual(self.names("agent/transfer/liboobm_curl.a"), [("curl", "8.1-2+deb13u5")])

    def test_each_source_once_and_the_headers_of_the_agent(self):
        files = (f"{CROSS}/libgcc.a", f"{CROSS}/libstdc++.a", f"{CROSS}/crtbeginS.o")
        self.assertEqual(self.names(*files), [("gcc-14", "14.2.0-19")])
        self.assertEqual([name for name, _ in self.names(*files, program="oobm")], ["gcc-14", "libasio-dev-source", "nlohmann-json3-dev-source"])

    def test_a_component(self):
        found = sbom.bill({"oobm": self.linked("archives/libcares.a")}, self.documents, "1.2")["components"]
        self.assertEqual(found[0]["version"], "1:2.3+dfsg-1")
        self.assertEqual(found[0]["purl"], "pkg:deb/debian/libc-ares-dev-source@1:2.3%2Bdfsg-1?arch=source&distro=trixie")
        self.assertEqual([row["license"]["name"] for row in found[0]["licenses"]], ["BSD-3-Clause", "MIT"])

    def test_which_program_holds_what(self):
        programs = {"oobm": self.linked("archives/libcares.a"), "oobm-transfer": self.linked("liboobm_curl.a", "archives/libcares.a")}
        made = sbom.bill(programs, self.documents, "1.2")
        refs = {row["name"]: row["bom-ref"] for row in made["components"]}
        self.assertEqual(sorted(refs), ["curl", "libc-ares-dev-source"])
        held = {row["ref"]: row["dependsOn"] for row in made["dependencies"]}
        self.assertEqual(held, {"oobm": [refs["libc-ares-dev-source"]], "oobm-transfer": [refs["curl"], refs["libc-ares-dev-source"]]})

    def test_the_notices_are_whole(self):
        self.document("libc6-dev", "glibc (2.41-12) trixie;\n", "in `/usr/share/common-licenses/GPL', and\n/usr/share/common-licenses/GPL-3.\n")
        text = sbom.notices({"oobm": self.linked("archives/libcares.a", "liboobm_curl.a", self.in_sysroot("libc.a"))}, self.documents)
        self.assertEqual((text.count(COPYRIGHT), text.count(GPL)), (2, 1))
        self.assertTrue(text.endswith(GPL))


def upstream(version):
    """Of a Debian version (deb-version(7)): without epoch, revision, and what Debian says it took out."""
    return re.sub(r"\+(dfsg|ds).*", "", version.partition(":")[2] or version).rpartition("-")[0]


class Shipped(unittest.TestCase):
    def setUp(self):
        bill = json.loads(pathlib.Path(os.environ["OOBM_SBOM"]).read_text())
        self.programs = json.loads(os.environ["OOBM_PROGRAMS"])
        # A package of a compiler has its number in the name.
        rows = {row["bom-ref"]: (re.sub(r"^gcc-\d+$", "gcc", row["name"]), upstream(row["version"])) for row in bill["components"]}
        self.held = {row["ref"]: {rows[ref] for ref in row["dependsOn"]} for row in bill["dependencies"]}

    def said(self, program, *words):
        return subprocess.run([*self.programs[program], *words], capture_output=True, text=True, check=False)

    def test_the_bill_is_of_these_programs(self):
        self.assertEqual(sorted(self.held), sorted(self.programs))

    def test_the_list_of_oobmctl_is_the_bills(self):
        for program in ("oobm", "oobm-static"):
            told = json.loads(self.said(program, "oobmctl", "version", "--json", "--socket", "/nowhere").stdout)
            self.assertEqual(set(told["libraries"].items()), self.held[program], program)

    def test_the_helper_tells_its_libcurl(self):
        version = dict(self.held["oobm-transfer"])["curl"]
        self.assertIn(f"libcurl {version}\n", self.said("oobm-transfer", "--version").stderr)


if __name__ == "__main__":
    unittest.main()
