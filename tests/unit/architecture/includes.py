"""The direction of includes: which room of the product may include which.

daemon -> core, alms, uplink, store, hal      alms -> core      store -> core      uplink -> nothing of ours
daemon -> the transfer helper's line protocol                   transfer -> confinement
daemon -> confinement, cli                                      confinement -> nothing of ours
hal    -> agent/core/{identity,time}.hpp      ctl  -> core's values, cli           core, cli -> the standard library only

agent/daemon/main.cpp, which makes one program of the daemon and the command line, may include those two.
"""

import pathlib
import re

# Room -> what it may include besides its own headers: a room, or one header of a room.
ARROWS = {
    "agent/daemon/main.cpp": ("agent/daemon", "agent/ctl"),  # before its room: the first that fits counts
    "agent/core": (),
    "agent/cli": (),
    "agent/alms": ("agent/core",),
    "agent/store": ("agent/core",),
    "agent/uplink": (),
    "agent/confinement": (),
    "agent/transfer": ("agent/confinement",),
    "agent/daemon": ("agent/core", "agent/alms", "agent/uplink", "agent/store", "agent/transfer/protocol.hpp",
                     "agent/confinement", "agent/cli", "hal"),  # fmt: skip
    "agent/ctl": ("agent/core", "agent/cli"),
    "hal": ("agent/core/identity.hpp", "agent/core/time.hpp"),
}

# What decides is no value: a room that may use core's values may still not reach these.
DECIDERS = {"agent/core/agent.hpp", "agent/core/agent_impl.hpp", "agent/core/effect.hpp", "agent/core/event.hpp"}
VALUES_ONLY = {"agent/ctl"}

# Rooms that may include nothing but the headers below: no system, no third-party library.
PURE = {"agent/core", "agent/cli"}
STANDARD = set(
    """
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
    clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
    cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution expected filesystem flat_map flat_set
    format forward_list fstream functional future generator initializer_list iomanip ios iosfwd iostream istream
    iterator latch limits list locale map mdspan memory memory_resource mutex new numbers numeric optional ostream
    print queue random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span spanstream
    sstream stack stacktrace stdexcept stdfloat stop_token streambuf string string_view strstream syncstream
    system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant
    vector version
    """.split()
)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<([^>]+)>|"([^"]+)")', re.MULTILINE)
SOURCES = ("*.cpp", "*.hpp", "*.c", "*.h")


def room_of(path):
    """The room that a path from the top of the tree belongs to, or None where the rules do not reach."""
    return next((room for room in ARROWS if path == room or path.startswith(room + "/")), None)


def objection(path, header, angled):
    """Why the file at `path` must not include `header`, or None when it may."""
    room = room_of(path)
    if angled and not header.startswith("oobm/"):
        if room in PURE and header not in STANDARD:
            return f"{room} includes the standard library only"
        if header.startswith("curl/") and room != "agent/transfer":
            return "libcurl belongs to the transfer helper alone"
        return None
    target = "hal/include/" + header if header.startswith("oobm/hal/") else header
    other = room_of(target)
    if other is None:
        return "not written from the top of the tree, or outside of the product"
    if room in VALUES_ONLY and target in DECIDERS:
        return f"{room} may use core's values only"
    if other == room or any(target == allowed or target.startswith(allowed + "/") for allowed in ARROWS[room]):
        return None
    return f"{room} may not include {other}"


def violations(top):
    """One sentence for each include of the product under `top` that goes against an arrow."""
    found = []
    for folder in ("agent", "hal"):
        for pattern in SOURCES:
            for file in sorted((top / folder).rglob(pattern)):
                path = file.relative_to(top).as_posix()
                if room_of(path) is None:
                    found.append(f"{path}: belongs to no room")
                    continue
                for angled, quoted in INCLUDE.findall(file.read_text(encoding="utf-8")):
                    why = objection(path, angled or quoted, bool(angled))
                    if why:
                        found.append(f"{path}: includes {angled or quoted}: {why}")
    return found


def sources(top):
    """How many files `violations` looks at, so that a test can tell a clean tree from an empty one."""
    return sum(1 for folder in ("agent", "hal") for pattern in SOURCES for _ in (top / folder).rglob(pattern))


TOP = pathlib.Path(__file__).resolve().parents[3]
