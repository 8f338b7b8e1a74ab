"""A router in a virtual machine as a firmware makes one: a read-only system without the agent, a flash that keeps what the
machine held when its power went, and the agent's packages, put there by their own scripts and started by their own init
script. What stands in for OpenWrt's programs (procd, opkg, uci) is in openwrt/ and tests/target/router.
"""

from image import needed_libraries
from router import APN, NETWORK_SCRIPT, PORTS, TREE, VmRouter, target_build

HERE = TREE / "tests/vm/openwrt"
FLASH_BYTES = 64 << 20
BOOT_SECONDS = 180  # for all init scripts to have run
INSTALL_SECONDS = 300
SYSROOT_LIBRARIES = "/sysroot/aarch64"
PACKAGES = ("oobm-agent", "oobm-agent-transfer")
NEXT_VERSION = "9.9.9"  # what the second package of the agent says that it is
STAND_INS = {
    "/etc/rc.common": HERE / "rc.common",
    "/usr/sbin/procd-instance": HERE / "procd-instance",
    "/usr/bin/opkg": HERE / "opkg",
    "/usr/sbin/uci": TREE / "tests/target/router/uci",
    "/usr/libexec/oobm/board": HERE / "board",
}
AWAIT_MODULE = f"for tenth in $(seq 100); do [ ! -e {PORTS['data']} ] || break; sleep 0.1; done\n"
STAGES = {"/preinit": HERE / "preinit", "/services": HERE / "services"}
ACCOUNTS = {"/etc/group": "root:x:0:\ndialout:x:20:\n", "/etc/shadow": "root:*:0:0:99999:7:::\n"}
CONFIGURATION = f"""\
config agent 'main'
	option enabled '1'
	option instances '/etc/oobm/instances.json'
config radio 'radio'
	option port '{PORTS["at"]}'
config board 'board'
	option path '/usr/libexec/oobm/board'
	list env 'OOBM_BEARER=ppp'
	list env 'OOBM_PPP_PORT={PORTS["data"]}'
	list env 'OOBM_APN={APN}'
config identity 'identity'
	option certificate '/etc/oobm/router.pem'
	option key '/etc/oobm/router.key'
config uplinks 'uplinks'
	option main_wan_registration '0'
config mqtt 'mqtt'
config tls 'tls'
config transfer 'transfer'
config log 'log'
	option target 'syslog'
"""


def package(name, version="0.1.0"):
    """The package of the cross build."""
    folder = "packaging/ipk" if version != NEXT_VERSION else "tests/vm"
    found = sorted((target_build() / folder).glob(f"{name}_{version}-*.ipk"))
    if len(found) != 1:
        raise FileNotFoundError(f"{folder}: {len(found)} packages {name} of version {version}; ./dev vm makes them")
    return found[0]


def add_libraries(image):
    """What the packages' programs need of the firmware: nothing else in the image says so."""
    image.library_roots.append(SYSROOT_LIBRARIES)
    for name in needed_libraries(target_build() / "agent/transfer/oobm-transfer"):
        image.library(name)


class FlashRouter(VmRouter):
    """start() is a power-on with whatever the flash holds: an empty one has no agent, see install()."""

    look_seconds = 1  # a look costs an emulated machine a good part of that

    @property
    def flash(self):
        return self.folder / "flash"

    def _disks(self):
        self.flash.unlink(missing_ok=True)
        with open(self.flash, "xb") as file:
            file.truncate(FLASH_BYTES)
        return (self.flash,)

    def _image(self, instance):
        image = self._world_image()
        image.packaged("/usr/sbin/mke2fs", "/usr/bin/flock")  # the latter an applet on OpenWrt, not in Debian's busybox
        add_libraries(image)
        image.add_modules("crc32c_generic", "ext4", "overlay")
        archive = image.archive
        archive.link("/usr/bin/sh", "busybox")  # as on OpenWrt
        for path, source in {**STAND_INS, **STAGES}.items():
            image.copy(path, source, 0o755)
        for path, text in ACCOUNTS.items():
            archive.file(path, text)
        for name in PACKAGES:
            image.copy(f"/packages/{name}.ipk", package(name))
        script = f"#!/usr/bin/dash\n# The world that this machine is in: networks, module, operator.\n{NETWORK_SCRIPT}\n{self._modem_script()}\n{AWAIT_MODULE}"
        archive.file("/etc/rc.d/S10world", script, 0o755)
        archive.file("/etc/config/oobm", CONFIGURATION)
        self._add_identity(archive, instance, "/etc/oobm/instances.json")
        return image

    def start(self):
        self.machine.start()
        return self

    def install(self):
        """As a technician does it, with packages that he has brought along."""
        self.wait_for("test -e /run/booted", BOOT_SECONDS, "the init scripts")
        return self.run("for name in " + " ".join(PACKAGES) + "; do opkg install /packages/$name.ipk || exit 1; done", seconds=INSTALL_SECONDS)

    def evidence(self):
        logs = self.machine.try_run("tail -n 60 /run/messages; cat /run/boot.log; tail -n 5 /run/service.log; "
                                    "tail -n 20 /run/modem/log; tail -n 20 /run/oobm-board/ppp.log; ls -l /usr/lib/oobm-install")[1]  # fmt: skip
        return f"{logs}\n{self.machine.report()}"
