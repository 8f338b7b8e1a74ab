"""Whether docs/limits.md names every bound, as far as a program can tell: what the sources declare, read as text.

A header's constant that is a number or a length of time stands in one of the tables that limits_docs makes, or below with
the reason why it is no bound. What a single source file keeps for itself is listed by this program, as it is written there:
sources.py check|write DOCS-FOLDER.
"""

import re
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parents[3]
BEGIN, END = "<!-- made from the sources: inside -->\n", "<!-- end -->\n"
NUMBER = r"(?:std::u?int\d+_t|std::size_t|unsigned|int|long|std::chrono::\w+|(?:core::)?Duration|core::UnixTime|double)"
IN_HEADER = re.compile(rf"^(\s*)(?:inline|static) constexpr {NUMBER} (\w+)\s*[={{]")
IN_SOURCE = re.compile(rf"^ *(?:static )?constexpr {NUMBER} (\w+)\s*(?:= *|(?=\{{))([^;]*);")
BOUND = re.compile(r"^(max|most|least|min|longest|shortest|kept)_|_(limit|timeout|patience|pause|interval)$")
SCOPE = re.compile(r"^(\s*)(?:class|struct) (\w+)[^;]*$")

NO_BOUND = {
    "confinement::CallRule::any": "stands for every argument",
    "core::timer_count": "counts an enumeration",
    "core::late_share_of_grace": "a share, of which limits_docs names the bound",
    "core::late_notice": "stands in the place of a notice",
    "core::use_count": "counts an enumeration",
    "core::uplink_count": "counts an enumeration",
    "daemon::exit_not_prepared": "an exit status",
    "daemon::https_port": "a port",
    "daemon::identity_schema": "a schema",
    "daemon::install_schema": "a schema",
    "uplink::rtnetlink_read_bytes": "what the kernel itself takes",
    "daemon::link_schema": "a schema",
    "daemon::record_schema": "a schema",
    "daemon::recovery_schema": "a schema",
    "daemon::status_schema": "a schema",
    "daemon::ticket_schema": "a schema",
    "store::state_schema": "a schema",
    "transfer::link_descriptor": "a descriptor",
    "transfer::file_descriptor": "a descriptor",
    "transfer::status_ok": "a status of HTTP",
    "uplink::headers_v4": "the size of a header",
    "uplink::headers_v6": "the size of a header",
    "uplink::datagram_headers": "the size of a header",
    "uplink::use_count": "counts an enumeration",
    "hal::at::earliest_network_time": "an instant, from which limits_docs counts",
    "hal::recovery_step_count": "counts an enumeration",
    "hal::trouble_count": "counts an enumeration",
    "hal::cap_span": "the sum of two that stand in the table",
    "hal::pause_growth": "a factor",
    "hal::never": "stands for no time at all",
}  # fmt: skip


def sources(ending):
    files = [p for room in ("agent", "hal") for p in sorted((TREE / room).rglob(f"*{ending}"))]
    return [p for p in files if "fake" not in p.parts]


def declared(path):
    """The full names of a header's constants, without the first namespace."""
    namespace, scopes = "", []
    for line in path.read_text().splitlines():
        if found := re.match(r"namespace oobm::(\w+(?:::\w+)*) \{", line):
            namespace = found[1]
        if found := SCOPE.match(line):
            scopes = [s for s in scopes if len(s[0]) < len(found[1])] + [(found[1], found[2])]
        if found := IN_HEADER.match(line):
            inside = [name for indent, name in scopes if len(indent) < len(found[1])]
            yield "::".join([namespace, *inside, found[2]])


def named():
    text = (TREE / "tests/unit/limits/limits_docs.cpp").read_text()
    return re.findall(r"LIMIT\(([\w:]+),", text)


def faults():
    """Sentences, one for each constant that is in neither place, in both, or in one for nothing."""
    known, seen = set(named()), set()
    for path in sources(".hpp"):
        for name in declared(path):
            seen.add(name)
            if name not in known and name not in NO_BOUND:
                yield f"{name} ({path.relative_to(TREE)}) stands neither in limits_docs.cpp nor among what is no bound"
            if name in known and name in NO_BOUND:
                yield f"{name} is called a bound and none"
    yield from (f"{name} is called no bound, and nobody declares it" for name in NO_BOUND if name not in seen)
    yield from (f"{name} stands in limits_docs.cpp twice" for name in known if named().count(name) > 1)


def table():
    lines = ["| file | constant | value |", "| --- | --- | --- |"]
    for path in sources(".cpp"):
        for line in path.read_text().splitlines():
            found = IN_SOURCE.match(line)
            if found and BOUND.search(found[1]):
                lines.append(f"| `{path.relative_to(TREE)}` | `{found[1]}` | `{found[2].strip().strip('{}')}` |")
    return "\n".join(lines) + "\n"


def page(text):
    """The page with the table as it should be."""
    head, rest = text.split(BEGIN)
    return head + BEGIN + "\n" + table() + "\n" + END + rest.split(END, 1)[1]


def main(action, docs):
    path = Path(docs) / "limits.md"
    wrong = list(faults())
    if action == "write":
        path.write_text(page(path.read_text()))
    elif page(path.read_text()) != path.read_text():
        wrong.append(f"{path} is stale: tests/unit/limits/sources.py write {docs}")
    print("\n".join(wrong) or "every bound is named")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
