#include "agent/core/schedule.hpp"

#include <algorithm>
#include <array>

namespace oobm::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
constexpr std::array<Duration, 6> ladder{minutes(1),  minutes(2),  minutes(5),
                                         minutes(15), minutes(60), hours(6)};

}  // namespace

Duration uniform(Duration most, Random& random) {
  const auto span = static_cast<std::uint64_t>(most.count()) + 1;
  return Duration(static_cast<Duration::rep>(random.next() % span));
}

Duration jittered(Duration interval, int percent, Random& random) {
  const Duration spread = interval * percent / 100;
  return interval - spread + uniform(2 * spread, random);
}

Duration registration_pause(std::size_t step, Random& random) {
  return jittered(ladder[std::min(step, ladder.size() - 1)], registration_jitter_percent, random);
}

Duration back_off(std::size_t failures, Random& random) {
  Duration most = back_off_first;
  for (std::size_t i = 0; i < failures && most < back_off_most; ++i) most *= 2;
  return uniform(std::min(most, back_off_most), random);
}

}  // namespace oobm::core
