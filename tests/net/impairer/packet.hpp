// An IPv4 packet as the impairer reads it, and the resets that it forges. A reset is believed only
// where its sequence number is the very next one (RFC 5961 section 3.2); the packet that it
// replaces says which one that is, on both sides.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace oobm::netbench {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

inline constexpr std::uint8_t protocol_icmp = 1;
inline constexpr std::uint8_t protocol_tcp = 6;
inline constexpr std::uint8_t protocol_udp = 17;

inline constexpr std::uint8_t tcp_fin = 0x01;
inline constexpr std::uint8_t tcp_syn = 0x02;
inline constexpr std::uint8_t tcp_rst = 0x04;
inline constexpr std::uint8_t tcp_ack = 0x10;

struct Packet {
  std::uint8_t protocol = 0;
  std::uint32_t source = 0;  // addresses in host byte order
  std::uint32_t destination = 0;
  std::uint16_t source_port = 0;  // 0 where the protocol has none
  std::uint16_t destination_port = 0;
  // TCP alone.
  std::uint8_t flags = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  std::uint32_t length = 0;  // sequence numbers it takes: payload, SYN and FIN

  [[nodiscard]] bool tcp() const { return protocol == protocol_tcp; }
};

// Nothing where the bytes are no whole IPv4 packet. Fragments read as packets without ports.
std::optional<Packet> parse(BytesView bytes);

// The reset that `packet`'s sender would have sent in its place, and the one its receiver would
// have answered with.
Bytes reset_onwards(const Packet& packet);
Bytes reset_back(const Packet& packet);

// RFC 1071 over `bytes`, to be continued from `sum`.
std::uint16_t checksum(BytesView bytes, std::uint32_t sum = 0);
// Of a TCP segment with its pseudo header; 0 where the packet's checksum is right.
std::uint16_t tcp_checksum(BytesView packet);

}  // namespace oobm::netbench
