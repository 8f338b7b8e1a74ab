"""A router of the bench: a network namespace with a module (modem-sim), a board (the bench helper) and the agent.

The agent is the program that ships, with its shipped catalogue; only its instance data name the bench's brokers.
"""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .alms import build_dir
from .process import BenchError, Process, wait_until

TREE = Path(__file__).resolve().parents[3]
STATUS_SECONDS = 20
# Whom the daemon becomes: numbers, so that nobody has to make an account.
USER, GROUP = 977, 978


class Agent(Process):
    """The program that was started is the monitor; the daemon is its child, and ends with it."""

    @property
    def daemon_pid(self):
        """The daemon's process; None when there is none."""
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and self._is_daemon(folder):
                return int(folder.name)
        return None

    def _is_daemon(self, folder):
        try:
            state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            leader = os.getsid(int(folder.name)) == int(folder.name)  # unlike helpers that the monitor runs
        except (OSError, ValueError):
            return False
        return int(parent) == self.pid and state not in "ZX" and leader

    def kill(self):
        daemon = self.daemon_pid if self.running() else None
        super().kill()
        if daemon:
            wait_until(lambda: not Path(f"/proc/{daemon}").exists(), STATUS_SECONDS, f"{self.name}: the end of its daemon")


@dataclass(frozen=True)
class Identity:
    """Factory data of a router, as its label has them."""

    serial: str
    sku: str
    imei: str
    iccid: str
    model: str
    firmware: str = "4.0.1"
    region: str = ""


class Router:
    """`attachment` is its place in a Network; `pki` signs its certificate (an InstancePki)."""

    def __init__(self, folder, identity, attachment, pki, instances_file, sim_folder, instance=None, settings=None):
        self.folder = Path(folder)
        self.identity = identity
        self.attachment = attachment
        self.socket = self.folder / "run" / "control.sock"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write_board()
        self._write_config(pki, instances_file, instance, settings or {})
        self.modem = Process(f"modem-sim {identity.serial}", self._modem_command(sim_folder),
                             self.folder / "modem.log", attachment.prefix)  # fmt: skip
        self.agent = self.make_agent()

    def make_agent(self, wrapper=()):
        """The daemon as a process; `wrapper` is a command that runs it."""
        return Agent(f"oobmd {self.identity.serial}", [*wrapper, program("oobmd"), "--config", self.config_path],
                     self.folder / "oobmd.log", self.attachment.prefix)  # fmt: skip

    @property
    def config_path(self):
        return self.folder / "oobm.json"

    @property
    def modem_socket(self):
        return self.folder / "modem.sock"

    def _write_board(self):
        lines = dict(serial=self.identity.serial, sku=self.identity.sku, imei=self.identity.imei, model=self.identity.model,
                     firmware=self.identity.firmware, region=self.identity.region, led_file=self.folder / "led",
                     reboot_marker=self.folder / "reboots", **self.attachment.board())  # fmt: skip
        board = "".join(f"{key}={value}\n" for key, value in lines.items() if value != "")
        (self.folder / "board").write_text(board)

    def _write_config(self, pki, instances_file, instance, settings):
        pair = pki.router(self.identity.serial)
        config = {
            "instances": str(instances_file),
            "catalogue": [str(TREE / "agent/data/catalogue.json")],
            "user": f"{USER}:{GROUP}",
            "state_dir": "state",
            "run_dir": "run",
            "board_helper": {"path": str(TREE / "hal/board/helpers/bench"),
                             "env": {"OOBM_BENCH_BOARD": str(self.folder / "board")}},
            "radio": {"port": "modem", "poll_s": 30},
            "identity": {"certificate": str(pair.cert), "key": str(pair.key)},
            **settings,
        }  # fmt: skip
        if instance:
            config["instance"] = instance
        self.config_path.write_text(json.dumps(config, indent=2))

    def _modem_command(self, sim_folder):
        return [build_dir() / "tests/modem-sim/modem-sim", "--imei", self.identity.imei, "--iccid", self.identity.iccid,
                "--link", self.folder / "modem", "--socket", self.modem_socket, "--speed", 4,
                "--sim-file", Path(sim_folder) / f"{self.identity.iccid}.sim", "--max-seconds", 900]  # fmt: skip

    def start(self):
        self.modem.start()
        self.modem.wait_for_log("port=")
        self.start_agent()
        return self

    def start_agent(self, wrapper=()):
        """Starts the daemon and returns when it answers on its control socket."""
        self.agent = self.make_agent(wrapper)
        self.agent.start()
        wait_until(self._answers, STATUS_SECONDS, f"{self.agent.name}: an answer on {self.socket}")
        return self

    def _answers(self):
        if not self.agent.running():
            raise BenchError(f"{self.agent.name} ended with status {self.agent.child.returncode}:\n{self.agent.log()[-2000:]}")
        return self.ctl("status", "--json", check=False).returncode in (0, 1)

    def stop(self):
        """The daemon's exit status."""
        status = self.agent.stop()
        self.modem.stop()
        return status

    def ctl_command(self, *arguments):
        """As the technician types it, but for the socket's place."""
        return [str(part) for part in (program("oobmctl"), "--socket", self.socket, *arguments)]

    def ctl(self, *arguments, check=True):
        done = subprocess.run(self.ctl_command(*arguments), capture_output=True, text=True, timeout=60, check=False)
        if check and done.returncode not in (0, 1):
            raise BenchError(f"oobmctl {' '.join(arguments)}: {done.stderr.strip()}")
        return done

    def status(self):
        return json.loads(self.ctl("status", "--json").stdout)

    def events(self):
        """All events that the daemon still holds."""
        return [json.loads(line) for line in self.ctl("events", "--json").stdout.splitlines()]

    def wait_status(self, predicate, seconds, what):
        """The first status for which the predicate holds."""

        def seen():
            status = self.status()
            return status if predicate(status) else None

        return wait_until(seen, seconds, f"{self.identity.serial}: {what}")

    def wait_lifecycle(self, state, seconds=30):
        return self.wait_status(lambda s: s["lifecycle"]["state"] == state, seconds, f"lifecycle {state}")

    def modem_ctl(self, *words):
        subprocess.run([build_dir() / "tests/modem-sim/modem-sim", "ctl", "--socket", self.modem_socket, *words],
                       check=True, capture_output=True, timeout=10)  # fmt: skip


def program(name):
    """A program of this build."""
    override = os.environ.get("OOBM_AGENT_DIR")
    return (Path(override) if override else build_dir() / "agent/daemon") / name
