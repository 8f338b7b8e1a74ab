"""Servers in a broker's place that do not do what a broker does: silent, talking rubbish, closing one side, before or after
TLS. Each stands in the cloud's namespace at the broker's address and takes one connection after the other.

    peers.py --address A --port P --behave NAME --cert FILE --key FILE --ca FILE
"""

import argparse
import os
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
SUBACK_START = 0x90
FRAME_THAT_CANNOT_BE = bytes([0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])


def hold(_connection):
    time.sleep(HOLD_SECONDS)


def rubbish(connection):
    connection.sendall(RUBBISH)
    time.sleep(HOLD_SECONDS)


def half_close(connection):
    connection.shutdown(socket.SHUT_WR)
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
    socket.socket.shutdown(connection, socket.SHUT_WR)  # without TLS's own farewell
    time.sleep(HOLD_SECONDS)


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
    "half-closes after TLS": (True, lambda connection: (socket.socket.shutdown(connection, socket.SHUT_WR), hold(connection))),
    "says no MQTT": (True, bad_mqtt),
    "half-closes after the login": (True, log_in_then_half_close),
    "says nothing after the login": (True, log_in_then_silence),
}


def serve(options):
    tls_first, behave = BEHAVIOURS[options.behave]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    context.load_verify_locations(options.ca)
    context.verify_mode = ssl.CERT_REQUIRED

    def one(raw):
        try:
            with context.wrap_socket(raw, server_side=True) if tls_first else raw as connection:
                behave(connection)
        except (OSError, ssl.SSLError):
            raw.close()

    with socket.create_server((options.address, options.port)) as server:
        print("listening", flush=True)
        while True:
            raw, _ = server.accept()
            print("connection", flush=True)
            threading.Thread(target=one, args=(raw,), daemon=True).start()


def peer(behave, broker, folder, prefix):
    """A process in the place of `broker`, which must have been stopped."""
    command = [sys.executable, Path(__file__).resolve(), "--address", broker.address, "--port", broker.port, "--behave", behave,
               "--cert", broker.server.cert, "--key", broker.server.key, "--ca", broker.pki.ca]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return Process(f"peer that {behave}", command, folder / f"{behave.replace(' ', '-')}.log", prefix, environment)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--behave", choices=BEHAVIOURS, required=True)
    for name in ("--cert", "--key", "--ca"):
        parser.add_argument(name, required=True)
    serve(parser.parse_args())


if __name__ == "__main__":
    main()
