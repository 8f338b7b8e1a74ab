"""Losses of power at random moments: ./dev vm --cuts N [--seed S].

The machine is killed at a random time after an act of the operator (activation, renewal, suspension, upgrade), some times once
more while it starts. Then it is switched on and left alone, and has to come by itself to what ALMS intends: the same state,
the same term, one answer to an order, the version that the answer says, and no damage told. What the guest had not written to
its disk is lost; what it had written, without a flush behind it, is not: the emulator hands it to this machine at once.
"""

import argparse
import random
import sys
import time

from bench.process import BenchError
from flash_bench import FIRST_VERSION, FlashBench, seconds_of
from flash_router import NEXT_VERSION
from machine import MachineError

RECOVERY_SECONDS = 600  # an emulated machine on a busy host; without load half a minute
ANSWER_SECONDS = 600  # for an upgrade that begins anew after the cut
AGAIN_CHANCE = 0.15  # of a second cut, while the machine starts
AGAIN_SECONDS = 15
# Act: how often, relative to the others, and seconds from it within which the power is cut.
ACTS = {"activation": (3, 8), "renewal": (3, 5), "suspension": (3, 6), "upgrade": (2, 60)}


class Cuts:
    def __init__(self, bench, seed):
        self.bench, self.router = bench, bench.router
        self.random = random.Random(seed)
        self.version = FIRST_VERSION
        self.said = ""  # in answer to the last one
        self.ordered = None  # an upgrade that is not answered yet: uid and version
        self.longest = 0
        self.cuts = dict.fromkeys(ACTS, 0)
        self.recoveries = 0  # from that many of them
        self.answers = {}

    def total(self):
        return sum(self.cuts.values())

    # Acts. Each begins with what the one before has led to, ALMS's state in short.

    def activation(self):
        if self.bench.system():
            self.bench.alms.do("deregister", self.bench.serial)
            self.router.wait_status(lambda s: s["lifecycle"]["state"] == "UNREGISTERED", RECOVERY_SECONDS, "deregistered")
        self.bench.register()
        self.bench.order_term()

    def renewal(self):
        self.bench.order_term(1)

    def suspension(self):
        self.bench.alms.do("suspend", self.bench.serial)

    def upgrade(self):
        version = NEXT_VERSION if self.version == FIRST_VERSION else FIRST_VERSION
        self.ordered = self.bench.order_version(version), version

    def choose(self):
        """A suspended router has to be renewed first, for nothing else reaches it."""
        if self.bench.system()["state"] == "SUSPENDED":
            return "renewal"
        return self.random.choices(list(ACTS), [weight for weight, _ in ACTS.values()])[0]

    # Cuts

    def cut(self, act, seconds):
        self.cuts[act] += 1
        time.sleep(seconds)
        self.router.stop()
        self.router.start()

    def one(self):
        """Raises BenchError or MachineError where it does not recover."""
        number = self.total() + 1
        act = self.choose()
        seconds = self.random.uniform(0, ACTS[act][1])
        again = self.random.random() < AGAIN_CHANCE
        self.said = ""
        getattr(self, act)()
        self.cut(act, seconds)
        if again:
            self.cut(act, self.random.uniform(0, AGAIN_SECONDS))
        began = time.monotonic()
        self.check_recovered()
        took = time.monotonic() - began
        self.longest = max(self.longest, took)
        self.recoveries = self.total()
        print(f"{number:3}: {act}, cut after {seconds:4.1f} s{' and while starting' if again else ''}: {self.words()}, "
              f"{took:.0f} s after the start", flush=True)  # fmt: skip

    def words(self):
        return f"{self.bench.system()['state']}, version {self.version}{self.said}"

    def check_recovered(self):
        intended = self.bench.system()
        if intended["state"] == "SUSPENDED":
            status = self.bench.wait_suspended(RECOVERY_SECONDS)
        else:
            status = self.bench.wait_in_service(RECOVERY_SECONDS)
            self.check_answer()
        self.bench.router.wait_status(lambda s: self.agrees(s, intended), RECOVERY_SECONDS, f"as ALMS has it: {intended}")
        self.check_undamaged(status)

    @staticmethod
    def agrees(status, intended):
        entitlement = status.get("entitlement", {})
        return (status["lifecycle"]["state"] == intended["state"] and entitlement.get("registration") == intended["registration"]
                and seconds_of(entitlement["valid_until"]) == intended["valid_until_s"])  # fmt: skip

    def check_answer(self):
        """An order that the power was cut off from is answered once, and the answer is true."""
        if not self.ordered:
            return
        uid, version = self.ordered
        answer = self.bench.answer(uid, ANSWER_SECONDS)
        self.said = f", answered {answer['status']} {answer['message']}"
        code = answer["message"].split(":")[0] if answer["status"] != "OK" else "OK"
        self.answers[code] = self.answers.get(code, 0) + 1
        if answer["status"] == "OK":
            self.version = version
        self.bench.wait_in_service(RECOVERY_SECONDS)
        if self.bench.version() != (self.version, self.version):
            raise BenchError(f"{self.bench.version()} runs after the answer {answer}")
        self.ordered = None

    def check_undamaged(self, status):
        events = self.router.run("oobmctl events")
        flash = self.router.run("dmesg | grep -i 'ext4-fs error' || true")
        if "storage_fault" in status or " store " in events or flash:
            raise BenchError(f"damage is told:\n{events}{flash}")


def run(count, seed, name="cuts"):
    """Whether the router recovered from every one of at least `count` cuts."""
    began = time.monotonic()
    with FlashBench(name, number=seed % 100_000 + 10) as bench:
        cuts = Cuts(bench, seed)
        try:
            bench.router.start()
            bench.router.install()
            bench.register()
            bench.order_term()
            bench.wait_in_service()
            while cuts.total() < count:
                cuts.one()
            recovered = True
        except (BenchError, MachineError) as error:
            print(f"did not recover, seed {seed}: {error}\n{bench.router.evidence()}")
            recovered = False
    by_act = ", ".join(f"{act} {number}" for act, number in cuts.cuts.items())
    answers = ", ".join(f"{code} {number}" for code, number in sorted(cuts.answers.items()))
    print(f"{cuts.total()} cuts ({by_act}), {cuts.recoveries} recoveries, the longest took {cuts.longest:.0f} s; "
          f"answers to upgrades: {answers or 'none'}; {time.monotonic() - began:.0f} s in all")  # fmt: skip
    return recovered


def main():
    parser = argparse.ArgumentParser(prog="./dev vm --cuts", description=__doc__.split("\n\n")[0])
    parser.add_argument("--cuts", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    return 0 if run(given.cuts, given.seed, f"cuts{given.seed}") else 1


if __name__ == "__main__":
    sys.exit(main())
