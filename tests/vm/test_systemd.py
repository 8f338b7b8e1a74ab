"""The unit packaging/systemd/oobm.service under a real systemd: what it takes away is not missed, from the start at boot to an
upgrade by ALMS; and what ends badly is begun anew.
"""

import json
import time
import unittest

from flash_bench import SERVICE_SECONDS, FlashBench
from flash_router import NEXT_VERSION
from systemd_router import SystemdRouter

UPGRADE_SECONDS = 600
FEED_SECONDS = 120  # the daemon gives a sign of life each minute
WATCHDOG_SECONDS = 20
STOP_SECONDS = 40  # TimeoutStopSec= of the unit
# Character devices that may be opened from inside: ttyUSB, ttyACM, ttyS, ppp. And some that may not: memory, input, a tape.
ALLOWED = ("188 0", "166 0", "4 70", "108 0")
FORBIDDEN = ("1 1", "13 63", "9 0")


class Systemd(unittest.TestCase):
    """One machine for all cases, which follow each other by name: each begins in service, and but for the last leaves it so."""

    @classmethod
    def setUpClass(cls):
        cls.bench = cls.enterClassContext(FlashBench("systemd", number=3, router=SystemdRouter))
        cls.router = cls.bench.router
        cls.bench.register()
        cls.bench.order_term()
        began = time.monotonic()
        cls.router.start()
        print(f"\nmulti-user after {time.monotonic() - began:.1f} s")
        cls.bench.wait_in_service()
        print(f"in service after {time.monotonic() - began:.1f} s")

    def assert_serves(self):
        self.assertEqual(self.bench.diagnose()["status"], "OK")

    def daemon(self):
        """Its number; the monitor is the unit's main process."""
        found = [pid for pid, name, user in self.router.processes() if name == "oobmd" and user != 0]
        self.assertEqual(len(found), 1, self.router.processes())
        return found[0]

    def wait_restarted(self, count):
        self.router.wait_for(f"test $(systemctl show --property=NRestarts --value oobm) = {count} && systemctl is-active --quiet oobm",
                             SERVICE_SECONDS, f"restart {count}")  # fmt: skip

    def test_1_in_service_since_boot(self):
        status = self.router.run("systemctl status --no-pager oobm")
        self.assertIn("active (running)", status)
        self.assertIn("enabled", status)
        self.assertEqual(self.router.show("NRestarts"), "0")
        self.assertEqual(self.router.run("systemctl --failed --plain --no-legend"), "")
        main = int(self.router.show("MainPID"))
        self.assertNotEqual(self.daemon(), main)
        self.assertIn((main, "oobmd", 0), self.router.processes())
        self.assertIn(("pppd", 0), [(name, user) for _, name, user in self.router.processes()])
        self.assert_serves()

    def test_2_devices_whose_driver_comes_later(self):
        """systemd looks the names of devices up once, when a service starts; ppp's driver (/modules/late) was loaded after that."""
        outcomes = dict(line.split(":") for line in self.router.run(f"""
            mkdir -p /run/probe && mount -t tmpfs -o dev tmpfs /run/probe
            for device in {" ".join(f"'{device}'" for device in ALLOWED + FORBIDDEN)}; do
              mknod "/run/probe/$device" c $device
              dash -c 'echo $$ >/sys/fs/cgroup/system.slice/oobm.service/cgroup.procs; exec 3<>"$1"' dash "/run/probe/$device" 2>&1 |
                grep -q 'not permitted' && echo "$device:no" || echo "$device:yes"
            done
            umount /run/probe""").splitlines())  # fmt: skip
        self.assertEqual(outcomes, {**dict.fromkeys(ALLOWED, "yes"), **dict.fromkeys(FORBIDDEN, "no")})

    def test_3_an_upgrade(self):
        uid = self.bench.order_version(NEXT_VERSION)
        ack = self.bench.answer(uid, UPGRADE_SECONDS)
        self.assertEqual(ack["status"], "OK", ack)
        self.assertEqual(json.loads(self.router.run("oobmctl version --json"))["oobmd"], NEXT_VERSION)
        self.assert_serves()
        begun = self.router.run("journalctl --no-pager --quiet _PID=1 | grep 'Started run-.*install-work' || true").splitlines()
        self.assertEqual(len(begun), 1, f"one process installs, in a unit of its own: {begun}")

    def test_4_the_watchdog_is_fed(self):
        def fed():
            return int(self.router.show("WatchdogTimestampMonotonic")) > int(self.router.show("ActiveEnterTimestampMonotonic"))

        deadline = time.monotonic() + FEED_SECONDS
        while not fed():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(1)

    def test_5_the_daemon_is_killed(self):
        self.router.drop_in("stricter", "")  # from here on what ships, as it is
        began = time.monotonic()
        self.router.run(f"kill -9 {self.daemon()}")
        self.wait_restarted(1)
        self.bench.wait_in_service()
        print(f"in service again after {time.monotonic() - began:.1f} s")
        self.assert_serves()
        self.assertIn("abnormal_exit", self.router.run("oobmctl events"))

    def test_6_the_monitor_is_killed_and_the_next_one_hangs(self):
        self.router.drop_in("watchdog", f"[Service]\nWatchdogSec={WATCHDOG_SECONDS}\n")
        daemon = self.daemon()
        self.router.run(f"kill -9 {self.router.show('MainPID')}")
        self.wait_restarted(2)
        self.assertNotEqual(self.daemon(), daemon)
        self.router.run(f"kill -STOP {self.router.show('MainPID')}")
        self.router.wait_for("test $(systemctl show --property=SubState --value oobm) = auto-restart", 3 * WATCHDOG_SECONDS, "its end")
        self.assertEqual(self.router.show("Result"), "watchdog")
        self.router.drop_in("watchdog", "")
        self.wait_restarted(3)
        self.bench.wait_in_service()
        self.assert_serves()

    def test_7_the_end(self):
        self.assertNotEqual(self.router.bearer_remains(), "", "while it is up, there is something to be found")
        began = time.monotonic()
        self.router.run("systemctl stop oobm")
        took = time.monotonic() - began
        print(f"stopped after {took:.1f} s")
        self.assertLess(took, STOP_SECONDS)
        self.assertEqual(self.router.show("Result"), "success")
        self.assertEqual(self.router.processes(), [])
        self.assertEqual(self.router.bearer_remains(), "")
        self.assertNotEqual(self.router.run("ls /run/oobm/tickets"), "", "TLS tickets outlive the process")

    def test_8_nothing_was_refused(self):
        journal = self.router.journal("--unit=oobm.service")
        self.assertIn("event=started", journal)
        for word in ("ermission denied", "not permitted", "EPERM", "status=31/SYS", "level=warning", "level=error"):
            self.assertNotIn(word, journal)
        self.assertNotIn("type=1326", self.router.journal("--dmesg"), "a system call that ended its caller")


if __name__ == "__main__":
    unittest.main()
