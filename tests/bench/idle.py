"""What the daemon costs while nothing happens: how often each of its threads wakes, and what memory it holds.

    ./dev bench idle [--minutes N] [--poll SECONDS] [--json]

A router in service in a bench world: real brokers, a simulated module, the shipped periods. What is counted are the voluntary
context switches of each thread (/proc/PID/task/*/status): one for each time that it waited and was woken. Beside it, idle for
as long on the same broker, the MQTT library alone with TLS of its own, as any program would use it.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

from bench.alms import build_dir
from bench.network import ALMS_ADDRESS
from bench.played_router import imei
from bench.process import BenchError
from bench.router import Identity
from bench.world import World

OFFER = "AirLink Complete (XR80)"
SOON = 60  # seconds in which the router must be in service
SETTLE = 20  # seconds after that, in which what it has begun ends
LIBRARY_THREADS = "MQTTAsync_"  # how the library names its own


def threads(pid):
    """{thread id: (name, wake-ups so far)}"""
    found = {}
    for task in sorted(Path(f"/proc/{pid}/task").iterdir(), key=lambda path: int(path.name)):
        status = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
        found[int(task.name)] = (status["Name"], int(status["voluntary_ctxt_switches"]))
    return found


def memory(pid):
    """kB, from smaps_rollup."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    values = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return {"rss": values["Rss"], "pss": values["Pss"], "private_dirty": values["Private_Dirty"]}


def processor_ms(pid):
    """Time used by the process and by the children that it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    own, children = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return 10 * own, 10 * children  # USER_HZ is 100


def watch(pids, seconds):
    """{name: figures} of processes that are left alone meanwhile."""
    before = {name: (threads(pid), processor_ms(pid)) for name, pid in pids.items()}
    time.sleep(seconds)
    figures = {}
    for name, pid in pids.items():
        (threads_before, spent_before), now = before[name], threads(pid)
        if now.keys() != threads_before.keys():
            raise BenchError(f"{name}: it has other threads than before")
        rows = [{"name": now[tid][0], "wakeups_per_minute": 60 * (now[tid][1] - threads_before[tid][1]) / seconds}
                for tid in now]  # fmt: skip
        own, children = (60 * (b - a) / seconds for a, b in zip(spent_before, processor_ms(pid)))
        figures[name] = {"threads": rows, "memory_kb": memory(pid), "cpu_ms_per_minute": own,
                         "children_cpu_ms_per_minute": children}  # fmt: skip
    return figures


def own_wakeups(figures):
    """Of all threads but the library's own."""
    return sum(t["wakeups_per_minute"] for t in figures["threads"] if not t["name"].startswith(LIBRARY_THREADS))


def router_in_service(world, poll=None):
    """A router that is ACTIVE, with the periods that are shipped, or `poll` for radio.poll_s."""
    who = Identity("XR80T00001", "XR80-NA-SAMPLE", imei(1), "8914800000000000001", "XR80")
    radio = {"port": "modem", **({"poll_s": poll} if poll else {})}
    router = world.add_router("r1", who, settings={"radio": radio}).start()
    alms = world.instances["na"].alms
    alms.do("account-add", "acme")
    alms.do("register", who.serial, who.imei, "--account", "acme", "--offer", OFFER)
    alms.do("purchase-order", who.serial, "--months", 12)
    router.wait_status(lambda s: s["lifecycle"]["state"] == "ACTIVE" and s["in_service"], SOON, "in service")
    router.wait_status(lambda s: s["outbox_items"] == 0, SOON, "everything reported")
    return router


@contextlib.contextmanager
def library_alone(world, router):
    """The pid of the bare MQTT library, connected over the same link as another system of the same instance."""
    instance, serial = world.instances["na"], "XR80T00002"
    pair = instance.pki.router(serial)
    command = [build_dir() / "tests/bench/bench-paho-client", "--anchors", instance.pki.ca, "--certificate", pair.cert,
               "--key", pair.key, "--host", ALMS_ADDRESS["na"], "--port", instance.broker.port, "--client-id", serial,
               "--keepalive", 900, "--tls", "1.3", "--filter", f"{serial}/tasks/json", "--topic", serial]  # fmt: skip
    child = subprocess.Popen([str(part) for part in (*router.attachment.prefix, *command)], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    with child:
        try:
            child.stdin.write("connect\n")
            child.stdin.flush()
            line = child.stdout.readline()
            if not line.startswith("ready"):
                raise BenchError(f"the MQTT library alone: '{line}'")
            yield child.pid
        finally:
            child.kill()


def measure(seconds, poll=None):
    with World(label="idle") as world:
        router = router_in_service(world, poll)
        with library_alone(world, router) as library:
            time.sleep(SETTLE)
            return watch({"daemon": router.agent.daemon_pid, "monitor": router.agent.pid, "library alone": library}, seconds)


def table(figures):
    lines = ["| process | thread | wake-ups a minute |", "|---|---|---|"]
    for name, of in figures.items():
        for thread in of["threads"]:
            lines.append(f"| {name} | {thread['name']} | {thread['wakeups_per_minute']:.1f} |")
    for name, of in figures.items():
        total = sum(t["wakeups_per_minute"] for t in of["threads"])
        kept = of["memory_kb"]
        lines.append(f"\n{name}: {len(of['threads'])} threads, {total:.1f} wake-ups a minute, of them "
                     f"{own_wakeups(of):.1f} not in the library's threads; RSS {kept['rss']} kB, PSS {kept['pss']} kB, private "
                     f"dirty {kept['private_dirty']} kB; processor {of['cpu_ms_per_minute']:.0f} ms a minute, helpers it "
                     f"starts {of['children_cpu_ms_per_minute']:.0f} ms")  # fmt: skip
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench idle", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", action="store_true", help="everything measured, as JSON")
    parser.add_argument("--minutes", type=float, default=6, help="how long to look; a multiple of the daemon's periods")
    parser.add_argument("--poll", type=int, help="radio.poll_s, instead of its default")
    given = parser.parse_args()
    figures = measure(60 * given.minutes, given.poll)
    print(json.dumps(figures, indent=2) if given.json else table(figures))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"error: {error}")
