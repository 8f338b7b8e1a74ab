"""Network namespaces of a bench: one cloud, and routers that reach it over a main WAN and over an OOBM link.

    router  wan0  192.0.2.x/30     ------  wN  cloud   brokers and name server on addresses of its own (203.0.113.0/24)
            oobm0 198.51.100.x/30  ------  oN

The OOBM interface starts down and without an address: bringing it up is the board's work. IPv6 is off, so that nothing is
sent that nobody asked for and a packet counter of zero means zero. All addresses are documentation ranges (RFC 5737).
"""

import json
import subprocess

ALMS_ADDRESS = {"na": "203.0.113.10", "eu": "203.0.113.20"}
NAME_SERVER = "203.0.113.53"
WAN = "wan0"
OOBM = "oobm0"
OOBM_MTU = 1358
MAX_ROUTERS = 60


def ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True, capture_output=True, text=True)


def enter(name):
    """Command prefix that runs a program in a namespace; the program keeps the pid."""
    return ["nsenter", f"--net=/run/netns/{name}"]


def make_namespace(name):
    ip("netns", "add", name)
    for switch in ("all", "default"):
        subprocess.run([*enter(name), "sysctl", "-qw", f"net.ipv6.conf.{switch}.disable_ipv6=1"], check=True)
    ip("-n", name, "link", "set", "lo", "up")


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
            ip("-n", self.cloud, "addr", "add", f"{address}/32", "dev", "lo")
        return self

    def stop(self):
        for name in reversed(self.made):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        self.made.clear()

    def _make(self, name):
        make_namespace(name)
        self.made.append(name)

    def add_router(self, name):
        """A namespace with both uplinks; returns its Attachment."""
        if self.links >= MAX_ROUTERS:
            raise ValueError("too many routers")
        number, self.links = self.links, self.links + 1
        namespace = f"{self.label}-{name}"
        self._make(namespace)
        attachment = Attachment(namespace, self.cloud, number)
        attachment.connect()
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

    def connect(self):
        for device, far, gateway in ((WAN, f"w{self.number}", self.wan_gateway), (OOBM, f"o{self.number}", self.oobm_gateway)):
            ip("link", "add", device, "netns", self.namespace, "type", "veth", "peer", "name", far, "netns", self.cloud)
            ip("-n", self.cloud, "addr", "add", f"{gateway}/30", "dev", far)
            ip("-n", self.cloud, "link", "set", far, "up")
        ip("-n", self.namespace, "addr", "add", f"{self.wan_address}/30", "dev", WAN)
        ip("-n", self.namespace, "link", "set", WAN, "up")
        ip("-n", self.namespace, "route", "add", "default", "via", self.wan_gateway)

    def board(self):
        """What the board file says of the interfaces (hal/board/helpers/bench)."""
        return {"oobm_interface": OOBM, "oobm_address": f"{self.oobm_address}/30", "oobm_gateway": self.oobm_gateway,
                "oobm_dns": NAME_SERVER, "oobm_mtu": OOBM_MTU, "wan_interface": WAN, "wan_dns": NAME_SERVER}  # fmt: skip

    def packets_sent(self, device):
        """Packets of any kind that have left by this interface since it was made."""
        done = subprocess.run(["ip", "-n", self.namespace, "-j", "-s", "link", "show", device], check=True,
                              capture_output=True, text=True)  # fmt: skip
        return json.loads(done.stdout)[0]["stats64"]["tx"]["packets"]

    def set_wan(self, up):
        """The main WAN fails, or comes back with its default route."""
        ip("-n", self.namespace, "link", "set", WAN, "up" if up else "down")
        if up:
            ip("-n", self.namespace, "route", "replace", "default", "via", self.wan_gateway)
