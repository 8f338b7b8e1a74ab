"""Servers in a broker's place that do not do what a broker does: silent, talking rubbish, closing one side, before or after
TLS. After SIGUSR1 what is open is cut and new connections reach the real broker.

    peers.py --address A --port P --behave NAME --cert FILE --key FILE --ca FILE --broker-port P
"""

import argparse
import os
import signal
import socket
import ssl
import sys
import threading
import time
from pathlib import Path

from bench.process import Process

HOLD_SECONDS = 600
RUBBISH = bytes(range(256)) * 8
CONNACK = bytes([0x20, 2, 0, 0])  # MQTT 3.1.1 section 3.2
FRAME_THAT_CANNOT_BE = bytes([0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])


def hold(_connection):
    time.sleep(HOLD_SECONDS)


def rubbish(connection):
    connection.sendall(RUBBISH)
    time.sleep(HOLD_SECONDS)


def half_close(connection):
    connection.shutdown(socket.SHUT_WR)
    time.sleep(HOLD_SECONDS)


def half_close_beneath(connection):
    socket.socket.shutdown(connection, socket.SHUT_WR)  # without TLS's own farewell
    time.sleep(HOLD_SECONDS)


def close(_connection):
    pass


def bad_mqtt(connection):
    connection.recv(1024)
    connection.sendall(FRAME_THAT_CANNOT_BE)
    time.sleep(HOLD_SECONDS)


def log_in_then_half_close(connection):
    connection.recv(1024)
    connection.sendall(CONNACK)
    half_close_beneath(connection)


def log_in_then_silence(connection):
    connection.recv(1024)
    connection.sendall(CONNACK)
    time.sleep(HOLD_SECONDS)


# Name -> whether TLS stands first, and what follows.
BEHAVIOURS = {
    "says nothing": (False, hold),
    "says rubbish": (False, rubbish),
    "half-closes": (False, half_close),
    "closes": (False, close),
    "says nothing after TLS": (True, hold),
    "says rubbish after TLS": (True, rubbish),
    "half-closes after TLS": (True, half_close_beneath),
    "says no MQTT": (True, bad_mqtt),
    "half-closes after the login": (True, log_in_then_half_close),
    "says nothing after the login": (True, log_in_then_silence),
}


class Peer:
    def __init__(self, options):
        self.tls_first, self.behave = BEHAVIOURS[options.behave]
        self.broker = (options.address, options.broker_port)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(options.cert, options.key)
        self.context.load_verify_locations(options.ca)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.mended = threading.Event()
        self.open = set()

    def mend(self, *_):
        self.mended.set()
        for connection in list(self.open):
            reset(connection)

    def one(self, raw):
        if self.mended.is_set():
            forward(raw, socket.create_connection(self.broker))
            return
        # A descriptor of its own: TLS takes the other one over.
        kept = raw.dup()
        self.open.add(kept)
        try:
            self.behave(self.context.wrap_socket(raw, server_side=True) if self.tls_first else raw)
        except (OSError, ssl.SSLError):
            pass
        self.open.discard(kept)
        reset(kept)

    def serve(self, address, port):
        with socket.create_server((address, port)) as server:
            print("listening", flush=True)
            while True:
                raw, _ = server.accept()
                print("connection", flush=True)
                threading.Thread(target=self.one, args=(raw,), daemon=True).start()


def reset(connection):
    """Cuts it whoever else holds it."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()


def forward(one, other):
    """Passes bytes both ways until both sides have ended."""

    def pass_on(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            reset(source)
            reset(sink)

    threading.Thread(target=pass_on, args=(other, one), daemon=True).start()
    pass_on(one, other)


def peer(behave, broker, port, folder, prefix):
    """A process beside `broker`, on this port of its address."""
    command = [sys.executable, Path(__file__).resolve(), "--address", broker.address, "--port", port, "--behave", behave,
               "--cert", broker.server.cert, "--key", broker.server.key, "--ca", broker.pki.ca,
               "--broker-port", broker.port]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return Process(f"peer that {behave}", command, folder / f"{behave.replace(' ', '-')}.log", prefix, environment)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--broker-port", type=int, required=True)
    parser.add_argument("--behave", choices=BEHAVIOURS, required=True)
    for name in ("--cert", "--key", "--ca"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()
    server = Peer(options)
    signal.signal(signal.SIGUSR1, server.mend)
    server.serve(options.address, options.port)


if __name__ == "__main__":
    main()
