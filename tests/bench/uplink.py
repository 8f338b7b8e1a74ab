"""What the uplink costs on the wire, beside the same MQTT library with TLS of its own (OpenSSL).

    ./dev bench uplink [--json] [--records] [--quick] [--reconnects N]

A real Mosquitto, mutual TLS with P-256 certificates, one link that carries nothing else and delays every packet. Each of
the two clients does the same, with TLS 1.3 and with 1.2: connects for the first time, publishes 200 bytes, is idle for
some keepalive periods, leaves, and connects again. Printed are IP bytes as the interface counts them and TCP payload, both
ways together. Exit status 1 when an aim is missed.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.alms import build_dir
from bench.broker import Broker
from bench.pki import instance_pki
from bench.process import BenchError, tail
from delayed_link import FAR_ADDRESS, NEAR_DEVICE, DelayedLink
from tcp_trace import cost, records

HOST = "na.alms.test"
PORT = 8883
SERIAL = "XR80T00001"
PUBLISHED_BYTES = 200
SECONDS = 30  # in which anything that is asked for must have happened

IDLE_KEEPALIVE = 900  # seconds
DAY, MONTH_DAYS = 86_400, 30
CLIENTS = {"agent": "bench-uplink-client", "paho": "bench-paho-client"}
VERSIONS = ("1.3", "1.2")
# TCP payload from connect to ready, and bytes on the wire for an idle month: the agent's aims.
AIMS = {
    ("1.3", "first"): 3_700, ("1.2", "first"): 2_700,
    ("1.3", "again"): 1_950, ("1.2", "again"): 1_050,
}  # fmt: skip
AIM_MONTH = 600_000
# Round trips that the protocols ask for: TCP 1; TLS 1, but 2 for a full handshake of 1.2 (RFC 5246 section 7.3); CONNECT 1;
# SUBSCRIBE none, since it may follow CONNECT unanswered (MQTT 3.1.1 section 3.1.4).
LEAST_ROUND_TRIPS = {("1.3", "first"): 3, ("1.2", "first"): 4, ("1.3", "again"): 3, ("1.2", "again"): 3}
STEPS = {
    "first": "first connect, to ready",
    "again": "connect again, to ready",
    "publish": f"publish {PUBLISHED_BYTES} B, with PUBACK",
    "keepalive": "keepalive cycle",
    "leave": "leave in good order",
}


class Client:
    """One of the two programs, in the near namespace; obeys lines."""

    def __init__(self, name, version, link, folder, pki, keepalive):
        self.name = name
        self.log = Path(tempfile.mkdtemp(dir=folder)) / f"{name}.log"
        given = dict(interface=NEAR_DEVICE, address=FAR_ADDRESS, port=PORT, host=HOST, anchors=pki.ca,
                     certificate=pki.router(SERIAL).cert, key=pki.router(SERIAL).key, keepalive=keepalive, tls=version,
                     filter=f"{SERIAL}/tasks/json", topic=f"{SERIAL}/messages/json", **{"client-id": SERIAL})  # fmt: skip
        command = [build_dir() / "tests/bench" / CLIENTS[name]]
        for key, value in given.items():
            command += [f"--{key}", value]
        # Both know the broker's address without asking.
        hosts = folder / "hosts"
        hosts.write_text(f"{FAR_ADDRESS} {HOST}\n")
        mount = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([str(part) for part in (*link.near_prefix, *mount, *command)], text=True,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)  # fmt: skip

    def ask(self, command, expected):
        """The (time, detail) of the answer."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.answer(expected)

    def answer(self, expected):
        line = self.process.stdout.readline().strip()
        what, _, rest = line.partition(" ")
        if what != expected:
            raise BenchError(f"{self.name}: '{line}' instead of '{expected}'\n{tail(self.log)}")
        when, _, detail = rest.partition(" ")
        return int(when) / 1e9, detail

    def close(self):
        self.process.stdin.close()
        self.process.wait(SECONDS)
        self.process.stdout.close()


@contextlib.contextmanager
def broker_of(folder, pki, link, version):
    """A fresh Mosquitto that speaks no newer TLS than this."""
    folder = folder / f"broker-{version}"
    folder.mkdir()
    (folder / "openssl.cnf").write_text(
        f"openssl_conf=conf\n[conf]\nssl_conf=ssl\n[ssl]\nsystem_default=all\n[all]\nMaxProtocol=TLSv{version}\n"
    )
    broker = Broker(folder, pki, address=FAR_ADDRESS, port=PORT, prefix=link.far_prefix)
    broker.process.env = {**os.environ, "OPENSSL_CONF": str(folder / "openssl.cnf")}
    with broker:
        yield broker


