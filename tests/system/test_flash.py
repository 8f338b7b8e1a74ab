"""A flash that is full or read-only: service goes on from memory, the technician is told, and nothing valid is destroyed."""

import json
import subprocess
import unittest

import test_agent

SIZE = "256k"


class Flash(test_agent.Bench):
    def router_on_small_flash(self):
        router = self.router(start=False)
        state = router.folder / "state"
        state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", state], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", state], check=False)
        self.addCleanup(router.stop)
        return self.activate(router.start()), state

    def remount(self, state, mode):
        subprocess.run(["mount", "-o", f"remount,{mode}", state], check=True)

    def stored(self, state):
        return max((file.read_text() for file in state.glob("state-?.json")), key=lambda t: json.loads(t.splitlines()[0])["generation"])

    def assert_goes_on_from_memory(self, router, state, before):
        self.assert_serves(router)
        status = router.wait_status(lambda s: "storage_fault" in s, test_agent.SOON, "told of the flash")
        self.assertTrue(status["in_service"])
        self.assertIn("NOT STORED", router.ctl("status").stdout)
        self.assertIn("STORAGE_FAULT", router.ctl("doctor").stdout)
        self.assertEqual(self.stored(state), before)
        # What could not be noted as begun is not begun.
        uid = self.alms.do("command", router.identity.serial, "oobm.reboot")["uid"]
        self.assert_error(self.ack(uid, router), "FAILED")

    def assert_works_again(self, router):
        self.assert_serves(router)
        router.wait_status(lambda s: "storage_fault" not in s, test_agent.SOON, "stored again")
        router.agent.kill()
        router.start_agent()
        router.wait_status(lambda s: s["lifecycle"]["state"] == "ACTIVE" and s["in_service"], test_agent.SOON, "back")

    def test_a_full_flash(self):
        router, state = self.router_on_small_flash()
        ballast = state / "ballast"
        before = self.stored(state)
        with ballast.open("wb", buffering=0) as file, self.assertRaises(OSError):
            while True:
                file.write(b"x" * 512)
        self.assert_goes_on_from_memory(router, state, before)
        ballast.unlink()
        self.assert_works_again(router)

    def test_a_read_only_flash(self):
        router, state = self.router_on_small_flash()
        before = self.stored(state)
        self.remount(state, "ro")
        self.assert_goes_on_from_memory(router, state, before)
        self.remount(state, "rw")
        self.assert_works_again(router)

    def test_a_torn_flash_is_told_and_what_is_whole_is_used(self):
        router, state = self.router_on_small_flash()
        router.agent.kill()
        newest = max(state.glob("state-?.json"), key=lambda f: json.loads(f.read_text().splitlines()[0])["generation"])
        torn = newest.read_text()[:-200]
        newest.write_text(torn)
        router.start_agent()
        router.wait_status(lambda s: s["lifecycle"]["state"] == "ACTIVE", test_agent.SOON, "its subscription")
        self.assertTrue(any(e["event"] == "store" for e in router.events()))


if __name__ == "__main__":
    unittest.main()
