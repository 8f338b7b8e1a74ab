"""What the uplink costs on the wire, beside the same MQTT library with TLS of its own (OpenSSL).

    ./dev bench uplink [--json] [--records] [--quick] [--timestamps]

A real Mosquitto, mutual TLS with P-256 certificates, one link that carries nothing else and delays every packet. Each of
the two clients does the same, with TLS 1.3 and with 1.2: connects for the first time, publishes 200 bytes, is idle for
some keepalive periods, leaves, and connects again. Printed are IP bytes as the interface counts them and TCP payload, both
ways together. Exit status 1 when the agent costs more than it may.
"""

import argparse
import contextlib
import itertools
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
from bench.process import BenchError, tail, wait_until
from delayed_link import FAR_ADDRESS, NEAR_DEVICE, DelayedLink
from tcp_trace import cost, records, repeats, segment

HOST = "na.alms.test"
PORT = 8883
SERIAL = "XR80T00001"
PUBLISHED_BYTES = 200
ATTEMPTS = 4  # to measure without a segment that a busy machine made TCP send twice
SECONDS = 30  # in which anything that is asked for must have happened

DAY, MONTH_DAYS = 86_400, 30  # seconds; days
# What an idle day and month hold: title, days, keepalive in seconds, connections a day that were lost and made again.
IDLE = {
    "day": ("idle day, keepalive 900 s", 1, 900, 0),
    "month": ("idle month, keepalive 900 s", MONTH_DAYS, 900, 0),
    "month_reconnecting": ("the same, connecting again once a day", MONTH_DAYS, 900, 1),
    "month_longest": ("idle month, keepalive 1,740 s", MONTH_DAYS, 1740, 0),
}
CLIENTS = {"agent": "bench-uplink-client", "paho": "bench-paho-client"}
VERSIONS = ("1.3", "1.2")
# What the agent may cost: TCP payload to ready, and on the wire for an idle month with a keepalive of 900 s.
PAYLOAD_TO_READY = {("1.3", "first"): 3_700, ("1.2", "first"): 2_700, ("1.3", "again"): 1_950, ("1.2", "again"): 1_050}
IDLE_MONTH_WIRE = 600_000
# Round trips that the protocols ask for: TCP 1; TLS 1, but 2 for a full handshake of 1.2 (RFC 5246 section 7.3); CONNECT 1;
# SUBSCRIBE none, since it may follow CONNECT unanswered (MQTT 3.1.1 section 3.1.4).
LEAST_ROUND_TRIPS = {("1.3", "first"): 3, ("1.2", "first"): 4, ("1.3", "again"): 3, ("1.2", "again"): 3}
STEPS = {
    "first": "first connect, SUBACK included",
    "again": "connect again, SUBACK included",
    "publish": f"publish {PUBLISHED_BYTES} B, with PUBACK",
    "keepalive": "keepalive cycle",
    "leave": "leave in good order",
}


class QuickBroker(Broker):
    """Mosquitto without Nagle's delay. With it, which is its default, a CONNACK waits until the ticket of TLS 1.3 that has
    gone before is acknowledged: another round trip."""

    def write_config(self):
        super().write_config()
        with open(self.config_path, "a") as config:
            config.write("set_tcp_nodelay true\n")


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
        # OpenSSL is held to the version from outside: the library's own setting is a minimum. mbedTLS does not read this.
        limit = self.log.with_name("openssl.cnf")
        limit.write_text("openssl_conf=conf\n[conf]\nssl_conf=ssl\n[ssl]\nsystem_default=all\n[all]\n"
                         f"MaxProtocol=TLSv{version}\n")  # fmt: skip
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([str(part) for part in (*link.near_prefix, *mount, *command)], text=True,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                            env={**os.environ, "OPENSSL_CONF": str(limit)})  # fmt: skip

    def ask(self, command, expected):
        """The (time, detail) of the answer."""
        with contextlib.suppress(BrokenPipeError):
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
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(SECONDS)
        self.process.stdout.close()


class Measurement:
    """Plays one client against one broker and keeps the packets of each step."""

    def __init__(self, client, link, cycles, keepalive):
        self.client, self.link, self.cycles, self.keepalive = client, link, cycles, keepalive
        self.packets = {}
        self.ready_seconds = {}

    def play(self):
        self._connect("first", "new")
        self._step("publish", lambda: self.client.ask(f"publish {PUBLISHED_BYTES}", "published"))
        self._step("keepalive", self._idle)
        self._step("leave", self._leave)
        tls = self._connect("again", "kept")
        if self.client.name == "agent" and "resumed" not in tls:
            raise BenchError(f"the agent's second connection is '{tls}' instead of resumed")
        self.link.during(self._leave)
        return self

    def _after_ready(self, name, seen):
        """SUBSCRIBE and SUBACK, the last record each way, where nobody waits for them: the agent in a kept session."""
        if self.client.name != "agent" or name != "again":
            return 0
        return sum(next(size for _, sent, _, size in reversed(seen) if sent is way) for way in (True, False))

    def _step(self, name, action):
        result, self.packets[name] = self.link.during(action)
        return result

    def _connect(self, name, kept):
        ready, detail = self._step(name, lambda: self.client.ask("connect", "ready"))
        if not detail.endswith(kept):
            raise BenchError(f"{self.client.name}: the session is '{detail}' instead of '{kept}'")
        self.ready_seconds[name] = ready - self.packets[name][0].time
        return detail

    def _leave(self):
        first = len(self.link.packets)
        self.client.ask("stop", "closed")

        def gone():
            return {s.sent for s in map(segment, self.link.packets[first:]) if s.last} == {True, False}

        wait_until(gone, SECONDS, f"{self.client.name}: the end of the connection")

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
                steps[name]["payload_to_ready"] = spent.payload - self._after_ready(name, records(packets))
        return steps


