#include "agent/core/trusted_clock.hpp"

#include <algorithm>

namespace oobm::core {
namespace {

static_assert(agreement_window == std::chrono::minutes(10), "the words below say ten minutes");

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

bool TrustedClock::absurd(UnixTime value) const {
  return value > build_time_ + std::chrono::duration_cast<std::chrono::seconds>(farthest_future);
}

// Clocks differ by seconds from the one that signed; more than the window is a clock that is wrong.
bool TrustedClock::behind_floor(UnixTime value) const {
  return value < build_time_ || value < floor_ - agreement_window;
}

bool TrustedClock::add(TimeSource source, UnixTime value, BootTime at) {
  heard_[static_cast<std::size_t>(source)] = Evidence{value, at};
  if (absurd(value) || behind_floor(value)) return false;
  sources_[static_cast<std::size_t>(source)] = Evidence{value, at};
  return true;
}

void TrustedClock::attest(UnixTime issued_at, BootTime at) {
  if (absurd(issued_at)) return;
  attested_ = Evidence{issued_at, at};
  floor_ = std::max(issued_at, build_time_);
}

void TrustedClock::raise_floor(UnixTime issued_at) {
  if (!absurd(issued_at)) floor_ = std::max(floor_, issued_at);
}

void TrustedClock::carried(UnixTime issued_at, Duration since_request) {
  if (absurd(issued_at)) return;
  const auto latest = issued_at + std::max(std::chrono::ceil<std::chrono::seconds>(since_request),
                                           std::chrono::seconds{0});
  floor_ = std::max(std::clamp(floor_, issued_at, latest), build_time_);
}

std::optional<UnixTime> TrustedClock::told_by(TimeSource source, BootTime now) const {
  const auto& evidence = sources_[static_cast<std::size_t>(source)];
  if (!evidence) return std::nullopt;
  const auto time = evidence->advanced_to(now);
  // The floor may have risen since.
  if (behind_floor(time)) return std::nullopt;
  return time;
}

TimeBelief TrustedClock::now(BootTime at) const {
  if (attested_) return {std::max(attested_->advanced_to(at), floor_), TimeLevel::attested};
  const auto modem = told_by(TimeSource::modem, at);
  const auto system = told_by(TimeSource::system, at);
  if (!modem && !system) return {floor_, TimeLevel::floor};
  if (!modem || !system) return {std::max(modem ? *modem : *system, floor_), TimeLevel::network};
  // Where two sources contradict each other the earlier one is believed, so that a wrong clock ends
  // no term; it stays at level network.
  const bool agree = distance(*modem, *system) <= agreement_window;
  return {std::max(std::min(*modem, *system), floor_),
          agree ? TimeLevel::agreed : TimeLevel::network};
}

bool TrustedClock::contradicted(BootTime at) const {
  const auto& [modem, system] = sources_;
  if (!attested_ || !modem || !system) return false;
  const auto told = modem->advanced_to(at);
  return distance(told, system->advanced_to(at)) <= agreement_window &&
         distance(told, attested_->advanced_to(at)) > agreement_window;
}

std::string TrustedClock::because(BootTime at) const {
  if (attested_) {
    const auto signed_then =
        "ALMS signed it with this boot's nonce " + minutes_ago(at - attested_->at);
    if (!contradicted(at)) return signed_then;
    return signed_then +
           "; network time and system clock agree on another time, so ALMS is asked again";
  }
  std::string text;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!told_by(static_cast<TimeSource>(i), at)) continue;
    if (!text.empty())
      text += now(at).level == TimeLevel::agreed ? " agrees with " : " contradicts ";
    text += source_names[i];
    text += ", read " + minutes_ago(at - sources_[i]->at);
  }
  return text.empty() ? "no source of this boot; not earlier than the last signed time" : text;
}

std::string_view TrustedClock::why_refused(UnixTime value) const {
  if (absurd(value)) return "later than any firmware lives";
  return behind_floor(value) ? "earlier than what is certain" : "";
}

TimeSourceReport TrustedClock::report(TimeSource source, BootTime at) const {
  const auto index = static_cast<std::size_t>(source);
  TimeSourceReport report{.source = source};
  if (const auto time = told_by(source, at))
    report.believed = TimeReading{*time, at - sources_[index]->at};
  const auto& heard = heard_[index];
  if (heard) report.refused_because = why_refused(heard->value);
  if (!report.refused_because.empty()) report.refused = TimeReading{heard->value, at - heard->at};
  return report;
}

std::string TrustedClock::to_raise(BootTime at) const {
  constexpr std::string_view by_alms =
      "an answer of ALMS, signed for this boot (`oobmctl sync` asks for one), gives level attested";
  const auto modem = told_by(TimeSource::modem, at);
  const auto system = told_by(TimeSource::system, at);
  if (attested_) return "nothing: what ALMS signed for this boot is the most that can be had";
  if (!modem && !system)
    return std::string(source_names[0]) + " or an " + std::string(source_names[1]) +
           " gives level network; " + std::string(by_alms);
  const bool agree = now(at).level == TimeLevel::agreed;
  if (modem && system)
    return (agree ? "" : "the two clocks within ten minutes of each other give level agreed; ") +
           std::string(by_alms);
  return std::string(modem ? "an " : "") + std::string(source_names[modem ? 1 : 0]) +
         " within ten minutes of it gives level agreed; " + std::string(by_alms);
}

TimeReport TrustedClock::report(BootTime at) const {
  TimeReport all{.belief = now(at),
                 .because = because(at),
                 .to_raise = to_raise(at),
                 .floor = floor_,
                 .signed_time = {},
                 .sources = {report(TimeSource::modem, at), report(TimeSource::system, at)}};
  if (attested_) all.signed_time = TimeReading{attested_->advanced_to(at), at - attested_->at};
  return all;
}

}  // namespace oobm::core
