"""What IP packets hold, as far as a bill can tell: TCP payload, each byte once, and the TLS records in it."""

import struct
from dataclasses import dataclass

CONTENT_TYPES = {20: "ChangeCipherSpec", 21: "Alert", 22: "Handshake", 23: "ApplicationData"}
RECORD_HEADER = 5


@dataclass(frozen=True)
class Segment:
    time: float
    sent: bool
    connection: int  # the near side's port
    sequence: int
    syn: bool
    last: bool  # FIN or RST
    payload: bytes


def segment(packet):
    """The TCP segment in an IPv4 packet (RFC 791, RFC 9293)."""
    data = packet.data
    if data[0] >> 4 != 4 or data[9] != 6:
        raise ValueError("a packet that is not TCP over IPv4")
    start = (data[0] & 15) * 4
    end = struct.unpack_from("!H", data, 2)[0]
    source, target, sequence = struct.unpack_from("!HHI", data, start)
    head, flags = data[start + 12] >> 4, data[start + 13]
    return Segment(packet.time, packet.sent, source if packet.sent else target, sequence, bool(flags & 2), bool(flags & 5),
                   data[start + 4 * head : end])  # fmt: skip


def streams(packets):
    """{(connection, sent): [(time, bytes)]}: what each side said, repetitions left out."""
    said, expected = {}, {}
    for seg in map(segment, packets):
        key = (seg.connection, seg.sent)
        begin = expected.setdefault(key, seg.sequence + seg.syn)
        known = (begin - seg.sequence) % 2**32
        if seg.payload and known < len(seg.payload):
            said.setdefault(key, []).append((seg.time, seg.payload[known:]))
            expected[key] = (seg.sequence + len(seg.payload)) % 2**32
    return said


@dataclass(frozen=True)
class Cost:
    """Bytes of some packets."""

    packets: int
    sent: int  # IP packets, headers included
    received: int
    payload_sent: int  # TCP payload, each byte once
    payload_received: int

    @property
    def wire(self):
        return self.sent + self.received

    @property
    def payload(self):
        return self.payload_sent + self.payload_received


def repeats(packets):
    """How many segments were sent again: on a link that loses nothing, for want of processor time."""
    seen = [(s.connection, s.sent, s.sequence) for s in map(segment, packets) if s.payload or s.syn]
    return len(seen) - len(set(seen))


def cost(packets):
    payload = {True: 0, False: 0}
    for (_, sent), pieces in streams(packets).items():
        payload[sent] += sum(len(piece) for _, piece in pieces)
    wire = {way: sum(len(p.data) for p in packets if p.sent is way) for way in (True, False)}
    return Cost(len(packets), wire[True], wire[False], payload[True], payload[False])


def records(packets):
    """TLS records in the order in which their last byte was sent: (time, sent, name, bytes with header). The packets must
    begin where a record does."""
    found = []
    for (_, sent), pieces in streams(packets).items():
        pending = b""
        for when, piece in pieces:
            pending += piece
            while len(pending) >= RECORD_HEADER:
                size = RECORD_HEADER + struct.unpack_from("!H", pending, 3)[0]
                if len(pending) < size:
                    break
                found.append((when, sent, CONTENT_TYPES.get(pending[0], "?"), size))
                pending = pending[size:]
    return sorted(found, key=lambda record: record[0])
