// A run that ended otherwise than in good order is not passed over: whoever saw its end writes down
// what it was, and the next run tells ALMS and the technician. Runs that end badly one after the
// other are begun with growing pauses, so that a fault which lasts costs neither flash nor data. A
// run of an hour is no part of such a row. A row belongs to the version whose runs ended so: what
// an installation or a way back brings begins without it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/time.hpp"

namespace oobm::daemon {

inline constexpr const char* exit_record_file = "exit.json";  // in the state folder
inline constexpr std::size_t max_exit_record_bytes = 1024;
inline constexpr core::Duration long_run = std::chrono::hours(1);

struct ExitRecord {
  enum class Cause : std::uint8_t { status, signal, hung };
  std::uint32_t in_a_row = 1;  // abnormal ends, this one included
  Cause cause = Cause::status;
  std::int32_t number = 0;  // exit status or signal
  core::Duration ran{0};
  std::string boot_id;  // boot in which it ended
  std::string version;  // of the agent whose row this is; empty: the row has ended
  bool told = false;    // the report to ALMS is in the state
  friend bool operator==(const ExitRecord&, const ExitRecord&) = default;
};

std::string to_json(const ExitRecord& record);
// Nothing: it is no such record.
std::optional<ExitRecord> exit_record_from_json(std::string_view json);

// "signal 11", "status 3", "hung".
std::string cause_text(const ExitRecord& record);

// "it was ended by signal 11 (Segmentation fault) after 512 s, the 3. time in a row".
std::string sentence(const ExitRecord& record);

// Abnormal ends in the row of this version. A record without a version counts for none.
std::uint32_t ends_of(const ExitRecord& record, std::string_view version);

// How long a run of this version that follows waits before it begins: nothing after the first
// abnormal end of its row and in another boot.
core::Duration pause_after(const ExitRecord& record, std::string_view boot_id,
                           std::string_view version);

// In `folder`. A record that cannot be read is none.
std::optional<ExitRecord> load_exit_record(const std::string& folder);
std::expected<void, std::string> save_exit_record(const std::string& folder,
                                                  const ExitRecord& record);
void forget_exit_record(const std::string& folder);
// What happened stays to be told; the next run begins at once, and counts anew.
void end_row(const std::string& folder);

}  // namespace oobm::daemon
