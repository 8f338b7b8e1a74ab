"""The daemon against real parts: what it must refuse, what it must survive, and that a blocked router is silent."""

import json
import os
import re
import socket
import unittest
from pathlib import Path

from bench.alms import build_dir
from bench.broker import Broker
from bench.network import enter
from bench.pki import rogue_authority
from bench.played_router import imei
from bench.process import wait_until
from bench.router import Identity
from bench.world import World

COMPLETE = "AirLink Complete (XR80)"
SOON = 30  # seconds
FORGED_SEQUENCE = 900  # higher than any that ALMS reaches here


def identity(number, sku="XR80-NA-SAMPLE", **more):
    """A router of this number; `more` replaces factory data."""
    data = dict(serial=f"XR80T{number:05}", sku=sku, imei=imei(number), iccid=f"89148000000{number:08}", model="XR80")
    return Identity(**{**data, **more})


class Bench(unittest.TestCase):
    """One world for the cases of a class, and for each case a router of its own; all end with the class."""

    broker_options = {}

    @classmethod
    def setUpClass(cls):
        cls.world = cls.enterClassContext(World(label=f"t-{cls.__name__.lower()}", **cls.broker_options))
        cls.na = cls.world.instances["na"]
        cls.alms = cls.na.alms
        cls.alms.do("account-add", "acme")
        cls.routers_made = 0

    @classmethod
    def router(cls, who=None, start=True, **options):
        cls.routers_made += 1
        router = cls.world.add_router(f"r{cls.routers_made}", who or identity(cls.routers_made), **options)
        return router.start() if start else router

    @classmethod
    def active_router(cls):
        return cls.activate(cls.router())

    @classmethod
    def activate(cls, router):
        serial = router.identity.serial
        cls.alms.do("register", serial, router.identity.imei, "--account", "acme", "--offer", COMPLETE)
        cls.alms.do("purchase-order", serial, "--months", 12)
        router.wait_status(lambda s: s["lifecycle"]["state"] == "ACTIVE" and s["in_service"], SOON, "in service")
        router.wait_status(lambda s: s["outbox_items"] == 0, SOON, "everything reported")
        return router

    def ack(self, uid, router):
        """The acknowledgement of a task."""
        self.alms.wait(router.identity.serial, f"ack:{uid}", timeout=SOON)
        return next(task for task in self.alms.do("tasks") if task["uid"] == uid)["acks"][0]

    def acks_received(self, router, uid):
        """(status, message) of every acknowledgement of this uid, also of one that ALMS never gave out."""
        journal = self.alms.do("show", router.identity.serial).get("router", {}).get("journal", [])
        texts = (entry["text"].split(" ", 2) for entry in journal if entry["kind"] == "ack")
        return [(status, message) for acked, status, message in texts if acked == uid]

    def send(self, router, payload, *options):
        file = self.world.folder / "payload"
        file.write_bytes(payload if isinstance(payload, bytes) else payload.encode())
        self.alms.do("send-raw", router.identity.serial, "tasks/json", file, *options)

    def assert_serves(self, router):
        uid = self.alms.do("command", router.identity.serial, "oobm.diagnose")["uid"]
        self.assertEqual(self.ack(uid, router)["status"], "OK")

    def assert_error(self, ack, code):
        self.assertEqual(ack["status"], "ERROR")
        self.assertTrue(ack["message"].startswith(code), ack)


class Blocked(Bench):
    """A router whose identity or region is wrong opens no IP socket at all: the kernel would kill it."""

    def run_without_network_sockets(self, who, board=None, **options):
        router = self.router(who, start=False, **options)
        file = router.folder / "board"
        for right, wrong in (board or {}).items():
            file.write_text(file.read_text().replace(right, wrong))
        router.modem.start()
        router.modem.wait_for_log("port=")
        return router.start_agent(wrapper=[build_dir() / "tests/system/no-inet"])

    def assert_blocked(self, who, code, **options):
        router = self.run_without_network_sockets(who, **options)
        status = router.wait_status(lambda s: s["verdict"]["code"] == code and s["radio"]["responding"], SOON, code)
        self.assertTrue(status["blocked"])
        # A sync must not make it talk either, and must not be called done.
        self.assertNotEqual(router.ctl("sync", check=False).returncode, 0)
        self.assertTrue(router.agent.running(), router.agent.log())
        self.assertEqual(router.attachment.packets_sent("wan0"), 0)
        self.assertEqual(router.stop(), 0)

    def test_a_global_sku_configured_for_na(self):
        self.assert_blocked(identity(1, "XR80-GL-SAMPLE"), "REGION_MISMATCH", instance="na")

    def test_an_unknown_sku(self):
        self.assert_blocked(identity(2, "XR80-XX-0000"), "SKU_UNKNOWN")

    def test_a_missing_serial_number(self):
        who = identity(3)
        self.assert_blocked(who, "SERIAL_MISSING", board={f"serial={who.serial}\n": ""})

    def test_an_imei_with_a_wrong_check_digit(self):
        who = identity(4)
        wrong = who.imei[:-1] + str((int(who.imei[-1]) + 1) % 10)
        self.assert_blocked(who, "IMEI_INVALID", board={f"imei={who.imei}": f"imei={wrong}"})

    def test_the_filter_does_kill_a_router_that_may_talk(self):
        router = self.run_without_network_sockets(identity(5))
        wait_until(lambda: not router.agent.running(), SOON, "killed by its first socket")
        self.assertEqual(router.agent.child.returncode, -31, "SIGSYS")


