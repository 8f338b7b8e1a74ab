"""What the package does to a router: installed, upgraded, taken back, removed, put into an image, refused, and cut short
by a loss of power after every single step. The package is made by the project's own builder around a program that is a
script; the router is a folder with busybox, and OpenWrt's side is played by the programs in router/.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from installer import Installer, PowerCut, Refused

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
APPLETS = ("sh cat cp mv rm ln ls mkdir chmod touch sync awk sed grep cut tr head tail find basename dirname readlink sort "
           "sleep echo printf true false env expr dd wc").split()  # fmt: skip
DAEMON = ["/usr/sbin/oobmd", "--config"]
IDENTITY = "etc/oobm/device.key"
STATE = "etc/oobm/state/slot-a"
OWN_FORM = "etc/oobm/oobm.json"
FROM_UCI = "/var/run/oobm.json"


def build(folder, version, program=None):
    """A package of this version. Tables and program say which version they are of, unless it is another program."""
    folder = pathlib.Path(folder, version)
    data = folder / "data"
    data.mkdir(parents=True)
    for name in ("instances.json", "catalogue.json"):
        (data / name).write_text(f'["{version}"]\n')
    file = folder / "oobm"
    file.write_bytes(program or (HERE / "router/oobmd").read_bytes().replace(b"@VERSION@", version.encode()))
    file.chmod(0o755)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1750000000"}
    command = ["sh", TOP / "packaging/ipk/build.sh", file, version, data, folder]
    subprocess.run(command, env=environment, check=True)
    return next(folder.glob("*.ipk"))


def with_libraries(name):
    """A program of this machine, and the libraries that it needs."""
    program = pathlib.Path(shutil.which(name)).resolve()
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return program, [pathlib.Path(path) for path in re.findall(r"(/\S+) \(0x", listed)]


class Router:
    """A router's file system in a folder, as it is before the agent comes."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder)  # one that exists is taken as it is
        if self.root.exists():
            return
        for name in ("bin", "sbin", "etc/config", "etc/rc.d", "run/lock", "tmp", "dev", "usr/bin", "usr/sbin", "usr/lib", "var"):
            (self.root / name).mkdir(parents=True)
        (self.root / "var/run").symlink_to("/run")
        for name in ("busybox", "flock"):  # an applet on OpenWrt, not in Debian's busybox
            program, libraries = with_libraries(name)
            shutil.copy(program, self.root / "bin" / name)
            for library in libraries:
                target = self.root / str(library).lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(library, target)
        for applet in APPLETS:
            (self.root / "bin" / applet).symlink_to("busybox")
        for name, place in (("uci", "sbin"), ("logger", "bin"), ("df", "bin"), ("rc.common", "etc")):
            shutil.copy(HERE / "router" / name, self.root / place / name)
            (self.root / place / name).chmod(0o755)
        (self.root / "dev/null").touch()
        (self.root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/ash\n")
        (self.root / "etc/group").write_text("root:x:0:\ndialout:x:20:\n")
        (self.root / "etc/shadow").write_text("root::0:0:99999:7:::\n")
        self.room(100_000)

    def room(self, kilobytes):
        (self.root / "run/free_kb").write_text(str(kilobytes))

    def text(self, path):
        file = self.root / path
        return file.read_text() if file.exists() else ""

    def sh(self, script, check=True):
        environment = {"PATH": "/bin:/sbin:/usr/bin:/usr/sbin"}
        run = subprocess.run(["chroot", self.root, "/bin/sh", "-c", script], env=environment, capture_output=True, text=True, check=False)
        if check and run.returncode != 0:
            raise AssertionError(f"{script}: {run.returncode}\n{run.stderr}")
        return run.stdout

    def boot(self):
        """What procd does at a start: everything in /run is new, then the scripts run in the order of their names."""
        for name in ("procd", "procd.new", "actions", "log", "oobm.json", "oobm-nudged"):
            (self.root / "run" / name).unlink(missing_ok=True)
        self.sh("for script in /etc/rc.d/S*; do [ ! -e $script ] || $script boot; done")

    def actions(self):
        words = self.text("run/actions").split()
        (self.root / "run/actions").unlink(missing_ok=True)
        return words

    def service(self):
        """procd's parameters of the daemon, or None where procd has no such service."""
        text = self.text("run/procd")
        return dict(line.split(" ", 1) for line in text.splitlines()) if text else None

    def version(self):
        return self.sh("oobmd --version").strip()

    def replace_applet(self, name, script):
        file = self.root / "bin" / name
        file.unlink()
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def configure_board(self, *pairs):
        """Environment of the board helper."""
        file = self.root / "etc/config/oobm"
        lines = "".join(f"\tlist env '{pair}'\n" for pair in pairs)
        file.write_text(file.read_text().replace("config board 'board'\n", f"config board 'board'\n{lines}"))

    def live_a_while(self):
        """What a router has after it was in service for a time."""
        for path in (IDENTITY, STATE):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(f"the router's own {path}")


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.packages = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.old, cls.new = build(cls.packages, "1.2.3-r1"), build(cls.packages, "1.3.0-r1")
        cls.bare = Router(cls.packages / "bare")
        cls.living = cls.copy(cls.bare, cls.packages / "living")
        Installer(cls.living.root).install(cls.old)
        cls.living.live_a_while()
        cls.living.actions()

    @staticmethod
    def copy(router, folder):
        return Router(shutil.copytree(router.root, folder, symlinks=True))

    def router(self):
        """One that has never seen the agent."""
        return self.copy(self.bare, pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "router"))

    def with_old(self):
        """One that was in service with the old version."""
        return self.copy(self.living, pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()), "router"))

    def assert_untouched(self, router):
        for path in (IDENTITY, STATE):
            self.assertEqual(router.text(path), f"the router's own {path}")

    def assert_serves(self, router, *versions):
        self.assertIn(router.version(), versions)
        self.assertEqual(router.service()["command"].split()[:2], DAEMON)
        for name in ("oobmd", "oobmctl"):
            router.sh(f"command -v {name}")

    @staticmethod
    def failing(router, program, arguments):
        """The program leaves half a file and fails, as on a full flash, when its arguments begin so."""
        router.replace_applet(program, f"""
            case "$*" in "{arguments}"*) ;; *) exec busybox {program} "$@" ;; esac
            for file; do :; done
            echo half >"$file"
            exit 1""")

    def assert_restored(self, router):
        self.assert_serves(router, "1.2.3-r1")
        self.assertFalse((router.root / "usr/lib/oobm-previous").exists())
        self.assertFalse((router.root / "etc/rc.d/S90oobm-restore").is_symlink())
        self.assertEqual(list(router.root.rglob("*.restored")), [])


