"""Network namespaces of a bench: one cloud, and routers that reach it over a main WAN and over an OOBM link.

    router  wan0  192.0.2.x/30     ------  wN  cloud   brokers and name server on addresses of its own (203.0.113.0/24)
            oobm0 198.51.100.x/30  ------  oN

The OOBM interface starts down and without an address: bringing it up is the board's work. IPv6 is off, so that nothing is
sent that nobody asked for and a packet counter of zero means zero. All addresses are documentation ranges (RFC 5737).
"""

import json
import subprocess

from .process import BenchError

ALMS_ADDRESS = {"na": "203.0.113.10", "eu": "203.0.113.20"}
NAME_SERVER = "203.0.113.53"
WAN = "wan0"
OOBM = "oobm0"
OOBM_MTU = 1358
MAX_ROUTERS = 60


def enter(name):
    """Command prefix that runs a program in a namespace; the program keeps the pid."""
    return ["nsenter", f"--net=/run/netns/{name}"]


def ip(*arguments, within=None):
    """What ip(8) prints; `within` names a namespace."""
    prefix = enter(within) if within else []
    done = subprocess.run([*prefix, "ip", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"ip {' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return done.stdout


def make_namespace(name):
    ip("netns", "add", name)
    for switch in ("all", "default"):
        subprocess.run([*enter(name), "sysctl", "-qw", f"net.ipv6.conf.{switch}.disable_ipv6=1"], check=True)
    ip("link", "set", "lo", "up", within=name)


class Network:
    """Made by start(), gone after stop(). `label` keeps the names of two benches on one machine apart."""

    def __init__(self, label="bench"):
        self.label = label
        self.cloud = f"{label}-cloud"
        self.made = []
        self.links = 0

    def start(self):
        self._make(self.cloud)
        for address in (*ALMS_ADDRESS.values(), NAME_SERVER):
            ip("addr", "add", f"{address}/32", "dev", "lo", within=self.cloud)
        return self

    def stop(self):
        for name in reversed(self.made):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        self.made.clear()

    def _make(self, name):
        make_namespace(name)
        self.made.append(name)

    def add_router(self, name, oobm=True):
        """A namespace with both uplinks; returns its Attachment. Without `oobm` the OOBM interface is left to the caller."""
        if self.links >= MAX_ROUTERS:
            raise ValueError("too many routers")
        number, self.links = self.links, self.links + 1
        namespace = f"{self.label}-{name}"
        self._make(namespace)
        attachment = Attachment(namespace, self.cloud, number)
        attachment.connect_wan()
        if oobm:
            attachment.connect_oobm()
        return attachment

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Attachment:
    """One router's place in the network."""

    def __init__(self, namespace, cloud, number):
        self.namespace = namespace
        self.cloud = cloud
        self.number = number
        base = 4 * number
        self.wan_gateway, self.wan_address = f"192.0.2.{base + 1}", f"192.0.2.{base + 2}"
        self.oobm_gateway, self.oobm_address = f"198.51.100.{base + 1}", f"198.51.100.{base + 2}"

    @property
    def prefix(self):
        return enter(self.namespace)

    @property
    def far_oobm(self):
        """The network's end of the OOBM link, in the cloud's namespace."""
        return f"o{self.number}"

    def _connect(self, device, far, gateway):
        ip("link", "add", device, "netns", self.namespace, "type", "veth", "peer", "name", far, "netns", self.cloud)
        ip("addr", "add", f"{gateway}/30", "dev", far, within=self.cloud)
        ip("link", "set", far, "up", within=self.cloud)

    def connect_oobm(self):
        self._connect(OOBM, self.far_oobm, self.oobm_gateway)

    def connect_wan(self):
        self._connect(WAN, f"w{self.number}", self.wan_gateway)
        ip("addr", "add", f"{self.wan_address}/30", "dev", WAN, within=self.namespace)
        ip("link", "set", WAN, "up", within=self.namespace)
        ip("route", "add", "default", "via", self.wan_gateway, within=self.namespace)

    def board(self):
        """What the board file says of the interfaces (hal/board/helpers/bench)."""
        return {"oobm_interface": OOBM, "oobm_address": f"{self.oobm_address}/30", "oobm_gateway": self.oobm_gateway,
                "oobm_dns": NAME_SERVER, "oobm_mtu": OOBM_MTU, "wan_interface": WAN, "wan_dns": NAME_SERVER}  # fmt: skip

    def packets_sent(self, device):
        """Packets of any kind that have left by this interface since it was made."""
        shown = ip("-j", "-s", "link", "show", device, within=self.namespace)
        return json.loads(shown)[0]["stats64"]["tx"]["packets"]

    def oobm_is_up(self):
        """Whether the OOBM interface has an address, that is, whether its bearer is up."""
        return "inet " in ip("-4", "addr", "show", OOBM, within=self.namespace)

    def set_wan(self, up):
        """The main WAN fails, or comes back with its default route."""
        ip("link", "set", WAN, "up" if up else "down", within=self.namespace)
        if up:
            ip("route", "replace", "default", "via", self.wan_gateway, within=self.namespace)
