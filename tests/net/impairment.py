"""The OOBM link of a router as a bad link: two TUN devices with the impairer (tests/net/impairer) between them."""

import json
import socket

from bench.alms import build_dir
from bench.network import OOBM, ip
from bench.process import BenchError, Process

REPLY_SECONDS = 10


class Impairment:
    """`attachment` is a router's place whose OOBM interface is still to be made; `seed` decides about each packet."""

    def __init__(self, attachment, folder, seed, settings="", script=None, max_seconds=7200):
        self.attachment = attachment
        self.socket = folder / "impairer.sock"
        folder.mkdir(parents=True, exist_ok=True)
        command = [build_dir() / "tests/net/impairer", "--near", f"/run/netns/{attachment.namespace}:{OOBM}",
                   "--far", f"/run/netns/{attachment.cloud}:{attachment.far_oobm}", "--control", self.socket,
                   "--seed", seed, "--max-seconds", max_seconds, "--set", settings]  # fmt: skip
        if script:
            command += ["--script", script]
        self.process = Process(f"impairer {attachment.namespace}", command, folder / "impairer.log")

    def start(self):
        logged = len(self.process.log())
        self.process.start()
        self.process.wait_for_log("ready", REPLY_SECONDS, after=logged)
        far, cloud = self.attachment.far_oobm, self.attachment.cloud
        ip("addr", "add", f"{self.attachment.oobm_gateway}/30", "dev", far, within=cloud)
        ip("link", "set", far, "up", within=cloud)
        return self

    def stop(self):
        return self.process.stop()

    def _ask(self, line):
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(REPLY_SECONDS)
            control.connect(str(self.socket))
            control.sendall(line.encode() + b"\n")
            reply = b"".join(iter(lambda: control.recv(4096), b"")).decode().strip()
        if reply.startswith("error"):
            raise BenchError(f"{self.process.name}: {line}: {reply}")
        return reply

    def set(self, words):
        """Settings from now on, such as "loss=30 delay=500"; "clear" sets all back (impairer/settings.hpp)."""
        self._ask(f"set {words}")

    def remove_interface(self):
        """The router's OOBM interface is gone, as when its module restarts."""
        self._ask("near remove")

    def make_interface(self):
        """It is there again: down, without an address, with another number."""
        self._ask("near make")

    def counts(self):
        return json.loads(self._ask("counts"))

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