class Measurement:
    """Plays one client against one broker and keeps the packets of each step."""

    def __init__(self, client, link, cycles, keepalive):
        self.client, self.link, self.cycles, self.keepalive = client, link, cycles, keepalive
        self.packets = {}
        self.ready_seconds = {}

    def play(self):
        self._connect("first")
        self._step("publish", lambda: self.client.ask(f"publish {PUBLISHED_BYTES}", "published"))
        self._step("keepalive", self._idle)
        self._leave()
        self._connect("again", "kept")
        self.link.during(lambda: self.client.ask("stop", "closed"))
        return self

    def _step(self, name, action):
        result, self.packets[name] = self.link.during(action)
        return result

    def _connect(self, name, kept="new"):
        ready, detail = self._step(name, lambda: self.client.ask("connect", "ready"))
        if not detail.endswith(kept):
            raise BenchError(f"{self.client.name}: the session is '{detail}' instead of '{kept}'")
        self.ready_seconds[name] = ready - self.packets[name][0].time

    def _leave(self):
        self._step("leave", lambda: self.client.ask("stop", "closed"))

    def _idle(self):
        """Waits for some PINGREQs."""
        first = len(self.link.packets)
        deadline = time.monotonic() + self.keepalive * (self.cycles + 2) + SECONDS
        while self._said_since(first) < self.cycles:
            if time.monotonic() > deadline:
                raise BenchError(f"{self.client.name}: no keepalive")
            time.sleep(0.05)

    def _said_since(self, first):
        return sum(sent for _, sent, _, _ in records(self.link.packets[first:]))

    def result(self):
        steps = {}
        for name, packets in self.packets.items():
            count, spent = 1, cost(packets)
            if name == "keepalive":
                count = sum(sent for _, sent, _, _ in records(packets))
            steps[name] = {
                "packets": spent.packets / count,
                "wire": spent.wire / count,
                "wire_sent": spent.sent / count,
                "wire_received": spent.received / count,
                "payload": spent.payload / count,
                "payload_sent": spent.payload_sent / count,
                "payload_received": spent.payload_received / count,
                "records": [[sent, kind, size] for _, sent, kind, size in records(packets)],
            }
            if name in self.ready_seconds:
                steps[name]["round_trips"] = round(self.ready_seconds[name] / (2 * self.link.delay), 1)
        return steps


def add_idle(steps, reconnects):
    """An idle day: keepalive cycles at 900 s, and so many connections that were lost and made again."""
    for unit in ("wire", "payload"):
        day = DAY / IDLE_KEEPALIVE * steps["keepalive"][unit] + reconnects * steps["again"][unit]
        for name, days in (("day", 1), ("month", MONTH_DAYS)):
            steps.setdefault(name, {})[unit] = day * days


def measure(clients=tuple(CLIENTS), versions=VERSIONS, delay=0.1, keepalive=3, cycles=2, reconnects=1, label="cost"):
    """{client: {version: {step: figures}}}"""
    results = {client: {} for client in clients}
    with tempfile.TemporaryDirectory(prefix="oobm-cost-") as made, DelayedLink(label, delay) as link:
        folder = Path(made)
        pki = instance_pki(folder / "pki", "na", HOST)
        for version in versions:
            for name in clients:
                with broker_of(Path(tempfile.mkdtemp(dir=folder)), pki, link, version):
                    with contextlib.closing(Client(name, version, link, folder, pki, keepalive)) as client:
                        results[name][version] = Measurement(client, link, cycles, keepalive).play().result()
                add_idle(results[name][version], reconnects)
    return results


def missed_aims(results):
    """Sentences, none when all aims hold."""
    missed = []
    for version, steps in results["agent"].items():
        for (aimed, step), most in AIMS.items():
            if aimed == version and steps[step]["payload"] > most:
                missed.append(f"TLS {version}, {STEPS[step]}: {steps[step]['payload']:.0f} B of TCP payload, aim {most} B")
        if steps["month"]["wire"] > AIM_MONTH:
            missed.append(f"TLS {version}, idle month: {steps['month']['wire']:.0f} B on the wire, aim {AIM_MONTH} B")
    return missed


def amount(figures):
    def text(value):
        return f"{value / 1000:,.1f} kB" if value >= 10_000 else f"{value:,.0f}"

    return f"{text(figures['wire'])} / {text(figures['payload'])}"


def table(results):
    columns = [(client, version) for version in VERSIONS for client in results if version in results[client]]
    lines = ["| wire / TCP payload, bytes | " + " | ".join(f"{client}, {version}" for client, version in columns) + " |",
             "|---|" + "---|" * len(columns)]  # fmt: skip
    rows = {**STEPS, "day": "idle day", "month": f"idle month ({MONTH_DAYS} days)"}
    for step, title in rows.items():
        lines.append(f"| {title} | " + " | ".join(amount(results[c][v][step]) for c, v in columns) + " |")
    for step in ("first", "again"):
        trips = (f"{results[c][v][step]['round_trips']} ({LEAST_ROUND_TRIPS[v, step]})" for c, v in columns)
        lines.append(f"| round trips, {STEPS[step]} (least possible) | " + " | ".join(trips) + " |")
    return "\n".join(lines)


def record_lines(results):
    """Every TLS record of the two connects."""
    for client, versions in results.items():
        for version, steps in versions.items():
            for step in ("first", "again"):
                shown = (f"{'>' if sent else '<'}{kind} {size}" for sent, kind, size in steps[step]["records"])
                yield f"{client}, TLS {version}, {STEPS[step]}: " + ", ".join(shown)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench uplink", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", action="store_true", help="everything measured, as JSON")
    parser.add_argument("--records", action="store_true", help="also each TLS record of the connects")
    parser.add_argument("--quick", action="store_true", help="a short delay and short idle times")
    parser.add_argument("--reconnects", type=float, default=1, help="connections lost and made again in an idle day")
    given = parser.parse_args()
    options = dict(delay=0.02, keepalive=2) if given.quick else {}
    results = measure(reconnects=given.reconnects, **options)
    missed = missed_aims(results)
    if given.json:
        print(json.dumps(results, indent=2))
        return bool(missed)
    print(table(results))
    print(f"\nidle day = {DAY} s / {IDLE_KEEPALIVE} s x keepalive cycle + {given.reconnects:g} x connect again")
    if given.records:
        print("", *record_lines(results), sep="\n")
    print("", *(f"missed: {what}" for what in missed), *(() if missed else ("all aims hold",)), sep="\n")
    return bool(missed)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"error: {error}")
