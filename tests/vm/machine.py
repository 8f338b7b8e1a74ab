"""A virtual machine under QEMU: Debian's generic arm64 kernel and an Image, an emulated Cortex-A53 with 256 MB.

Commands run inside through a serial port of their own; the console goes to a file, whole. Everything that is waited for
has a limit, and the emulator dies with the process that started it, so that no machine is left behind.
"""

import base64
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

EMULATOR = "qemu-system-aarch64"
MEMORY_MB = 256
START_SECONDS = 120  # until init serves the control port
RUN_SECONDS = 60
STOP_SECONDS = 10
CONSOLE_LINES = 40  # shown when something fails
POLL_SECONDS = 0.05


class MachineError(Exception):
    """The machine did not start, did not answer, or a command in it failed; the text has the end of its console."""


class Machine:
    """`networks` are QEMU's -netdev descriptions ("user,net=..."), eth0 first; `disks` are raw images, /dev/vda first.
    `prefix` runs the emulator in a network namespace. A second start() after kill() is the same machine after a loss of
    power: disks keep what they hold, everything else begins anew.
    """

    def __init__(self, folder, kernel, image, networks=(), disks=(), prefix=()):
        self.folder = Path(folder)
        self.kernel, self.image = kernel, image
        self.networks, self.disks, self.prefix = networks, disks, prefix
        self.console = self.folder / "console.log"
        self.control_path = self.folder / "control"
        self.emulator = None
        self.control = None
        self.answers = b""
        self.number = 0
        self.console.unlink(missing_ok=True)
        self.boot_seconds = None  # from the emulator's start to init's first word
        self.counts_instructions = False  # from the next start on; an instruction is then a nanosecond of the machine's own time

    def start(self):
        if not shutil.which(EMULATOR):
            raise MachineError(f"{EMULATOR} is missing (package qemu-system-arm)")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.control_path.unlink(missing_ok=True)
        self.answers, self.number = b"", 0
        began = time.monotonic()
        with open(self.folder / "emulator.log", "ab") as log:
            self.emulator = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.control = self._connect(began + START_SECONDS)
            self._answer(0, began + START_SECONDS, "start")
        except BaseException:
            self.kill()
            raise
        self.boot_seconds = time.monotonic() - began
        return self

    def _command(self):
        command = [*self.prefix, "setpriv", "--pdeathsig", "KILL", EMULATOR, "-M", "virt", "-cpu", "cortex-a53",
                   "-m", str(MEMORY_MB), "-accel", "tcg", "-nodefaults", "-no-reboot", "-display", "none",
                   "-monitor", "none", "-kernel", str(self.kernel), "-initrd", str(self.image),
                   "-append", "console=ttyAMA0 quiet panic=-1",
                   "-chardev", f"file,id=console,path={self.console},append=on", "-serial", "chardev:console",
                   "-device", "virtio-serial-pci", "-device", "virtio-rng-pci",
                   "-chardev", f"socket,id=control,path={self.control_path},server=on,wait=on",
                   "-device", "virtserialport,chardev=control,name=control"]  # fmt: skip
        if self.counts_instructions:
            command += ["-icount", "shift=0"]
        for number, network in enumerate(self.networks):
            command += ["-netdev", f"{network},id=net{number}", "-device", f"virtio-net-pci,netdev=net{number},romfile="]
        for number, disk in enumerate(self.disks):
            command += ["-drive", f"file={disk},format=raw,if=none,id=disk{number}",
                        "-device", f"virtio-blk-pci,drive=disk{number}"]  # fmt: skip
        return command

    def _connect(self, deadline):
        """The emulator waits for this connection before it starts the machine."""
        while True:
            self._check(deadline, "the emulator's control socket")
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(str(self.control_path))
                return connection
            except OSError:
                connection.close()
                time.sleep(POLL_SECONDS)

    def _check(self, deadline, what):
        if self.emulator is None or self.emulator.poll() is not None:
            raise MachineError(f"{what}: the emulator is not running\n{self.report()}")
        if time.monotonic() > deadline:
            raise MachineError(f"{what}: not in time\n{self.report()}")

    def report(self):
        """The end of the console, and where the whole one is."""
        lines = []
        for file in (self.folder / "emulator.log", self.console):
            if file.exists():
                lines += file.read_text(errors="replace").splitlines()[-CONSOLE_LINES:]
        return "\n".join([*lines, f"(the whole console: {self.console})"])

    def try_run(self, script, seconds=RUN_SECONDS):
        """Runs a shell script inside; returns (exit status, what it printed). Raises MachineError when it does not end."""
        self.number += 1
        deadline = time.monotonic() + seconds
        self.control.settimeout(seconds)
        self.control.sendall(f"{self.number} {base64.b64encode(script.encode()).decode()}\n".encode())
        return self._answer(self.number, deadline, script)

    def run(self, script, seconds=RUN_SECONDS):
        """What the script printed; a status other than 0 raises MachineError."""
        status, output = self.try_run(script, seconds)
        if status != 0:
            raise MachineError(f"{script}: status {status}\n{output}\n{self.report()}")
        return output

    def _answer(self, number, deadline, what):
        while b"\n" not in self.answers:
            self._check(deadline, what)
            self.control.settimeout(max(POLL_SECONDS, deadline - time.monotonic()))
            try:
                data = self.control.recv(65536)
            except TimeoutError:
                continue
            if not data:
                self.emulator.wait(STOP_SECONDS)
            self.answers += data
        line, _, self.answers = self.answers.partition(b"\n")
        said, status, output = (line + b" ").split(b" ", 2)
        if int(said) != number:
            raise MachineError(f"{what}: answer {said!r} instead of {number}\n{self.report()}")
        return int(status), base64.b64decode(output).decode(errors="replace")

    def wait_for(self, script, seconds, what):
        """Repeats the script until its status is 0, and returns what it printed then."""
        deadline = time.monotonic() + seconds
        while True:
            status, output = self.try_run(script)
            if status == 0:
                return output
            if time.monotonic() > deadline:
                raise MachineError(f"{what}: not within {seconds} s\n{output}\n{self.report()}")
            time.sleep(POLL_SECONDS * 4)

    def running(self):
        return self.emulator is not None and self.emulator.poll() is None

    def kill(self):
        """As when the power fails."""
        if self.running():
            os.kill(self.emulator.pid, signal.SIGKILL)
            self.emulator.wait()
        if self.control:
            self.control.close()
            self.control = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
