// The agent, driven by events as the input chooses them: statements true and forged, faults, wrong
// clocks, power cuts, reports that nobody expects (tests/unit/core/support/life.hpp). After each
// step the invariants of tests/unit/core/support/watch.hpp hold; and from wherever the input has
// led, a router whose faults are gone and whom ALMS holds Active comes into service.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/fuzz/require.hpp"
#include "tests/unit/core/support/life.hpp"

namespace {

using oobm::core::Lifecycle;
using oobm::core::test::Life;
using oobm::fuzz::require;

// The input as choices: one byte where that is enough, two where not; zeros behind its end.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t below(std::uint64_t bound) {
    std::uint64_t value = take();
    if (bound > 256) value = value << 8U | take();
    return value * (bound > 65'536 ? bound / 65'536 : 1) % bound;
  }
  // The last value of a byte, so that zeros choose nothing rare.
  bool one_in(std::uint64_t n) { return below(n) == n - 1; }
  [[nodiscard]] bool ended() const { return rest_.empty(); }

 private:
  std::uint64_t take() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }

  std::string_view rest_;
};

void unbroken() {
  require(!testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed(), "an invariant");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t seed = 1;
  Life life(seed, Bytes({reinterpret_cast<const char*>(data), size}));
  unbroken();
  while (!life.choices().ended()) {
    life.one_event();
    unbroken();
  }
  const auto way_back = life.way_back();
  life.heal();
  life.router().advance(way_back);
  unbroken();
  require(life.router().state().lifecycle == Lifecycle::active && life.router().online(),
          "without faults the router comes into service");
  require(life.router().state().outbox.empty(), "and what it had to say is said");
  return 0;
}
