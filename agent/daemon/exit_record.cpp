#include "agent/daemon/exit_record.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstring>
#include <utility>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "agent/store/file_system.hpp"
#include "agent/store/json_reader.hpp"
#include "agent/store/json_text.hpp"

namespace oobm::daemon {
namespace {

using namespace std::chrono_literals;
using store::JsonReader;

constexpr std::array<const char*, 3> cause_names{"status", "signal", "hung"};
constexpr std::int64_t longest_run_s = 100LL * 365 * 86'400;
constexpr std::uint32_t most_in_a_row = 1'000'000;
constexpr std::int32_t most_number = 255;
constexpr std::size_t max_boot_id_chars = 64;
constexpr std::size_t max_version_chars = 64;
// After the first, the second, ... abnormal end of a row; the last holds from then on.
constexpr std::array<core::Duration, 6> pauses{0s, 10s, 30s, 60s, 300s, 900s};

std::string path(const std::string& folder) { return folder + "/" + exit_record_file; }

std::int64_t seconds(core::Duration time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

template <std::integral T>
T whole(const JsonReader& in, const char* key, T least, T most) {
  T value = least;
  in.require({key});
  in.number(key, value, store::Range<T>{.least = least, .most = most});
  return value;
}

ExitRecord::Cause cause(const JsonReader& in) {
  std::string name;
  in.text("cause", name);
  const auto* found = std::ranges::find(cause_names, name);
  if (found == cause_names.end()) in.fail("cause", "none of status, signal, hung");
  return static_cast<ExitRecord::Cause>(found - cause_names.begin());
}

void read(const JsonReader& in, ExitRecord& record) {
  in.require({"boot_id"});
  record.in_a_row = whole<std::uint32_t>(in, "in_a_row", 1, most_in_a_row);
  record.cause = cause(in);
  record.number = whole<std::int32_t>(in, "number", 0, most_number);
  record.ran = std::chrono::seconds(whole<std::int64_t>(in, "ran_s", 0, longest_run_s));
  in.text("boot_id", record.boot_id, max_boot_id_chars);
  in.text("version", record.version, max_version_chars);
  in.boolean("told", record.told);
}

std::string how(const ExitRecord& record) {
  const auto number = std::to_string(record.number);
  switch (record.cause) {
    case ExitRecord::Cause::status:
      return "it ended with exit status " + number;
    case ExitRecord::Cause::signal:
      return "it was ended by signal " + number + " (" + ::strsignal(record.number) + ")";
    case ExitRecord::Cause::hung:
      break;
  }
  return "it did nothing any more and was ended";
}

}  // namespace

std::string to_json(const ExitRecord& record) {
  return store::one_line({{"in_a_row", record.in_a_row},
                          {"cause", cause_names[std::to_underlying(record.cause)]},
                          {"number", record.number},
                          {"ran_s", seconds(record.ran)},
                          {"boot_id", record.boot_id},
                          {"version", record.version},
                          {"told", record.told}});
}

std::optional<ExitRecord> exit_record_from_json(std::string_view json) {
  if (json.size() > max_exit_record_bytes) return std::nullopt;
  return store::document_from<ExitRecord>(
      json, [](const JsonReader& in, ExitRecord& record) { read(in, record); });
}

std::string cause_text(const ExitRecord& record) {
  std::string text = cause_names[std::to_underlying(record.cause)];
  if (record.cause != ExitRecord::Cause::hung) text += " " + std::to_string(record.number);
  return text;
}

std::string sentence(const ExitRecord& record) {
  auto text = how(record) + " after " + std::to_string(seconds(record.ran)) + " s";
  if (record.in_a_row > 1) text += ", the " + std::to_string(record.in_a_row) + ". time in a row";
  return text;
}

std::uint32_t ends_of(const ExitRecord& record, std::string_view version) {
  return !record.version.empty() && record.version == version ? record.in_a_row : 0;
}

core::Duration pause_after(const ExitRecord& record, std::string_view boot_id,
                           std::string_view version) {
  const auto ends = ends_of(record, version);
  if (ends == 0 || record.boot_id != boot_id) return core::Duration(0);
  return pauses[std::min<std::size_t>(ends, pauses.size()) - 1];
}

std::optional<ExitRecord> load_exit_record(const std::string& folder) {
  const auto text = store::posix_file_system().read(path(folder), max_exit_record_bytes);
  return text ? exit_record_from_json(*text) : std::nullopt;
}

std::expected<void, std::string> save_exit_record(const std::string& folder,
                                                  const ExitRecord& record) {
  auto& files = store::posix_file_system();
  const auto made = path(folder) + ".new";
  const auto handle = files.create(made);
  if (!handle) return std::unexpected(store::sentence(handle.error()));
  auto done = files.write(*handle, to_json(record)).and_then([&] { return files.sync(*handle); });
  files.close(*handle);
  done = done.and_then([&] { return files.rename(made, path(folder)); }).and_then([&] {
    return files.sync_folder(folder);
  });
  if (!done) return std::unexpected(store::sentence(done.error()));
  return {};
}

void forget_exit_record(const std::string& folder) { ::unlink(path(folder).c_str()); }

void end_row(const std::string& folder) {
  auto record = load_exit_record(folder);
  if (!record || record->version.empty()) return;
  record->version.clear();
  static_cast<void>(save_exit_record(folder, *record));  // as it stands: the pause is made
}

}  // namespace oobm::daemon
