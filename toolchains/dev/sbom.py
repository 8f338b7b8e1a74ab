"""What the shipped programs are made of: sbom.py --sysroot SYSROOT [--source FOLDER]... --version V --out FOLDER PROGRAM.map...

Writes FOLDER/oobm-agent_V.cdx.json, a bill of materials in CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/), and
FOLDER/oobm-agent_V.NOTICES.txt, the copyright files of everything that was linked. Archives are those that the linkers'
maps say were loaded; libraries that are headers only are listed here. Versions and licences are those that Debian's
packages state in their changelogs and copyright files: those of the sysroot, and source packages unpacked in FOLDERs for what
is compiled from them. The same input makes the same bytes.
"""

import argparse
import gzip
import json
import pathlib
import re
import sys

# Archive as the map names it -> the Debian package that it comes from, or "source:" and the source package.
PACKAGES = {
    "liboobm_curl.a": "source:curl",
    "liboobm_mbedtls.a": "source:mbedtls",
    "libmbedtls.a": "libmbedtls-dev",
    "libmbedx509.a": "libmbedtls-dev",
    "libmbedcrypto.a": "libmbedtls-dev",
    "libcares.a": "libc-ares-dev",
    "libpaho-mqtt3a.a": "libpaho-mqtt-dev",
    "libpaho-mqttpp3.a": "libpaho-mqttpp-dev",
    "libseccomp.a": "libseccomp-dev",
    "libstdc++.a": "libstdc++-14-dev",
    "libgcc.a": "libstdc++-14-dev",
    "libgcc_eh.a": "libstdc++-14-dev",
    "libc.a": "libc6-dev",
    "libm.a": "libc6-dev",
    "libc_nonshared.a": "libc6-dev",
}
HEADERS = ("libasio-dev", "nlohmann-json3-dev")
OWN = re.compile(r"^liboobm_(?!mbedtls|curl)")
LOADED = re.compile(r"^LOAD (\S+\.a)$", re.MULTILINE)
CHANGELOG = re.compile(r"^(\S+) \(([^)]+)\)")


class Unknown(Exception):
    """Something was linked of which nobody has said what it is."""


def packages(maps):
    """The Debian packages of what was linked, sorted; Unknown when an archive is nobody's."""
    found = set(HEADERS)
    for text in maps:
        for archive in LOADED.findall(text):
            name = pathlib.Path(archive).name
            if OWN.match(name):
                continue
            if name not in PACKAGES:
                raise Unknown(f"{archive}: which package is it of? Say so in toolchains/dev/sbom.py")
            found.add(PACKAGES[name])
    return sorted(found)


class Documents:
    """What Debian's packages say of themselves in a sysroot, and source packages in their folders."""

    def __init__(self, sysroot, sources=()):
        self.folder = pathlib.Path(sysroot) / "usr/share/doc"
        self.sources = {}
        for source in map(pathlib.Path, sources):
            self.sources[f"source:{self._stated(source / 'debian/changelog')[0]}"] = source / "debian"

    @staticmethod
    def _stated(changelog):
        """(name of the source package, version)"""
        data = changelog.read_bytes()
        return CHANGELOG.match((gzip.decompress(data) if changelog.suffix == ".gz" else data).decode()).groups()

    def _folder(self, package):
        if package.startswith("source:"):
            if package not in self.sources:
                raise Unknown(f"{package}: --source does not say where it is")
            return self.sources[package]
        # Packages of one source often share the folder of one of them, by a link.
        return (self.folder / package).resolve()

    def source(self, package):
        pattern = "changelog" if package in self.sources else "changelog.Debian*.gz"
        for file in sorted(self._folder(package).glob(pattern)):
            return self._stated(file)
        raise Unknown(f"{package}: {self._folder(package)} has no changelog; ./dev makes the sysroot with it")

    def notice(self, package):
        return (self._folder(package) / "copyright").read_text(encoding="utf-8", errors="replace")

    def licences(self, package):
        """The names in a machine-readable copyright file; else the file is named."""
        names = re.findall(r"^License:[ \t]*(\S.*)$", self.notice(package), re.MULTILINE)
        return sorted(set(names)) or [f"see the notice of {package}"]


def component(package, documents):
    name, version = documents.source(package)
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch=source&distro=trixie",
        "licenses": [{"license": {"name": licence}} for licence in documents.licences(package)],
    }


def bill(found, documents, version):
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "oobm-agent", "version": version}},
        "components": [component(package, documents) for package in found],
    }


def notices(found, documents):
    parts = ["What oobm-agent is linked with, and under which terms.\n"]
    for package in found:
        name, version = documents.source(package)
        parts.append(f"{'=' * 78}\n{name} {version}\n{'=' * 78}\n{documents.notice(package)}")
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sysroot", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("maps", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    documents = Documents(args.sysroot, args.source)
    try:
        found = packages(file.read_text() for file in args.maps)
        made = json.dumps(bill(found, documents, args.version), indent=1, ensure_ascii=False) + "\n"
        text = notices(found, documents)
    except Unknown as error:
        print(error, file=sys.stderr)
        return 1
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / f"oobm-agent_{args.version}.cdx.json").write_text(made)
    (args.out / f"oobm-agent_{args.version}.NOTICES.txt").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
