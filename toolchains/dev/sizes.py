"""What the shipped packages take: sizes.py --ipk IPK [--transfer-ipk IPK] [--static PROGRAM] [--program PROGRAM] [--check]

Prints the size of each package, the bytes of each file it installs, and, from the linker's map (PROGRAM.map) and the
symbols of the program as linked, what each library and each part of the project costs. --check ends with status 1 when a
limit below is passed.

In a map, what the linker discarded does not count, and objects of whole-program optimisation are the project's own code;
symbols divide them again, by namespace. What has no symbol (tables for exceptions, constants, relocations) is told apart
by section only.
"""

import argparse
import collections
import io
import pathlib
import re
import subprocess
import sys
import tarfile

# Bytes. The flash of a router is the customer's, and an ipk may have to cross a metered link.
LIMITS = {"ipk": 1_300_000, "installed": 3_000_000}
TRANSFER_LIMITS = {"ipk": 120_000, "installed": 270_000}
STATIC_LIMIT = 4_500_000  # of the program that needs nothing; stripped

KEPT = (".text", ".rodata", ".data", ".eh_frame", ".gcc_except_table", ".init_array", ".tdata")
# " .text.name  0x... 0x... path/libx.a(member.o)"; a long section name stands on a line of its own.
CONTRIBUTION = re.compile(r"^ (\.\S+)\s+0x[0-9a-f]+\s+(0x[0-9a-f]+) (\S.*)$", re.MULTILINE)
LIBRARIES = {
    "mbedTLS": ("liboobm_mbedtls.a", "libmbedtls.a", "libmbedx509.a", "libmbedcrypto.a"),
    "Paho C": ("libpaho-mqtt3a.a",),
    "Paho C++": ("libpaho-mqttpp3.a",),
    "c-ares": ("libcares.a",),
    "libstdc++, libgcc": ("libstdc++.a", "libgcc.a", "libgcc_eh.a"),
}
# The first that a symbol's name has in it counts: templates of libraries are named after what they were made for.
PARTS = (
    "oobm::core", "oobm::alms", "oobm::uplink", "oobm::store", "oobm::confinement", "oobm::transfer", "oobm::daemon", "oobm::ctl",
    "oobm::cli", "oobm::hal", "nlohmann::", "asio::", "mqtt::",
)  # fmt: skip


def contributions(text):
    text = text[text.index("Linker script and memory map") :]
    text = re.sub(r"^( \.\S+)\n", r"\1 ", text, flags=re.MULTILINE)
    for section, size, file in CONTRIBUTION.findall(text):
        if section.startswith(KEPT):
            yield int(size, 16), file


def owner(file):
    archive = re.match(r"(.+\.a)\(", file)
    name = pathlib.Path(archive.group(1)).name if archive else ""
    return next((library for library, archives in LIBRARIES.items() if name in archives), "this project")


def by_library(text):
    sums = collections.Counter()
    for size, file in contributions(text):
        sums[owner(file)] += size
    return sums


def by_part(symbols):
    """`symbols`: what `nm -C -S` prints. Only what is in the file counts, not what memory is zeroed for."""
    sums = collections.Counter()
    for line in symbols.splitlines():
        fields = line.split(" ", 3)
        if len(fields) < 4 or fields[2] in "bB":
            continue
        part = next((part for part in PARTS if part in fields[3]), None)
        if part:
            sums[part] += int(fields[1], 16)
    return sums


def installed(ipk):
    """Path and size of each file of a package, largest first."""
    with tarfile.open(ipk, "r:gz") as outer:
        data = outer.extractfile("./data.tar.gz").read()
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        files = [(member.size, member.name.removeprefix(".")) for member in tar if member.isfile()]
    return sorted(files, reverse=True)


def table(rows, heads):
    width = max(len(f"{size:,}") for size, _ in rows)
    yield f"| {heads[0]} | {heads[1]} |"
    yield "| --- | ---: |"
    for size, name in rows:
        yield f"| {name} | {size:>{width},} |"


def package_report(ipk):
    files = installed(ipk)
    total = sum(size for size, _ in files)
    yield f"{ipk.name}: {ipk.stat().st_size:,} bytes, installed {total:,}"
    yield ""
    yield from table([*files, (total, "together")], ("file", "bytes"))
    yield ""


def static_report(program):
    return f"{program.name}: {program.stat().st_size:,} bytes\n"


def program_report(program):
    sums = by_library(pathlib.Path(f"{program}.map").read_text())
    rows = [(size, name) for name, size in sums.most_common()]
    yield from table([*rows, (sums.total(), "together")], ("library", "bytes"))
    yield ""
    symbols = subprocess.run(["nm", "-C", "-S", program], capture_output=True, text=True, check=True).stdout
    yield from table([(size, name) for name, size in by_part(symbols).most_common()], ("names of", "bytes"))
    yield ""


def passed_limits(ipk, limits):
    """One sentence for each limit that is passed."""
    found = {"ipk": ipk.stat().st_size, "installed": sum(size for size, _ in installed(ipk))}
    return [f"{ipk.name}: {what} is {found[what]:,} bytes, the limit is {limit:,}" for what, limit in limits.items() if found[what] > limit]


def passed_static_limit(program, limit):
    size = program.stat().st_size
    return [f"{program.name}: {size:,} bytes, the limit is {limit:,}"] if size > limit else []


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ipk", type=pathlib.Path, required=True)
    parser.add_argument("--transfer-ipk", type=pathlib.Path)
    parser.add_argument("--static", type=pathlib.Path, help="the program that needs nothing, stripped")
    parser.add_argument("--program", type=pathlib.Path, help="as linked, its map beside it")
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def main():
    args = options()
    packages = [(args.ipk, LIMITS), *([(args.transfer_ipk, TRANSFER_LIMITS)] if args.transfer_ipk else [])]
    for ipk, _ in packages:
        print("\n".join(package_report(ipk)))
    if args.static:
        print(static_report(args.static))
    if args.program:
        print("\n".join(program_report(args.program)))
    passed = [sentence for ipk, limits in packages for sentence in passed_limits(ipk, limits)]
    passed += passed_static_limit(args.static, STATIC_LIMIT) if args.static else []
    passed = passed if args.check else []
    print("\n".join(passed), end="\n" if passed else "")
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main())
