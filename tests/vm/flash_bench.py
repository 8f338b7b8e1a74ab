"""A bench around one router, a FlashRouter unless told otherwise: broker, ALMS and a file server with the agent's packages
outside of the machine, and the acts of operator and technician that the story, the power cuts, the measurements and the test
under systemd share.
"""

import contextlib
import datetime
import json
import os
import shutil
import sys
import time
from pathlib import Path

import bench.file_server
from bench.network import ALMS_ADDRESS, enter
from bench.played_router import imei
from bench.process import BenchError, Process, wait_until
from bench.router import Identity
from bench.world import FILE_PORT, World
from flash_router import FlashRouter, package
from router import TREE

OFFER = "AirLink Complete (XR80)"
ARCHITECTURE = "aarch64"
SERVICE_SECONDS = 300  # from anywhere to service, the agent's own pauses and a busy host included
FIRST_VERSION = "0.1.0"


def identity(number):
    return Identity(serial=f"XR80VM{number:06}", sku="XR80-NA-SAMPLE", imei=imei(number), iccid=f"89148000000{number:08}", model="XR80")


def folder(name):
    return Path(os.environ.get("OOBM_VM_FOLDER", TREE / "build/aarch64/vm")) / name


class FlashBench(contextlib.ExitStack):
    """Context manager. `name` keeps two of them on one machine apart."""

    def __init__(self, name, number=1, router=FlashRouter):
        super().__init__()
        self.name, self.who, self.kind = name, identity(number), router
        self.serial = self.who.serial

    def __enter__(self):
        super().__enter__()
        try:
            self.world = self.enter_context(World(label=f"vm-{self.name}"))
            self.instance = self.world.instances["na"]
            self.alms, self.broker = self.instance.alms, self.instance.broker
            self._serve_files()
            self.alms.do("account-add", "acme")
            self.router = self.kind(folder(self.name), self.who, self.world)
            self.callback(self.router.stop)
        except BaseException:
            self.close()
            raise
        return self

    def _serve_files(self):
        self.served = self.world.folder / "packages"
        self.served.mkdir()
        content, log = self.world.folder / "content", self.world.folder / "requests"
        content.write_bytes(b"")
        server = self.instance.pki.server
        command = [sys.executable, bench.file_server.__file__, ALMS_ADDRESS["na"], FILE_PORT, server.cert, server.key, content, log]
        process = Process("file server", command, self.world.folder / "file_server.log", enter(self.world.network.cloud))
        self.enter_context(process).wait_for_log("listening")

    # The operator

    def register(self):
        self.alms.do("register", self.serial, self.who.imei, "--account", "acme", "--offer", OFFER)

    def order_term(self, months=12):
        self.alms.do("purchase-order", self.serial, "--months", months)

    def order_version(self, version):
        """Orders the installation of this version, newer or older than what runs; the order's uid."""
        file = self.served / f"oobm-agent-{version}.ipk"
        shutil.copy(package("oobm-agent", version), file)
        options = ["--downgrade"] if version == FIRST_VERSION else []
        self.alms.sign_package(file, version, *options, architecture=ARCHITECTURE)
        address = f"https://{self.instance.pki.host}:{FILE_PORT}/{file.name}"
        return self.alms.do("swinstall", self.serial, "oobm-agent", version, address)["uid"]

    def acks(self, uid):
        return next(task for task in self.alms.do("tasks") if task["uid"] == uid)["acks"]

    def answer(self, uid, seconds):
        """The one acknowledgement of an order, which may take long."""

        def seen():
            time.sleep(1)
            return self.acks(uid)

        acks = wait_until(seen, seconds, f"the answer to {uid}")
        if len(acks) != 1:
            raise BenchError(f"{len(acks)} answers to one order: {acks}")
        return acks[0]

    def system(self):
        """What ALMS holds about the router's subscription; None when it is not registered."""
        return self.alms.do("show", self.serial).get("system")

    # What the router says

    def serves(self, status):
        return status["in_service"] and status["outbox_items"] == 0

    def wait_in_service(self, seconds=SERVICE_SECONDS):
        return self.router.wait_status(self.serves, seconds, "in service, and everything reported")

    def wait_suspended(self, seconds=SERVICE_SECONDS):
        def seen(status):
            return status["lifecycle"]["state"] == "SUSPENDED" and status["link"]["phase"] == "idle"

        return self.router.wait_status(seen, seconds, "suspended, and off the network")

    def diagnose(self):
        """The acknowledgement of a command that needs service."""
        uid = self.alms.do("command", self.serial, "oobm.diagnose")["uid"]
        return self.answer(uid, SERVICE_SECONDS)

    def version(self):
        """(what the daemon says that it is, what the package manager says is installed)"""
        daemon = json.loads(self.router.run("oobmctl version --json"))["oobmd"]
        installed = self.router.run("opkg status oobm-agent | sed -n 's/^Version: //p'").strip()
        return daemon, installed.partition("-")[0]

    def confinement(self):
        """/proc/PID/status of the daemon: the process whose name is oobmd and whose user is not root."""
        return dict(line.split(":\t", 1) for line in self.router.run("""
            for folder in /proc/[0-9]*; do
              [ "$(cat $folder/comm 2>/dev/null)" = oobmd ] && ! grep -q '^Uid:.0' $folder/status && cat $folder/status
            done
            true""").splitlines() if ":\t" in line)  # fmt: skip


def seconds_of(text):
    """Seconds since 1970 of a time as the status has it."""
    return int(datetime.datetime.fromisoformat(text).timestamp())

