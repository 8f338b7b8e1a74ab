// An inbound MQTT packet may be at most 64 KiB, header included. A client library believes whatever
// length a packet announces and allocates it; so the announcement is read here first, and a packet
// that is too large, or that no MQTT 3.1.1 server may send, ends the link before its length is
// complete on the other side.
//
// Pure: bytes in, verdict out; constant memory, any split of the stream gives the same result.
// MQTT 3.1.1 sections 2.2 (fixed header), 2.2.3 (remaining length), 3.2.2.3 (CONNACK return code).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace oobm::uplink {

inline constexpr std::uint32_t max_inbound_packet_bytes = 64 * 1024;

class PacketFollower {
 public:
  enum class Verdict : std::uint8_t {
    ok,
    too_large,
    malformed,  // an impossible type, flags or length
  };
  struct Result {
    std::size_t accepted;  // so many of the bytes given may be passed on
    Verdict verdict;       // once not ok, every later call says the same and accepts nothing
  };

  Result feed(std::span<const std::uint8_t> bytes);

  // Return code of the CONNACK, once it has passed.
  std::optional<std::uint8_t> connack_code() const { return connack_code_; }
  // What the offending packet announced: its length in bytes, header included.
  std::uint64_t announced_bytes() const { return header_bytes_ + std::uint64_t{remaining_}; }

 private:
  enum class Expect : std::uint8_t { first_byte, length, body };

  Verdict take_first(std::uint8_t byte);
  Verdict take_length(std::uint8_t byte);
  Verdict judge_length() const;
  std::size_t take_body(std::span<const std::uint8_t> bytes);

  Expect expect_ = Expect::first_byte;
  Verdict verdict_ = Verdict::ok;
  bool seen_connack_ = false;
  std::uint8_t type_ = 0;
  std::uint8_t flags_ = 0;
  std::uint32_t header_bytes_ = 0;
  std::uint32_t remaining_ = 0;  // announced by the header
  std::uint32_t body_seen_ = 0;
  std::optional<std::uint8_t> connack_code_;
};

// Feeds `data` to one follower in the splits that its own bytes choose and checks what must always
// hold. False means a defect. The entry point of the fuzzer.
bool packet_follower_holds(std::span<const std::uint8_t> data);

}  // namespace oobm::uplink
