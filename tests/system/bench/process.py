"""Child processes of a bench: started with a log file, found to be ready by what they log, ended by their own pid."""

import os
import signal
import subprocess
import time
from pathlib import Path

STOP_SECONDS = 5
POLL_SECONDS = 0.02


class BenchError(Exception):
    """Something of the bench did not do what it was started for; the text says what, and where its log is."""


def tail(path, lines=15):
    """The last lines of a log, for an error message."""
    try:
        return "\n".join(Path(path).read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def wait_until(predicate, seconds, what):
    """Polls until predicate() gives something true and returns that. Raises BenchError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        result = predicate()
        if result:
            return result
        if time.monotonic() > deadline:
            raise BenchError(f"{what}: not within {seconds} s")
        time.sleep(POLL_SECONDS)


class Process:
    """One child. `prefix` is put before the command: ["ip", "netns", "exec", NAME] runs it in a network namespace.

    The child keeps the pid of the Popen as long as the prefix executes its command instead of forking, which
    `ip netns exec` and `nsenter` do.
    """

    def __init__(self, name, command, log_path, prefix=(), env=None):
        self.name = name
        self.command = [str(part) for part in (*prefix, *command)]
        self.log_path = Path(log_path)
        self.env = env
        self.child = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env)
        return self

    @property
    def pid(self):
        return self.child.pid

    def running(self):
        return self.child is not None and self.child.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def wait_for_log(self, text, seconds=10, after=0):
        """Waits until `text` stands in the log beyond octet `after`; raises BenchError when the child ends first."""

        def seen():
            if text in self.log()[after:]:
                return True
            if not self.running():
                raise BenchError(f"{self.name} ended with status {self.child.returncode}:\n{tail(self.log_path)}")
            return False

        try:
            wait_until(seen, seconds, f'{self.name}: "{text}" in {self.log_path}')
        except BenchError as error:
            raise BenchError(f"{error}\n{tail(self.log_path)}") from None
        return self

    def kill(self):
        """SIGKILL, as a loss of power would be."""
        self._end(signal.SIGKILL)

    def stop(self):
        """SIGTERM; SIGKILL when that is not heeded. Returns the exit status; None when it was never started."""
        return self._end(signal.SIGTERM)

    def _end(self, number):
        if self.child is None:
            return None
        if self.child.poll() is None:
            os.kill(self.child.pid, number)
            try:
                self.child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        return self.child.returncode

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
