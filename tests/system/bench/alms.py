"""alms-sim under Python: the server of one instance, and its operator's verbs."""

import json
import os
import platform
import subprocess
from pathlib import Path

from .process import BenchError, Process

START_SECONDS = 20
VERB_SECONDS = 60


class Refused(BenchError):
    """ALMS said no; `code` is its reason."""

    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
        self.code = code


def build_dir():
    """Where the programs were built: OOBM_BUILD_DIR, which CTest sets."""
    return Path(os.environ.get("OOBM_BUILD_DIR", "build/debug"))


def program():
    """The alms-sim of this build."""
    return build_dir() / "tests" / "alms-sim" / "alms-sim"


class Alms:
    """One `alms-sim serve`, client of `broker`. `folder` gets state, control socket and log."""

    def __init__(self, folder, broker, sim_folder=None, prefix=(), options=(), address=None, executable=None):
        self.folder = Path(folder)
        self.control = self.folder / "control.sock"
        self.executable = executable or program()
        self.instance = broker.pki.instance
        self.folder.mkdir(parents=True, exist_ok=True)
        pki = broker.pki
        command = [self.executable, "serve", "--instance", self.instance, "--state", self.folder / "state",
                   "--broker", address or f"{broker.address}:{broker.port}", "--cafile", pki.ca, "--cert", pki.alms.cert,
                   "--key", pki.alms.key, "--control", self.control, *options]  # fmt: skip
        if sim_folder:
            command += ["--sim-dir", sim_folder]
        self.process = Process(f"alms-sim {self.instance}", command, self.folder / "alms-sim.log", prefix)

    def start(self):
        """Starts it and returns when it is connected to the broker."""
        logged = len(self.process.log())
        self.process.start()
        self.process.wait_for_log("connected to the broker", START_SECONDS, after=logged)
        return self

    def stop(self):
        return self.process.stop()

    def keys(self, out):
        """Makes the instance's keys, where missing, and writes the public part to `out`."""
        subprocess.run([self.executable, "keys-init", "--instance", self.instance, "--state", self.folder / "state",
                        "--out", out], check=True, timeout=VERB_SECONDS)  # fmt: skip
        return json.loads(Path(out).read_text())

    def sign_package(self, package, version, *options, architecture=platform.machine()):
        """Writes the signed manifest of a package beside it; its path."""
        command = [self.executable, "sign-package", package, "--instance", self.instance, "--state", self.folder / "state",
                   "--arch", architecture, "--version", version, *options]  # fmt: skip
        subprocess.run(list(map(str, command)), check=True, timeout=VERB_SECONDS)
        return Path(f"{package}.jws")

    def command_line(self, *arguments):
        """The verb as an operator types it."""
        return [str(part) for part in (self.executable, "--control", self.control, *arguments)]

    def do(self, *arguments):
        """Carries out a verb and returns its reply. Raises Refused."""
        done = subprocess.run(self.command_line("--json", *arguments), capture_output=True, text=True,
                              timeout=VERB_SECONDS, check=False)  # fmt: skip
        try:
            reply = json.loads(done.stdout)
        except ValueError:
            raise BenchError(f"alms-sim {' '.join(map(str, arguments))}: {done.stderr.strip()}") from None
        if isinstance(reply, dict) and "error" in reply:
            raise Refused(reply["error"]["code"], reply["error"]["text"])
        return reply

    def wait(self, serial, condition, timeout=15, fresh=False):
        """Waits until `condition` holds for the router; raises Refused with code TIMEOUT."""
        extra = ["--fresh"] if fresh else []
        return self.do("wait", serial, condition, "--timeout", timeout, *extra)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
