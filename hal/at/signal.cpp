#include "hal/at/signal.hpp"

#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

std::optional<int> within(std::optional<int> value, int low, int high) {
  return value && *value >= low && *value <= high ? value : std::nullopt;
}

// Empty fields are "not known"; anything else that is no number spoils the line.
bool numeric(const Field& field) { return field.empty() || field.number().has_value(); }

std::expected<Fields, ParseError> numbers(std::string_view line, std::string_view name,
                                          std::size_t count) {
  auto fields = fields_of(line, name);
  if (!fields) return fields;
  if (fields->size() < count) return parse_error("signal report", line, "is too short");
  for (std::size_t i = 0; i < count; ++i)
    if (!numeric((*fields)[i])) return parse_error("signal report", line, "holds no numbers");
  return fields;
}

}  // namespace

std::expected<SignalReport, ParseError> parse_csq(std::string_view line) {
  const auto fields = numbers(line, "+CSQ", 1);
  if (!fields) return std::unexpected(fields.error());
  SignalReport report;
  if (const auto code = within((*fields)[0].number(), 0, 31)) report.rssi_dbm = -113 + 2 * *code;
  return report;
}

std::expected<SignalReport, ParseError> parse_cesq(std::string_view line) {
  const auto fields = numbers(line, "+CESQ", 6);
  if (!fields) return std::unexpected(fields.error());
  SignalReport report;
  if (const auto code = within((*fields)[4].number(), 0, 34)) report.rsrq_db = *code / 2.0 - 20.0;
  if (const auto code = within((*fields)[5].number(), 0, 97)) report.rsrp_dbm = *code - 141;
  return report;
}

std::expected<SignalReport, ParseError> parse_kcellmeas(std::string_view line) {
  const auto fields = numbers(line, "+KCELLMEAS", 2);
  if (!fields) return std::unexpected(fields.error());
  if ((*fields)[1].empty()) return SignalReport{};
  SignalReport report;
  report.rsrp_dbm = within((*fields)[0].number(), -140, -44);
  report.sinr_db = within((*fields)[4].number(), -128, 40);
  return report;
}

}  // namespace oobm::hal::at
