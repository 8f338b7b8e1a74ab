// What happened lately, for the person who stands next to the router: a bounded ring in memory,
// oldest events dropped first. Events carry the boot clock always and a date only when time was
// trusted; a date from a clock that nobody believes would be worse than none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/reason.hpp"
#include "agent/core/time.hpp"

namespace oobm::daemon {

inline constexpr std::size_t event_log_capacity = 256;    // events
inline constexpr std::size_t max_event_text_bytes = 512;  // the rest is cut

struct EventRecord {
  std::uint64_t sequence = 0;          // 1 for the first of this run, then rising by one
  core::BootTime at;                   // since this boot
  std::optional<core::UnixTime> time;  // trusted time, where it was known
  std::string event;                   // snake_case
  core::Reason reason = core::Reason::none;
  std::string text;  // for people; may be empty
};

// Used by the event loop's thread alone.
class EventLog {
 public:
  using Listener = std::function<void(const EventRecord&)>;

  explicit EventLog(std::size_t capacity = event_log_capacity) : capacity_(capacity) {}

  // `record.sequence` is filled in. The listener is called before this returns.
  const EventRecord& add(EventRecord record);

  // Oldest first; references are good until the next add().
  [[nodiscard]] const std::deque<EventRecord>& records() const { return records_; }
  // Events that the ring no longer holds.
  [[nodiscard]] std::uint64_t dropped() const;

  // At most one; the control socket's. An empty function removes it.
  void set_listener(Listener listener) { listener_ = std::move(listener); }

 private:
  std::size_t capacity_;
  std::uint64_t next_sequence_ = 1;
  std::deque<EventRecord> records_;
  Listener listener_;
};

// One JSON object on one line, without line feed: {"seq":..,"at_ms":..,"time":..,"event":..,
// "code":..,"sentence":..,"text":..}; members that have nothing to say are left out.
std::string to_json(const EventRecord& record);

}  // namespace oobm::daemon
