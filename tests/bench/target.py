"""What the agent costs on an aarch64 router: memory, instructions, wake-ups, flash, and how long it takes.

    ./dev bench target [--minutes N] [--json]

The packages as they ship, installed in a virtual machine (Debian's arm64 kernel on an emulated Cortex-A53, 256 MB, a flash
with ext4 below an overlay), in service over PPP with the shipped periods. Seconds are the emulator's, not a router's. What the
agent executes while idle, the kernel's part included, is counted in a second boot, in which the emulator lets each instruction
take one nanosecond.
"""

import argparse
import json
import sys
import time

from bench.process import BenchError
from flash_bench import FlashBench
from flash_router import NEXT_VERSION
from machine import MachineError

SETTLE_SECONDS = 60  # after which what a start has begun has ended
LIBRARY_THREADS = "MQTTAsync_"  # how the MQTT library names its own
SECTOR = 512
DAY_MINUTES = 1440
UPGRADE_SECONDS = 600
FIRST_PACKET_SECONDS = 120
AIMS = {"idle PSS, kB": 4500, "idle CPU, %": 0.1, "wake-ups a minute": 5, "state writes a year": 500}

# Lines PID PROCESS KEY VALUE.
PROBE = """
cat /proc/uptime | { read -r now idle; echo "- machine uptime $now"; }
read -r _ _ _ _ writes _ sectors _ </sys/block/vda/stat
echo "- machine sectors $sectors"
echo "- machine writes $writes"
for folder in /proc/[0-9]*; do
  pid=${folder#/proc/}
  case $(tr '\\0' ' ' <$folder/cmdline 2>/dev/null) in */oobm*--config*) ;; *) continue ;; esac
  grep -q '^Name:.oobm' $folder/status || continue
  grep -q '^Uid:.0' $folder/status && name=monitor || name=daemon
  read -r line <$folder/stat
  set -- ${line##*) }
  echo "$pid $name children_ms $((10 * (${14} + ${15})))"
  sed -n "s/^\\(Rss\\|Pss\\|Private_Dirty\\): *\\([0-9]*\\) kB/$pid $name \\1 \\2/p" $folder/smaps_rollup
  sed -n "s/^VmHWM:[[:space:]]*\\([0-9]*\\) kB/$pid $name peak_rss \\1/p" $folder/status
  for task in $folder/task/*; do
    thread=${task##*/}:$(cat $task/comm)
    sed -n "s/^voluntary_ctxt_switches:[[:space:]]*/$pid $name wake:$thread /p" $task/status
    read -r ran _ <$task/schedstat
    echo "$pid $name ran:$thread $ran"
  done
done
"""

# With the link up and the module as it was: from the start of a new monitor to the first IP packet of this network namespace.
FIRST_PACKET = """
packets() { { read -r _; read -r _ _ _ _ _ _ _ _ _ _ out _; } </proc/net/snmp; }
old=$(cat /run/first)
kill -9 $old
while [ ! -e /run/stop ]; do
  for pid in $(pidof oobmd); do
    case " $old " in *" $pid "*) continue ;; esac
    packets
    before=$out
    while [ "$out" = "$before" ]; do sleep 0.02 && packets; done
    read -r now _ </proc/uptime
    read -r line </proc/$pid/stat
    set -- ${line##*) }
    echo "${20} $now"
    exit 0
  done
  sleep 0.02
done
"""

# Writes the largest sum so far, of every process of the agent: daemon, monitor, what verifies packages, transfer helper.
SAMPLER = """
most=0
while :; do
  sum=0
  for folder in /proc/[0-9]*; do
    read -r comm 2>/dev/null <$folder/comm || continue
    case $comm in oobm*) ;; *) continue ;; esac
    pss=$(sed -n 's/^Pss: *\\([0-9]*\\) kB/\\1/p' $folder/smaps_rollup 2>/dev/null)
    sum=$((sum + ${pss:-0}))
  done
  [ $sum -le $most ] || { most=$sum && echo $most >/run/peak; }
  sleep 0.2
done
"""


