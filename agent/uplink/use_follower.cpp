#include "agent/uplink/use_follower.hpp"

#include <algorithm>

namespace oobm::uplink {
namespace {

constexpr std::uint8_t publish_type = 3;
constexpr std::uint8_t puback_type = 4;
constexpr unsigned longest_shift = 21;  // four bytes of seven bits

}  // namespace

void UseFollower::expect(Use use) {
  if (expected_.size() < max_expected_uses) expected_.push_back(use);
}

Use UseFollower::use_of(std::uint8_t type) {
  const bool outbound = way_ == Way::outbound;
  if (type != publish_type && type != puback_type) return Use::upkeep;
  // What the other side publishes, and our acknowledgement of it, is a task.
  if ((type == publish_type) != outbound || expected_.empty()) return Use::tasks;
  const Use use = expected_.front();
  expected_.pop_front();
  return use;
}

void UseFollower::take_length(std::uint8_t byte) {
  remaining_ |= static_cast<std::uint32_t>(byte & 0x7FU) << shift_;
  shift_ += 7;
  if ((byte & 0x80U) != 0 && shift_ <= longest_shift) return;
  expect_ = remaining_ == 0 ? Expect::first_byte : Expect::body;
}

void UseFollower::feed(std::span<const std::uint8_t> bytes,
                       const std::function<void(Use use, std::size_t bytes)>& share) {
  while (!bytes.empty()) {
    std::size_t taken = 1;
    if (expect_ == Expect::first_byte) {
      use_ = use_of(bytes.front() >> 4U);
      remaining_ = 0;
      shift_ = 0;
      expect_ = Expect::length;
    } else if (expect_ == Expect::length) {
      take_length(bytes.front());
    } else {
      taken = std::min<std::size_t>(bytes.size(), remaining_);
      remaining_ -= static_cast<std::uint32_t>(taken);
      if (remaining_ == 0) expect_ = Expect::first_byte;
    }
    share(use_, taken);
    bytes = bytes.subspan(taken);
  }
}

}  // namespace oobm::uplink
