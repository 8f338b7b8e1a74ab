"""So many sessions that get ready, and those between them that do not, against a real broker, over a link that resets, loses
and delays: programs `reconnects` (one for each client) side by side, all over the OOBM link of one router. Every session
ends, and descriptors, threads and memory stay as they are.

    reconnects.py [--count N] [--clients N] [--seed N] [--calm] [--build-dir DIR]
"""

import json
import random
import sys
import time
from dataclasses import dataclass

from bench.alms import build_dir
from bench.network import OOBM, ip
from bench.process import Process
from bench.world import World
from command import Command
from impairment import Impairment

# For a second each the link is as it should be, most of the time, or one of these.
BAD_MOODS = ("clear loss=10", "clear delay=50 jitter=40 reorder=10", "clear duplicate=20", "clear rate=200000",
             *(f"clear reset_at={packet}" for packet in (1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17)))  # fmt: skip
BAD_SHARE = 0.2
MOOD_SECONDS = 1.0
BROKER_RESTART_SECONDS = 30
# The C library's heap settles during the first sessions. Afterwards a client of 2,500 would show a leak of 220 B a session.
SETTLED_ROUNDS = 100
RESIDENT_KIB_MOST = 512


@dataclass
class Outcome:
    """What one client has reported, oldest first, and its exit status."""

    status: int
    reports: list
    text: str

    def faults(self):
        """What is wrong with it; empty when all held."""
        if self.status != 0:
            return [f"exit status {self.status}: {self.text[-2000:]}"]
        # The first report is of the time after the warm-up; memory settles a little later.
        first, last = self.reports[0], self.reports[-1]
        found = []
        for key in ("descriptors", "threads"):
            if last[key] > first[key]:
                found.append(f"{key} grew from {first[key]} to {last[key]}")
        settled = next((report for report in self.reports if report["ready"] >= SETTLED_ROUNDS), first)
        grown = last["resident_kib"] - settled["resident_kib"]
        if grown > RESIDENT_KIB_MOST:
            found.append(f"resident memory grew by {grown} KiB")
        return found


class Reconnects:
    """`world` runs; `clients` programs share `count` sessions."""

    def __init__(self, world, seed, clients, calm=False):
        self.world = world
        self.calm = calm
        self.random = random.Random(seed)
        self.clients = clients
        self.seed = seed
        self.instance = world.instances["na"]
        self.attachment = world.network.add_router("reconnects", oobm=False)
        self.folder = world.folder / "reconnects"
        self.impairment = Impairment(self.attachment, self.folder, seed)
        self.broker_restarts = 0

    def _client(self, number, count, report):
        name = f"RECONNECT{number:02}"
        pair = self.instance.pki.router(name)
        broker = self.instance.broker
        command = [build_dir() / "tests/net/reconnects", "--host", self.instance.pki.host, "--address", broker.address,
                   "--port", broker.port, "--interface", OOBM, "--anchors", self.instance.pki.ca, "--certificate", pair.cert,
                   "--key", pair.key, "--client", name, "--count", count, "--report", report,
                   "--seed", self.seed * 1000 + number]  # fmt: skip
        return Process(name, command, self.folder / f"{name}.log", self.attachment.prefix)

    def _connect(self):
        self.impairment.start()
        within = self.attachment.namespace
        ip("addr", "add", f"{self.attachment.oobm_address}/30", "dev", OOBM, within=within)
        ip("link", "set", OOBM, "up", within=within)
        ip("route", "add", "default", "dev", OOBM, "metric", 4000, within=within)

    def run(self, count, seconds, progress=lambda text: None):
        """The clients' outcomes. Raises BenchError when they have not ended after so many seconds."""
        self._connect()
        share = -(-count // self.clients)
        processes = [self._client(number, share, max(1, share // 10)).start() for number in range(self.clients)]
        try:
            self._live(processes, seconds, progress)
        finally:
            for process in processes:
                process.stop()
            self.impairment.stop()
        return [self._outcome(process) for process in processes]

    def _live(self, processes, seconds, progress):
        began = restarted = time.monotonic()
        while any(process.running() for process in processes):
            now = time.monotonic()
            if now - began > seconds:
                for process in processes:
                    progress(f"{process.name}: {process.log()[-500:]}")
                raise TimeoutError(f"not within {seconds} s")
            bad = not self.calm and self.random.random() < BAD_SHARE
            self.impairment.set(self.random.choice(BAD_MOODS) if bad else "clear")
            if not self.calm and now - restarted > BROKER_RESTART_SECONDS:
                self.instance.broker.stop()
                self.instance.broker.start()
                self.broker_restarts += 1
                restarted = time.monotonic()
                progress(f"{now - began:.0f} s: " + " ".join(str(process.log().count("\n")) for process in processes))
            time.sleep(MOOD_SECONDS)

    @staticmethod
    def _outcome(process):
        lines = process.log().splitlines()
        reports = [json.loads(line) for line in lines if line.startswith("{")]
        return Outcome(process.child.returncode, reports, process.log())


def table(outcomes):
    """Lines of the figures at the beginning, in the middle and at the end of each client."""
    keys = ("rounds", "ready", "descriptors", "threads", "resident_kib", "cpu_ms")
    lines = [" ".join(f"{key:>12}" for key in ("client", *keys))]
    for number, outcome in enumerate(outcomes):
        reports = outcome.reports
        for report in (reports[0], reports[len(reports) // 2], reports[-1]) if reports else ():
            lines.append(" ".join(f"{value:>12}" for value in (number, *(report[key] for key in keys))))
    return lines


def main():
    command = Command(__doc__)
    command.add_argument("--count", type=int, default=10_000, help="sessions that get ready, of all clients together (10000)")
    command.add_argument("--clients", type=int, default=4, help="programs side by side (4)")
    command.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 1_000_000))
    command.add_argument("--seconds", type=int, default=7200, help="give up after this (7200)")
    command.add_argument("--calm", action="store_true", help="a good link, and a broker that stays")
    options = command.read()
    print(f"{options.count} sessions of {options.clients} clients, seed {options.seed}", flush=True)
    with World(label="endure") as world:
        run = Reconnects(world, options.seed, options.clients, options.calm)
        began = time.monotonic()
        outcomes = run.run(options.count, options.seconds, lambda text: print(text, flush=True))
        seconds = time.monotonic() - began
        print("\n".join(table(outcomes)))
        for outcome in outcomes:
            print({key: outcome.reports[-1][key] for key in ("rounds", "ready", "confirmed", "endings")} if outcome.reports else "")
        print(f"{seconds:.0f} s, {run.broker_restarts} restarts of the broker, seed {options.seed}")
        faults = [f"client {number}: {fault}" for number, outcome in enumerate(outcomes) for fault in outcome.faults()]
    print("\n".join(faults) or "every session ended; descriptors, threads and memory stayed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
