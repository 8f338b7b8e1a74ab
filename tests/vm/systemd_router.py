"""A router whose firmware has systemd: the agent's files as docs/packaging.md says, the unit as it ships, and Debian's systemd
as the first process. Of its units only those are there without which it does not start; the rest of the world is
tests/vm/systemd.
"""

import io
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

from flash_router import AWAIT_MODULE, PACKAGES, add_libraries, package
from router import APN, NETWORK_SCRIPT, PORTS, TREE, VmRouter

HERE = TREE / "tests/vm/systemd"
BOOT_SECONDS = 180
UNITS = "/usr/lib/systemd/system"
PROGRAMS = ("systemd", "systemd-executor", "systemd-journald", "systemd-shutdown")
COMMANDS = ("systemctl", "systemd-run", "journalctl")
DEBIANS_UNITS = ("basic.target", "default.target", "final.target", "graphical.target", "local-fs-pre.target", "local-fs.target",
                 "multi-user.target", "network-pre.target", "network.target", "paths.target", "shutdown.target", "slices.target",
                 "sockets.target", "swap.target", "sysinit.target", "systemd-journald-dev-log.socket", "systemd-journald.service",
                 "systemd-journald.socket", "timers.target", "umount.target")  # fmt: skip
WANTS = {"sysinit.target": ("systemd-journald.service",),
         "sockets.target": ("systemd-journald.socket", "systemd-journald-dev-log.socket"),
         "multi-user.target": ("control.service", "ppp-driver.service", "world.service", "oobm.service")}  # fmt: skip
OWN_UNITS = ("control.service", "ppp-driver.service", "world.service")
PPP_MODULES = ("crc-ccitt", "crc_ccitt", "slhc", "ppp_generic", "ppp_async")
ACCOUNTS = {"passwd": "root:x:0:0:root:/root:/bin/sh\n", "group": "root:x:0:\ndialout:x:20:\n", "shadow": "root:*:0:0:99999:7:::\n"}
# What the configuration's board_helper.env says of installations, for ExecStartPre too.
INSTALLATION = {"OOBM_INSTALL_ROOT": "/", "OOBM_INSTALL_RESTART": "systemctl restart oobm"}
# Beyond what ships, until a test removes it: a system call that is not on the unit's list ends its caller, and /run is for
# reading. systemd 257 leaves /run out of ProtectSystem=strict where a service gets a /proc of its own; its manual says otherwise.
STRICTER = "[Service]\nSystemCallErrorNumber=kill\nReadOnlyPaths=/run\n"
DROP_INS = "/etc/systemd/system/oobm.service.d"


