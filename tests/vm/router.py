"""A router in a virtual machine: the programs as cross-built for the target, with an OOBM module whose data port speaks PPP.

    the machine
      main network namespace: the router      wan0   192.0.2.10/24, default route; leads nowhere unless `wan` says so
                                               ppp0   comes and goes with the bearer
      namespace "operator": the network       ppp0   the far end, one pppd for each call of modem-sim
                                               eth0   10.64.0.10/24, and from there to the bench's cloud

The emulator runs in the cloud's network namespace (bench.network), and its user-mode network connects to whatever listens
there; so brokers and name server can be reached over the operator's interface, and that way only.
"""

import json
import os
import time
from pathlib import Path

from bench.network import NAME_SERVER, enter
from bench.process import BenchError, wait_until
from image import Image
from machine import Machine

TREE = Path(__file__).resolve().parents[2]
PACKAGES = Path("/sysroot/vm")
HELPERS = TREE / "hal/board/helpers"

OPERATOR_ADDRESS = "10.64.0.10"
ROUTER_ADDRESS = "10.64.0.2"
APN = "oobm.example"
WAN_GATEWAY = "192.0.2.2"
RESOLV_CONF = f"nameserver {WAN_GATEWAY}\n"
OPERATOR_NETWORK = "user,net=10.64.0.0/24,host=10.64.0.1"
WAN_NETWORK = f"user,net=192.0.2.0/24,host={WAN_GATEWAY},restrict=on"
MODEM_SPEED = 10  # its start and registration take a tenth of a real one's time
PORTS = {"at": "/run/modem/at", "data": "/run/modem/data"}
STATUS_SECONDS = 60

NETWORK_SCRIPT = f"""set -e
for switch in all default; do echo 1 >/proc/sys/net/ipv6/conf/$switch/disable_ipv6; done
ip netns add operator
ip link set eth0 netns operator
nsenter --net=/run/netns/operator sh -e <<'OPERATOR'
for switch in all default; do echo 1 >/proc/sys/net/ipv6/conf/$switch/disable_ipv6; done
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
ip addr add {OPERATOR_ADDRESS}/24 dev eth0
ip link set eth0 up
ip route add default via 10.64.0.1
OPERATOR
ip link set eth1 name wan0
ip addr add 192.0.2.10/24 dev wan0
ip link set wan0 up
ip route add default via {WAN_GATEWAY}
"""

# The network's end of a call. proxyarp: the emulator's network finds the router behind this one.
PEER = (f"exec nsenter --net=/run/netns/operator pppd nodetach noauth local nodefaultroute noipv6 novj noccp "
        f"{OPERATOR_ADDRESS}:{ROUTER_ADDRESS} proxyarp ms-dns {NAME_SERVER} mtu 1358 mru 1358 "
        f"ip-up-script /bin/true ip-down-script /bin/true")  # fmt: skip


def target_build():
    """Where the cross build's programs are: OOBM_TARGET_BUILD_DIR, which CTest sets."""
    return Path(os.environ.get("OOBM_TARGET_BUILD_DIR", TREE / "build/aarch64"))


