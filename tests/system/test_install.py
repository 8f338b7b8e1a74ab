"""Installations with real parts: ALMS orders, a file server gives, the board puts in place, and the agent that comes up answers."""

import io
import json
import sys
import tarfile
import unittest

import bench.file_server
import test_agent
from bench.alms import Alms, build_dir
from bench.network import ALMS_ADDRESS, enter
from bench.process import Process
from bench.router import program
from bench.world import FILE_PORT

NEXT = "9.9.9"  # what oobm-next says that it is
LONG = 120  # seconds: an installation has a restart in it
# What procd or systemd is on a router: the agent is started again whenever it ends.
KEEPER = """trap 'kill $agent; wait $agent; exit 0' TERM
while :; do
  "$1/usr/sbin/oobmd" --config "$2" &
  agent=$!
  echo $agent >"$3"
  wait $agent
  sleep 0.2
done
"""


def script(command):
    return f'#!/bin/sh\n{command}\n'


def tar(members):
    """A gzip'd tar of (name, bytes, mode)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content, mode in members:
            member = tarfile.TarInfo(f"./{name}")
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def ipk(program_text):
    data = tar([("usr/sbin/oobmd", program_text.encode(), 0o755)])
    control = tar([("control", b"Package: oobm-agent\n", 0o644)])
    return tar([("debian-binary", b"2.0\n", 0o644), ("data.tar.gz", data, 0o644), ("control.tar.gz", control, 0o644)])


class Install(test_agent.Bench):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.served, cls.log = cls.world.folder / "packages", cls.world.folder / "requests"
        cls.served.mkdir()
        (cls.world.folder / "content").write_bytes(b"")
        server = cls.na.pki.server
        command = [sys.executable, bench.file_server.__file__, ALMS_ADDRESS["na"], FILE_PORT, server.cert, server.key,
                   cls.world.folder / "content", cls.log]  # fmt: skip
        process = Process("file server", command, cls.world.folder / "file_server.log", enter(cls.world.network.cloud))
        cls.enterClassContext(process).wait_for_log("listening")
        cls.kept = cls.activate(cls.kept_router())
        cls.first = cls.version()

    @classmethod
    def kept_router(cls):
        """A router whose agent lies in a folder of its own, is started again when it ends, and can be replaced."""
        settings = {"transfer": {"helper": str(build_dir() / "agent/transfer/oobm-transfer")}}
        router = cls.router(start=False, settings=settings)
        root, pid = router.folder / "root", router.folder / "pid"
        (root / "usr/sbin").mkdir(parents=True)
        agent = root / "usr/sbin/oobmd"
        agent.write_text(script(f'exec "{program("oobmd").absolute()}" "$@"'))
        agent.chmod(0o755)
        with open(router.folder / "board", "a", encoding="utf-8") as board:
            board.write(f"install_root={root}\ninstall_folder={router.folder / 'install'}\nagent_pid_file={pid}\n")
        router.make_agent = lambda wrapper=(): Process(
            "kept agent", ["sh", "-c", KEEPER, "keeper", root, router.config_path, pid], router.folder / "oobmd.log",
            router.attachment.prefix)  # fmt: skip
        return router.start()

    @classmethod
    def version(cls):
        return cls.kept.ctl("version").stdout.splitlines()[1].removeprefix("oobmd ")

    def trial(self, wait_s, tries):
        """How long a new version has to reach ALMS."""
        board = self.kept.folder / "board"
        lines = [line for line in board.read_text().splitlines() if not line.startswith(("install_wait_s", "install_tries"))]
        board.write_text("\n".join([*lines, f"install_wait_s={wait_s}", f"install_tries={tries}", ""]))

    def package(self, name, command, version, *options, alms=None, **facts):
        """A package that runs `command`, with its manifest; its address."""
        (self.served / name).write_bytes(ipk(script(command)))
        (alms or self.alms).sign_package(self.served / name, version, *options, **facts)
        return f"https://{self.na.pki.host}:{FILE_PORT}/{name}"

    def order(self, url, revision, kind="oobm-agent"):
        """The acknowledgement of an installation."""
        serial = self.kept.identity.serial
        uid = self.alms.do("swinstall", serial, kind, revision, url)["uid"]
        self.alms.wait(serial, f"ack:{uid}", timeout=LONG)
        acks = self.acks_received(self.kept, uid)
        self.assertEqual(len(acks), 1, acks)
        return next(task for task in self.alms.do("tasks") if task["uid"] == uid)["acks"][0]

    def shown(self):
        return json.loads(self.kept.ctl("install", "--json").stdout)

    def assert_refused(self, ack, code):
        self.assert_error(ack, code)
        self.assertEqual(self.version(), self.first)
        self.assertEqual(self.shown()["code"], code)

    def test_1_what_may_not_be_installed_is_refused_and_changes_nothing(self):
        pid = (self.kept.folder / "pid").read_text()
        stranger = Alms(self.world.folder / "stranger", self.na.broker)
        good = self.package("good.ipk", "exit 1", "0.9.0")
        cases = (
            ("PACKAGE_SIGNATURE", self.package("forged.ipk", "exit 1", "0.9.0", alms=stranger), "0.9.0"),
            ("PACKAGE_VERSION", good, "0.9.1"),
            ("PACKAGE_ARCHITECTURE", self.package("other.ipk", "exit 1", "0.9.0", architecture="mips"), "0.9.0"),
            ("PACKAGE_DOWNGRADE", self.package("old.ipk", "exit 1", "0.0.1"), "0.0.1"),
            ("PACKAGE_AGENT_VERSION", self.package("far.ipk", "exit 1", "9.0.0", "--min-agent", "8.0.0"), "9.0.0"),
            ("PACKAGE_FETCH", f"https://{self.na.pki.host}:{FILE_PORT}/none.ipk", "0.9.0"),
        )
        for code, url, revision in cases:
            with self.subTest(code=code):
                self.assert_refused(self.order(url, revision), code)
        whole = (self.served / "good.ipk").read_bytes()
        for code, changed in (("PACKAGE_HASH", whole[:-1] + bytes([whole[-1] ^ 1])), ("PACKAGE_SIZE", whole + b"x")):
            with self.subTest(code=code):
                (self.served / "good.ipk").write_bytes(changed)
                self.assert_refused(self.order(good, "0.9.0"), code)
        (self.served / "good.ipk.jws").write_bytes(b"e" * 5000)
        self.assert_refused(self.order(good, "0.9.0"), "PACKAGE_MANIFEST")
        self.log.write_text("")
        self.assertEqual(self.order(good, self.first)["status"], "OK")
        self.assertEqual(self.log.read_text(), "", "what runs already costs nothing")
        self.assertEqual((self.kept.folder / "pid").read_text(), pid, "the agent was left alone")

    def test_2_one_that_does_not_come_up_gives_way_to_the_former_one(self):
        self.trial(wait_s=3, tries=2)
        ack = self.order(self.package("broken.ipk", "exit 1", "0.9.0"), "0.9.0")
        self.assert_refused(ack, "INSTALL_ROLLED_BACK")
        self.assertIn("was not confirmed in 2 starts", ack["message"])
        self.assert_serves(self.kept)

    def test_3_a_later_version_takes_over_and_answers(self):
        self.trial(wait_s=LONG, tries=1)
        url = self.package("next.ipk", f'exec "{(build_dir() / "tests/system/oobm-next").absolute()}" oobmd "$@"', NEXT)
        self.assertEqual(self.order(url, NEXT)["status"], "OK")
        self.assertEqual(self.version(), NEXT)
        self.assertEqual(self.shown()["code"], "OK")
        self.assert_serves(self.kept)
        self.assertFalse((self.kept.folder / "state/files/oobm-package.ipk").exists())
        self.assertEqual(self.order(url, NEXT)["status"], "OK")
        roots = "".join(slot.read_text(errors="replace") for slot in (self.kept.folder / "state-root/install").iterdir())
        self.assertIn(f'"floor":"{NEXT}"', roots, "root has verified it, and knows that it proved itself")
        self.assertEqual(list((self.kept.folder / "run-root").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
