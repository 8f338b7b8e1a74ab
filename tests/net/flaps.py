"""Random lives of a link: it goes down, loses its address or its route, disappears and comes back as another, its names or
its broker die. Meanwhile nothing may leave by the main WAN where policy forbids it, nothing at all while the router is
blocked, and in the end the router is in service again. A scenario is its seed.

    flaps.py [--seeds FIRST-LAST] [--parallel N] [--build-dir DIR]     runs scenarios and prints one line for each
"""

import os
import random
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench.network import OOBM, WAN
from bench.router import TREE
from bench.world import World
from command import Command
from fleet import ALLOWED, MAIN_WAN_FORBIDDEN, Member

START_SECONDS = 90
SERVE_SECONDS = 60
# No technician in sight: what the agent waits between two attempts is part of it.
ALONE_SECONDS = 1200
# CI lets a technician ask for a connection again and again, which cuts those pauses short.
HELPED_SECONDS = 60
SYNC_SECONDS = 3
# Of a scenario's time, and for starting: an agent that spins would use nearly all.
CPU_SECONDS_START = 3.0
CPU_SHARE = 0.10


@dataclass(frozen=True)
class Kind:
    """What a router is, and what must not leave it from the moment that the flaps begin."""

    name: str
    silent: tuple  # interfaces
    options: dict = field(default_factory=dict)
    sku: str = "XR80-NA-SAMPLE"
    service: bool = True  # it reaches service, and must reach it again
    retired: bool = False


KINDS = {
    "forbidden": Kind("main WAN forbidden", (WAN,), {"settings": MAIN_WAN_FORBIDDEN}),
    "default": Kind("default policy", (WAN,)),
    "mismatch": Kind("wrong region", (WAN, OOBM), {"instance": "na"}, "XR80-GL-SAMPLE", service=False),
    "retired": Kind("retired", (WAN, OOBM), {"settings": MAIN_WAN_FORBIDDEN}, service=False, retired=True),
}  # fmt: skip
WEIGHTS = {"forbidden": 11, "default": 5, "mismatch": 2, "retired": 2}


class Hands:
    """What can be done to one router's link; each act is harmless where it does not apply."""

    def __init__(self, member, chance):
        self.member = member
        self.random = chance
        self.attachment = member.attachment
        self.moved = False
        self._prepare_second_address()

    def _prepare_second_address(self):
        base = 4 * self.attachment.number
        self.second = (f"198.18.0.{base + 2}/30", f"198.18.0.{base + 1}")
        self._run(f"ip addr add {self.second[1]}/30 dev {self.attachment.far_oobm}", self.attachment.cloud)

    def _run(self, command, namespace=None):
        prefix = ["nsenter", f"--net=/run/netns/{namespace}"] if namespace else self.attachment.prefix
        subprocess.run([*prefix, *command.split()], capture_output=True, check=False)

    def _board(self, verb):
        environment = {**os.environ, "OOBM_BENCH_BOARD": str(self.member.router.folder / "board")}
        command = [*self.attachment.prefix, str(TREE / "hal/board/helpers/bench"), verb]
        subprocess.run(command, env=environment, capture_output=True, check=False)

    def link_down(self):
        self._run(f"ip link set {OOBM} down")

    def link_up(self):
        self._run(f"ip link set {OOBM} up")

    def interface_removed(self):
        self.member.link.remove_interface()

    def interface_made(self):
        self.member.link.make_interface()

    def address_changed(self):
        """The network gives the bearer another address, as after a new data call."""
        file = self.member.router.folder / "board"
        first = (f"{self.attachment.oobm_address}/30", self.attachment.oobm_gateway)
        old, new = (self.second, first) if self.moved else (first, self.second)
        self.moved = not self.moved
        text = file.read_text().replace(f"oobm_address={old[0]}", f"oobm_address={new[0]}")
        file.write_text(text.replace(f"oobm_gateway={old[1]}", f"oobm_gateway={new[1]}"))
        self._run(f"ip addr flush dev {OOBM} scope global")
        self._run(f"ip addr add {new[0]} dev {OOBM}")

    def address_lost(self):
        self._run(f"ip addr flush dev {OOBM} scope global")

    def route_lost(self):
        self._run("ip route flush table 100")

    def rules_lost(self):
        for _ in range(4):
            self._run("ip rule del lookup 100")

    def bearer_down(self):
        self._board("bearer-down")

    def bearer_up(self):
        if not self.member.router.agent.running() or self.attachment_has_interface():
            self._board("bearer-up")

    def attachment_has_interface(self):
        shown = subprocess.run([*self.attachment.prefix, "ip", "link", "show", OOBM], capture_output=True, check=False)
        return shown.returncode == 0

    def names_dead(self):
        self.member.link.set("deaf_port=53")

    def black_hole(self):
        self.member.link.set("black_hole=1")

    def loss(self):
        self.member.link.set(f"loss={self.random.randint(5, 30)} delay={self.random.randint(50, 400)} jitter=40 duplicate=5")

    def resets(self):
        self.member.link.set(f"reset_at={self.random.randint(1, 12)}")

    def clear(self):
        self.member.link.set("clear")

    def wan_down(self):
        self.attachment.set_wan(False)

    def wan_up(self):
        self.attachment.set_wan(True)

    def radio_lost(self):
        self.member.router.modem_ctl("no-coverage", "1")

    def radio_back(self):
        self.member.router.modem_ctl("no-coverage", "off")

    def agent_killed(self):
        self.member.router.agent.kill()

    def agent_started(self):
        self.member.router.start_agent()

    def nothing(self):
        pass