def probe(router):
    """{(pid, name, key): value}"""
    found = {}
    for line in router.run(PROBE).splitlines():
        words, _, value = line.rpartition(" ")
        pid, name, key = words.split(" ", 2)
        found[pid, name, key] = float(value)
    return found


def of(found, name, key):
    return sum(value for (_, who, what), value in found.items() if (who, what) == (name, key))


def threads(before, after, minutes):
    """What each thread did in a minute; one that is new counts from its beginning."""
    rates = {key: (value - before.get(key, 0)) / minutes for key, value in after.items()}
    rows = [{"process": name, "thread": key.split(":", 2)[2], "wakeups": rate, "ns": rates[pid, name, key.replace("wake:", "ran:", 1)]}
            for (pid, name, key), rate in rates.items() if key.startswith("wake:")]  # fmt: skip
    return sorted(rows, key=lambda row: (row["process"], row["thread"]))


def cold_boot(bench):
    """(seconds of this machine until the control port, until service; the machine's own uptime then)"""
    began = time.monotonic()
    bench.router.start()
    bench.wait_in_service()
    uptime = float(bench.router.run("cut -d' ' -f1 /proc/uptime"))
    return bench.router.machine.boot_seconds, time.monotonic() - began, uptime


def idle(bench, minutes):
    before, commits = probe(bench.router), bench.router.status()["store"]["generation"]
    time.sleep(60 * minutes)
    after, status = probe(bench.router), bench.router.status()
    passed = (of(after, "machine", "uptime") - of(before, "machine", "uptime")) / 60
    if not status["in_service"]:
        raise BenchError("it was not in service all the time")

    def helpers_ms(name):
        return (of(after, name, "children_ms") - of(before, name, "children_ms")) / passed

    return {
        "minutes": passed,
        "memory_kb": {name: {key.lower(): of(after, name, key) for key in ("Rss", "Pss", "Private_Dirty", "peak_rss")}
                      for name in ("monitor", "daemon")},
        "threads": threads(before, after, passed),
        "helpers_ms": helpers_ms("monitor") + helpers_ms("daemon"),
        "commits": status["store"]["generation"] - commits,
        "flash_bytes": SECTOR * (of(after, "machine", "sectors") - of(before, "machine", "sectors")),
        "flash_writes": of(after, "machine", "writes") - of(before, "machine", "writes"),
    }  # fmt: skip


def first_packet(bench):
    """Seconds from exec to the first IP packet, while the link is up already."""
    bench.router.run("pidof oobmd >/run/first")
    ticks, now = bench.router.run(FIRST_PACKET, seconds=FIRST_PACKET_SECONDS).split()[-2:]
    bench.wait_in_service()
    return float(now) - int(ticks) / 100


def peak(bench):
    """kB of PSS, the most at once, while a version is fetched, verified, installed and started."""
    bench.router.run(f"cat >/run/sampler <<'END'\n{SAMPLER}\nEND\nsetsid dash /run/sampler >/dev/null 2>&1 & echo $! >/run/sampler.pid")
    uid = bench.order_version(NEXT_VERSION)
    bench.answer(uid, UPGRADE_SECONDS)
    return int(bench.router.run("cat /run/peak"))


def progress(figures):
    """So that a long run is not lost when its last part fails."""
    print(f"so far: {json.dumps(figures)}", file=sys.stderr, flush=True)


def instructions(bench, minutes):
    """Of each thread, by what a nanosecond is now."""
    bench.router.run("sync")
    bench.router.stop()
    bench.router.machine.counts_instructions = True
    bench.router.start()
    bench.wait_in_service()
    time.sleep(SETTLE_SECONDS)
    counted = idle(bench, minutes)
    return {"threads": counted["threads"], "helpers_ms": counted["helpers_ms"]}


