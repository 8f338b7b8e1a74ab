#include "agent/core/trusted_clock.hpp"

#include <algorithm>

namespace oobm::core {
namespace {

static_assert(agreement_window == std::chrono::minutes(10), "the words below say ten minutes");

constexpr std::array<std::string_view, 4> level_names{"floor", "network", "agreed", "attested"};
constexpr std::array<std::string_view, 2> source_names{"network time (NITZ)",
                                                       "NTP-synchronised system clock"};

std::chrono::seconds distance(UnixTime a, UnixTime b) { return std::chrono::abs(a - b); }

std::string minutes(Duration length) {
  return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(length).count()) + " min";
}

// The longest that a statement was on its way.
std::chrono::seconds journey(Duration since_request) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(since_request), std::chrono::seconds{0});
}

}  // namespace

std::string_view to_text(TimeLevel level) { return level_names[static_cast<std::size_t>(level)]; }
std::string_view to_text(TimeSource source) {
  return source_names[static_cast<std::size_t>(source)];
}

std::optional<UnixTime> told(const TimeBelief& belief) {
  if (belief.level == TimeLevel::floor) return std::nullopt;
  return belief.time;
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
  return why_refused(value).empty();
}

void TrustedClock::attest(UnixTime issued_at, BootTime asked, BootTime at) {
  if (absurd(issued_at)) return;
  auto earliest = issued_at;
  auto latest = issued_at + journey(at - asked);
  // A floor that was wrong says nothing of where in the span the present is.
  if (floor_ < earliest || floor_ > latest) floor_ = std::max(earliest, build_time_);
  if (attested_) {
    const auto known = attested_->advanced_to(at);
    // A signer that contradicts itself is believed in its last word.
    if (known <= latest && earliest <= known + attested_span_) {
      earliest = std::max(earliest, known);
      latest = std::min(latest, known + attested_span_);
    }
  }
  attested_ = Evidence{earliest, at};
  attested_span_ = latest - earliest;
}

void TrustedClock::raise_floor(UnixTime issued_at) {
  if (!absurd(issued_at)) floor_ = std::max(floor_, issued_at);
}

void TrustedClock::carried(UnixTime issued_at, Duration since_request) {
  if (absurd(issued_at)) return;
  floor_ = std::max(std::clamp(floor_, issued_at, issued_at + journey(since_request)), build_time_);
}

std::optional<UnixTime> TrustedClock::told_by(TimeSource source, BootTime now) const {
  const auto& evidence = heard_[static_cast<std::size_t>(source)];
  if (!evidence || !why_refused(*evidence, now).empty()) return std::nullopt;
  return evidence->advanced_to(now);
}

std::optional<UnixTime> TrustedClock::told_by_both(BootTime now) const {
  const auto modem = told_by(TimeSource::modem, now);
  const auto system = told_by(TimeSource::system, now);
  if (!modem || !system || distance(*modem, *system) > agreement_window) return std::nullopt;
  return std::min(*modem, *system);
}

std::optional<UnixTime> TrustedClock::narrowed(BootTime now) const {
  const auto told = told_by_both(now);
  if (!told || !attested_) return std::nullopt;
  const auto earliest = attested_->advanced_to(now);
  if (*told <= earliest || *told > earliest + attested_span_) return std::nullopt;
  return told;
}

UnixTime TrustedClock::latest(BootTime now) const {
  auto time = std::max(attested_->advanced_to(now) + attested_span_, floor_);
  for (const auto source : {TimeSource::modem, TimeSource::system})
    time = std::max(time, told_by(source, now).value_or(time));
  return time;
}

TimeBelief TrustedClock::now(BootTime at) const {
  if (attested_)
    return {std::max(narrowed(at).value_or(attested_->advanced_to(at)), floor_),
            TimeLevel::attested, latest(at)};
  const auto modem = told_by(TimeSource::modem, at);
  const auto system = told_by(TimeSource::system, at);
  if (!modem && !system) return {floor_, TimeLevel::floor};
  if (!modem || !system) return {std::max(modem ? *modem : *system, floor_), TimeLevel::network};
  // Where two sources contradict each other the earlier one is believed, so that a wrong clock ends
  // no term; it stays at level network.
  return {std::max(std::min(*modem, *system), floor_),
          told_by_both(at) ? TimeLevel::agreed : TimeLevel::network};
}

bool TrustedClock::contradicted(BootTime at) const {
  // A clock is behind the floor where it was ALMS that was ahead.
  const auto& [modem, system] = heard_;
  if (!attested_ || !modem || !system) return false;
  for (const auto& evidence : {*modem, *system})
    if (absurd(evidence.value) || evidence.value < build_time_) return false;
  const auto told = modem->advanced_to(at);
  const auto earliest = attested_->advanced_to(at);
  return distance(told, system->advanced_to(at)) <= agreement_window &&
         distance(told, std::clamp(told, earliest, earliest + attested_span_)) > agreement_window;
}

std::string TrustedClock::because(BootTime at) const {
  if (attested_) {
    auto text = "ALMS signed it with this boot's nonce " + minutes(at - attested_->at) + " ago";
    if (attested_span_ > agreement_window) {
      text += ", and was up to " + minutes(attested_span_) + " on its way";
      if (narrowed(at)) text += "; network time and system clock agree within that";
    }
    if (contradicted(at))
      text += "; network time and system clock agree on another time, so ALMS is asked again";
    return text;
  }
  std::string text;
  for (std::size_t i = 0; i < heard_.size(); ++i) {
    if (!told_by(static_cast<TimeSource>(i), at)) continue;
    if (!text.empty())
      text += now(at).level == TimeLevel::agreed ? " agrees with " : " contradicts ";
    text += source_names[i];
    text += ", read " + minutes(at - heard_[i]->at) + " ago";
  }
  return text.empty() ? "no source of this boot; not earlier than the last signed time" : text;
}

std::string_view TrustedClock::why_refused(UnixTime value) const {
  if (absurd(value)) return "later than any firmware lives";
  return behind_floor(value) ? "earlier than what is certain" : "";
}

// The floor may have moved since it was read; and an absurd value is too late to be advanced.
std::string_view TrustedClock::why_refused(const Evidence& evidence, BootTime now) const {
  return why_refused(absurd(evidence.value) ? evidence.value : evidence.advanced_to(now));
}

TimeSourceReport TrustedClock::report(TimeSource source, BootTime at) const {
  TimeSourceReport report{.source = source};
  const auto& heard = heard_[static_cast<std::size_t>(source)];
  if (!heard) return report;
  const auto age = at - heard->at;
  if (const auto time = told_by(source, at)) {
    report.believed = TimeReading{*time, age};
  } else {
    report.refused = TimeReading{heard->value, age};
    report.refused_because = why_refused(*heard, at);
  }
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
