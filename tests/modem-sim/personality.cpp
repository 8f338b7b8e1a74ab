#include "tests/modem-sim/personality.hpp"

#include <algorithm>
#include <array>

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 1> hl78xx_reports{"+KSUP: 0"};
constexpr std::array<std::string_view, 6> chatty_reports{
    "RDY", "APP RDY", "+CFUN: 1", "+CPIN: READY", "+QIND: SMS DONE", "+QUSIM: 1"};

constexpr std::array<Personality, 3> all_personalities{{
    {
        .name = "hl78xx",
        .manufacturer = "Sierra Wireless",
        .model = "HL7802",
        .revision = "HL7802.4.6.9.4",
        .boot_reports = hl78xx_reports,
        .hl78xx = true,
        .iccid_command = "+CCID",
        .extended_signal = true,
        .highest_report_level = 5,
        .strict_activation = true,
        .hangs_up = false,
        .late_activation = true,
        .looser_text = false,
        .boot_time = 6s,
    },
    {
        .name = "generic",
        .manufacturer = "Generic Modules",
        .model = "GM-100",
        .revision = "GM100.1.0",
        .boot_reports = {},
        .hl78xx = false,
        .iccid_command = "",
        .extended_signal = false,
        .highest_report_level = 3,
        .strict_activation = false,
        .hangs_up = true,
        .late_activation = false,
        .looser_text = false,
        .boot_time = 4s,
    },
    {
        .name = "chatty",
        .manufacturer = "Chatty Radio Ltd.",
        .model = "CR-95",
        .revision = "CR95R01A02",
        .boot_reports = chatty_reports,
        .hl78xx = false,
        .iccid_command = "+QCCID",
        .extended_signal = true,
        .highest_report_level = 5,
        .strict_activation = false,
        .hangs_up = true,
        .late_activation = false,
        .looser_text = true,
        .boot_time = 5s,
    },
}};

}  // namespace

std::span<const Personality> personalities() { return all_personalities; }

const Personality* find_personality(std::string_view name) {
  const auto* found = std::ranges::find(all_personalities, name, &Personality::name);
  return found == all_personalities.end() ? nullptr : found;
}

}  // namespace oobm::modem_sim
