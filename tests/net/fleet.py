"""Routers of a bench whose OOBM link is an impaired one, and what their agents cost while the link does its worst."""

import json
import os
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bench.network import ALMS_ADDRESS, NAME_SERVER
from bench.played_router import imei
from bench.process import BenchError
from bench.router import Identity
from impairment import Impairment
from watch import Watch

COMPLETE = "AirLink Complete (XR80)"
POLL_SECONDS = 0.5
REPLY_SECONDS = 10
# alms-sim serves one verb after the other; waiting for a condition would keep the others out.
ALMS_TURN = threading.Semaphore(4)
MAIN_WAN_FORBIDDEN = {"uplinks": {"main_wan_registration": False, "main_wan_service": False}}
# Whom a router may talk to at all.
ALLOWED = {(ALMS_ADDRESS["na"], "8883"), (NAME_SERVER, "53"), (NAME_SERVER, "0")}  # 0: "no such port", to a late answer


@dataclass
class Cost:
    """What a process has used and holds (proc(5))."""

    cpu_seconds: float
    descriptors: int
    resident_kib: int

    @classmethod
    def of(cls, pid):
        stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks = int(stat[11]) + int(stat[12])
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return cls(ticks / os.sysconf("SC_CLK_TCK"), len(os.listdir(f"/proc/{pid}/fd")), pages * os.sysconf("SC_PAGE_SIZE") // 1024)


def identity(number, sku="XR80-NA-SAMPLE"):
    return Identity(serial=f"XR80F{number:05}", sku=sku, imei=imei(number), iccid=f"89148000001{number:08}", model="XR80")


class Member:
    """One router: agent, module, impaired OOBM link, and a watch over what leaves it."""

    def __init__(self, world, number, seed, sku="XR80-NA-SAMPLE", **options):
        self.world = world
        self.alms = world.instances["na"].alms
        who = identity(number, sku)
        self.router = world.add_router(f"f{number}", who, oobm=False, **options)
        self.serial = who.serial
        self.attachment = self.router.attachment
        self.link = Impairment(self.attachment, self.router.folder, seed)
        self.watch = Watch(self.attachment.prefix)
        self.sim_file = world.sim_folder / f"{who.iccid}.sim"

    def start(self):
        self.link.start()
        self.watch.start()
        self.router.start()
        return self

    def stop(self):
        self.router.stop()
        self.link.stop()

    def enter_service(self, seconds):
        """Registered and paid for before its first word; its card is active, so that it needs no main WAN."""
        who = self.router.identity
        self.alms.do("register", who.serial, who.imei, "--account", "acme", "--offer", COMPLETE, "--iccid", who.iccid)
        self.alms.do("purchase-order", who.serial, "--months", 12)
        self.sim_file.write_text("active\n")
        self.start()
        self.wait(lambda s: s["in_service"] and s["outbox_items"] == 0, seconds, "in service")

    def status(self):
        """None where nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(REPLY_SECONDS)
                control.connect(str(self.router.socket))
                control.sendall(b'{"cmd":"status"}\n')
                with control.makefile() as lines:
                    return json.loads(lines.readline())["status"]
        except (OSError, ValueError, KeyError):
            return None

    def sync(self):
        """The technician's word, which nobody has to heed."""
        self.router.ctl("sync", check=False)

    def wait(self, predicate, seconds, what, meanwhile=lambda: None):
        """The seconds it took; the bench's own routers poll too fast for many at once."""
        began = time.monotonic()
        status = None
        while time.monotonic() - began < seconds:
            status = self.status()
            if status and predicate(status):
                return time.monotonic() - began
            meanwhile()
            time.sleep(POLL_SECONDS)
        link = (status or {}).get("link")
        raise BenchError(f"{self.serial}: {what}: not within {seconds} s; {link}\n{self.router.agent.log()[-2000:]}")

    def serves(self, seconds, meanwhile=lambda: None):
        """Raises unless a command comes through and is acknowledged in time."""
        with ALMS_TURN:
            uid = self.alms.do("command", self.serial, "oobm.diagnose")["uid"]
        end = time.monotonic() + seconds
        while True:
            with ALMS_TURN:
                tasks = self.alms.do("tasks")
            acks = [ack for task in tasks if task["uid"] == uid for ack in task["acks"]]
            if acks and acks[0]["status"] == "OK":
                return
            if acks or time.monotonic() > end:
                raise BenchError(f"{self.serial}: a command was not carried out within {seconds} s: {acks}")
            meanwhile()
            time.sleep(2 * POLL_SECONDS)

    def cost(self):
        return Cost.of(self.router.agent.daemon_pid)
