#include "agent/uplink/packet_follower.hpp"

#include <algorithm>
#include <array>

namespace oobm::uplink {
namespace {

constexpr std::uint32_t unlimited = 0xFFFFFFFF;
constexpr std::uint8_t connack_type = 2;
constexpr std::uint8_t publish_type = 3;
constexpr std::uint32_t max_length_bytes = 4;

// What a server may send (MQTT 3.1.1 table 2.1), and how long it can be.
struct Shape {
  bool allowed = false;
  std::uint8_t flags = 0;
  std::uint32_t min = 0;
  std::uint32_t max = 0;
};

constexpr std::array<Shape, 16> shapes = [] {
  std::array<Shape, 16> s{};
  s[connack_type] = {true, 0, 2, 2};
  s[publish_type] = {true, 0, 2, unlimited};
  s[4] = {true, 0, 2, 2};          // PUBACK
  s[5] = {true, 0, 2, 2};          // PUBREC
  s[6] = {true, 2, 2, 2};          // PUBREL
  s[7] = {true, 0, 2, 2};          // PUBCOMP
  s[9] = {true, 0, 3, unlimited};  // SUBACK
  s[11] = {true, 0, 2, 2};         // UNSUBACK
  s[13] = {true, 0, 0, 0};         // PINGRESP
  return s;
}();

constexpr std::uint8_t qos_of(std::uint8_t flags) { return (flags >> 1) & 3; }

}  // namespace

PacketFollower::Verdict PacketFollower::take_first(std::uint8_t byte) {
  type_ = byte >> 4;
  flags_ = byte & 0x0F;
  header_bytes_ = 1;
  remaining_ = 0;
  body_seen_ = 0;
  const Shape& shape = shapes[type_];
  // Until the login is answered, nothing else may come (section 3.2), and it is answered once.
  if (!shape.allowed || seen_connack_ == (type_ == connack_type)) return Verdict::malformed;
  const bool flags_fit = type_ == publish_type ? qos_of(flags_) != 3 : flags_ == shape.flags;
  if (!flags_fit) return Verdict::malformed;
  expect_ = Expect::length;
  return Verdict::ok;
}

PacketFollower::Verdict PacketFollower::take_length(std::uint8_t byte) {
  const std::uint32_t position = header_bytes_ - 1;
  remaining_ |= static_cast<std::uint32_t>(byte & 0x7F) << (7 * position);
  ++header_bytes_;
  if ((byte & 0x80) != 0) {
    return position + 1 < max_length_bytes ? Verdict::ok : Verdict::malformed;
  }
  expect_ = remaining_ == 0 ? Expect::first_byte : Expect::body;
  return judge_length();
}

PacketFollower::Verdict PacketFollower::judge_length() const {
  const Shape& shape = shapes[type_];
  if (remaining_ > shape.max) return Verdict::malformed;
  const std::uint32_t packet_id = type_ == publish_type && qos_of(flags_) > 0 ? 2 : 0;
  if (remaining_ < shape.min + packet_id) return Verdict::malformed;
  return announced_bytes() > max_inbound_packet_bytes ? Verdict::too_large : Verdict::ok;
}

std::size_t PacketFollower::take_body(std::span<const std::uint8_t> bytes) {
  const auto count = std::min<std::size_t>(bytes.size(), remaining_ - body_seen_);
  if (type_ == connack_type) {
    seen_connack_ = true;
    if (body_seen_ + count == 2) connack_code_ = bytes[1 - body_seen_];
  }
  body_seen_ += static_cast<std::uint32_t>(count);
  if (body_seen_ == remaining_) expect_ = Expect::first_byte;
  return count;
}

PacketFollower::Result PacketFollower::feed(std::span<const std::uint8_t> bytes) {
  std::size_t used = 0;
  while (verdict_ == Verdict::ok && used < bytes.size()) {
    if (expect_ == Expect::body) {
      used += take_body(bytes.subspan(used));
      continue;
    }
    verdict_ = expect_ == Expect::first_byte ? take_first(bytes[used]) : take_length(bytes[used]);
    if (verdict_ == Verdict::ok) ++used;
  }
  return {used, verdict_};
}

bool packet_follower_holds(std::span<const std::uint8_t> data) {
  PacketFollower whole;
  const auto reference = whole.feed(data);
  PacketFollower split;
  std::size_t accepted = 0;
  auto verdict = PacketFollower::Verdict::ok;
  for (std::size_t at = 0; at < data.size();) {
    const auto size = std::min<std::size_t>(data.size() - at, 1U + (data[at] & 7U));
    const auto step = split.feed(data.subspan(at, size));
    if (step.accepted > size) return false;
    if (verdict != PacketFollower::Verdict::ok && step.accepted != 0) return false;
    accepted += step.accepted;
    verdict = step.verdict;
    at += size;
  }
  return accepted == reference.accepted && verdict == reference.verdict &&
         split.connack_code() == whole.connack_code();
}

}  // namespace oobm::uplink
