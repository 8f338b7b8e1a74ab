// What of a router survives every loss of power: its case with serial number and SKU, the module
// and the card in it, the flash, and the firmware's data. The agent comes and goes (router.hpp).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/region.hpp"
#include "hal/recovery/budget.hpp"
#include "tests/modem-sim/sim_modem.hpp"
#include "tests/support/power_cut_fs.hpp"

namespace oobm::sim {

inline constexpr const char* state_folder = "/s";

struct Iron {
  std::string serial = "XR80NA0000001";
  std::string sku = "XR80-NA-SAMPLE";
  std::optional<std::string> factory_imei;
  std::vector<core::CatalogueEntry> catalogue;

  std::string module_imei = "359459090001236";
  std::string card_iccid = "89014103211118510720";
  std::unique_ptr<modem_sim::SimModem> module;
  bool bearer_up = false;
  int bearer_of = 0;  // the module's life in which it was dialled

  std::unique_ptr<store::PowerCutFs> flash = std::make_unique<store::PowerCutFs>();
  std::optional<hal::BudgetMemory> radio_budget;  // kept on a part of the flash that never fails

  core::BootTime booted_at{};  // by the world's clock
  std::uint64_t boots = 0;
};

}  // namespace oobm::sim
