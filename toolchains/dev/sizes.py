"""What each library costs in a linked program: sizes.py PROGRAM.map

Adds up, from the linker's map, the bytes of code and constant or initialised data that each archive contributes. What the
linker discarded does not count; the objects of whole-program optimisation are the project's own code.
"""

import collections
import pathlib
import re
import sys

KEPT = (".text", ".rodata", ".data", ".eh_frame", ".gcc_except_table", ".init_array", ".tdata")
# " .text.name  0x... 0x... path/libx.a(member.o)"; a long section name stands on a line of its own.
CONTRIBUTION = re.compile(r"^ (\.\S+)\s+0x[0-9a-f]+\s+(0x[0-9a-f]+) (\S.*)$", re.MULTILINE)


def contributions(text):
    text = text[text.index("Linker script and memory map") :]
    text = re.sub(r"^( \.\S+)\n", r"\1 ", text, flags=re.MULTILINE)
    for section, size, file in CONTRIBUTION.findall(text):
        if section.startswith(KEPT):
            yield int(size, 16), file


def owner(file):
    archive = re.match(r"(.+\.a)\(", file)
    if not archive or archive.group(1).startswith("agent/") or archive.group(1).startswith("hal/"):
        return "this project"
    return pathlib.Path(archive.group(1)).name


def main():
    sums = collections.Counter()
    for size, file in contributions(pathlib.Path(sys.argv[1]).read_text()):
        sums[owner(file)] += size
    for name, size in sums.most_common():
        print(f"{size:9d}  {name}")
    print(f"{sum(sums.values()):9d}  together")


if __name__ == "__main__":
    main()