class VmRouter:
    """`instance` (bench.world.Instance) signs its certificate and is the only one it knows."""

    look_seconds = 0  # between two looks at its status

    def __init__(self, folder, identity, world, instance="na"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.identity = identity
        image = self._image(world.instances[instance])
        self.machine = Machine(self.folder, image.kernel, image.write(self.folder / "image.cpio"),
                               networks=[OPERATOR_NETWORK, WAN_NETWORK], disks=self._disks(),
                               prefix=enter(world.network.cloud))  # fmt: skip

    def _disks(self):
        return ()

    def _image(self, instance):
        image = self._world_image()
        image.program("/usr/sbin/oobm", target_build() / "agent/daemon/oobm")
        image.copy("/nothing/oobm", next((target_build() / "packaging/ipk").glob("oobm-static_*")))
        for name in ("oobmd", "oobmctl"):
            image.archive.link(f"/usr/sbin/{name}", "oobm")
        for file in sorted(HELPERS.iterdir()):
            image.copy(f"/usr/libexec/oobm/{file.name}", file)
        self._add_identity(image.archive, instance)
        self._add_configuration(image.archive)
        image.copy("/usr/share/oobm/catalogue.json", TREE / "agent/data/catalogue.json")
        return image

    def _world_image(self):
        """Everything but the agent: PPP, the module, and the operator behind it."""
        image = Image(PACKAGES)
        image.packaged("/usr/sbin/pppd", "/usr/sbin/chat", "/etc/ppp")
        image.packaged("/usr/lib/aarch64-linux-gnu/ossl-modules/legacy.so")  # pppd loads it by name
        image.add_modules("ppp_async")
        image.program("/usr/bin/modem-sim", target_build() / "tests/modem-sim/modem-sim")
        image.archive.file("/usr/libexec/operator", PEER + "\n")
        return image

    def _add_identity(self, archive, instance, instances="/usr/share/oobm/instances.json"):
        """What is the router's own, and whom it may trust."""
        pair = instance.pki.router(self.identity.serial)
        archive.file("/etc/resolv.conf", RESOLV_CONF)
        archive.file("/etc/oobm/ca.pem", instance.pki.ca.read_bytes())
        archive.file("/etc/oobm/router.pem", pair.cert.read_bytes())
        archive.file("/etc/oobm/router.key", pair.key.read_bytes(), 0o600)
        data = {**instance.data(), "tls_anchors": "/etc/oobm/ca.pem"}
        archive.file(instances, json.dumps({"instances": [data]}))
        factory = dict(serial=self.identity.serial, sku=self.identity.sku, imei=self.identity.imei,
                       model=self.identity.model, firmware=self.identity.firmware)  # fmt: skip
        archive.file("/etc/oobm/factory", "".join(f"{key}={value}\n" for key, value in factory.items()))

    def _add_configuration(self, archive):
        archive.file("/etc/oobm/oobm.json", json.dumps({
            "user": "977:978",
            "radio": {"port": PORTS["at"], "poll_s": 5},
            "board_helper": {"path": "/usr/libexec/oobm/linux",
                             "env": {"OOBM_BEARER": "ppp", "OOBM_PPP_PORT": PORTS["data"], "OOBM_APN": APN}},
            "identity": {"certificate": "router.pem", "key": "router.key"},
            "uplinks": {"main_wan_registration": False},
            "log": {"level": "debug"},
        }))  # fmt: skip

    def start(self):
        """Boots, and starts module and agent; returns when the agent answers."""
        self.machine.start()
        self.run(NETWORK_SCRIPT)
        self.start_modem()
        self.start_agent()
        return self

    def start_modem(self):
        self.run(self._modem_script())
        self.wait_for(f"test -e {PORTS['at']} -a -e {PORTS['data']}", 30, "the module's ports")

    def _modem_script(self):
        who = self.identity
        return f"""
            mkdir -p /run/modem
            modem-sim --detached --imei {who.imei} --iccid {who.iccid} --apn {APN} --speed {MODEM_SPEED} \\
                --link {PORTS['at']} --data-link {PORTS['data']} --ppp-peer 'exec dash /usr/libexec/operator' \\
                --socket /run/modem/control </dev/null >/run/modem/log 2>&1 &
            """  # fmt: skip

    def start_agent(self):
        self.run("oobmd </dev/null >>/run/oobmd.log 2>&1 & echo $! >/run/oobmd.pid")
        self.wait_for("oobmctl status --json >/dev/null; test $? -le 1", STATUS_SECONDS, "an answer of the agent")

    def stop(self):
        self.machine.kill()

    def run(self, script, **options):
        return self.machine.run(script, **options)

    def wait_for(self, script, seconds, what):
        return self.machine.wait_for(script, seconds, what)

    def modem_ctl(self, *words):
        return self.run(f"modem-sim ctl --socket /run/modem/control {' '.join(words)}").strip()

    def end_call_from_afar(self):
        """The network ends the data call, in good order."""
        self.run("kill $(ip netns pids operator)")

    def status(self):
        """Empty while the daemon is being started."""
        code, text = self.machine.try_run("oobmctl status --json 2>/dev/null")
        return json.loads(text) if code <= 1 else {}

    def wait_status(self, predicate, seconds, what):
        """The first status for which the predicate holds."""
        status = None

        def seen():
            nonlocal status
            time.sleep(self.look_seconds)
            status = self.status()
            return bool(status) and predicate(status)

        try:
            wait_until(seen, seconds, what)
        except BenchError as error:
            raise BenchError(f"{error}\n{json.dumps(status)}\n{self.evidence()}") from None
        return status

    def evidence(self):
        """What a reader of a failed test wants to see."""
        logs = self.machine.try_run("tail -n 40 /run/oobmd.log; tail -n 20 /run/modem/log; tail -n 20 /run/oobm-board/ppp.log; "
                                    "ip addr; ip route show table all | grep -v local")[1]  # fmt: skip
        return f"{logs}\n{self.machine.report()}"

    def counters(self, interface):
        """(bytes received, bytes sent) since the interface was made."""
        folder = f"/sys/class/net/{interface}/statistics"
        return tuple(int(text) for text in self.run(f"cat {folder}/rx_bytes {folder}/tx_bytes").split())

    def customer_network(self):
        """What no bearer may touch: the default route of the main table, and who resolves names."""
        return self.run("ip -4 route show table main default; cat /etc/resolv.conf; ls /etc/resolv.conf*")

    def bearer_remains(self):
        """What a bearer that is down must not leave: its processes, interface, routes, rules and files."""
        return self.run("""
            ip -o link show type ppp
            ip -4 rule show | grep -v -e '^0:' -e '^32766:' -e '^32767:'
            ip -4 route show table 100 2>/dev/null
            for folder in /proc/[0-9]*; do
              [ "$(cat "$folder/comm" 2>/dev/null)" = pppd ] &&
                [ "$(readlink "$folder/ns/net")" = "$(readlink /proc/1/ns/net)" ] && echo "$folder"
            done
            find /run/oobm-board -type f ! -name '*.log' 2>/dev/null
            true""").strip()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
