"""Each way in which a network or a server fails, and whether the agent comes back by itself: in service again, without
spinning, with no descriptor and no memory lost. Prints the table of docs/testing.md.

    recovery.py [--build-dir DIR]

The tests run the same, shorter and with a technician who asks for a connection again and again (helped).
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.network import enter
from bench.world import World
from command import Command
from fleet import MAIN_WAN_FORBIDDEN, Member
from peers import BEHAVIOURS, peer

START_SECONDS = 90
FIRST_PEER_PORT = 20_000
SYNC_SECONDS = 2
HELPED_SECONDS = 75
ALONE_SECONDS = 1800
LATE_PACKETS = tuple(range(1, 19))  # of a connection: SYN, handshakes, login, the first messages
# An agent that spins would use all of the time.
CPU_SECONDS_START = 3.0
CPU_SHARE = 0.10
RESIDENT_KIB_MOST = 2048


@dataclass(frozen=True)
class Trial:
    name: str
    settings: str = ""
    lasting: bool = False  # service must come while it is so
    helped_seconds: float = 6.0
    alone_seconds: float = 60.0
    behave: str = ""  # of a server in the broker's place
    phases: bool = False  # a reset at each packet of a connection in turn
    helped: bool = True  # part of the tests; the others need minutes


TRIALS = (
    Trial("loss of 10 %", "loss=10 delay=50 jitter=20", lasting=True),
    Trial("loss of 30 %", "loss=30 delay=50 jitter=20", lasting=True, helped=False),
    Trial("delay of 500 ms each way, jitter 300 ms", "delay=500 jitter=300", lasting=True),
    Trial("delay of 3,000 ms each way, jitter 500 ms", "delay=3000 jitter=500", lasting=True, helped=False),
    Trial("30 kbit/s", "rate=30000 delay=100", lasting=True),
    Trial("a fifth duplicated, a fifth overtaking", "delay=60 jitter=40 duplicate=20 reorder=20", lasting=True),
    Trial("black hole", "black_hole=1", helped_seconds=6, alone_seconds=120),
    Trial("names are not answered", "deaf_port=53"),
    Trial("NAT forgets after 1 s and resets", "nat_idle=1000 nat=reset"),
    Trial("NAT forgets after 1 s in silence", "nat_idle=1000", helped=False, alone_seconds=300),
    Trial("reset at each packet in turn", phases=True),
    *(Trial(f"the server {behave}", behave=behave) for behave in BEHAVIOURS),
)  # fmt: skip


class Attempt:
    """One trial on one router."""

    def __init__(self, world, trial, number, helped):
        self.trial = trial
        self.helped = helped
        self.member = Member(world, number, number, settings=MAIN_WAN_FORBIDDEN)
        self.seconds = 0.0
        self.faults = []
        self.peer = None
        if trial.behave:
            self._send_to_peer(world, FIRST_PEER_PORT + number)
        self.next_sync = 0.0

    def _send_to_peer(self, world, port):
        broker = world.instances["na"].broker
        router = self.member.router
        data = json.loads(world.instances_file.read_text())
        for instance in data["instances"]:
            if instance["id"] == "na":
                instance["mqtt"]["port"] = port
        (router.folder / "instances.json").write_text(json.dumps(data))
        config = json.loads(router.config_path.read_text())
        router.config_path.write_text(json.dumps({**config, "instances": "instances.json"}))
        self.peer = peer(self.trial.behave, broker, port, router.folder, enter(world.network.cloud))
        self.peer.start()
        self.peer.wait_for_log("listening")

    def _help(self):
        if self.helped and time.monotonic() > self.next_sync:
            self.next_sync = time.monotonic() + SYNC_SECONDS
            self.member.sync()

    def run(self):
        try:
            self._run()
        except Exception as error:  # noqa: BLE001
            self.faults.append("".join(traceback.format_exception_only(error)).strip())
        self.member.stop()
        if self.peer:
            self.peer.stop()

    def _run(self):
        # Behind a peer there is no service to begin with: what the agent costs is measured from its first failures on.
        if self.peer:
            self._begin_at_peer()
        else:
            self.member.enter_service(START_SECONDS)
        before, began = self._cost(), time.monotonic()
        if self.trial.phases:
            self._reset_each_phase()
        else:
            self.member.link.set(self.trial.settings)
            self._suffer()
        self._mend()
        self._recover()
        self._judge(before, time.monotonic() - began)

    def _begin_at_peer(self):
        who = self.member.router.identity
        self.member.alms.do("register", who.serial, who.imei, "--account", "acme", "--offer", "AirLink Complete (XR80)")
        self.member.alms.do("purchase-order", who.serial, "--months", 12)
        self.member.sim_file.write_text("active\n")
        self.member.start()
        began = time.monotonic()
        while "connection" not in self.peer.log() and time.monotonic() - began < START_SECONDS:
            self._help()
            time.sleep(0.2)

    def _suffer(self):
        """A session begun before knows nothing of it yet: a sync makes it talk."""
        self.member.sync()
        end = time.monotonic() + (self.trial.helped_seconds if self.helped else self.trial.alone_seconds)
        while time.monotonic() < end:
            self._help()
            time.sleep(0.5)

    def _reset_each_phase(self):
        for packet in LATE_PACKETS:
            resets = self.member.link.counts()["resets"]
            self.member.link.set(f"reset_at={packet}")
            # What is open ends without a packet, so that a connection begins for this phase to hit.
            self._interrupt()
            began = time.monotonic()
            while self.member.link.counts()["resets"] == resets and time.monotonic() - began < 5:
                self.member.sync()
                time.sleep(0.3)

    def _interrupt(self):
        subprocess.run([*self.member.attachment.prefix, "ip", "link", "set", "oobm0", "down"], check=False)

    def _mend(self):
        if self.trial.lasting:
            # What must serve as it is must also find its way in anew.
            self._interrupt()
        else:
            self.member.link.set("clear")
        if self.peer:
            os.kill(self.peer.pid, signal.SIGUSR1)

    def _recover(self):
        began = time.monotonic()
        limit = HELPED_SECONDS if self.helped else ALONE_SECONDS
        time.sleep(0.5)
        self.member.wait(lambda s: s["in_service"], limit, f"in service again ({self.trial.name})", self._help)
        # Where the broker alone has lost the connection, a router that has nothing to say learns of it by its next
        # keepalive, a quarter of an hour away.
        self.member.serves(limit, self._help)
        self.seconds = time.monotonic() - began

    def _cost(self):
        """What it holds when no board helper runs: the fewest descriptors of a second."""
        costs = []
        for _ in range(5):
            costs.append(self.member.cost())
            time.sleep(0.2)
        return min(costs, key=lambda cost: cost.descriptors)

    def _judge(self, before, elapsed):
        after = self._cost()
        self.cpu = after.cpu_seconds - before.cpu_seconds
        self.grown = after.resident_kib - before.resident_kib
        self.left = after.descriptors - before.descriptors
        if self.cpu > CPU_SECONDS_START + CPU_SHARE * elapsed:
            self.faults.append(f"{self.cpu:.1f} s of CPU in {elapsed:.0f} s")
        if self.grown > RESIDENT_KIB_MOST:
            self.faults.append(f"grew by {self.grown} KiB")
        # A router that was behind a peer had no session when it was first looked at: what one takes is known.
        if self.left > (SESSION_DESCRIPTORS if self.peer else 0):
            self.faults.append(f"{self.left} descriptors more than before")

    def line(self):
        held = "ok" if not self.faults else "FAILED " + "; ".join(self.faults)
        if not hasattr(self, "cpu"):
            return f"| {self.trial.name} | | | | | {held} |"
        return f"| {self.trial.name} | {self.seconds:.0f} s | {self.cpu:.2f} s | {self.left:+d} | {self.grown:+d} | {held} |"


SESSION_DESCRIPTORS = 4  # the socket, both ends of a pair, the MQTT library's own


def run(world, trials, helped):
    """All trials at the same time, each with a router of its own."""
    world.instances["na"].alms.do("account-add", "acme")
    attempts = [Attempt(world, trial, number, helped) for number, trial in enumerate(trials, 1)]
    with ThreadPoolExecutor(len(attempts)) as pool:
        list(pool.map(Attempt.run, attempts))
    return attempts


def main():
    command = Command(__doc__).with_help_of_a_technician()
    options = command.read()
    trials = [trial for trial in TRIALS if trial.helped or not options.helped]
    began = time.monotonic()
    with World(label="recover") as world:
        attempts = run(world, trials, options.helped)
    print("| network or server | service after | CPU | descriptors | memory, KiB | |\n|---|---|---|---|---|---|")
    print("\n".join(attempt.line() for attempt in attempts))
    failed = sum(bool(attempt.faults) for attempt in attempts)
    print(f"{len(attempts) - failed} recovered, {failed} failed in {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
