#include "agent/transfer/protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>
#include <variant>

namespace oobm::transfer {
namespace {

using U32 = std::uint32_t;
using U64 = std::uint64_t;

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7e; });
}

// Decimal digits alone, and no more than `most`.
std::optional<U64> number_from(std::string_view text, U64 most) {
  U64 value = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  const bool whole = !text.empty() && rest == end && error == std::errc();
  if (!whole || value > most) return std::nullopt;
  return value;
}

struct TextField {
  std::string Job::* member;
  std::size_t most;
  bool required;
};
struct NumberField {
  std::variant<U32 Job::*, U64 Job::*> member;
  U64 least;
};
struct Field {
  std::string_view name;
  std::variant<TextField, NumberField> kind;
};

constexpr std::array job_fields{
    Field{"host", TextField{&Job::host, max_host_bytes, true}},
    Field{"target", TextField{&Job::target, max_target_bytes, true}},
    Field{"user_agent", TextField{&Job::user_agent, max_agent_bytes, true}},
    Field{"validator", TextField{&Job::validator, max_validator_bytes, false}},
    Field{"offset", NumberField{&Job::offset, 0}},
    Field{"max_bytes", NumberField{&Job::max_bytes, 1}},
    Field{"bytes_per_s", NumberField{&Job::bytes_per_s, 0}},
    Field{"min_bytes_per_s", NumberField{&Job::min_bytes_per_s, 1}},
    Field{"stall_s", NumberField{&Job::stall_s, 1}},
    Field{"time_limit_s", NumberField{&Job::time_limit_s, 1}},
    Field{"progress_ms", NumberField{&Job::progress_ms, 1}},
};

// The last line, where there is one.
constexpr std::string_view put_name = "put=";

std::string value_of(const Job& job, const TextField& field) { return job.*field.member; }
std::string value_of(const Job& job, const NumberField& field) {
  return std::visit([&](auto member) { return std::to_string(job.*member); }, field.member);
}

bool set(Job& job, const TextField& field, std::string_view value) {
  const bool fits = value.size() <= field.most && is_printable(value);
  if (fits) job.*field.member = value;
  return fits && !(field.required && value.empty());
}

bool set(Job& job, const NumberField& field, std::string_view value) {
  return std::visit(
      [&]<class T>(T Job::* member) {
        // A file's size has to fit into off_t.
        constexpr U64 most =
            std::min<U64>(std::numeric_limits<T>::max(), std::numeric_limits<std::int64_t>::max());
        const auto number = number_from(value, most);
        if (!number || *number < field.least) return false;
        job.*member = static_cast<T>(*number);
        return true;
      },
      field.member);
}

constexpr U64 any_number = std::numeric_limits<std::int64_t>::max();
constexpr U64 highest_status = 999;

// In the order of Report::Kind.
struct ReportRow {
  std::string_view name;
  bool is_text;
  U64 most;  // the number, or bytes of the text
};
constexpr std::array report_rows{
    ReportRow{"status", false, highest_status},
    ReportRow{"from", false, any_number},
    ReportRow{"total", false, any_number},
    ReportRow{"validator", true, max_validator_bytes},
    ReportRow{"location", true, max_target_bytes},
    ReportRow{"got", false, any_number},
    ReportRow{"detail", true, max_validator_bytes},
};

constexpr std::array exits{Exit::finished,    Exit::bad_job,   Exit::confinement,  Exit::link_ended,
                           Exit::stalled,     Exit::time_over, Exit::too_large,    Exit::not_http,
                           Exit::wrong_range, Exit::no_space,  Exit::write_failed, Exit::library};

}  // namespace

std::string to_text(const Job& job) {
  std::string text;
  for (const auto& field : job_fields) {
    text.append(field.name).append("=");
    text += std::visit([&](const auto& kind) { return value_of(job, kind); }, field.kind);
    text += '\n';
  }
  if (!job.put_type.empty()) text.append(put_name).append(job.put_type).append("\n");
  return text;
}

namespace {

// What follows the lines that every job has: nothing, or that the file is to be sent.
bool set_put(Job& job, std::string_view text) {
  if (text.empty()) return true;
  const auto end = text.find('\n');
  if (end == std::string_view::npos || end + 1 != text.size() || !text.starts_with(put_name))
    return false;
  return job.offset == 0 && set(job, TextField{&Job::put_type, max_type_bytes, true},
                                text.substr(put_name.size(), end - put_name.size()));
}

}  // namespace

std::expected<Job, std::string> parse_job(std::string_view text) {
  Job job;
  for (const auto& field : job_fields) {
    const auto line = text.substr(0, text.find('\n'));
    const bool named = line.size() < text.size() && line.starts_with(field.name) &&
                       line.substr(field.name.size()).starts_with('=');
    if (!named) return std::unexpected("there is no line " + std::string(field.name) + "=...");
    const auto value = line.substr(field.name.size() + 1);
    if (!std::visit([&](const auto& kind) { return set(job, kind, value); }, field.kind))
      return std::unexpected("the value of " + std::string(field.name) + " is out of bounds");
    text.remove_prefix(line.size() + 1);
  }
  if (!set_put(job, text)) return std::unexpected("more lines than a job has");
  if (!job.target.starts_with('/')) return std::unexpected("target does not begin with '/'");
  return job;
}

std::string to_line(const Report& report) {
  const auto& row = report_rows[static_cast<std::size_t>(report.kind)];
  std::string line(row.name);
  line += '=';
  if (!row.is_text) return line + std::to_string(report.number) + "\n";
  for (const char c : std::string_view(report.text).substr(0, row.most))
    line += is_printable({&c, 1}) ? c : '?';
  return line + "\n";
}

std::optional<Report> parse_report(std::string_view line) {
  const auto sign = line.find('=');
  if (sign == std::string_view::npos) return std::nullopt;
  const auto* row = std::ranges::find(report_rows, line.substr(0, sign), &ReportRow::name);
  if (row == report_rows.end()) return std::nullopt;
  const auto value = line.substr(sign + 1);
  const auto kind = static_cast<Report::Kind>(row - report_rows.begin());
  if (row->is_text) {
    if (value.size() > row->most || !is_printable(value)) return std::nullopt;
    return Report{.kind = kind, .number = 0, .text = std::string(value)};
  }
  const auto number = number_from(value, row->most);
  if (!number) return std::nullopt;
  return Report{.kind = kind, .number = *number, .text = {}};
}

bool ReportReader::feed(std::string_view bytes, const std::function<void(const Report&)>& take) {
  while (!broken_ && !bytes.empty()) {
    const auto end = bytes.find('\n');
    line_ += bytes.substr(0, end);
    if (line_.size() > max_report_bytes) broken_ = true;
    if (broken_ || end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
    const auto report = parse_report(std::exchange(line_, {}));
    if (report)
      take(*report);
    else
      broken_ = true;
  }
  return !broken_;
}

std::optional<Exit> exit_from(int status) {
  const auto* found =
      std::ranges::find_if(exits, [&](Exit known) { return static_cast<int>(known) == status; });
  if (found == exits.end()) return std::nullopt;
  return *found;
}

}  // namespace oobm::transfer
