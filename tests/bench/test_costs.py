"""How bytes on the wire are counted, and that the agent needs no more of them than it may."""

import unittest
from concurrent.futures import ThreadPoolExecutor

import delayed_link
import tcp_trace
import uplink
from delayed_link import Packet


def packet(sent, sequence, payload=b"", syn=False):
    """A TCP segment in IPv4, without checksums."""
    tcp = (1).to_bytes(2) * 2 + sequence.to_bytes(4) + bytes(4) + bytes([5 << 4, 2 if syn else 16]) + bytes(6)
    head = bytes([0x45, 0]) + (20 + len(tcp) + len(payload)).to_bytes(2) + bytes(5) + bytes([6]) + bytes(10)
    return Packet(0.0, sent, head + tcp + payload)


class Counting(unittest.TestCase):
    def test_a_repeated_byte_is_payload_once_and_on_the_wire_as_often_as_it_was_sent(self):
        spent = tcp_trace.cost([packet(True, 9, syn=True), packet(True, 10, b"abcd"), packet(True, 10, b"abcd"),
                                packet(True, 12, b"cdef"), packet(False, 7, b"x")])  # fmt: skip
        self.assertEqual((spent.payload_sent, spent.payload_received, spent.wire), (6, 1, 5 * 40 + 4 + 4 + 4 + 1))

    def test_sequence_numbers_may_pass_zero(self):
        spent = tcp_trace.cost([packet(True, 2**32 - 2, b"abcd"), packet(True, 2, b"ef"), packet(True, 0, b"cd")])
        self.assertEqual(spent.payload, 6)

    def test_a_record_is_found_over_segments(self):
        found = tcp_trace.records([packet(True, 1, b"\x17\x03\x03\x00"), packet(True, 5, b"\x03abc\x15\x03\x03\x00\x01z")])
        self.assertEqual([(kind, size) for _, _, kind, size in found], [("ApplicationData", 8), ("Alert", 6)])

    def test_what_is_not_tcp_is_no_part_of_a_measurement(self):
        with self.assertRaises(ValueError):
            tcp_trace.cost([Packet(0.0, True, b"\x60" + bytes(60))])

    def test_packets_that_the_interface_did_not_count_are_an_error(self):
        with delayed_link.DelayedLink("t-count", 0) as link:
            with self.assertRaises(delayed_link.BenchError):
                link.during(lambda: link.packets.append(packet(True, 1)))


class Uplink(unittest.TestCase):
    def test_the_agent_costs_no_more_than_it_may(self):
        def measured(version):
            return uplink.measure(("agent",), (version,), delay=0.005, keepalive=5, cycles=1, label=f"t-cost{version}")

        with ThreadPoolExecutor() as both:
            for results in both.map(measured, uplink.VERSIONS):
                self.assertEqual(list(uplink.too_much(results)), [])
                self.assertIn("keepalive cycle", uplink.table(results))


if __name__ == "__main__":
    unittest.main()
