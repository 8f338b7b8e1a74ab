// The right to acknowledge one inbound message. Whoever holds it decides when the broker may forget
// the message: after it is stored, and not before.
#pragma once

#include <functional>
#include <utility>

namespace oobm::uplink {

// Move-only, loop thread only. Dropped without release() it cuts the session, since going on
// would either acknowledge what nobody has stored or hold up every later message: the broker
// delivers the message again on the next session. After the session has ended it does nothing.
class Puback {
 public:
  using Verdict = std::function<void(bool stored)>;

  Puback() = default;
  explicit Puback(Verdict verdict) : verdict_(std::move(verdict)) {}
  Puback(Puback&& other) noexcept : verdict_(std::exchange(other.verdict_, nullptr)) {}
  Puback& operator=(Puback&& other) noexcept {
    if (this != &other) {
      give(false);
      verdict_ = std::exchange(other.verdict_, nullptr);
    }
    return *this;
  }
  ~Puback() { give(false); }

  // The message is stored, or needs no storing: PUBACK may leave.
  void release() { give(true); }

 private:
  void give(bool stored) {
    if (auto verdict = std::exchange(verdict_, nullptr)) verdict(stored);
  }

  Verdict verdict_;
};

}  // namespace oobm::uplink
