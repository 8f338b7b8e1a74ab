#include "agent/core/trusted_clock.hpp"

#include <algorithm>

namespace oobm::core {
namespace {

constexpr std::array<std::string_view, 4> level_names{"floor", "network", "agreed", "attested"};
constexpr std::array<std::string_view, 2> source_names{"network time (NITZ)",
                                                       "NTP-synchronised system clock"};

std::chrono::seconds distance(UnixTime a, UnixTime b) { return std::chrono::abs(a - b); }

std::string minutes_ago(Duration age) {
  return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(age).count()) + " min ago";
}

}  // namespace

std::string_view to_text(TimeLevel level) { return level_names[static_cast<std::size_t>(level)]; }
std::string_view to_text(TimeSource source) {
  return source_names[static_cast<std::size_t>(source)];
}

UnixTime TrustedClock::Evidence::advanced_to(BootTime now) const {
  return value + std::chrono::duration_cast<std::chrono::seconds>(now - at);
}

TrustedClock::TrustedClock(UnixTime build_time, UnixTime persisted_floor)
    : build_time_(build_time), floor_(std::max(build_time, persisted_floor)) {}

bool TrustedClock::add(TimeSource source, UnixTime value, BootTime at) {
  const auto latest =
      build_time_ + std::chrono::duration_cast<std::chrono::seconds>(farthest_future);
  if (value < build_time_ || value > latest) return false;
  sources_[static_cast<std::size_t>(source)] = Evidence{value, at};
  return true;
}

void TrustedClock::attest(UnixTime issued_at, BootTime at) {
  attested_ = Evidence{issued_at, at};
  floor_ = std::max(issued_at, build_time_);
}

void TrustedClock::raise_floor(UnixTime issued_at) { floor_ = std::max(floor_, issued_at); }

TimeBelief TrustedClock::now(BootTime at) const {
  if (attested_) return {std::max(attested_->advanced_to(at), floor_), TimeLevel::attested};
  std::optional<UnixTime> modem;
  std::optional<UnixTime> system;
  if (sources_[0]) modem = sources_[0]->advanced_to(at);
  if (sources_[1]) system = sources_[1]->advanced_to(at);
  if (modem && system && distance(*modem, *system) <= agreement_window)
    return {std::max(std::min(*modem, *system), floor_), TimeLevel::agreed};
  // Where two sources contradict each other the earlier one is believed, so that a wrong clock ends
  // no term; it stays at level network.
  if (modem && system) return {std::max(std::min(*modem, *system), floor_), TimeLevel::network};
  if (modem || system) return {std::max(modem ? *modem : *system, floor_), TimeLevel::network};
  return {floor_, TimeLevel::floor};
}

std::string TrustedClock::because(BootTime at) const {
  if (attested_) return "ALMS signed it with this boot's nonce " + minutes_ago(at - attested_->at);
  std::string text;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i]) continue;
    if (!text.empty())
      text += now(at).level == TimeLevel::agreed ? " agrees with " : " contradicts ";
    text += source_names[i];
    text += ", read " + minutes_ago(at - sources_[i]->at);
  }
  return text.empty() ? "no source of this boot; not earlier than the last signed time" : text;
}

}  // namespace oobm::core
