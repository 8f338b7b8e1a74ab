// An impairer under a clock of the test's own.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/net/impairer/impairer.hpp"
#include "tests/unit/net/packets.hpp"

namespace oobm::netbench::test {

using std::chrono::milliseconds;

class ImpairedLink : public testing::Test {
 protected:
  struct Arrival {
    Direction direction;
    Packet packet;
    milliseconds at;
  };

  void set(const std::string& words) {
    const auto done = apply(link.settings, words);
    ASSERT_TRUE(done) << done.error();
  }
  void send(const Segment& segment) {
    link.take(segment.down ? Direction::down : Direction::up, segment.bytes(), begin + now);
    deliver();
  }
  // Time passes, and what becomes due arrives at its own time.
  void wait(milliseconds time) {
    const auto end = now + time;
    while (const auto next = link.next()) {
      if (*next > begin + end) break;
      now = std::chrono::ceil<milliseconds>(*next - begin);
      deliver();
    }
    now = end;
  }
  void deliver() {
    link.deliver(begin + now, [this](Direction direction, BytesView bytes) {
      const auto packet = parse(bytes);
      ASSERT_TRUE(packet);
      arrived.push_back({direction, *packet, now});
    });
  }

  Impairer link{42};
  Clock::time_point begin{std::chrono::hours(1)};
  milliseconds now{0};
  std::vector<Arrival> arrived;
};

}  // namespace oobm::netbench::test
