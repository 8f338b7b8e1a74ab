// What time it is, and how well that is known. A subscription must not end because a clock was
// wrong, nor live on because one was turned back; so time is believed by evidence, in four levels,
// and only timers run on the boot clock.
//
//   floor     nothing but the build time and the persisted floor
//   network   one source of this boot: network time (NITZ) or an NTP-synchronised system clock
//   agreed    two independent sources of this boot within ten minutes
//   attested  the iat of a statement that bears a nonce sent in this boot, advanced by the boot
//   clock
//
// A statement was signed between our asking and its arrival, so an answer that was long on its way
// leaves a span. Earlier answers of this boot narrow it, and so do two sources that agree within
// it; what is left open is believed to be the earliest.
//
// Time never runs backwards past the floor. Only signed time raises the persisted floor; a
// statement bound to our nonce may also lower one that was wrong.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/time.hpp"

namespace oobm::core {

enum class TimeLevel : std::uint8_t { floor, network, agreed, attested };
std::string_view to_text(TimeLevel level);

enum class TimeSource : std::uint8_t { modem, system };
std::string_view to_text(TimeSource source);

// Two sources agree within this.
inline constexpr std::chrono::seconds agreement_window{600};
// Evidence later than the build by more than this is refused: no firmware lives so long.
inline constexpr std::chrono::hours farthest_future{24 * 365 * 20};

struct TimeBelief {
  UnixTime time;
  TimeLevel level = TimeLevel::floor;
  // The latest that the signed time or either source tells; nothing where ALMS has not signed.
  std::optional<UnixTime> latest{};
};

// The time, where any evidence of this boot tells it.
std::optional<UnixTime> told(const TimeBelief& belief);

// What a clock says, for the technician.
struct TimeReading {
  UnixTime says;
  Duration age{0};  // since it was read
};
struct TimeSourceReport {
  TimeSource source = TimeSource::modem;
  std::optional<TimeReading> believed{};  // advanced to the present
  std::optional<TimeReading> refused{};   // its last reading, as it was read, where that counts not
  std::string_view refused_because{};     // in words; empty: nothing was refused
};
struct TimeReport {
  TimeBelief belief;
  std::string because;                     // "I believe it is ... because ..."
  std::string to_raise;                    // what would be believed more; never empty
  UnixTime floor;                          // it is no earlier than this
  std::optional<TimeReading> signed_time;  // of this boot, advanced to the present
  std::array<TimeSourceReport, 2> sources{TimeSourceReport{.source = TimeSource::modem},
                                          TimeSourceReport{.source = TimeSource::system}};
};

class TrustedClock {
 public:
  TrustedClock(UnixTime build_time, UnixTime persisted_floor);

  // Network or system time, read at `at`. False when refused: before the floor by more than the
  // agreement window, or absurdly late. A source's word is its newest: one that is refused takes
  // back what the source said before.
  bool add(TimeSource source, UnixTime value, BootTime at);

  // The iat of an accepted statement that carried our nonce of this boot, asked for at `asked` and
  // received at `at`. Puts the floor where that allows it, also downwards. An absurdly late one is
  // ignored, here and in raise_floor().
  void attest(UnixTime issued_at, BootTime asked, BootTime at);

  // The iat of an accepted statement without our nonce: raises the floor, never lowers it.
  void raise_floor(UnixTime issued_at);

  // The iat of an accepted statement that a person carried here, as the answer to a request that
  // was made `since_request` ago, in this boot. It was signed within that time, so the present is
  // no earlier than it and no later than it plus that time: the floor is moved into this span.
  void carried(UnixTime issued_at, Duration since_request);

  [[nodiscard]] TimeBelief now(BootTime at) const;
  [[nodiscard]] UnixTime floor() const { return floor_; }
  // Both sources of this boot agree with each other and not with what ALMS signed. The signed time
  // stays believed, but it should be asked for anew: a signer's clock may be wrong for a day.
  [[nodiscard]] bool contradicted(BootTime at) const;

  // "I believe it is ... because ...", for the technician; names the sources and their ages.
  [[nodiscard]] std::string because(BootTime at) const;
  // All of it, with what the sources say and what would raise the level.
  [[nodiscard]] TimeReport report(BootTime at) const;

 private:
  struct Evidence {
    UnixTime value;
    BootTime at;
    [[nodiscard]] UnixTime advanced_to(BootTime now) const;
  };
  [[nodiscard]] bool absurd(UnixTime value) const;
  [[nodiscard]] bool behind_floor(UnixTime value) const;
  [[nodiscard]] std::optional<UnixTime> told_by(TimeSource source, BootTime now) const;
  // The earlier of both sources, where they agree.
  [[nodiscard]] std::optional<UnixTime> told_by_both(BootTime now) const;
  // TimeBelief::latest. Precondition: attested_.
  [[nodiscard]] UnixTime latest(BootTime now) const;
  // What both sources tell, where it lies within the signed span and is not its begin.
  [[nodiscard]] std::optional<UnixTime> narrowed(BootTime now) const;
  [[nodiscard]] std::string_view why_refused(UnixTime value) const;
  [[nodiscard]] std::string_view why_refused(const Evidence& evidence, BootTime now) const;
  [[nodiscard]] TimeSourceReport report(TimeSource source, BootTime at) const;
  [[nodiscard]] std::string to_raise(BootTime at) const;

  UnixTime build_time_;
  UnixTime floor_;
  std::array<std::optional<Evidence>, 2> heard_;  // the newest of each source, believed or not
  std::optional<Evidence> attested_;              // the earliest that it can be
  std::chrono::seconds attested_span_{0};         // from there to the latest
};

}  // namespace oobm::core