def measure(minutes):
    with FlashBench("target", number=900) as bench:
        bench.router.start()
        bench.router.install()
        bench.register()
        bench.order_term()
        bench.router.run("sync")
        bench.router.stop()
        control, service, uptime = cold_boot(bench)
        time.sleep(SETTLE_SECONDS)
        figures = idle(bench, minutes)
        progress(figures)
        figures["cold_boot_s"] = {"control_port": control, "in_service": service, "machine_uptime": uptime}
        figures["first_packet_s"] = first_packet(bench)
        progress(figures)
        figures["peak_pss_kb"] = peak(bench)
        progress(figures)
        figures["instructions"] = instructions(bench, minutes)
        return figures


def own_wakeups(figures):
    return sum(row["wakeups"] for row in figures["threads"] if not row["thread"].startswith(LIBRARY_THREADS))


def percent(figures):
    """Of the machine's time, by idle() or instructions()."""
    return (sum(row["ns"] for row in figures["threads"]) / 1e6 + figures["helpers_ms"]) / 600


def against_aims(figures):
    """[(what, measured, aim)]"""
    pss = sum(memory["pss"] for memory in figures["memory_kb"].values())
    cpu = percent(figures["instructions"])
    commits = figures["commits"] / figures["minutes"] * DAY_MINUTES * 365
    measured = (pss, cpu, own_wakeups(figures), commits)
    return [(what, value, aim) for (what, aim), value in zip(AIMS.items(), measured)]


def table(figures):
    lines = ["| process | RSS idle, kB | PSS idle, kB | private dirty, kB | most RSS so far, kB |", "|---|---:|---:|---:|---:|"]
    for name, memory in figures["memory_kb"].items():
        values = " | ".join(f"{memory[key]:.0f}" for key in ("rss", "pss", "private_dirty", "peak_rss"))
        lines.append(f"| {name} | {values} |")
    counted = figures["instructions"]
    lines += ["", "| process | thread | wake-ups a minute | million instructions a minute | the emulator's ms a minute |", "|---|---|---:|---:|---:|"]
    lines += [f"| {row['process']} | {row['thread']} | {row['wakeups']:.1f} | {count['ns'] / 1e6:.2f} | {row['ns'] / 1e6:.1f} |"
              for row, count in zip(figures["threads"], counted["threads"], strict=True)]  # fmt: skip
    lines += [f"| both | helpers that they started | | {counted['helpers_ms']:.2f} | {figures['helpers_ms']:.1f} |",
              f"| all | share of the processor | | {percent(counted):.3f} % | {percent(figures):.2f} % |"]  # fmt: skip
    day = DAY_MINUTES / figures["minutes"]
    boot = figures["cold_boot_s"]
    lines += ["", "| | |", "|---|---:|",
              f"| most PSS of all processes together, during an upgrade | {figures['peak_pss_kb']} kB |",
              f"| exec to the first packet, the link being up | {figures['first_packet_s']:.1f} s |",
              f"| power on to the first of the init scripts | {boot['control_port']:.1f} s |",
              f"| power on to service | {boot['in_service']:.1f} s; the machine's own clock: {boot['machine_uptime']:.1f} s |",
              f"| written to the flash in {figures['minutes']:.0f} idle minutes | {figures['commits']} commits, "
              f"{figures['flash_writes']:.0f} writes, {figures['flash_bytes'] / 1000:.0f} kB |",
              f"| a day of that | {day * figures['commits']:.0f} commits, {day * figures['flash_bytes'] / 1000:.0f} kB |",
              "", "| aim | measured | at most | |", "|---|---:|---:|---|"]  # fmt: skip
    lines += [f"| {what} | {value:.2f} | {aim} | {'met' if value <= aim else 'MISSED'} |" for what, value, aim in against_aims(figures)]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench target", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", action="store_true", help="everything measured, as JSON")
    parser.add_argument("--minutes", type=float, default=10, help="how long to look at it idle")
    given = parser.parse_args()
    figures = measure(given.minutes)
    print(json.dumps(figures, indent=2) if given.json else table(figures))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BenchError, MachineError) as error:
        sys.exit(f"error: {error}")
