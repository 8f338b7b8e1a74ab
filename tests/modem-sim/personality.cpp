#include "tests/modem-sim/personality.hpp"

#include <array>

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr std::array<Personality, 2> all_personalities{{
    {
        .name = "hl78xx",
        .manufacturer = "Sierra Wireless",
        .model = "HL7802",
        .revision = "HL7802.4.6.9.4",
        .boot_report = "+KSUP: 0",
        .hl78xx = true,
        .boot_time = 6s,
    },
    {
        .name = "generic",
        .manufacturer = "Generic Modules",
        .model = "GM-100",
        .revision = "GM100.1.0",
        .boot_report = "",
        .hl78xx = false,
        .boot_time = 4s,
    },
}};

}  // namespace

const Personality* find_personality(std::string_view name) {
  for (const auto& personality : all_personalities)
    if (personality.name == name) return &personality;
  return nullptr;
}

}  // namespace oobm::modem_sim