class Statements(Bench):
    """No statement moves a router unless every rule of its acceptance holds; ALMS is told which one did not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.victim = cls.active_router()

    def refused(self, code, *forgery, command="oobm.entitle", parameter="entitlement"):
        """Sends a forged statement; it must be answered with `code` and change nothing."""
        serial = self.victim.identity.serial
        before = self.victim.status()
        forged = self.alms.do("sign", serial, *forgery)["statement"]
        uid = self.alms.do("command", serial, command, f"{parameter}={forged}")["uid"]
        self.assert_error(self.ack(uid, self.victim), code)
        after = self.victim.status()
        self.assertEqual(after["lifecycle"], before["lifecycle"])
        self.assertLess(after["entitlement"]["sequence"], FORGED_SEQUENCE)
        unsigned = [{k: v for k, v in s["entitlement"].items() if k not in ("sequence", "issued_at")} for s in (before, after)]
        self.assertEqual(*unsigned)
        self.assertIn(code, self.victim.agent.log())

    def test_bad_signature(self):
        self.refused("STATEMENT_SIGNATURE", "--break-signature", "--set", f"seq={FORGED_SEQUENCE}")

    def test_another_key(self):
        self.refused("STATEMENT_SIGNATURE", "--key", "other", "--set", f"seq={FORGED_SEQUENCE}")

    def test_an_unknown_key_id(self):
        self.refused("STATEMENT_KEY", "--key", "other", "--kid", "nobody", "--set", f"seq={FORGED_SEQUENCE}")

    def test_algorithm_none(self):
        self.refused("STATEMENT_ALGORITHM", "--alg", "none", "--set", f"seq={FORGED_SEQUENCE}")

    def test_wrong_type(self):
        self.refused("STATEMENT_TYPE", "--typ", "JWT", "--set", f"seq={FORGED_SEQUENCE}")

    def test_wrong_audience(self):
        self.refused("STATEMENT_AUDIENCE", "--set", "aud=somebody", "--set", f"seq={FORGED_SEQUENCE}")

    def test_another_serial_number(self):
        self.refused("IDENTITY_MISMATCH", "--set", "sub=XR80NA9999", "--set", f"seq={FORGED_SEQUENCE}")

    def test_a_lower_sequence(self):
        self.refused("STATEMENT_REPLAYED", "--set", "seq=1")

    def test_a_new_registration_without_our_nonce(self):
        self.refused("STATEMENT_NONCE", "--set", "reg=another", "--set", f"seq={FORGED_SEQUENCE}")

    def test_another_region(self):
        self.refused("REGION_MISMATCH", "--set", "region=GLOBAL", "--set", f"seq={FORGED_SEQUENCE}")

    def test_longer_than_any_statement(self):
        self.refused("STATEMENT_TOO_LARGE", "--pad", "1200", "--set", f"seq={FORGED_SEQUENCE}")


class Messages(Bench):
    """Whatever arrives on the task topic, the daemon goes on, and says what it made of it."""

    def test_rubbish_is_counted(self):
        router = self.active_router()
        for payload in ("", "no JSON", "[" * 2000, '{"uid":1}', b"\xff\xfe\x00", "[" + '{"uid":"a"},' * 3000 + "{}]"):
            self.send(router, payload)
        status = router.wait_status(lambda s: s["counters"]["unreadable_tasks"] >= 5, SOON, "counted")
        self.assertEqual(status["lifecycle"]["state"], "ACTIVE")
        self.assert_serves(router)

    def test_a_task_with_a_uid_and_nonsense_is_answered(self):
        router = self.active_router()
        serial = router.identity.serial
        for code, nonsense in (("UNKNOWN_TASK", ("command", serial, "oobm.fly")),
                               ("BAD_PARAMETER", ("write", serial, "oobm.heartbeat_period_s=1"))):  # fmt: skip
            with self.subTest(code):
                self.assert_error(self.ack(self.alms.do(*nonsense)["uid"], router), code)
                self.assertIn(code, router.agent.log())
        self.assert_serves(router)

    def test_a_task_that_says_two_things_is_answered_once_and_does_neither(self):
        router = self.active_router()
        both = {"uid": "both", "timestamp": 1, "read": ["oobm.lifecycle_state"], "command": {"id": "oobm.reboot"}}
        self.send(router, json.dumps([both]))
        wait_until(lambda: self.acks_received(router, "both"), SOON, "an acknowledgement")
        self.assert_serves(router)
        ((status, message),) = self.acks_received(router, "both")
        self.assert_error({"status": status, "message": message}, "MALFORMED")
        self.assertIn("MALFORMED", router.agent.log())
        self.assertFalse((router.folder / "reboots").exists())

    def test_a_retained_task_is_counted_and_left_alone(self):
        router = self.router(start=False)
        task = [{"uid": "kept", "timestamp": 1, "command": {"id": "oobm.reboot"}}]
        self.send(router, json.dumps(task), "--retain")
        router.start()
        router.wait_status(lambda s: s["counters"]["retained_tasks"] >= 1, SOON, "counted")
        # A later task that is answered shows that nothing about the retained one is still on its way.
        self.activate(router)
        self.assert_serves(router)
        self.assertEqual(self.acks_received(router, "kept"), [])
        self.assertFalse((router.folder / "reboots").exists())


class Oversized(Bench):
    """A broker that takes and sends more than this router does."""

    broker_options = {"max_packet_bytes": 4 * 1024 * 1024}

    def test_a_megabyte_of_json_neither_fills_the_memory_nor_shuts_the_router_out(self):
        router = self.active_router()
        self.send(router, "[" + '{"uid":"a"},' * 90_000 + "{}]")
        wait_until(lambda: "OVERSIZED_PACKET" in router.agent.log(), SOON, "the packet is refused")
        # The broker would deliver it again at every connect; the router has to get past it by itself.
        router.wait_status(lambda s: s["in_service"], SOON, "in service again")
        self.assert_serves(router)
        peak_kib = int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{router.agent.daemon_pid}/status").read_text())[1])
        self.assertLess(peak_kib, 64 * 1024)


class Brokers(Bench):
    """A broker that cannot prove who it is gets nothing, and the technician learns what is wrong with it."""

    def assert_refused(self, server, code):
        broker = self.na.broker
        broker.stop()
        other = Broker(self.world.folder / f"other-{code}", self.na.pki, address=broker.address, port=broker.port,
                       prefix=enter(self.world.network.cloud), server=server)  # fmt: skip
        with other:
            router = self.router()
            status = router.wait_status(lambda s: s["link"].get("last_fault", {}).get("code") == code, SOON, code)
            self.assertEqual(status["lifecycle"]["state"], "UNREGISTERED")
            self.assertIn(code, router.agent.log())
            self.assertEqual(other.connections(), [])
            router.stop()
        broker.start()

    def test_a_certificate_for_another_host(self):
        self.assert_refused(self.na.pki.authority.wrong_host_server(), "TLS_WRONG_HOST")

    def test_an_unknown_ca(self):
        rogue = rogue_authority(self.world.folder / "pki")
        self.assert_refused(rogue.server(self.na.pki.host), "TLS_UNKNOWN_CA")


class Life(Bench):
    def test_a_killed_daemon_is_active_again_by_itself(self):
        router = self.active_router()
        router.agent.kill()
        router.start_agent()
        status = router.wait_status(lambda s: s["in_service"], SOON, "in service again")
        self.assertEqual(status["link"]["uplink"], "oobm")

    def test_what_the_daemon_starts_inherits_no_descriptor_of_it(self):
        router = self.active_router()
        with socket.socket(socket.AF_UNIX) as technician:
            technician.connect(str(router.socket))
            technician.sendall(b"no request\n")
            technician.recv(1)  # accepted
            inherited = {fd: os.readlink(f"/proc/{pid}/fd/{fd.name}")
                         for pid in (router.agent.pid, router.agent.daemon_pid)
                         for fd in Path(f"/proc/{pid}/fdinfo").iterdir()
                         if int(fd.name) > 2 and not int(re.search(r"flags:\s+(\d+)", fd.read_text())[1], 8) & os.O_CLOEXEC}
        self.assertEqual(inherited, {})

    def test_a_main_wan_that_policy_forbids_carries_nothing(self):
        router = self.router(settings={"uplinks": {"main_wan_registration": False}})
        router.wait_status(lambda s: s["link"].get("last_fault", {}).get("reason") == "REGISTRATION_DENIED", SOON, "denied")
        router.ctl("sync")
        self.assertEqual(router.attachment.packets_sent("wan0"), 0)

    def test_nothing_in_service_leaves_by_the_main_wan(self):
        router = self.active_router()
        before = router.attachment.packets_sent("wan0")
        uid = self.alms.do("command", router.identity.serial, "oobm.diagnose")["uid"]
        self.assertEqual(self.ack(uid, router)["status"], "OK")
        self.assertEqual(router.attachment.packets_sent("wan0"), before)

    def test_a_reboot_is_acknowledged_once_after_the_restart_or_called_interrupted(self):
        router = self.active_router()
        uid = self.alms.do("command", router.identity.serial, "oobm.reboot")["uid"]
        wait_until((router.folder / "reboots").exists, SOON, "the board was asked to reboot")
        router.agent.kill()
        router.start_agent()  # the same boot of the machine: the reboot did not happen
        self.assert_error(self.ack(uid, router), "INTERRUPTED")
        self.assertEqual((router.folder / "reboots").read_text().count("reboot"), 1)


if __name__ == "__main__":
    unittest.main()
