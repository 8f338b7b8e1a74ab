"""What the shipped programs are made of: sbom.py --sysroot SYSROOT [--source FOLDER]... --version V --out FOLDER PROGRAM.map...

Writes FOLDER/oobm-agent_V.cdx.json, a bill of materials in CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/), and
FOLDER/oobm-agent_V.NOTICES.txt, the copyright files of everything that was linked, and each licence that they leave to
/usr/share/common-licenses. Archives, and the objects that a program begins and ends with, are those that the linkers' maps say
were loaded; libraries that are headers only are listed here. Which package a file is of is told by its path:

  in the sysroot    by the list below (the sysroot is packages unpacked, without dpkg's database), its version by the package's changelog
  of the compiler   by dpkg of the machine that compiles; name and version are those of the source that it was built from (Built-Using)
  in the build      a source package unpacked in one of the FOLDERs, or a copy of one in the sysroot

Licences are those of the packages' copyright files. The same input makes the same bytes.
"""

import argparse
import collections
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys

# Archive as the map names it -> the package of the sysroot that it comes from, or "source:" and the source package.
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
    **dict.fromkeys(("libc.a", "libm.a", "libm-2.41.a", "libmvec.a", "libc_nonshared.a"), "libc6-dev"),
    **dict.fromkeys(("crt1.o", "Scrt1.o", "rcrt1.o", "crti.o", "crtn.o"), "libc6-dev"),
}
# Of the agent's program, which the helper is not.
HEADERS = {"oobm": ("libasio-dev", "nlohmann-json3-dev"), "oobm-static": ("libasio-dev", "nlohmann-json3-dev")}
OWN = re.compile(r"^liboobm_(?!mbedtls|curl)")
LOADED = re.compile(r"^LOAD (\S+\.a|(?:\S*/)?\w*crt\w+\.o)$", re.MULTILINE)
CHANGELOG = re.compile(r"^(\S+) \(([^)]+)\)")
BUILT_USING = re.compile(r"(\S+) \(= ([^)]+)\)")
COMMON_LICENSE = re.compile(r"/usr/share/common-licenses/([A-Za-z0-9][A-Za-z0-9.+-]*[A-Za-z0-9])")

# Of a source package; `notice`: the package of the sysroot, or "source:", whose copyright file is its.
Origin = collections.namedtuple("Origin", "name version notice")


class Unknown(Exception):
    """Something was linked of which nobody has said what it is."""


class Documents:
    """What Debian's packages say of themselves in a sysroot, and source packages in their folders."""

    def __init__(self, sysroot, sources=(), common="/usr/share/common-licenses"):
        self.sysroot = pathlib.Path(sysroot)
        self.folder = self.sysroot / "usr/share/doc"
        self.common = pathlib.Path(common)
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

    def origin(self, package):
        pattern = "changelog" if package in self.sources else "changelog.Debian*.gz"
        for file in sorted(self._folder(package).glob(pattern)):
            return Origin(*self._stated(file), package)
        raise Unknown(f"{package}: {self._folder(package)} has no changelog; ./dev makes the sysroot with it")

    def notice(self, package):
        return (self._folder(package) / "copyright").read_text(encoding="utf-8", errors="replace")

    def licences(self, package):
        """The names in a machine-readable copyright file; else the file is named."""
        names = re.findall(r"^License:[ \t]*(\S.*)$", self.notice(package), re.MULTILINE)
        return sorted(set(names)) or [f"see the notice of {package}"]

    def common_licences(self, notices):
        """Name and text of each licence that the notices leave to common-licenses; of what is one by a link, once."""
        found = {}
        for name in sorted(set(COMMON_LICENSE.findall("\n".join(notices)))):
            file = (self.common / name).resolve()
            if not file.is_file():
                raise Unknown(f"a notice refers to {name}, which {self.common} does not have")
            found[file.name] = file.read_text(encoding="utf-8")
        return sorted(found.items())


