"""UCI's options become the daemon's configuration by the script and the table that the package ships, run here by the two
shells at hand over a uci of the tests."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
SHIPPED = TOP / "packaging/ipk/files"
CONFIGURE = SHIPPED / "usr/lib/oobm/configure"
SETTINGS = SHIPPED / "usr/lib/oobm/settings"
SHELLS = (["dash"], ["busybox", "ash"])

FULL = r"""
config agent 'main'
	option instance 'na'
	list catalogue '/usr/share/oobm/catalogue.json'
	list catalogue '/etc/oobm/more.json'
config radio 'radio'
	option port 'usb:1199:c001:3'
	option poll_s '60'
	list technologies 'lte_m'
	list technologies 'nb_iot'
	list bands_lte_m '2'
	list bands_lte_m '12'
	list bands_nb_iot '20'
config board 'board'
	option path '/usr/lib/oobm/board/openwrt'
	list env 'OOBM_APN=a b="c"\d'
	list env 'OOBM_EMPTY='
config uplinks 'uplinks'
	option main_wan_service 'on'
	option main_wan_registration '0'
config log 'log'
	option level 'debug'
"""
EXPECTED = {
    "instance": "na",
    "catalogue": ["/usr/share/oobm/catalogue.json", "/etc/oobm/more.json"],
    "catalogue_dir": "/etc/oobm/catalogue.d",
    "state_dir": "/etc/oobm/state",
    "board_helper": {"path": "/usr/lib/oobm/board/openwrt", "env": {"OOBM_APN": 'a b="c"\\d', "OOBM_EMPTY": ""}},
    "radio": {
        "port": "usb:1199:c001:3",
        "poll_s": 60,
        "technologies": ["lte_m", "nb_iot"],
        "bands": {"lte_m": [2, 12], "nb_iot": [20]},
    },
    "uplinks": {"main_wan_registration": False, "main_wan_service": True},
    "log": {"level": "debug"},
}


class Configure(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "bin").mkdir()
        uci = self.folder / "bin/uci"
        uci.write_bytes((HERE / "router/uci").read_bytes())
        uci.chmod(0o755)

    def run_with(self, shell, text):
        (self.folder / "oobm").write_text(text)
        environment = {"PATH": f"{self.folder}/bin:/usr/bin:/bin", "UCI_FOLDER": str(self.folder)}
        target = self.folder / "run/oobm.json"
        target.unlink(missing_ok=True)
        run = subprocess.run([*shell, CONFIGURE, target], env=environment, capture_output=True, text=True, check=False)
        return run, json.loads(target.read_text()) if target.exists() else None

    def made_of(self, text):
        """The same of both shells."""
        made = []
        for shell in SHELLS:
            run, document = self.run_with(shell, text)
            self.assertEqual((run.returncode, run.stderr), (0, ""), shell)
            made.append(document)
        self.assertEqual(made[0], made[1])
        return made[0]

    def test_an_option_that_is_not_in_the_table_is_refused_by_name(self):
        for shell in SHELLS:
            run, document = self.run_with(shell, "config radio 'radio'\n\toption prot 'x'\n")
            self.assertNotEqual(run.returncode, 0)
            self.assertIn("there is no option radio.prot;", run.stderr)
            self.assertIsNone(document)

    def test_a_value_of_another_kind_is_left_for_the_daemon_to_name(self):
        for value in ("soon", "1s", "-1", "007", "1.5"):
            made = self.made_of(f"config mqtt 'mqtt'\n\toption keepalive_s '{value}'\n")
            self.assertEqual(made["mqtt"], {"keepalive_s": value})
        made = self.made_of("config mqtt 'mqtt'\n\toption keepalive_adapts 'perhaps'\n")
        self.assertEqual(made["mqtt"], {"keepalive_adapts": "perhaps"})

    def test_every_kind(self):
        self.assertEqual(self.made_of(FULL), EXPECTED)

    def test_nothing_said_leaves_the_defaults(self):
        empty = {"catalogue_dir": "/etc/oobm/catalogue.d", "state_dir": "/etc/oobm/state"}
        self.assertEqual(self.made_of("\n"), empty)
        shipped = self.made_of((SHIPPED / "etc/config/oobm").read_text())
        self.assertEqual(shipped, {**empty, "board_helper": {"path": "/usr/libexec/oobm/board"}, "log": {"target": "syslog"}})

    def test_nobody_else_may_read_it(self):
        self.made_of(FULL)
        self.assertEqual((self.folder / "run/oobm.json").stat().st_mode & 0o777, 0o600)

    def test_the_table_has_every_key_of_the_manual_and_no_other(self):
        manual = (TOP / "docs/configuration.md").read_text().split("```json")[0]
        keys = set(re.findall(r"`([a-z_.0-9]+)`", " ".join(line.split("|")[1] for line in manual.splitlines() if line.startswith("| `"))))
        rows = [line.split() for line in SETTINGS.read_text().splitlines() if line.strip() and not line.startswith("#")]
        places = {row[1] for row in rows}
        places = {"radio.bands" if place.startswith("radio.bands.") else place for place in places}
        self.assertEqual(places, keys)
        self.assertLessEqual({row[2] for row in rows}, {"text", "number", "boolean", "texts", "numbers", "pairs"})


if __name__ == "__main__":
    unittest.main()