def add_idle(steps):
    for name, (_, days, keepalive, reconnects) in IDLE.items():
        steps[name] = {unit: days * (DAY / keepalive * steps["keepalive"][unit] + reconnects * steps["again"][unit])
                       for unit in ("wire", "payload")}  # fmt: skip


def measure(clients=tuple(CLIENTS), versions=VERSIONS, delay=0.1, keepalive=10, cycles=2, timestamps=False, label="cost"):
    """{client: {version: {step: figures}}}. `delay` in seconds, for each way."""
    results = {client: {} for client in clients}
    with tempfile.TemporaryDirectory(prefix="oobm-cost-") as made, DelayedLink(label, delay) as link:
        folder = Path(made)
        pki = instance_pki(folder / "pki", "na", HOST)
        if not timestamps:
            link.leave_out_timestamps()
        for version, name in itertools.product(versions, clients):
            for _ in range(ATTEMPTS):
                # Each begins with a broker that has never heard of it.
                broker = QuickBroker(Path(tempfile.mkdtemp(dir=folder)), pki, address=FAR_ADDRESS, port=PORT,
                                     prefix=link.far_prefix, server=server_pair(pki))  # fmt: skip
                with broker, contextlib.closing(Client(name, version, link, folder, pki, keepalive)) as client:
                    measurement = Measurement(client, link, cycles, keepalive).play()
                if not any(map(repeats, measurement.packets.values())):
                    break
            results[name][version] = measurement.result()
            add_idle(results[name][version])
    return results


def server_pair(pki):
    """A certificate for the broker's name alone, as one would buy it."""
    extensions = (f"subjectAltName=DNS:{HOST}", "extendedKeyUsage=serverAuth")
    return pki.authority.issue("named", HOST, extensions)


def too_much(results):
    """Sentences, none when the agent costs no more than it may."""
    for version, steps in results["agent"].items():
        for step in ("first", "again"):
            spent, most = steps[step]["payload_to_ready"], PAYLOAD_TO_READY[version, step]
            if spent > most:
                yield f"TLS {version}, {STEPS[step]}: {spent} B of TCP payload to ready, at most {most} B are wanted"
        if steps["month"]["wire"] > IDLE_MONTH_WIRE:
            yield f"TLS {version}, idle month: {steps['month']['wire']:.0f} B, at most {IDLE_MONTH_WIRE} B are wanted"


def amount(figures):
    def text(value):
        return f"{value / 1000:,.1f} kB" if value >= 10_000 else f"{value:,.0f}"

    return f"{text(figures['wire'])} / {text(figures['payload'])}"


def table(results):
    columns = [(client, version) for version in VERSIONS for client in results if version in results[client]]
    lines = ["| wire / TCP payload, bytes | " + " | ".join(f"{client}, {version}" for client, version in columns) + " |",
             "|---|" + "---|" * len(columns)]  # fmt: skip
    rows = {**STEPS, **{name: title for name, (title, *_) in IDLE.items()}}
    for step, title in rows.items():
        lines.append(f"| {title} | " + " | ".join(amount(results[c][v][step]) for c, v in columns) + " |")
    for step in ("first", "again"):
        to_ready = (f"{results[c][v][step]['payload_to_ready']:,}" for c, v in columns)
        lines.append(f"| TCP payload to ready, {step} | " + " | ".join(to_ready) + " |")
    for step in ("first", "again"):
        trips = (f"{results[c][v][step]['round_trips']} ({LEAST_ROUND_TRIPS[v, step]})" for c, v in columns)
        lines.append(f"| round trips to ready, {step} (least possible) | " + " | ".join(trips) + " |")
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
    parser.add_argument("--timestamps", action="store_true", help="as where no board helper leaves out TCP's timestamps")
    given = parser.parse_args()
    options = dict(delay=0.02, keepalive=5, cycles=1) if given.quick else {}
    results = measure(timestamps=given.timestamps, **options)
    missed = list(too_much(results))
    if given.json:
        print(json.dumps(results, indent=2))
        return bool(missed)
    print(table(results))
    print(f"\nidle = days x ({DAY} s / keepalive x keepalive cycle + times a day x connect again); a month has {MONTH_DAYS} days")
    if given.records:
        print("", *record_lines(results), sep="\n")
    print("", *missed, sep="\n")
    return bool(missed)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"error: {error}")