class SystemdRouter(VmRouter):
    def _image(self, instance):
        image = self._world_image()
        image.add_modules("overlay")
        late = [name for name in image.modules if name in PPP_MODULES]
        image.archive.file("/modules/order", "".join(f"{name}\n" for name in image.modules if name not in late))
        image.archive.file("/modules/late", "".join(f"{name}\n" for name in late))
        image.copy("/preinit", HERE / "preinit")
        world = f"{NETWORK_SCRIPT}\n{self._modem_script()}\n{AWAIT_MODULE}"
        image.archive.file("/usr/libexec/world", world)
        self._add_systemd(image)
        self._add_agent(image)
        self._add_identity(image.archive, instance, "/etc/oobm/instances.json")
        self._add_configuration(image.archive)
        return image

    def _add_systemd(self, image):
        image.packaged(*(f"/usr/lib/systemd/{name}" for name in PROGRAMS))
        image.packaged(*(f"/usr/bin/{name}" for name in COMMANDS))
        image.packaged(*(f"{UNITS}/{name}" for name in DEBIANS_UNITS))
        for name in OWN_UNITS:
            image.copy(f"{UNITS}/{name}", HERE / name)
        for target, units in WANTS.items():
            for unit in units:
                image.archive.link(f"/etc/systemd/system/{target}.wants/{unit}", f"{UNITS}/{unit}")
        image.archive.link("/etc/systemd/system/default.target", f"{UNITS}/multi-user.target")
        image.archive.file("/etc/machine-id", "0" * 31 + "1\n")
        image.archive.file("/etc/systemd/journald.conf", "[Journal]\nStorage=volatile\nForwardToConsole=yes\n")

    def _add_agent(self, image):
        """The packages' files without those of OpenWrt, the user, the link to the board helper, the unit."""
        add_libraries(image)
        for name in PACKAGES:
            self._unpack(image.archive, package(name))
        with tempfile.TemporaryDirectory() as folder:
            etc = Path(folder) / "etc"
            etc.mkdir()
            for name, text in ACCOUNTS.items():
                (etc / name).write_text(text)
            account = TREE / "packaging/ipk/files/usr/lib/oobm/account"
            subprocess.run(["sh", account], env={"ACCOUNT_ROOT": folder, "PATH": "/usr/bin:/bin"}, check=True)
            for name in ACCOUNTS:
                image.archive.file(f"/etc/{name}", (etc / name).read_bytes())
        image.archive.link("/usr/libexec/oobm/board", "/usr/lib/oobm/board/linux")
        image.copy(f"{UNITS}/oobm.service", TREE / "packaging/systemd/oobm.service")
        environment = " ".join(f'"{name}={value}"' for name, value in INSTALLATION.items())
        image.archive.file(f"{DROP_INS}/board.conf", f"[Service]\nEnvironment={environment}\n")
        image.archive.file(f"{DROP_INS}/stricter.conf", STRICTER)

    @staticmethod
    def _unpack(archive, ipk):
        with tarfile.open(ipk) as outer, tarfile.open(fileobj=io.BytesIO(outer.extractfile("./data.tar.gz").read())) as inner:
            for member in inner:
                path = "/" + member.name.removeprefix("./")
                if not path.startswith("/usr/"):
                    continue
                if member.isfile():
                    archive.file(path, inner.extractfile(member).read(), member.mode)
                elif member.issym():
                    archive.link(path, member.linkname)

    def _add_configuration(self, archive):
        archive.file("/etc/oobm/oobm.json", json.dumps({
            "instances": "instances.json",
            "radio": {"port": PORTS["at"], "poll_s": 5},
            "board_helper": {"env": {"OOBM_BEARER": "ppp", "OOBM_PPP_PORT": PORTS["data"], "OOBM_APN": APN, **INSTALLATION}},
            "identity": {"certificate": "router.pem", "key": "router.key"},
            "uplinks": {"main_wan_registration": False},
        }))  # fmt: skip

    def start(self):
        self.machine.start()
        self.wait_for("systemctl is-active --quiet multi-user.target", BOOT_SECONDS, "the target multi-user")
        return self

    def drop_in(self, name, text):
        """Settings of the machine's owner, for the next start; without text: none any more."""
        path = f"{DROP_INS}/{name}.conf"
        act = f"cat >{path} <<'UNIT'\n{text}UNIT\n" if text else f"rm {path}\n"
        self.run(f"{act}systemctl daemon-reload")

    def show(self, name):
        """A property of the unit."""
        return self.run(f"systemctl show --property={name} --value oobm.service").strip()

    def processes(self):
        """Of the unit: (number, name, user id)."""
        lines = self.run("""
            for pid in $(cat /sys/fs/cgroup/system.slice/oobm.service/cgroup.procs 2>/dev/null); do
              echo $pid $(cat /proc/$pid/comm) $(sed -n 's/^Uid:[[:space:]]*\\([0-9]*\\).*/\\1/p' /proc/$pid/status)
            done
            true""").splitlines()
        return [(int(pid), name, int(user)) for pid, name, user in (line.split() for line in lines if line.count(" ") == 2)]

    def journal(self, *words):
        return self.run(f"journalctl --no-pager --quiet --output=short-monotonic {' '.join(words)}")

    def evidence(self):
        logs = self.machine.try_run("systemctl status --no-pager --lines=0 oobm; journalctl --no-pager --lines=80; "
                                    "tail -n 20 /run/modem/log; tail -n 20 /run/oobm-board/ppp.log; "
                                    "ip addr; ip rule; ip route show table all | grep -v local")[1]  # fmt: skip
        return f"{logs}\n{self.machine.report()}"