class Compiler:
    """The packages of the cross compiler, by dpkg of the machine that compiles."""

    @staticmethod
    def _told(*command):
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def package(self, path):
        return self._told("dpkg-query", "-S", path).partition(":")[0]

    def built_using(self, package):
        return self._told("dpkg-query", "-W", "-f", "${Built-Using}", package)

    def origin(self, path, documents):
        package = self.package(path)
        sources = BUILT_USING.findall(self.built_using(package)) if package else []
        # The compiler's own C library is built of several, and not meant: the sysroot's has the security updates.
        if len(sources) != 1:
            raise Unknown(f"{path} ({package or 'no package'}): neither of the sysroot nor of the compiler alone; which was meant to be linked?")
        # The package for the target itself has the copyright file: it is built of the same source.
        notice = package.removesuffix("-arm64-cross")
        if documents.origin(notice).name != sources[0][0]:
            raise Unknown(f"{path}: {package} is of {sources[0][0]}, {notice} is not")
        return Origin(*sources[0], notice)


def origin(path, documents, compiler):
    """Where a file that was linked comes from; None for the project's own."""
    name = pathlib.Path(path).name
    if OWN.match(name):
        return None
    of_the_build = pathlib.Path(path).parent.name == "archives" or PACKAGES.get(name, "").startswith("source:")
    full = pathlib.Path(os.path.normpath(path))
    if of_the_build or full.is_relative_to(documents.sysroot):
        if name not in PACKAGES:
            raise Unknown(f"{path}: which package is it of? Say so in toolchains/dev/sbom.py")
        return documents.origin(PACKAGES[name])
    return compiler.origin(str(full), documents)


def linked(program, text, documents, compiler):
    """The origins of what a program's map says was linked, and of its headers; sorted, each source once."""
    found = [origin(path, documents, compiler) for path in dict.fromkeys(LOADED.findall(text))]
    found += [documents.origin(package) for package in HEADERS.get(program, ())]
    once = {(row.name, row.version): row for row in sorted(filter(None, found), reverse=True)}
    return sorted(once.values())


def purl(row):
    return f"pkg:deb/debian/{row.name}@{row.version.replace('+', '%2B')}?arch=source&distro=trixie"


def component(row, documents):
    return {
        "type": "library",
        "bom-ref": purl(row),
        "name": row.name,
        "version": row.version,
        "purl": purl(row),
        "licenses": [{"license": {"name": licence}} for licence in documents.licences(row.notice)],
    }


def together(programs):
    """The origins of all programs, each source once."""
    return sorted({(row.name, row.version): row for rows in programs.values() for row in rows}.values())


def bill(programs, documents, version):
    """`programs`: name -> origins. Which program holds what is said by the dependencies."""
    parts = [{"type": "application", "bom-ref": name, "name": name, "version": version} for name in sorted(programs)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "oobm-agent", "name": "oobm-agent", "version": version, "components": parts}},
        "components": [component(row, documents) for row in together(programs)],
        "dependencies": [{"ref": name, "dependsOn": [purl(row) for row in programs[name]]} for name in sorted(programs)],
    }


def chapter(title, text):
    return f"{'=' * 78}\n{title}\n{'=' * 78}\n{text}"


def notices(programs, documents):
    found = {f"{row.name} {row.version}": documents.notice(row.notice) for row in together(programs)}
    common = documents.common_licences(found.values())
    parts = ["What oobm-agent is linked with, and under which terms. The licences that are named by a path in\n"
             "/usr/share/common-licenses stand at the end.\n"]  # fmt: skip
    parts += [chapter(*item) for item in found.items()]
    parts += [chapter(f"/usr/share/common-licenses/{name}", text) for name, text in common]
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
        programs = {file.stem: linked(file.stem, file.read_text(), documents, Compiler()) for file in args.maps}
        made = json.dumps(bill(programs, documents, args.version), indent=1, ensure_ascii=False) + "\n"
        text = notices(programs, documents)
    except Unknown as error:
        print(error, file=sys.stderr)
        return 1
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / f"oobm-agent_{args.version}.cdx.json").write_text(made)
    (args.out / f"oobm-agent_{args.version}.NOTICES.txt").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