@dataclass(frozen=True)
class Flap:
    does: str
    undoes: str
    may_stay: bool = False  # the agent alone must cope with it when nobody undoes it
    slow: bool = False      # without being undone it is found by a time-out of a minute and a half
    silences: bool = False  # not for a retired router, which may look for its new owner when it starts


FLAPS = (
    Flap("link_down", "link_up", may_stay=True),
    Flap("interface_removed", "interface_made"),
    Flap("address_changed", "nothing"),
    Flap("address_lost", "bearer_up", may_stay=True),
    Flap("route_lost", "bearer_up", may_stay=True, slow=True),
    Flap("rules_lost", "bearer_up", may_stay=True, slow=True),
    Flap("bearer_down", "bearer_up", may_stay=True),
    Flap("names_dead", "clear"),
    Flap("black_hole", "clear"),
    Flap("loss", "clear"),
    Flap("resets", "clear"),
    Flap("wan_down", "wan_up"),
    Flap("radio_lost", "radio_back"),
    Flap("agent_killed", "agent_started", silences=True),
)  # fmt: skip
# A retired or blocked router's bearer is down, and nobody but the test would bring it up.
BEARER = {"bearer_up"}


@dataclass
class Report:
    seed: int
    kind: str
    flaps: list
    recovered_seconds: float = 0.0
    cpu_seconds: float = 0.0
    faults: list = field(default_factory=list)

    def line(self):
        held = "ok" if not self.faults else "FAILED " + "; ".join(self.faults)
        return (f"seed {self.seed} [{self.kind}] {', '.join(self.flaps)}: back after {self.recovered_seconds:.0f} s, "
                f"{self.cpu_seconds:.1f} s of CPU: {held}")  # fmt: skip


