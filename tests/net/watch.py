"""What leaves a network namespace, by interface and destination: counted by nftables behind every routing decision, so that
it also stands when the interface has been removed, and shown by name when something was not allowed."""

import json
import subprocess
from collections import Counter

from bench.process import BenchError

RULES = """
table inet watch {
  set sent { type ifname . ipv4_addr . inet_proto . inet_service; size 4096; flags dynamic; counter; }
  set other { type ifname . ipv4_addr . inet_proto; size 4096; flags dynamic; counter; }
  chain out {
    type filter hook postrouting priority 300;
    oifname "lo" return
    meta l4proto { tcp, udp } add @sent { oifname . ip daddr . meta l4proto . th dport }
    meta l4proto != { tcp, udp } add @other { oifname . ip daddr . meta l4proto }
  }
}
"""


class Watch:
    """Counts from start() on; reset() begins anew."""

    def __init__(self, prefix):
        self.prefix = list(prefix)

    def _nft(self, *arguments, stdin=None):
        done = subprocess.run([*self.prefix, "nft", *arguments], input=stdin, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"nft {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def start(self):
        self._nft("-f", "-", stdin=RULES)
        return self

    def reset(self):
        self._nft("-f", "-", stdin="delete table inet watch\n" + RULES)

    def packets(self):
        """{(interface, address, protocol, port): packets}; port 0 where the protocol has none."""
        found = Counter()
        for part in json.loads(self._nft("-j", "-n", "list", "table", "inet", "watch"))["nftables"]:
            for element in part.get("set", {}).get("elem", []):
                entry = element["elem"]
                where = tuple(str(field) for field in entry["val"]["concat"])
                found[where if len(where) == 4 else (*where, "0")] += entry["counter"]["packets"]
        return found

    def strays(self, interfaces, allowed=()):
        """What has left by one of these interfaces to anything but the allowed (address, port) pairs."""
        return {
            where: count
            for where, count in self.packets().items()
            if where[0] in interfaces and (where[1], where[3]) not in allowed
        }  # fmt: skip
