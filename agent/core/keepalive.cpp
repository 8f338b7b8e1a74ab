#include "agent/core/keepalive.hpp"

#include <algorithm>

namespace oobm::core {
namespace {

using std::chrono::seconds;

seconds bounded(seconds interval) { return std::clamp(interval, least_keepalive, most_keepalive); }

// Whole seconds are enough, and more would look exact.
seconds two_thirds(seconds interval) { return interval * 2 / 3; }
seconds half_as_long_again(seconds interval) { return interval * 3 / 2; }

}  // namespace

seconds silence_that_counts(seconds interval) { return interval * 9 / 10; }

Keepalive learn(const Keepalive& known, const SessionLife& life) {
  Keepalive learnt{.interval = bounded(known.interval), .failed = known.failed};
  const seconds used = bounded(life.interval);
  // A connection that dies sooner after its last word was not forgotten for its silence.
  const bool died_in_silence =
      life.lost && life.bearer_stood && life.silent_at_end >= least_keepalive;
  if (died_in_silence) {
    learnt.failed = learnt.failed == seconds(0) ? used : std::min(learnt.failed, used);
    learnt.interval = std::min(learnt.interval, bounded(two_thirds(used)));
    return learnt;
  }
  // Only what was used has been shown, and only if it is what is still believed.
  if (used < learnt.interval) return learnt;
  const seconds longer = bounded(half_as_long_again(learnt.interval));
  const bool failed_before = learnt.failed != seconds(0) && longer >= learnt.failed;
  if (learnt.interval * std::int64_t{life.silences} < (failed_before ? proof_again : proof))
    return learnt;
  learnt.interval = longer;
  if (failed_before) learnt.failed = seconds(0);
  return learnt;
}

}  // namespace oobm::core
