#include "hal/at/result_code.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "hal/at/fields.hpp"
#include "hal/at/text.hpp"

namespace oobm::hal::at {
namespace {

using NamedCode = std::pair<std::string_view, Final>;

constexpr std::array<NamedCode, 9> whole_lines{{
    {"OK", Final::ok},
    {"ERROR", Final::error},
    {"COMMAND NOT SUPPORT", Final::error},
    {"NA", Final::error},
    {"CONNECT", Final::connect},
    {"NO CARRIER", Final::no_carrier},
    {"BUSY", Final::busy},
    {"NO ANSWER", Final::no_answer},
    {"NO DIALTONE", Final::no_dialtone},
}};

constexpr std::array<NamedCode, 4> named_codes{{
    {"+CME ERROR", Final::cme_error},
    {"+CMS ERROR", Final::cms_error},
    {"+EXT ERROR", Final::error},
    {"MODEM ERROR", Final::error},
}};

constexpr std::string_view connect_with_text = "CONNECT ";

struct CmeError {
  std::int16_t number;
  std::string_view text;  // as modules send it with +CMEE=2
};

// 3GPP TS 27.007 section 9.2.1 (general) and 9.2.2 (packet domain), what a data-only module can
// say. Of two texts for one number the first is shown.
constexpr std::array cme_errors = std::to_array<CmeError>({
    {0, "phone failure"},
    {1, "no connection to phone"},
    {2, "phone-adaptor link reserved"},
    {3, "operation not allowed"},
    {4, "operation not supported"},
    {5, "PH-SIM PIN required"},
    {6, "PH-FSIM PIN required"},
    {7, "PH-FSIM PUK required"},
    {10, "SIM not inserted"},
    {11, "SIM PIN required"},
    {12, "SIM PUK required"},
    {13, "SIM failure"},
    {14, "SIM busy"},
    {15, "SIM wrong"},
    {16, "incorrect password"},
    {17, "SIM PIN2 required"},
    {18, "SIM PUK2 required"},
    {20, "memory full"},
    {21, "invalid index"},
    {22, "not found"},
    {23, "memory failure"},
    {24, "text string too long"},
    {25, "invalid characters in text string"},
    {26, "dial string too long"},
    {27, "invalid characters in dial string"},
    {30, "no network service"},
    {31, "network timeout"},
    {32, "network not allowed - emergency calls only"},
    {32, "emergency calls only"},
    {40, "network personalization PIN required"},
    {41, "network personalization PUK required"},
    {42, "network subset personalization PIN required"},
    {43, "network subset personalization PUK required"},
    {44, "service provider personalization PIN required"},
    {45, "service provider personalization PUK required"},
    {46, "corporate personalization PIN required"},
    {47, "corporate personalization PUK required"},
    {48, "hidden key required"},
    {49, "EAP method not supported"},
    {50, "incorrect parameters"},
    {51, "command implemented but currently disabled"},
    {52, "command aborted by user"},
    {53, "not attached to network due to MT functionality restrictions"},
    {54, "modem not allowed - MT restricted to emergency calls only"},
    {55, "operation not allowed because of MT functionality restrictions"},
    {56, "fixed dial number only allowed"},
    {57, "temporarily out of service due to other MT usage"},
    {60, "system failure"},
    {100, "unknown"},
    {100, "unknown error"},
    {102, "IMSI unknown in HSS"},
    {103, "illegal MS"},
    {105, "IMEI not accepted"},
    {106, "illegal ME"},
    {107, "GPRS services not allowed"},
    {108, "GPRS services and non GPRS services not allowed"},
    {110, "implicitly detached"},
    {111, "PLMN not allowed"},
    {112, "location area not allowed"},
    {113, "roaming not allowed in this location area"},
    {114, "GPRS services not allowed in this PLMN"},
    {115, "no suitable cells in location area"},
    {117, "network failure"},
    {119, "ESM failure"},
    {122, "congestion"},
    {126, "insufficient resources"},
    {127, "missing or unknown APN"},
    {128, "unknown PDP address or PDP type"},
    {129, "user authentication failed"},
    {130, "activation rejected by GGSN, Serving GW or PDN GW"},
    {131, "activation rejected, unspecified"},
    {132, "service option not supported"},
    {133, "requested service option not subscribed"},
    {134, "service option temporarily out of order"},
    {143, "unknown PDP context"},
    {148, "unspecified GPRS error"},
    {149, "PDP authentication failure"},
    {171, "last PDN disconnection not allowed"},
    {177, "operator determined barring"},
    {179, "requested APN not supported in current RAT and PLMN combination"},
});

constexpr int please_wait = 515;  // of more than one vendor

// Texts vary in punctuation only where 27.007 leaves it open; case varies everywhere.
std::optional<int> error_number(std::string_view reason) {
  reason = without_quotes(reason);
  if (const auto number = to_number<int>(reason)) return number;
  const auto known = std::ranges::find_if(
      cme_errors, [&](const CmeError& row) { return same_text(reason, row.text); });
  if (known == cme_errors.end()) return std::nullopt;
  return known->number;
}

const NamedCode* whole_line_code(std::string_view line) {
  const auto found = std::ranges::find_if(
      whole_lines, [&](const NamedCode& row) { return same_text(line, row.first); });
  return found == whole_lines.end() ? nullptr : &*found;
}

const NamedCode* named_code(std::string_view line) {
  const auto found = std::ranges::find_if(
      named_codes, [&](const NamedCode& row) { return has_name(line, row.first); });
  return found == named_codes.end() ? nullptr : &*found;
}

}  // namespace

bool is_result_code(std::string_view line) {
  line = trim(line);
  return whole_line_code(line) || starts_with_text(line, connect_with_text) || named_code(line);
}

std::optional<ResultCode> parse_result_code(std::string_view line) {
  line = trim(line);
  if (const auto* code = whole_line_code(line))
    return ResultCode{code->second, std::nullopt, std::string(code->first)};
  if (starts_with_text(line, connect_with_text))
    return ResultCode{Final::connect, std::nullopt, printable(line)};
  if (const auto* code = named_code(line))
    return ResultCode{code->second, error_number(payload(line, code->first).value_or("")),
                      printable(line)};
  return std::nullopt;
}

std::string_view cme_text(int number) {
  const auto known = std::ranges::find(cme_errors, number, &CmeError::number);
  return known == cme_errors.end() ? std::string_view() : known->text;
}

ErrorClass error_class(const ResultCode& result) {
  if (result.kind != Final::cme_error || !result.number) return ErrorClass::other;
  switch (*result.number) {
    case 14:
    case 30:
    case 31:
    case 52:
    case 100:
    case please_wait:
      return ErrorClass::transient;
    case 4:
      return ErrorClass::unsupported;
    case 3:
    case 50:
      return ErrorClass::misused;
    default:
      return *result.number >= 5 && *result.number <= 18 ? ErrorClass::card : ErrorClass::other;
  }
}

std::optional<SimState> sim_state_of(const ResultCode& result) {
  if (result.kind != Final::cme_error || !result.number) return std::nullopt;
  switch (*result.number) {
    case 10:
      return SimState::absent;
    case 11:
      return SimState::pin_required;
    case 12:
      return SimState::puk_required;
    case 14:
      return SimState::busy;
    case 13:
    case 15:
      return SimState::failure;
    case 5:
    case 40:
    case 41:
    case 42:
    case 43:
    case 44:
    case 45:
    case 46:
    case 47:
      return SimState::network_locked;
    default:
      return std::nullopt;
  }
}

}  // namespace oobm::hal::at
