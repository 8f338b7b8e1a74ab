#include "hal/at/result_code.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "hal/at/fields.hpp"
#include "hal/at/text.hpp"

namespace oobm::hal::at {
namespace {

constexpr std::array<std::pair<std::string_view, Final>, 8> whole_lines{{
    {"OK", Final::ok},
    {"ERROR", Final::error},
    {"COMMAND NOT SUPPORT", Final::error},
    {"CONNECT", Final::connect},
    {"NO CARRIER", Final::no_carrier},
    {"BUSY", Final::busy},
    {"NO ANSWER", Final::no_answer},
    {"NO DIALTONE", Final::no_dialtone},
}};

constexpr std::array<std::pair<std::string_view, Final>, 4> named_codes{{
    {"+CME ERROR", Final::cme_error},
    {"+CMS ERROR", Final::cms_error},
    {"+EXT ERROR", Final::error},
    {"MODEM ERROR", Final::error},
}};

// The texts of 3GPP TS 27.007 section 9.2.1 that modules send with +CMEE=2.
constexpr std::array<std::pair<std::string_view, int>, 14> cme_texts{{
    {"operation not allowed", 3},
    {"operation not supported", 4},
    {"SIM not inserted", 10},
    {"SIM PIN required", 11},
    {"SIM PUK required", 12},
    {"SIM failure", 13},
    {"SIM busy", 14},
    {"SIM wrong", 15},
    {"incorrect password", 16},
    {"no network service", 30},
    {"network timeout", 31},
    {"incorrect parameters", 50},
    {"unknown", 100},
    {"unknown error", 100},
}};

std::optional<int> error_number(std::string_view reason) {
  if (const auto number = to_number<int>(reason)) return number;
  const auto known = std::ranges::find_if(
      cme_texts, [&](const auto& row) { return same_text(reason, row.first); });
  if (known == cme_texts.end()) return std::nullopt;
  return known->second;
}

}  // namespace

std::optional<ResultCode> parse_result_code(std::string_view line) {
  line = trim(line);
  for (const auto& [text, kind] : whole_lines)
    if (same_text(line, text)) return ResultCode{kind, std::nullopt, std::string(text)};
  if (starts_with_text(line, "CONNECT "))
    return ResultCode{Final::connect, std::nullopt, printable(line)};
  for (const auto& [name, kind] : named_codes)
    if (has_name(line, name))
      return ResultCode{kind, error_number(payload(line, name).value_or("")), printable(line)};
  return std::nullopt;
}

std::optional<SimState> sim_state_of(const ResultCode& result) {
  if (result.kind != Final::cme_error || !result.number) return std::nullopt;
  switch (*result.number) {
    case cme_sim_absent:
      return SimState::absent;
    case cme_sim_pin:
      return SimState::pin_required;
    case cme_sim_puk:
      return SimState::puk_required;
    case cme_sim_busy:
      return SimState::busy;
    case cme_sim_failure:
    case cme_sim_wrong:
      return SimState::failure;
    default:
      return std::nullopt;
  }
}

}  // namespace oobm::hal::at