class TransferHelper(Case):
    def install(self, router=None, **how):
        """Installs it on a router whose sync says what of it is there then; that router."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        program = folder / "oobm-transfer"
        program.write_text("the helper")
        command = ["sh", TOP / "packaging/ipk/build_transfer.sh", program, "1.2.3-r1", folder]
        subprocess.run(command, env={**os.environ, "SOURCE_DATE_EPOCH": "1750000000"}, check=True)
        router = router or self.router()
        router.replace_applet("sync", "cat /usr/libexec/oobm/oobm-transfer >/run/synced")
        Installer(router.root, **how).install(next(folder.glob("*.ipk")))
        return router

    def test_it_is_on_the_flash_when_its_installation_ends(self):
        self.assertEqual(self.install().text("run/synced"), "the helper")

    def test_an_image_in_the_making_is_not_waited_for(self):
        router = self.install(image=True)
        self.assertEqual(router.text("usr/libexec/oobm/oobm-transfer"), "the helper")
        self.assertEqual(router.text("run/synced"), "")

    def test_no_room_is_said_and_changes_nothing(self):
        router = self.router()
        router.room(3)
        with self.assertRaisesRegex(Refused, r"^oobm-agent-transfer needs \d+ kB on the flash, 3 kB are free; nothing was changed"):
            self.install(router)
        self.assertFalse((router.root / "usr/libexec").exists())


class Installation(Case):
    def test_a_router_gets_the_service_and_its_user(self):
        router = self.router()
        Installer(router.root).install(self.old)
        self.assertEqual(router.actions(), ["enable", "start"])
        self.assert_serves(router, "1.2.3-r1")
        self.assertEqual(router.service()["respawn"], "3600 10 0", "procd must never give up")
        self.assertEqual(router.service()["limits"], "core=0", "procd.sh opens descriptor 1000, for a board helper too")
        self.assertIn("oobm:x:32768:32768:", router.text("etc/passwd"))
        self.assertIn("oobm:x:32768:\n", router.text("etc/group"))
        self.assertIn("dialout:x:20:oobm\n", router.text("etc/group"))
        self.assertIn("oobm:*:", router.text("etc/shadow"))
        self.assertEqual(router.text("etc/uci-defaults/90-oobm"), "", "it ran, and is gone")
        router.boot()
        self.assert_serves(router, "1.2.3-r1")

    def test_accounts_are_on_the_flash_before_they_take_their_place(self):
        router = self.router()
        router.replace_applet("sync", "cat /etc/*.oobm >>/run/synced 2>/dev/null")
        Installer(router.root).install(self.old)
        for name in ("passwd", "group", "shadow"):
            self.assertIn(router.text(f"etc/{name}"), router.text("run/synced"), name)

    def test_the_user_is_made_once_and_takes_no_number_that_is_taken(self):
        router = self.router()
        with open(router.root / "etc/passwd", "a", encoding="utf-8") as file:
            file.write("other:x:32768:32768::/:/bin/false\n")
        Installer(router.root).install(self.old)
        users, groups = router.text("etc/passwd"), router.text("etc/group")
        self.assertIn("oobm:x:32769:", users)
        router.sh("/usr/lib/oobm/account && /usr/lib/oobm/account")
        self.assertEqual((router.text("etc/passwd"), router.text("etc/group")), (users, groups))

    def test_another_architecture_is_refused(self):
        router = self.router()
        with self.assertRaisesRegex(Refused, "architecture"):
            Installer(router.root).install(self.old, architectures=("all", "mipsel_24kc"))
        self.assertEqual(router.text("usr/sbin/oobm"), "")

    def test_no_room_is_said_and_changes_nothing(self):
        router = self.router()
        router.room(3)
        with self.assertRaisesRegex(Refused, r"needs \d+ kB on the flash, 3 kB are free; nothing was changed"):
            Installer(router.root).install(self.old)
        self.assertFalse((router.root / "usr/sbin/oobm").exists())

    def test_no_room_for_an_upgrade_leaves_the_old_version_running(self):
        router = self.with_old()
        router.room(3)
        with self.assertRaises(Refused):
            Installer(router.root).install(self.new)
        self.assertEqual(router.actions(), [], "the service was not disturbed")
        self.assert_serves(router, "1.2.3-r1")
        self.assertFalse((router.root / "usr/lib/oobm-previous").exists())

    def test_a_broken_package_is_refused(self):
        router = self.with_old()
        broken = self.packages / "broken.ipk"
        for content in (b"", self.new.read_bytes()[:2000]):
            broken.write_bytes(content)
            with self.assertRaises((Refused, EOFError)):
                Installer(router.root).install(broken)
        self.assert_serves(router, "1.2.3-r1")

    def test_an_image_that_is_built_is_touched_by_its_own_boot_only(self):
        router = self.router()
        before = (router.text("etc/passwd"), router.text("etc/group"))
        Installer(router.root, image=True).install(self.old)
        self.assertEqual(router.actions(), [])
        self.assertEqual((router.text("etc/passwd"), router.text("etc/group")), before)
        router.sh("(. /etc/uci-defaults/90-oobm) && rm /etc/uci-defaults/90-oobm; /etc/init.d/oobm enable")
        router.boot()
        self.assertIn("oobm:x:", router.text("etc/passwd"))
        self.assert_serves(router, "1.2.3-r1")


class Upgrade(Case):
    def test_everything_of_the_routers_own_stays(self):
        router = self.with_old()
        with open(router.root / "etc/config/oobm", "a", encoding="utf-8") as file:
            file.write("\nconfig radio 'mine'\n")
        Installer(router.root).install(self.new)
        self.assertEqual(router.actions(), ["restart"])
        self.assert_serves(router, "1.3.0-r1")
        self.assert_untouched(router)
        self.assertIn("config radio 'mine'", router.text("etc/config/oobm"))
        self.assertNotIn("config radio 'mine'", router.text("etc/config/oobm-opkg"))
        self.assertFalse((router.root / "usr/lib/oobm-previous").exists())
        self.assertFalse((router.root / "etc/rc.d/S90oobm-restore").is_symlink())

    def test_a_configuration_that_nobody_changed_is_replaced(self):
        router = self.with_old()
        Installer(router.root).install(self.new)
        self.assertFalse((router.root / "etc/config/oobm-opkg").exists())

    def test_a_service_that_the_owner_disabled_stays_so(self):
        router = self.with_old()
        router.sh("/etc/init.d/oobm disable")
        Installer(router.root).install(self.new)
        router.boot()
        self.assertIsNone(router.service())

    def test_a_downgrade_is_refused_unless_it_is_meant(self):
        router = self.router()
        Installer(router.root).install(self.new)
        router.live_a_while()
        with self.assertRaisesRegex(Refused, "Not downgrading"):
            Installer(router.root).install(self.old)
        self.assert_serves(router, "1.3.0-r1")
        Installer(router.root).install(self.old, downgrade=True)
        self.assert_serves(router, "1.2.3-r1")
        self.assert_untouched(router)

    def test_after_a_power_cut_at_any_step_a_version_runs_and_can_be_upgraded(self):
        """At a step of an upgrade the power fails and the router starts again; sometimes the upgrade is repeated. Each file is
        three steps (unlinked, half written, written), so that every fourth step meets all of them in turn; with
        OOBM_EVERY_STEP=1 every one is tried."""
        whole = Installer(self.with_old().root)
        whole.install(self.new)
        self.assertGreater(whole.steps, 60)
        restored = set()
        stride = 1 if os.environ.get("OOBM_EVERY_STEP") else 4
        for step in range(1, whole.steps, stride):
            with self.subTest(step=step):
                router = self.with_old()
                with self.assertRaises(PowerCut):
                    Installer(router.root, cut_after=step).install(self.new)
                router.boot()
                self.assert_serves(router, "1.2.3-r1", "1.3.0-r1")
                version = router.version()
                restored.add(version)
                self.assertEqual(router.text("usr/share/oobm/catalogue.json"), f'["{version}"]\n')
                self.assert_untouched(router)
                if step % 5 == 0:
                    Installer(router.root).install(self.new)
                    self.assert_serves(router, "1.3.0-r1")
                    self.assert_untouched(router)
                shutil.rmtree(router.root)
        self.assertIn("1.2.3-r1", restored)

    def half_upgraded(self):
        """One whose upgrade ended while its program was written."""
        router = self.with_old()
        with self.assertRaises(PowerCut):
            Installer(router.root, cut_after=20).install(self.new)
        router.sh("rm -f /usr/sbin/oobm; echo half >/usr/sbin/oobm; chmod +x /usr/sbin/oobm")
        return router

    def test_a_power_cut_while_the_former_version_comes_back(self):
        router = self.half_upgraded()
        restore = router.text("etc/rc.d/S90oobm-restore") or router.text("usr/lib/oobm-previous/restore")
        lines = restore.splitlines()
        half = "\n".join(lines[: next(i for i, line in enumerate(lines) if line.startswith("ln -sf"))])
        router.sh(half)
        router.boot()
        self.assert_serves(router, "1.2.3-r1")
        self.assertFalse((router.root / "usr/lib/oobm-previous").exists())

    def test_the_former_version_comes_back_on_a_full_flash(self):
        router = self.half_upgraded()
        self.failing(router, "cp", "")
        router.boot()
        self.assert_restored(router)

    def test_the_former_version_comes_back_where_there_are_no_hard_links(self):
        router = self.half_upgraded()
        self.failing(router, "ln", "-f ")
        router.boot()
        self.assert_restored(router)

    def test_what_cannot_be_put_back_now_is_put_back_later(self):
        router = self.half_upgraded()
        for program in ("ln", "cp"):
            self.failing(router, program, "")
        router.boot()
        self.assertIn("daemon.err", router.text("run/log"))
        self.assertEqual(list(router.root.rglob("*.restored")), [])
        for program in ("ln", "cp"):
            router.sh(f"busybox ln -sf busybox /bin/{program}")
        router.boot()
        self.assertNotIn("daemon.err", router.text("run/log"))
        self.assert_restored(router)

    def test_an_upgrade_that_is_repeated_keeps_the_last_whole_version(self):
        router = self.half_upgraded()
        with self.assertRaises(PowerCut):
            Installer(router.root, cut_after=5).install(self.new)
        router.boot()
        self.assert_restored(router)

    def test_a_first_installation_cut_short_is_not_started_and_can_be_repeated(self):
        whole = Installer(self.router().root)
        whole.install(self.old)
        for step in range(1, whole.steps, 13):
            with self.subTest(step=step):
                router = self.router()
                with self.assertRaises(PowerCut):
                    Installer(router.root, cut_after=step).install(self.old)
                router.boot()
                self.assertIsNone(router.service())
                Installer(router.root).install(self.old)
                self.assert_serves(router, "1.2.3-r1")


class FromFirmware(Case):
    """The agent came with the firmware: its files lie in a lower layer that is never written, and what an upgrade brings lies on the
    flash above it. Both are real: an overlay, over a tmpfs that is full when it is full."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        os.unshare(os.CLONE_NEWNS)
        # In a chroot / is no mount point, and what is mounted there is private already.
        subprocess.run(["mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL, check=False)
        script = (HERE / "router/oobmd").read_bytes()
        cls.large, cls.small = (
            build(cls.packages, version, script.replace(b"@VERSION@", version.encode()) + b"x" * size)
            for version, size in (("2.0.0-r1", 700_000), ("2.1.0-r1", 500_000))
        )

    def mounted(self, *words):
        subprocess.run(["mount", *words], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", words[-1]], check=True)

    def firmware_with(self, package):
        """A router after its first boot. `self.flash` is what it has to write to."""
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        rom = self.copy(self.bare, folder / "rom")
        (rom.root / "rom").mkdir()
        (rom.root / "bin/cmp").symlink_to("busybox")
        rom.replace_applet("df", 'set -- $(busybox stat -f -c "%a %S" /usr); echo "overlay 1 1 $(($1 * $2 / 1024)) 1% /"')
        Installer(rom.root, image=True).install(package)
        self.flash = folder / "flash"
        self.flash.mkdir()
        self.mounted("-t", "tmpfs", "-o", "size=8m", "flash", self.flash)
        for name in ("upper", "work"):
            (self.flash / name).mkdir()
        (folder / "router").mkdir()
        layers = f"lowerdir={rom.root},upperdir={self.flash}/upper,workdir={self.flash}/work"
        self.mounted("-t", "overlay", "-o", layers, "router", folder / "router")
        router = Router(folder / "router")
        self.mounted("--bind", rom.root, router.root / "rom")
        self.mounted("-t", "tmpfs", "run", router.root / "run")
        (router.root / "run/lock").mkdir()
        router.sh("(. /etc/uci-defaults/90-oobm) && rm /etc/uci-defaults/90-oobm; /etc/init.d/oobm enable")
        router.live_a_while()
        router.boot()
        return router

    def free_kb(self):
        free = os.statvfs(self.flash)
        return free.f_bavail * free.f_frsize // 1024

    def leave(self, kilobytes):
        """Fills the flash but for so much, a multiple of 4."""
        (self.flash / "ballast").unlink(missing_ok=True)
        (self.flash / "ballast").write_bytes(bytes(1024 * (self.free_kb() - kilobytes)))
        self.assertEqual(self.free_kb(), kilobytes)

    def needed_kb(self, router, package):
        """What an upgrade asks for, in blocks of 4."""
        self.leave(4)
        with self.assertRaisesRegex(Refused, "4 kB are free; nothing was changed") as refusal:
            Installer(router.root).install(package)
        return (int(re.search(r"needs (\d+) kB", str(refusal.exception))[1]) + 3) // 4 * 4

    def on_flash(self):
        return sorted(path for path in (self.flash / "upper").rglob("*") if "opkg" not in path.parts)

    def test_what_it_asks_for_is_enough_and_less_is_refused_before_anything_is_changed(self):
        for before, package in ((self.large, self.small), (self.old, self.large)):
            with self.subTest(before=before.name, package=package.name):
                router = self.firmware_with(before)
                needed = self.needed_kb(router, package)
                there = self.on_flash()
                self.leave(needed - 4)
                with self.assertRaisesRegex(Refused, "nothing was changed"):
                    Installer(router.root).install(package)
                self.assertEqual(self.on_flash(), there)
                self.leave(needed)
                Installer(router.root).install(package)
                self.assert_serves(router, package.parent.name)
                self.assert_untouched(router)
                self.assertEqual(list(router.root.glob("usr/lib/oobm-previous*")), [])

    def test_after_a_power_cut_the_firmwares_version_comes_back(self):
        """With no more room than it asks for. The version that comes back is the larger one."""
        whole = Installer(self.firmware_with(self.large).root)
        whole.install(self.small)
        needed = None
        for step in range(1, whole.steps, 6):
            with self.subTest(step=step):
                router = self.firmware_with(self.large)
                needed = needed or self.needed_kb(router, self.small)
                self.leave(needed)
                with self.assertRaises(PowerCut):
                    Installer(router.root, cut_after=step).install(self.small)
                router.boot()
                self.assert_serves(router, "2.0.0-r1")
                self.assertEqual(router.text("usr/share/oobm/catalogue.json"), '["2.0.0-r1"]\n')
                self.assert_untouched(router)
                self.assertEqual(list(router.root.glob("usr/**/*.restored")), [])
                self.assertEqual(list(router.root.glob("usr/lib/oobm-previous*")), [])
                self.doCleanups()

    def test_a_program_that_cannot_be_loaded_is_replaced_by_the_firmwares(self):
        router = self.firmware_with(self.large)
        unloadable = build(pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())), "2.1.0-r1", b"#!/lib/ld-other.so.1\n")
        with self.assertRaisesRegex(Refused, "there is no /lib/ld-other.so.1; the version before it is back"):
            Installer(router.root).install(unloadable)
        self.assert_serves(router, "2.0.0-r1")
        self.assertEqual(list(router.root.glob("usr/lib/oobm-previous*")), [])


class AnotherCLibrary(Case):
    """A program that cannot be loaded where it is installed. It is one of this machine's, altered: it asks for a loader, or a
    library, that the router does not have."""

    LOADER = (b"/ld-linux", b"/ld-other"), r"there is no /lib\S*/ld-other\S*"
    LIBRARY = (b"libc.so.6", b"libx.so.6"), r"libx\.so\.6: cannot open"

    def package(self, what, number):
        program = pathlib.Path(shutil.which("true")).resolve().read_bytes()
        self.assertIn(what[0], program)
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        return build(folder, number, program.replace(*what))

    def test_the_program_that_was_altered_runs_unaltered(self):
        router = self.router()
        Installer(router.root).install(self.package((b"libc.so.6", b"libc.so.6"), "1.3.0-r1"))
        self.assertIsNotNone(router.service())

    def test_a_first_installation_says_what_is_missing_and_starts_nothing(self):
        for what, words in (self.LOADER, self.LIBRARY):
            with self.subTest(words=words):
                router = self.router()
                with self.assertRaisesRegex(Refused, rf"^oobm-agent cannot run on this router: [^\n]*{words}[^\n]*oobm-static\n$"):
                    Installer(router.root).install(self.package(what, "1.3.0-r1"))
                self.assertEqual(router.actions(), [])
                router.boot()
                self.assertIsNone(router.service())

    def test_an_upgrade_puts_the_version_before_back(self):
        for what, words in (self.LOADER, self.LIBRARY):
            with self.subTest(words=words):
                router = self.with_old()
                with self.assertRaisesRegex(Refused, rf"{words}.*; the version before it is back\."):
                    Installer(router.root).install(self.package(what, "1.3.0-r1"))
                self.assertEqual(router.actions(), [], "the old daemon was not disturbed")
                for _ in range(2):
                    self.assert_restored(router)
                    self.assertEqual(router.text("usr/share/oobm/catalogue.json"), '["1.2.3-r1"]\n')
                    self.assert_untouched(router)
                    router.boot()
                Installer(router.root).install(self.new, downgrade=True)
                self.assert_serves(router, "1.3.0-r1")

    def test_what_cannot_be_put_back_now_is_put_back_at_the_next_start(self):
        router = self.with_old()
        for program, arguments in (("ln", "-f "), ("cp", "-p ")):
            self.failing(router, program, arguments)
        with self.assertRaisesRegex(Refused, r"; the version before it comes back at the next start of the router\."):
            Installer(router.root).install(self.package(self.LOADER[0], "1.3.0-r1"))
        for program in ("ln", "cp"):
            router.sh(f"busybox ln -sf busybox /bin/{program}")
        router.boot()
        self.assert_restored(router)

    def test_an_image_in_the_making_runs_nothing(self):
        router = self.router()
        Installer(router.root, image=True).install(self.package(self.LOADER[0], "1.3.0-r1"))
        self.assertTrue((router.root / "usr/sbin/oobm").exists())


class Removal(Case):
    def test_the_service_goes_and_the_routers_own_stays(self):
        router = self.with_old()
        (router.root / "usr/lib/oobm-install").mkdir()
        Installer(router.root).remove("oobm-agent")
        self.assertEqual(router.actions(), ["stop", "disable"])
        self.assertIsNone(router.service())
        self.assert_untouched(router)
        for path in ("usr/sbin/oobm", "usr/bin/oobmctl", "etc/init.d/oobm", "usr/share/oobm/catalogue.json", "etc/config/oobm", "usr/lib/oobm-install"):  # fmt: skip
            self.assertFalse((router.root / path).exists(), path)
        self.assertEqual([], list((router.root / "etc/rc.d").iterdir()))

    def test_a_changed_configuration_stays_too(self):
        router = self.with_old()
        with open(router.root / "etc/config/oobm", "a", encoding="utf-8") as file:
            file.write("\n")
        Installer(router.root).remove("oobm-agent")
        self.assertTrue((router.root / "etc/config/oobm").exists())
        Installer(router.root).install(self.new)
        self.assert_serves(router, "1.3.0-r1")
        self.assert_untouched(router)

    def test_what_a_sysupgrade_keeps_is_all_that_the_router_is(self):
        kept = (TOP / "packaging/ipk/files/lib/upgrade/keep.d/oobm-agent").read_text().split()
        for path in (IDENTITY, STATE, "etc/config/oobm"):
            self.assertTrue(any(("/" + path).startswith(entry) for entry in kept), path)


class Service(Case):
    def test_reload_changes_nothing_unless_the_configuration_did(self):
        router = self.with_old()
        before = router.service()
        configuration = router.text(before["file"].lstrip("/").replace("var/run", "run"))
        router.sh("/etc/init.d/oobm reload")
        self.assertEqual(router.service(), before)
        router.sh("uci set oobm.log.level=debug && uci commit oobm && /etc/init.d/oobm reload")
        self.assertEqual(router.service(), before, "procd compares the file, whose name stays")
        self.assertNotEqual(router.text(before["file"].lstrip("/").replace("var/run", "run")), configuration)

    def test_a_wrong_option_is_named_in_the_log_and_nothing_starts(self):
        router = self.with_old()
        router.sh("uci set oobm.radio.prot=/dev/ttyUSB2 && /etc/init.d/oobm stop; /etc/init.d/oobm start; true")
        self.assertIsNone(router.service())
        self.assertIn("there is no option radio.prot", router.text("run/log"))

    def test_the_board_is_asked_about_installations_before_in_its_environment(self):
        router = self.with_old()
        board = router.root / "usr/libexec/oobm/board"
        board.parent.mkdir(parents=True, exist_ok=True)
        board.write_text('#!/bin/sh\necho "$*|$OOBM_INSTALL|$OOBM_INSTALL_ROOT|$(cat)" >>/run/board\ncat /run/procd >>/run/board\n')
        board.chmod(0o755)
        (router.root / "run/procd").unlink()
        router.configure_board("OOBM_INSTALL=/mnt/my data/install", "half a pair", "OOBM_INSTALL_ROOT=/=1")
        router.boot()
        self.assertEqual(router.text("run/board"), "install-status|/mnt/my data/install|/=1|\n")
        self.assert_serves(router, "1.2.3-r1")

    def test_what_the_board_leaves_behind_holds_up_no_later_action(self):
        router = self.with_old()
        board = router.root / "usr/libexec/oobm/board"
        board.parent.mkdir(parents=True, exist_ok=True)
        board.write_text("#!/bin/sh\nsleep 1000 >/dev/null 2>&1 &\necho $! >/run/worker\n")
        board.chmod(0o755)
        router.boot()
        self.addCleanup(router.sh, "kill $(cat /run/worker)")
        router.sh("flock -n /run/lock/procd_oobm.lock true")

    def test_switched_off(self):
        router = self.with_old()
        router.sh("uci set oobm.main.enabled=0; /etc/init.d/oobm stop; /etc/init.d/oobm start")
        self.assertEqual(router.text("run/procd"), "")

    def with_own_form(self):
        """A router that had a configuration in the daemon's own form before the package came."""
        router = self.router()
        (router.root / "etc/oobm").mkdir(parents=True)
        (router.root / OWN_FORM).write_text("{}\n")
        Installer(router.root).install(self.old)
        return router

    def assert_file_in_force(self, router, file):
        router.boot()
        self.assertEqual(router.service()["command"].split()[-1], file)

    def test_a_configuration_in_the_daemons_own_form_stays_in_force(self):
        router = self.with_own_form()
        self.assertEqual(router.service()["command"].split()[-1], "/" + OWN_FORM)
        Installer(router.root).install(self.new)
        self.assert_file_in_force(router, "/" + OWN_FORM)

    def test_an_owner_who_moved_to_uci_stays_there(self):
        router = self.with_own_form()
        router.sh("sed -i /config_file/d /etc/config/oobm")
        Installer(router.root).install(self.new)
        self.assert_file_in_force(router, FROM_UCI)

    def test_an_owner_who_moved_to_uci_stays_there_over_a_sysupgrade(self):
        before = self.with_own_form()
        before.sh("sed -i /config_file/d /etc/config/oobm")
        router = self.router()
        Installer(router.root, image=True).install(self.new)
        kept = (TOP / "packaging/ipk/files/lib/upgrade/keep.d/oobm-agent").read_text().split()
        subprocess.run(["cp", "-a", "--parents", *(f".{path}" for path in kept), router.root], cwd=before.root, check=True)
        router.sh("(. /etc/uci-defaults/90-oobm) && rm /etc/uci-defaults/90-oobm; /etc/init.d/oobm enable")
        self.assert_file_in_force(router, FROM_UCI)

    def test_a_file_that_comes_later_is_not_taken_over_by_itself(self):
        router = self.with_old()
        (router.root / OWN_FORM).write_text("{}\n")
        Installer(router.root).install(self.new)
        self.assert_file_in_force(router, FROM_UCI)

    def test_the_defaults_may_run_again(self):
        router = self.with_own_form()
        shutil.copy(TOP / "packaging/ipk/files/etc/uci-defaults/90-oobm", router.root / "tmp/defaults")
        once = {path: router.text(path) for path in ("etc/config/oobm", "etc/passwd", "etc/group", "etc/shadow")}
        router.sh("sh /tmp/defaults")
        self.assertEqual(once, {path: router.text(path) for path in once})
        self.assertIn("config_file '/etc/oobm/oobm.json'", once["etc/config/oobm"])


class Systemd(unittest.TestCase):
    def test_the_unit_asks_the_board_first_and_has_one_watchdog(self):
        unit = (TOP / "packaging/systemd/oobm.service").read_text()
        default = re.search(r'std::string path = "(/usr/libexec/[^"]*)"', (TOP / "agent/daemon/config.hpp").read_text())[1]
        self.assertEqual(re.findall("^ExecStartPre=(.*)$", unit, re.MULTILINE), [f"-{default} install-status"])
        self.assertEqual(re.findall("^WatchdogSec=(.*)$", unit, re.MULTILINE), ["10min"])

    def test_the_daemon_may_ask_whether_the_clock_is_set(self):
        unit = (TOP / "packaging/systemd/oobm.service").read_text()
        self.assertNotRegex(unit, "(?m)^ProtectClock=yes")
        self.assertRegex(unit, "(?m)^SystemCallFilter=.*\\badjtimex clock_adjtime$")
        self.assertNotIn("CAP_SYS_TIME", re.search("(?m)^CapabilityBoundingSet=(.*)$", unit)[1])


class Hooks(Case):
    def setUp(self):
        self.live = self.with_old()
        (self.live.root / "proc").mkdir()
        self.at(1000)

    def at(self, uptime):
        (self.live.root / "proc/uptime").write_text(f"{uptime}.00 1.0\n")

    def asked(self, hook, status, **variables):
        """What the daemon was asked when the hook ran."""
        (self.live.root / "run/status").write_text(str(status))
        (self.live.root / "run/asked").unlink(missing_ok=True)
        words = " ".join(f"{name}={value}" for name, value in variables.items())
        self.live.sh(f"{words}; . /etc/hotplug.d/{hook}/90-oobm; wait; true")
        return self.live.text("run/asked").split()

    def test_a_daemon_that_waits_is_asked_to_try(self):
        for hook, variables in (("tty", {"ACTION": "add", "DEVNAME": "ttyUSB2"}), ("iface", {"ACTION": "ifup", "INTERFACE": "wan"}),
                                ("ntp", {"ACTION": "step"})):  # fmt: skip
            with self.subTest(hook=hook):
                (self.live.root / "run/oobm-nudged").unlink(missing_ok=True)
                self.assertEqual(self.asked(hook, 1, **variables), ["status", "sync"])

    def test_one_in_service_is_left_alone_and_so_is_none(self):
        for status in (0, 3):
            self.assertEqual(self.asked("iface", status, ACTION="ifup", INTERFACE="wan"), ["status"])

    def test_once_an_hour(self):
        event = {"ACTION": "ifup", "INTERFACE": "wan"}
        self.assertIn("sync", self.asked("iface", 1, **event))
        self.at(1000 + 3599)
        self.assertNotIn("sync", self.asked("iface", 1, **event))
        self.at(1000 + 3600)
        self.assertIn("sync", self.asked("iface", 1, **event))

    def test_the_bearer_that_the_agent_brings_up_itself_is_no_news(self):
        up = {"ACTION": "ifup"}
        self.assertEqual(self.asked("iface", 1, **up, INTERFACE="oobm"), [])
        self.live.configure_board("OOBM_TABLE=7", "OOBM_NETIFD_INTERFACE=wwan")
        self.assertEqual(self.asked("iface", 1, **up, INTERFACE="wwan"), [])
        self.assertEqual(self.asked("iface", 1, **up, INTERFACE="oobm"), ["status", "sync"])

    def test_what_is_no_news_is_not_forwarded(self):
        for hook, variables in (("tty", {"ACTION": "remove", "DEVNAME": "ttyUSB2"}), ("tty", {"ACTION": "add", "DEVNAME": "tty7"}),
                                ("iface", {"ACTION": "ifdown", "INTERFACE": "wan"}), ("iface", {"ACTION": "ifup", "INTERFACE": "loopback"}),
                                ("ntp", {"ACTION": "periodic"})):  # fmt: skip
            with self.subTest(hook=hook, **variables):
                self.assertEqual(self.asked(hook, 1, **variables), [])


if __name__ == "__main__":
    unittest.main()
