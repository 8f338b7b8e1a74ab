"""Two network namespaces and the one link between them, on which nothing is sent but what is being measured.

    near  lte0 198.51.100.2  --- delay, both ways --- lte1 203.0.113.10  far

The ends are TUN devices and the wire between them is this process: it keeps every packet with its time, and delivers it
after the delay, so that round trips can be told by the clock. What a TUN device counts is IP packets, no link layer and
no neighbour discovery, and IPv6 is off: the interface's own counters are the truth that the packets kept here are
checked against.
"""

import fcntl
import json
import os
import select
import struct
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass

from bench.network import OOBM_MTU, enter, ip, make_namespace
from bench.process import BenchError, wait_until
from bench.router import TREE

NEAR_DEVICE, FAR_DEVICE = "lte0", "lte1"
NEAR_ADDRESS, FAR_ADDRESS = "198.51.100.2", "203.0.113.10"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
QUIET_SECONDS = 0.25  # beside four delays: longer than the 40 ms for which Linux may hold back an ACK


@dataclass(frozen=True)
class Packet:
    """One IP packet as it entered the wire. `sent` is seen from the near side."""

    time: float  # time.monotonic()
    sent: bool
    data: bytes


_making = threading.Lock()  # a device is made here before it is moved to where its name is its own


def open_tun(device, namespace):
    """The descriptor whose packets are those of `device`, which is moved into the namespace."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    with _making:
        fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
        ip("link", "set", device, "netns", namespace)
    return descriptor


class DelayedLink:
    """Context manager. `delay` in seconds, for each way; `label` keeps two of them apart on one machine."""

    def __init__(self, label, delay):
        self.near, self.far = f"{label}-near", f"{label}-far"
        self.delay = delay
        self.packets = []
        self._waiting = deque()  # (due, packet)
        self._tuns = []
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    @property
    def near_prefix(self):
        return enter(self.near)

    @property
    def far_prefix(self):
        return enter(self.far)

    def __enter__(self):
        ends = ((self.near, NEAR_DEVICE, NEAR_ADDRESS, FAR_ADDRESS), (self.far, FAR_DEVICE, FAR_ADDRESS, NEAR_ADDRESS))
        for namespace, device, own, other in ends:
            make_namespace(namespace)
            self._tuns.append(open_tun(device, namespace))
            ip("link", "set", device, "mtu", OOBM_MTU, "up", within=namespace)
            ip("addr", "add", own, "peer", other, "dev", device, within=namespace)
        self._thread.start()
        return self

    def __exit__(self, *_):
        os.write(self._stop_write, b"x")
        self._thread.join()
        for descriptor in (*self._tuns, self._stop_read, self._stop_write):
            os.close(descriptor)
        for namespace in (self.near, self.far):
            ip("netns", "del", namespace)

    def leave_out_timestamps(self):
        """As the board helpers do on the bearer."""
        script = f'. "$0" && leave_out_timestamps {NEAR_DEVICE} 100'
        helper = TREE / "hal/board/helpers/policy_routing.sh"
        subprocess.run([*self.near_prefix, "sh", "-c", script, helper], check=True)

    def _carry(self):
        near, far = self._tuns
        while True:
            wait = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
            readable, _, _ = select.select([near, far, self._stop_read], [], [], wait)
            if self._stop_read in readable:
                return
            for descriptor in readable:
                packet = Packet(time.monotonic(), descriptor == near, os.read(descriptor, 65536))
                self.packets.append(packet)
                self._waiting.append((packet.time + self.delay, packet))
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                packet = self._waiting[0][1]
                os.write(far if packet.sent else near, packet.data)
                self._waiting.popleft()  # no sooner: whoever waits for silence waits for its arrival

    def wait_quiet(self):
        """Returns once nothing has been sent for a while and everything has arrived."""
        quiet = QUIET_SECONDS + 4 * self.delay

        def silent():
            return not self._waiting and (not self.packets or time.monotonic() - self.packets[-1].time > quiet)

        wait_until(silent, 30, "silence on the link")

    def counters(self):
        """(sent, received) bytes of the near interface, as it counts them."""
        shown = json.loads(ip("-j", "-s", "link", "show", NEAR_DEVICE, within=self.near))[0]["stats64"]
        return shown["tx"]["bytes"], shown["rx"]["bytes"]

    def during(self, action):
        """What `action()` returns, and the packets from its beginning until silence. Raises BenchError when they are
        not exactly what the interface has counted."""
        self.wait_quiet()
        before, first = self.counters(), len(self.packets)
        result = action()
        self.wait_quiet()
        counted = tuple(now - then for now, then in zip(self.counters(), before))
        packets = self.packets[first:]
        kept = tuple(sum(len(p.data) for p in packets if p.sent is way) for way in (True, False))
        if kept != counted:
            raise BenchError(f"the interface counted {counted} bytes sent and received, the wire carried {kept}")
        return result, packets
