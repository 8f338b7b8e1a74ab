"""What the daemon may do and may not, seen from outside: its user, its rights, its files, and how its ends are told. That
its list of system calls has everything that it needs is shown by every other system test, since all run under it."""

import json
import os
import signal
import stat
import unittest
from pathlib import Path

from bench.process import wait_until
from bench.router import GROUP, USER
from test_agent import SOON, Bench

OPEN_TO_ALL = 0o777
ONE_MIB = 1024 * 1024
MEMORY_CEILING = 96 * ONE_MIB
STOP_SECONDS = 40  # what a service manager gives it


def status_of(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def mode(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


def descriptors(pid):
    """{number: what it is} of a process."""
    return {int(fd.name): os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()}


class Confinement(Bench):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.served = cls.active_router()

    def test_the_daemon_is_nobody_and_can_become_nobody_else(self):
        shown = status_of(self.served.agent.daemon_pid)
        self.assertEqual(shown["Uid"].split(), [str(USER)] * 4)
        self.assertEqual(shown["Gid"].split(), [str(GROUP)] * 4)
        self.assertNotIn("0", shown["Groups"].split())
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(shown[name], 16), 0, name)
        self.assertEqual((shown["NoNewPrivs"], shown["Seccomp"]), ("1", "2"))
        self.assertIn('event=confined uid=977 system_calls=on', self.served.agent.log())

    def test_its_threads_are_bound_as_it_is(self):
        for task in Path(f"/proc/{self.served.agent.daemon_pid}/task").iterdir():
            self.assertEqual(status_of(f"{self.served.agent.daemon_pid}/task/{task.name}")["Seccomp"], "2", task)

    def test_the_monitor_is_small_and_alone_root(self):
        shown = status_of(self.served.agent.pid)
        self.assertEqual(shown["Uid"].split(), ["0"] * 4)
        self.assertEqual(shown["Threads"], "1")
        kinds = sorted(what.split(":")[0] for number, what in descriptors(self.served.agent.pid).items() if number > 2)
        self.assertEqual(kinds, ["anon_inode", "socket"], "signals and the daemon, and nothing else")

    def test_its_memory_reaches_no_disk(self):
        limits = Path(f"/proc/{self.served.agent.daemon_pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        # What is not dumpable belongs to root in /proc, and nobody of its own user can look at it.
        self.assertEqual(Path(f"/proc/{self.served.agent.daemon_pid}/mem").stat().st_uid, 0)

    def test_it_holds_only_descriptors_of_its_work(self):
        allowed = ("socket:", "pipe:", "anon_inode:", "/dev/pts/", "/dev/null", "/tmp/oobm-bench-")
        for number, what in descriptors(self.served.agent.daemon_pid).items():
            self.assertTrue(what.startswith(allowed), f"{number}: {what}")

    def test_its_files_are_its_own_and_closed(self):
        state = self.served.folder / "state"
        self.assertEqual(mode(state), 0o700)
        for path in (state, *state.rglob("*")):
            info = path.lstat()
            self.assertEqual((info.st_uid, info.st_gid), (USER, GROUP), path)
            self.assertEqual(stat.S_IMODE(info.st_mode) & 0o077, 0, path)
        self.assertEqual(mode(self.served.folder / "run"), 0o755)
        for path in (self.served.folder / "run").iterdir():
            if path != self.served.socket:
                self.assertEqual(mode(path) & 0o077, 0, path)

    def test_the_control_socket_is_for_root_and_its_group(self):
        info = self.served.socket.stat()
        self.assertEqual((info.st_uid, info.st_gid, stat.S_IMODE(info.st_mode)), (USER, GROUP, 0o660))


class Ends(Bench):
    def end_in_order(self, router):
        """As a service manager stops it."""
        os.kill(router.agent.pid, signal.SIGTERM)
        wait_until(lambda: not router.agent.running(), STOP_SECONDS, "the end")
        self.assertEqual(router.agent.child.returncode, 0)

    def exits_reported(self, router):
        data = self.alms.do("show", router.identity.serial)
        return "oobm.exit_cause" in json.dumps(data)

    def test_a_crash_is_written_down_and_told_to_technician_and_alms(self):
        router = self.active_router()
        self.crash(router)
        self.assertEqual(router.agent.child.returncode, -signal.SIGSEGV, "as its service manager sees it")
        record = json.loads((router.folder / "state/exit.json").read_text())
        self.assertEqual((record["cause"], record["number"], record["in_a_row"]), ("signal", 11, 1))
        router.start_agent()
        told = [event for event in router.events() if event["event"] == "abnormal_exit"]
        self.assertEqual(len(told), 1)
        self.assertIn("signal 11", told[0]["text"])
        router.wait_status(lambda s: s["in_service"] and s["outbox_items"] == 0, SOON, "reported")
        wait_until(lambda: self.exits_reported(router), SOON, "the report at ALMS")
        router.agent.kill()  # of both at once nobody is left to tell
        router.start_agent()
        self.assertNotIn("abnormal_exit", [event["event"] for event in router.events()])
        self.end_in_order(router)
        self.assertFalse((router.folder / "state/exit.json").exists(), "an end in order ends the row")

    def crash(self, router):
        os.kill(router.agent.daemon_pid, signal.SIGSEGV)
        wait_until(lambda: not router.agent.running(), SOON, "the end of the monitor")

    def test_a_row_of_crashes_waits_aloud_and_a_restart_by_hand_does_not(self):
        router = self.active_router()
        self.crash(router)
        router.start_agent()  # after the first at once
        self.crash(router)
        router.agent.start()
        wait_until(lambda: "WAITING_AFTER_CRASH" in router.ctl("status", check=False).stderr, SOON, "the word of it")
        told = router.ctl("status", "--json", check=False)
        self.assertEqual((told.returncode, json.loads(told.stdout)["code"]), (3, "WAITING_AFTER_CRASH"))
        self.assertLessEqual(json.loads(told.stdout)["left_s"], 10)
        self.assertRegex(router.agent.log(), r"event=waiting_after_crash because=.*signal 11.* in_a_row=2 wait_s=10 until=")
        os.kill(router.agent.pid, signal.SIGTERM)
        wait_until(lambda: not router.agent.running(), SOON, "the end in the pause")
        router.start_agent()
        self.assertEqual(router.agent.log().count("event=waiting_after_crash"), 1)
        told = [event for event in router.events() if event["event"] == "abnormal_exit"]
        self.assertIn("the 2. time in a row", told[0]["text"], "what nobody had been told yet is told")

    def test_want_of_memory_is_an_end_that_counts(self):
        self.assertRegex(
            Path(f"/proc/{self.active_router().agent.daemon_pid}/limits").read_text(), rf"Max data size +{MEMORY_CEILING} +{MEMORY_CEILING} "
        )
        router = self.router(start=False)
        for count in (1, 2):
            # Not even its threads' stacks fit. A bound that is there already is not widened.
            router.agent = router.make_agent(("prlimit", f"--data={4 * ONE_MIB}:{4 * ONE_MIB}"))
            router.agent.start()
            wait_until(lambda: not router.agent.running(), SOON, "the end")
            record = json.loads((router.folder / "state/exit.json").read_text())
            self.assertEqual((record["cause"], record["number"], record["in_a_row"]), ("signal", signal.SIGABRT, count))
        router.agent.start()
        router.agent.wait_for_log("event=waiting_after_crash", SOON)

    def test_nobody_may_write_what_root_will_run(self):
        router = self.router(start=False)
        router.config_path.chmod(OPEN_TO_ALL)
        router.agent.start()
        wait_until(lambda: not router.agent.running(), SOON, "refused")
        self.assertEqual(router.agent.child.returncode, 1)
        self.assertIn("says what root runs", router.agent.log())

    def test_a_user_that_does_not_exist_is_an_error_and_not_root(self):
        router = self.router(start=False, settings={"user": "nobody-of-this-name"})
        router.agent.start()
        wait_until(lambda: not router.agent.running(), SOON, "refused")
        self.assertEqual(router.agent.child.returncode, 1)
        self.assertIn('there is no user "nobody-of-this-name"', router.agent.log())

    def test_what_a_version_that_was_root_left_behind_is_taken_over(self):
        router = self.active_router()
        self.end_in_order(router)
        for path in (router.folder / "state", *(router.folder / "state").rglob("*"), router.folder / "run"):
            os.chown(path, 0, 0)
        router.start_agent()
        status = router.wait_status(lambda s: s["in_service"], SOON, "in service again")
        self.assertEqual(status["lifecycle"]["state"], "ACTIVE")
        for path in (router.folder / "state").rglob("*"):
            self.assertEqual(path.lstat().st_uid, USER, path)


if __name__ == "__main__":
    unittest.main()
