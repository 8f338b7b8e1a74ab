"""The life of a router in a virtual machine, from cold boot to an upgrade by ALMS: ./dev vm.

The agent is what ships, cross-built, installed from its packages by their own scripts and started by its own init script,
under a real aarch64 kernel with a flash that survives a loss of power. Broker and ALMS are outside. Exit status 0 only when
everything that was checked held.
"""

import sys
import time

from bench.process import BenchError
from demo import Story
from flash_bench import FIRST_VERSION, FlashBench
from flash_router import NEXT_VERSION
from machine import MachineError

UPGRADE_SECONDS = 600  # fetching, two restarts, two dial-ups
SUSPEND_SECONDS = 120


class VmStory:
    def __init__(self, bench, story):
        self.bench, self.story, self.router = bench, story, bench.router

    def technician(self, command, lines=None):
        output = self.router.run(f"{command}; test $? -le 1")
        self.story.show(f"{command}    # in the machine", "\n".join(output.splitlines()[:lines]))
        return output

    def tell(self):
        self.installation()
        self.activation()
        self.suspension()
        self.renewal()
        self.power_cut()
        self.upgrade()

    def installation(self):
        self.story.say("A router is switched on for the first time: aarch64 kernel, empty flash, no agent.")
        self.router.start()
        self.story.show("opkg install /packages/*.ipk    # in the machine", self.router.install())
        self.technician("df -k /usr")
        confined = self.bench.confinement()
        self.story.check("the daemon runs as a user of its own", confined.get("Uid", "0").split()[0] != "0", confined)
        self.story.check("without capabilities", int(confined.get("CapPrm", "1"), 16) == 0)
        self.story.check("bound to its list of system calls", confined.get("Seccomp") == "2", confined.get("Seccomp"))

    def activation(self):
        self.story.say("It is switched off. The operator registers it and a purchase order arrives; then it is switched on again.")
        self.router.run("sync")
        self.router.stop()
        self.bench.register()
        self.bench.order_term()
        began = time.monotonic()
        self.router.start()
        status = self.bench.wait_in_service()
        self.story.show("(cold boot)", f"kernel and control port after {self.router.machine.boot_seconds:.1f} s, in service after "
                                       f"{time.monotonic() - began:.1f} s")  # fmt: skip
        self.technician("oobmctl status", lines=3)
        self.story.check("ACTIVE over the OOBM link", status["link"]["uplink"] == "oobm" and status["lifecycle"]["state"] == "ACTIVE")
        ack = self.bench.diagnose()
        self.story.check("a command is carried out", ack["status"] == "OK", ack)
        sent = self.router.counters("wan0")[1]
        self.story.check("the main WAN has carried nothing", sent == 0, sent)

    def suspension(self):
        self.story.say("The operator suspends it.")
        self.bench.alms.do("suspend", self.bench.serial)
        status = self.bench.wait_suspended(SUSPEND_SECONDS)
        self.technician("oobmctl status", lines=3)
        self.story.check("SUSPENDED, and not in service", not status["in_service"])
        self.router.wait_for("! ip -o link show type ppp | grep -q .", SUSPEND_SECONDS, "the bearer goes down")
        self.story.check("it has left the OOBM network", True)

    def renewal(self):
        self.story.say("A purchase order for three years arrives, and the technician types one word.")
        self.bench.order_term(36)
        self.technician("oobmctl sync")
        status = self.bench.wait_in_service()
        self.technician("oobmctl status", lines=3)
        self.story.check("ACTIVE again", status["lifecycle"]["state"] == "ACTIVE", status["lifecycle"])

    def power_cut(self):
        self.story.say("The power fails while a further order is on its way.")
        self.bench.order_term(1)
        self.router.stop()
        self.router.start()
        status = self.bench.wait_in_service()
        self.technician("oobmctl status", lines=3)
        self.story.check("ACTIVE again, by itself", status["lifecycle"]["state"] == "ACTIVE", status["lifecycle"])
        events = self.router.run("oobmctl events")
        self.story.check("no damage to its state is told", "storage_fault" not in status and " store " not in events, events)

    def upgrade(self):
        self.story.say(f"ALMS orders version {NEXT_VERSION}.")
        self.story.check(f"{FIRST_VERSION} runs", self.bench.version() == (FIRST_VERSION, FIRST_VERSION), self.bench.version())
        began = time.monotonic()
        uid = self.bench.order_version(NEXT_VERSION)
        ack = self.bench.answer(uid, UPGRADE_SECONDS)
        self.story.show(f"(after {time.monotonic() - began:.0f} s)", f"{ack['status']} {ack['message']}")
        self.technician("oobmctl install")
        self.story.check("the new version answers ALMS", ack["status"] == "OK", ack)
        self.story.check(f"{NEXT_VERSION} runs and is installed", self.bench.version() == (NEXT_VERSION, NEXT_VERSION), self.bench.version())
        ack = self.bench.diagnose()
        self.story.check("it carries commands out", ack["status"] == "OK", ack)


def tell():
    story = Story()
    story.say("An ALMS instance starts: broker, alms-sim and a file server.")
    with FlashBench("story") as bench:
        try:
            VmStory(bench, story).tell()
        except (BenchError, MachineError) as error:
            story.check("the story went to its end", False, error)
            print(bench.router.evidence() if bench.router.machine.running() else bench.router.machine.report())
    return story.table()


if __name__ == "__main__":
    sys.exit(0 if tell() else 1)
