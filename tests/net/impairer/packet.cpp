#include "tests/net/impairer/packet.hpp"

#include <cstddef>

namespace oobm::netbench {
namespace {

// RFC 791 section 3.1, RFC 9293 section 3.1.
constexpr std::size_t ip_header_bytes = 20;
constexpr std::size_t tcp_header_bytes = 20;
constexpr std::size_t port_bytes = 4;
constexpr std::uint8_t time_to_live = 64;

std::uint16_t word(BytesView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

std::uint32_t long_word(BytesView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(word(bytes, at)) << 16U | word(bytes, at + 2);
}

void put(Bytes& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8U);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void put_long(Bytes& bytes, std::size_t at, std::uint32_t value) {
  put(bytes, at, static_cast<std::uint16_t>(value >> 16U));
  put(bytes, at + 2, static_cast<std::uint16_t>(value));
}

void parse_tcp(Packet& packet, BytesView segment) {
  if (segment.size() < tcp_header_bytes) return;
  packet.sequence = long_word(segment, 4);
  packet.acknowledgement = long_word(segment, 8);
  packet.flags = segment[13];
  const std::size_t header = static_cast<std::size_t>(segment[12] >> 4U) * 4;
  if (header < segment.size()) packet.length = static_cast<std::uint32_t>(segment.size() - header);
  if ((packet.flags & tcp_syn) != 0) ++packet.length;
  if ((packet.flags & tcp_fin) != 0) ++packet.length;
}

Bytes segment(const Packet& p) {
  Bytes bytes(ip_header_bytes + tcp_header_bytes);
  bytes[0] = 0x45;
  put(bytes, 2, static_cast<std::uint16_t>(bytes.size()));
  bytes[8] = time_to_live;
  bytes[9] = protocol_tcp;
  put_long(bytes, 12, p.source);
  put_long(bytes, 16, p.destination);
  put(bytes, 10, checksum(BytesView(bytes).first(ip_header_bytes)));
  put(bytes, 20, p.source_port);
  put(bytes, 22, p.destination_port);
  put_long(bytes, 24, p.sequence);
  put_long(bytes, 28, p.acknowledgement);
  bytes[32] = 5U << 4U;
  bytes[33] = p.flags;
  put(bytes, 36, tcp_checksum(bytes));
  return bytes;
}

}  // namespace

std::uint16_t checksum(BytesView bytes, std::uint32_t sum) {
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) sum += word(bytes, at);
  if (bytes.size() % 2 != 0) sum += static_cast<std::uint32_t>(bytes.back()) << 8U;
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

std::uint16_t tcp_checksum(BytesView packet) {
  const auto body = packet.subspan(ip_header_bytes);
  std::uint32_t sum = protocol_tcp + static_cast<std::uint32_t>(body.size());
  for (std::size_t at = 12; at < ip_header_bytes; at += 2) sum += word(packet, at);
  return checksum(body, sum);
}

std::optional<Packet> parse(BytesView bytes) {
  if (bytes.size() < ip_header_bytes || bytes[0] >> 4U != 4) return {};
  const std::size_t header = static_cast<std::size_t>(bytes[0] & 0xfU) * 4;
  const std::size_t total = word(bytes, 2);
  if (header < ip_header_bytes || total < header || total > bytes.size()) return {};
  Packet packet{
      .protocol = bytes[9], .source = long_word(bytes, 12), .destination = long_word(bytes, 16)};
  const auto body = bytes.subspan(header, total - header);
  const bool later_fragment = (word(bytes, 6) & 0x1fffU) != 0;
  const bool has_ports = packet.protocol == protocol_tcp || packet.protocol == protocol_udp;
  if (later_fragment || !has_ports || body.size() < port_bytes) return packet;
  packet.source_port = word(body, 0);
  packet.destination_port = word(body, 2);
  if (packet.tcp()) parse_tcp(packet, body);
  return packet;
}

Bytes reset_onwards(const Packet& packet) {
  Packet reset = packet;
  reset.flags = packet.flags & tcp_ack;
  reset.flags |= tcp_rst;
  return segment(reset);
}

Bytes reset_back(const Packet& packet) {
  Packet reset;
  reset.source = packet.destination;
  reset.destination = packet.source;
  reset.source_port = packet.destination_port;
  reset.destination_port = packet.source_port;
  reset.sequence = (packet.flags & tcp_ack) != 0 ? packet.acknowledgement : 0;
  reset.acknowledgement = packet.sequence + packet.length;
  reset.flags = tcp_rst | tcp_ack;
  return segment(reset);
}

}  // namespace oobm::netbench
