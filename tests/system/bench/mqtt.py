"""A small MQTT 3.1.1 client over TLS: one connection, one thread, QoS 1. Enough to play a router, also a badly behaved
one (send_packet takes any bytes). OASIS MQTT 3.1.1, section numbers at the constants.
"""

import socket
import ssl
import struct
import time
from collections import deque
from dataclasses import dataclass

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90, 0xE0  # 2.2.1
QOS1, RETAIN = 0x02, 0x01  # 3.3.1
USER_NAME, CLEAN_SESSION = 0x80, 0x02  # 3.1.2
SUBSCRIPTION_REFUSED = 0x80  # 3.9.3
KEEPALIVE_SECONDS = 60
CONNECT_SECONDS = 15


class MqttError(Exception):
    """The broker refused, closed the connection, or did not answer in time."""


@dataclass(frozen=True)
class Message:
    topic: str
    payload: bytes
    retained: bool


def text_field(text):
    data = text.encode()
    return struct.pack("!H", len(data)) + data


def remaining_length(length):
    """2.2.3: seven bits per octet, the lowest first."""
    octets = bytearray()
    while True:
        length, low = length >> 7, length & 0x7F
        octets.append(low | (0x80 if length else 0))
        if not length:
            return bytes(octets)


class MqttClient:
    """`pair` is the client certificate; the client id is also the user name."""

    def __init__(self, address, port, client_id, ca, pair, host=None, clean=True):
        context = ssl.create_default_context(cafile=str(ca))
        context.load_cert_chain(pair.cert, pair.key)
        raw = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        try:
            self.socket = context.wrap_socket(raw, server_hostname=host or address)
        except BaseException:
            raw.close()
            raise
        self.client_id = client_id
        self.messages = deque()
        self.answers = deque()
        self.next_id = 0
        try:
            self._connect(clean)
        except BaseException:
            self.socket.close()
            raise

    def _connect(self, clean):
        flags = USER_NAME | (CLEAN_SESSION if clean else 0)
        head = text_field("MQTT") + struct.pack("!BBH", 4, flags, KEEPALIVE_SECONDS)
        self.send_packet(CONNECT, head + text_field(self.client_id) * 2)
        code = self._answer(CONNACK)[1]
        if code != 0:
            raise MqttError(f"CONNACK {code}")

    def send_packet(self, first, body, announced_length=None):
        """One packet; `announced_length` lies about its size."""
        length = len(body) if announced_length is None else announced_length
        self.socket.sendall(bytes([first]) + remaining_length(length) + body)

    def subscribe(self, topic):
        self.send_packet(SUBSCRIBE, self._packet_id() + text_field(topic) + b"\x01")
        return self._answer(SUBACK)[2] != SUBSCRIPTION_REFUSED

    def publish(self, topic, payload, retain=False):
        """QoS 1; returns when the broker has acknowledged it, which it does for forbidden topics too."""
        data = payload if isinstance(payload, bytes) else payload.encode()
        first = PUBLISH | QOS1 | (RETAIN if retain else 0)
        self.send_packet(first, text_field(topic) + self._packet_id() + data)
        self._answer(PUBACK)

    def receive(self, seconds=15):
        """The next message, acknowledged; None when none came in time."""
        deadline = time.monotonic() + seconds
        while not self.messages:
            if not self._read_packet(deadline):
                return None
        return self.messages.popleft()

    def close(self):
        try:
            self.send_packet(DISCONNECT, b"")
        except OSError:
            pass
        self.socket.close()

    def drop(self):
        """Goes away without a word, so that the last will speaks."""
        self.socket.close()

    def _packet_id(self):
        self.next_id = self.next_id % 0xFFFF + 1
        return struct.pack("!H", self.next_id)

    def _answer(self, kind):
        deadline = time.monotonic() + CONNECT_SECONDS
        while not self.answers:
            if not self._read_packet(deadline):
                raise MqttError("the broker did not answer")
        first, body = self.answers.popleft()
        if first & 0xF0 != kind & 0xF0:
            raise MqttError(f"packet {first:#x} instead of {kind:#x}")
        return body

    def _read_packet(self, deadline):
        """Reads one packet; False when none began in time."""
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return False
        self.socket.settimeout(remaining)
        try:
            first = self._exactly(1)[0]
        except TimeoutError:
            return False
        self.socket.settimeout(CONNECT_SECONDS)
        body = self._exactly(self._length())
        if first & 0xF0 == PUBLISH:
            self._take_message(first, body)
        else:
            self.answers.append((first, body))
        return True

    def _length(self):
        length = shift = 0
        while True:
            octet = self._exactly(1)[0]
            length |= (octet & 0x7F) << shift
            shift += 7
            if not octet & 0x80:
                return length

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise MqttError("the broker closed the connection")
            data += part
        return data

    def _take_message(self, first, body):
        (size,) = struct.unpack_from("!H", body)
        topic, rest = body[2 : 2 + size].decode(), body[2 + size :]
        if first & 0x06:
            self.send_packet(PUBACK, rest[:2])
            rest = rest[2:]
        self.messages.append(Message(topic, rest, bool(first & RETAIN)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
