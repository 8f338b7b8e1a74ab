"""The data allowance with real parts: bytes counted against the kernel's own counters, telemetry that waits when the
allowance is used up, and an ALMS that reaches the router all the same."""

import json
import unittest

from bench.network import OOBM, ip

import test_agent

SMALL = 4_000  # bytes beyond what is used already: a few tasks
LARGE = 250_000_000
COMMANDS = 40  # more than the small allowance can pay for


class Allowance(test_agent.Bench):
    def allow(self, router, limit):
        self.alms.do("purchase-order", router.identity.serial, "--months", 12, "--data-limit-bytes", limit)
        router.wait_status(lambda s: s["usage"].get("allowance_bytes") == limit, test_agent.SOON, "the new allowance")

    def telemetry_came(self, router):
        """When ALMS last received telemetry, by its own clock."""
        return self.alms.do("show", router.identity.serial)["router"]["data"]["oobm.usage_bytes_sent"]["received_ms"]

    def use_up(self, router):
        for _ in range(COMMANDS):
            if router.status()["usage"]["used_up"]:
                return
            self.assert_serves(router)
        self.fail("the allowance is never used up")

    def assert_no_telemetry(self, router, came):
        # A change of the telemetry's period sends it at once, where it may be sent.
        uid = self.alms.do("write", router.identity.serial, "oobm.telemetry_period_s=60")["uid"]
        self.assertEqual(self.ack(uid, router)["status"], "OK")
        self.assert_serves(router)
        self.assertEqual(self.telemetry_came(router), came)

    def test_a_used_up_allowance_stops_telemetry_and_leaves_alms_its_way(self):
        router = self.active_router()
        usage = router.status()["usage"]
        self.assertFalse(usage["used_up"])
        self.allow(router, usage["bytes_sent"] + usage["bytes_received"] + SMALL)
        self.use_up(router)
        self.assertIn("DATA_ALLOWANCE", router.agent.log())
        self.assertIn("Telemetry and files wait", router.ctl("usage").stdout)
        came = self.telemetry_came(router)
        self.assert_no_telemetry(router, came)

        router.agent.kill()
        router.start_agent()
        router.wait_status(lambda s: s["in_service"] and s["usage"]["used_up"], test_agent.SOON, "back, and still used up")
        self.assert_no_telemetry(router, came)

        self.allow(router, LARGE)
        self.alms.wait(router.identity.serial, f"data:oobm.usage_allowance_bytes={LARGE}", timeout=test_agent.SOON)
        self.assertGreater(self.telemetry_came(router), came)
        self.assertFalse(router.status()["usage"]["used_up"])

    def test_what_is_counted_is_what_the_interface_has_carried(self):
        router = self.active_router()
        self.assert_serves(router)
        usage = json.loads(router.ctl("usage", "--json").stdout)
        oobm = usage["uplinks"]["oobm"]
        self.assertTrue(usage["wire_measured"])
        self.assertIn("period_begin", usage)
        for way, counter in (("sent", "tx"), ("received", "rx")):
            carried = json.loads(ip("-j", "-s", "link", "show", OOBM, within=router.attachment.namespace))[0]["stats64"][counter]["bytes"]
            wire = oobm["total"][f"wire_{way}"]
            self.assertEqual(wire, usage[f"bytes_{way}"])
            self.assertEqual(wire, sum(use[f"wire_{way}"] for use in oobm["uses"].values()))
            self.assertLessEqual(wire, carried + 2_000)
            self.assertGreater(wire, carried - 2_000)
        for use in ("tls_handshake", "mqtt_upkeep", "lifecycle", "tasks", "telemetry"):
            self.assertGreater(oobm["uses"][use]["wire_sent"], oobm["uses"][use]["payload_sent"], use)
        self.assertEqual(oobm["uses"]["tls_handshake"]["payload_sent"], 0)


if __name__ == "__main__":
    unittest.main()
