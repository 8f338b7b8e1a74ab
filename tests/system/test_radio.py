"""The technician and the OOBM module: AT commands and facts through the daemon's control socket, without any network."""

import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from bench.alms import build_dir
from bench.process import Process, wait_until
from bench.router import GROUP, TREE, USER, program

REGISTERED_SECONDS = 60


class Radio(unittest.TestCase):
    """One module and one daemon for all cases; each case leaves the module as it found it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="oobm-at-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.folder.chmod(0o755)  # the daemon is nobody's
        cls.socket = cls.folder / "run" / "control.sock"
        cls.modem_socket = cls.folder / "modem.ctl"
        (cls.folder / "board").write_text("serial=XR80T00001\nsku=XR80-NA-SAMPLE\nimei=359459090001236\nmodel=XR80\n")
        config = cls.folder / "oobm.json"
        config.write_text(json.dumps({
            "instances": str(TREE / "agent/data/instances.json"),
            "catalogue": [str(TREE / "agent/data/catalogue.json")],
            "user": f"{USER}:{GROUP}", "state_dir": "state", "run_dir": "run",
            "board_helper": {"path": str(TREE / "hal/board/helpers/bench"),
                             "env": {"OOBM_BENCH_BOARD": str(cls.folder / "board")}},
            "radio": {"port": "modem"},
        }))  # fmt: skip
        cls.modem = Process("modem-sim", [build_dir() / "tests/modem-sim/modem-sim", "--link", cls.folder / "modem",
                                          "--socket", cls.modem_socket, "--speed", 4, "--max-seconds", 600],
                            cls.folder / "modem.log")  # fmt: skip
        cls.enterClassContext(cls.modem)
        cls.modem.wait_for_log("port=")
        cls.agent = Process("oobmd", [program("oobmd"), "--config", config], cls.folder / "oobmd.log")
        cls.enterClassContext(cls.agent)
        wait_until(lambda: cls.ctl("version").returncode == 0, 20, "the daemon's answer")
        cls.wait_registered()

    @classmethod
    def ctl(cls, *arguments):
        return subprocess.run([program("oobmctl"), "--socket", cls.socket, *arguments],
                              capture_output=True, text=True, timeout=120, check=False)  # fmt: skip

    @classmethod
    def radio(cls):
        return json.loads(cls.ctl("status", "--json").stdout)["radio"]

    @classmethod
    def wait_registered(cls):
        def settled():
            return cls.radio()["registration"] == "home" and "context" in cls.radio()

        wait_until(settled, REGISTERED_SECONDS, "registration")

    def modem_ctl(self, *words):
        subprocess.run([build_dir() / "tests/modem-sim/modem-sim", "ctl", "--socket", self.modem_socket, *words],
                       check=True, capture_output=True, timeout=10)  # fmt: skip

    def test_what_would_cut_the_link_is_refused_with_the_reason_and_the_way_to_force_it(self):
        for command in ("AT+CFUN=0", "AT+COPS=?", "AT+CPIN=1234", "AT+CGATT=0", "ATZ"):
            done = self.ctl("at", command)
            self.assertEqual(done.returncode, 1, command)
            self.assertIn("COMMAND_REFUSED: ", done.stderr)
            self.assertIn("Add --force", done.stderr)
            self.assertNotIn("1234", done.stderr)
        self.assertEqual(self.radio()["registration"], "home")

    def test_joined_commands_are_never_sent(self):
        done = self.ctl("at", "AT+CSQ;+CFUN=0", "--force")
        self.assertEqual(done.returncode, 1)
        self.assertIn("COMMAND_INVALID: ", done.stderr)
        self.assertEqual(self.radio()["registration"], "home")

    def test_an_error_of_the_module_is_shown_and_is_status_1(self):
        done = self.ctl("at", "AT+UNHEARD?")
        self.assertEqual(done.returncode, 1)
        self.assertIn("ERROR", done.stdout)

    def test_a_port_that_is_gone_is_told(self):
        self.modem_ctl("vanish")
        wait_until(lambda: self.radio()["port"]["state"] == "absent", 30, "the loss of the port")
        done = self.ctl("at", "AT+CSQ")
        self.assertEqual(done.returncode, 1)
        self.assertIn("PORT_ABSENT: ", done.stderr)
        self.modem_ctl("return")
        self.wait_registered()

    def test_a_forced_restart_is_survived_counted_and_explained(self):
        before = self.radio()["resets"]
        self.assertEqual(self.ctl("at", "AT+CFUN=1,1", "--force").returncode, 0)
        wait_until(lambda: self.radio()["resets"] > before, 30, "the restart")
        self.assertEqual(self.radio()["last_reset"]["reason"], "raw command")
        self.wait_registered()

    def test_an_answer_as_it_is_and_no_trace_of_it(self):
        done = self.ctl("at", "AT+CIMI", "--json")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(done.stdout), {"ok": True, "result": "OK", "lines": ["001010123456789"]})
        self.assertEqual(self.ctl("at", "AT+CSQ").stdout, "+CSQ: 22,99\nOK\n")
        self.assertNotIn("001010123456789", self.agent.log())
        self.assertNotIn("001010123456789", self.ctl("events", "--json").stdout)

    def test_facts_for_the_technician(self):
        radio = self.radio()
        self.assertEqual(radio["model"], "HL7802")
        self.assertEqual(radio["imsi"], "00101xxxxxxxxxx")
        self.assertEqual(radio["context"]["apn"], "oobm.example")
        page = self.ctl("status").stdout
        self.assertIn("IMSI 00101xxxxxxxxxx", page)
        self.assertIn("APN oobm.example, 10.64.0.2, DNS 10.64.0.1, MTU 1358", page)


if __name__ == "__main__":
    unittest.main()
