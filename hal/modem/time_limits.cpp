#include "hal/modem/time_limits.hpp"

#include <array>

#include "hal/at/text.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;

constexpr auto general = std::to_array<TimeLimit>({
    {"AT+CPIN=", 40s}, {"AT+CPIN", 10s},    {"AT+CIMI", 3s},     {"AT+CRSM", 20s},
    {"AT+CSIM", 20s},  {"AT+CLCK", 20s},    {"AT+CPWD", 20s},    {"AT+CFUN=1,1", 30s},
    {"AT+CFUN=", 10s}, {"AT+CEREG?", 10s},  {"AT+COPS=?", 315s}, {"AT+COPS=", 120s},
    {"AT+COPS", 10s},  {"AT+CGATT=", 180s}, {"AT+CGACT=", 180s}, {"AT+CGATT", 10s},
    {"AT+CGACT", 10s}, {"AT+CGDCONT", 10s}, {"AT+CGPADDR", 10s}, {"AT+CGCONTRDP", 10s},
    {"ATD", 75s},      {"ATH", 10s},        {"ATE", 3s},         {"AT+CGM", 3s},
    {"AT+CGSN", 3s},   {"AT+CFUN?", 3s},    {"AT+CSQ", 3s},      {"AT+CESQ", 3s},
    {"AT+CCLK", 3s},
});

constexpr auto hl78xx = std::to_array<TimeLimit>({
    {"AT+CFUN=1,1", 30s},
    {"AT+CFUN=", 20s},
    {"AT+KCARRIERCFG=", 60s},
    {"AT+KBNDCFG=", 60s},
    {"AT+KSELACQ=", 60s},
    {"AT+KSRAT=", 60s},
    {"AT+K", 10s},
});

const TimeLimit* find(std::span<const TimeLimit> rows, std::string_view text) {
  for (const auto& row : rows)
    if (at::starts_with_text(text, row.prefix)) return &row;
  return nullptr;
}

}  // namespace

std::span<const TimeLimit> hl78xx_limits() { return hl78xx; }

core::Duration time_limit(std::span<const TimeLimit> own, std::string_view text,
                          core::Duration otherwise) {
  if (const auto* row = find(own, text)) return row->limit;
  if (const auto* row = find(general, text)) return row->limit;
  return otherwise;
}

}  // namespace oobm::hal