class Scenario:
    """One router's story; the same seed gives the same one. `helped`: as CI has it, short and with a technician."""

    def __init__(self, world, seed, helped, number):
        self.random = random.Random(seed)
        self.helped = helped
        self.kind = KINDS[self.random.choices(list(WEIGHTS), WEIGHTS.values())[0]]
        self.story = [self._pick() for _ in range(self.random.randint(3, 5 if helped else 8))]
        self.report = Report(seed, self.kind.name, [flap.does for flap, *_ in self.story])
        self.member = Member(world, number, seed, self.kind.sku, **self.kind.options)
        self.hands = None

    def _pick(self):
        flap = self.random.choice([f for f in FLAPS if not (self.kind.retired and f.silences)])
        stays = flap.may_stay and not (self.helped and flap.slow) and self.random.random() < 0.4
        longest = 1.5 if self.helped else 8.0
        return flap, stays, self.random.uniform(0.1, longest), self.random.uniform(0.0, longest)

    def start(self):
        if self.kind.service or self.kind.retired:
            self.member.enter_service(START_SECONDS)
        else:
            self.member.start()
            self.member.wait(lambda s: s["blocked"], START_SECONDS, "blocked")
        self._judge_so_far()
        if self.kind.retired:
            self.member.alms.do("retire", self.member.serial)
            self.member.wait(lambda s: s["lifecycle"]["state"] == "RETIRED" and s["link"]["phase"] == "idle",
                             START_SECONDS, "retired")  # fmt: skip
            time.sleep(1)  # the last packets of a closed connection
        self.hands = Hands(self.member, self.random)
        self.member.watch.reset()
        self.wan_before = self.member.attachment.packets_sent(WAN)
        self.cpu_before = self.member.cost().cpu_seconds
        self.began = time.monotonic()

    def _judge_so_far(self):
        strays = self.member.watch.strays((WAN, OOBM), ALLOWED if self.kind.service or self.kind.retired else ())
        if "settings" in self.kind.options:
            strays |= self.member.watch.strays((WAN,))
        if strays:
            self.report.faults.append(f"stray before the flaps: {strays}")

    def flap(self):
        for flap, stays, hold, pause in self.story:
            getattr(self.hands, flap.does)()
            time.sleep(hold)
            undo = "nothing" if stays or (not self.kind.service and flap.undoes in BEARER) else flap.undoes
            getattr(self.hands, undo)()
            if self.helped or self.random.random() < 0.2:
                self.member.sync()
            time.sleep(pause)
        self.hands.clear()

    def finish(self):
        if self.kind.service:
            self._recover()
        else:
            time.sleep(2)
        self._judge()

    def _recover(self):
        next_sync = 0.0

        def help_on():
            nonlocal next_sync
            if self.helped and time.monotonic() > next_sync:
                next_sync = time.monotonic() + SYNC_SECONDS
                self.member.sync()

        began = time.monotonic()
        limit = HELPED_SECONDS if self.helped else ALONE_SECONDS
        self.member.wait(lambda s: s["in_service"] and s["link"].get("uplink") == "oobm", limit, "in service again", help_on)
        # A session may stand on a route that is gone; a command finds that out, and the next session carries it.
        self.member.serves(SERVE_SECONDS if self.helped else ALONE_SECONDS)
        self.report.recovered_seconds = time.monotonic() - began

    def _judge(self):
        report, member = self.report, self.member
        strays = member.watch.strays(self.kind.silent) | member.watch.strays((WAN, OOBM), ALLOWED)
        if strays:
            report.faults.append(f"strays: {strays}")
        sent = member.attachment.packets_sent(WAN) - self.wan_before
        if sent:
            report.faults.append(f"{sent} packets on the main WAN's device")
        if not member.router.agent.running():
            report.faults.append(f"the agent has ended: {member.router.agent.log()[-1000:]}")
            return
        # An agent that was killed has begun to count anew.
        cpu = member.cost().cpu_seconds
        report.cpu_seconds = cpu - self.cpu_before if cpu >= self.cpu_before else cpu
        if report.cpu_seconds > CPU_SECONDS_START + CPU_SHARE * (time.monotonic() - self.began):
            report.faults.append(f"{report.cpu_seconds:.1f} s of CPU")

    def guarded(self, step):
        """Runs one step unless an earlier one failed; what it raises is this scenario's fault alone."""
        if self.report.faults:
            return
        try:
            step()
        except Exception as error:  # noqa: BLE001
            self.report.faults.append("".join(traceback.format_exception_only(error)).strip())


def restart_broker(world, scenarios):
    """Once for all who share the broker; every agent loses its session."""
    broker = world.instances["na"].broker
    broker.stop()
    time.sleep(0.5)
    broker.start()
    for scenario in scenarios:
        scenario.report.flaps.append("broker restarted")


def run_together(world, seeds, helped, first_number):
    """The reports of scenarios that run at the same time, each with a router of its own; the broker restarts meanwhile."""
    scenarios = [Scenario(world, seed, helped, first_number + index) for index, seed in enumerate(seeds)]
    with ThreadPoolExecutor(len(scenarios)) as pool:
        each = lambda step: list(pool.map(lambda s: s.guarded(getattr(s, step)), scenarios))  # noqa: E731
        each("start")
        restart = threading.Timer(2 if helped else 25, restart_broker, (world, scenarios))
        restart.start()
        each("flap")
        restart.join()
        each("finish")
        list(pool.map(lambda s: s.member.stop(), scenarios))
    return [scenario.report for scenario in scenarios]


def main():
    command = Command(__doc__).with_help_of_a_technician()
    command.add_argument("--seeds", default="1-200", help="FIRST-LAST or one (1-200)")
    command.add_argument("--parallel", type=int, default=25, help="scenarios at the same time (25)")
    options = command.read()
    first, _, last = options.seeds.partition("-")
    seeds = list(range(int(first), int(last or first) + 1))
    reports, began = [], time.monotonic()
    for batch in (seeds[at : at + options.parallel] for at in range(0, len(seeds), options.parallel)):
        # A world of its own for each batch: its addresses are used up otherwise.
        with World(label="flaps") as world:
            world.instances["na"].alms.do("account-add", "acme")
            for report in run_together(world, batch, options.helped, 1):
                print(report.line(), flush=True)
                reports.append(report)
    failed = sum(bool(report.faults) for report in reports)
    back = sorted(report.recovered_seconds for report in reports if report.recovered_seconds)
    print(f"{len(reports) - failed} held, {failed} failed in {time.monotonic() - began:.0f} s")
    if back:
        print(f"back in service after {back[len(back) // 2]:.0f} s (median), {back[-1]:.0f} s at most")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
