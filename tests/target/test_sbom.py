"""The bill of materials names what the linkers loaded, refuses what nobody knows, and is the same each time."""

import gzip
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "toolchains/dev"))
import sbom  # noqa: E402

MAP = """LOAD agent/ctl/liboobm_ctl.a
LOAD /src/build/aarch64/archives/libcares.a
LOAD main.o
LOAD agent/transfer/liboobm_curl.a
LOAD liboobm_mbedtls.a
LOAD /usr/lib/gcc-cross/aarch64-linux-gnu/14/libstdc++.a
"""
COPYRIGHT = "Format: x\n\nFiles: *\nLicense: MIT\n text\n\nFiles: y\nLicense: BSD-3-Clause\n"


class Sbom(unittest.TestCase):
    def setUp(self):
        self.sysroot = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for package in (*sbom.HEADERS, *filter(None, sbom.PACKAGES.values())):
            folder = self.sysroot / "usr/share/doc" / package
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "copyright").write_text(COPYRIGHT)
            (folder / "changelog.Debian.gz").write_bytes(gzip.compress(f"{package}-source (1:2.3+dfsg-1) trixie;\n".encode()))
        source = self.sysroot / "curl_8"
        (source / "debian").mkdir(parents=True)
        (source / "debian/copyright").write_text(COPYRIGHT)
        (source / "debian/changelog").write_text("curl (8.1-2+deb13u5) trixie-security; urgency=high\n\ncurl (8.1-1) unstable;\n")
        self.documents = sbom.Documents(self.sysroot, [source])

    def test_an_archive_that_nobody_knows(self):
        with self.assertRaisesRegex(sbom.Unknown, "libnew.a"):
            sbom.packages([MAP, "LOAD /usr/lib/libnew.a\n"])

    def test_a_package_without_its_documents(self):
        (self.sysroot / "usr/share/doc/libc-ares-dev/changelog.Debian.gz").unlink()
        with self.assertRaises(sbom.Unknown):
            sbom.bill(["libc-ares-dev"], self.documents, "1")

    def test_a_source_package_that_is_nowhere(self):
        with self.assertRaisesRegex(sbom.Unknown, "source:mbedtls"):
            sbom.bill(["source:mbedtls"], self.documents, "1")

    def test_what_is_compiled_from_a_source_package(self):
        found = sbom.bill(["source:curl"], self.documents, "1")["components"]
        self.assertEqual((found[0]["name"], found[0]["version"]), ("curl", "8.1-2+deb13u5"))
        self.assertEqual([row["license"]["name"] for row in found[0]["licenses"]], ["BSD-3-Clause", "MIT"])
        self.assertIn(COPYRIGHT, sbom.notices(["source:curl"], self.documents))

    def test_what_was_loaded_and_the_headers(self):
        found = sbom.packages([MAP])
        self.assertEqual(found, ["libasio-dev", "libc-ares-dev", "libstdc++-14-dev", "nlohmann-json3-dev", "source:curl", "source:mbedtls"])

    def test_a_component(self):
        found = sbom.bill(["libc-ares-dev"], self.documents, "1.2")["components"]
        self.assertEqual(found[0]["version"], "1:2.3+dfsg-1")
        self.assertEqual(found[0]["purl"], "pkg:deb/debian/libc-ares-dev-source@1:2.3%2Bdfsg-1?arch=source&distro=trixie")
        self.assertEqual([row["license"]["name"] for row in found[0]["licenses"]], ["BSD-3-Clause", "MIT"])

    def test_the_notices_are_whole(self):
        self.assertEqual(sbom.notices(["libasio-dev", "libc-ares-dev"], self.documents).count(COPYRIGHT), 2)


if __name__ == "__main__":
    unittest.main()
