// What the core knows of the OOBM radio and of the main WAN: the facts that decide whether an
// attempt is worth its cost, and those that ALMS and the technician want to see. All are link
// conditions; none moves the lifecycle.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/core/identity.hpp"
#include "agent/core/reason.hpp"

namespace oobm::core {

enum class SimState : std::uint8_t { unknown, ready, absent, locked };

// Registration status as 3GPP TS 27.007 section 10.1.22 (+CEREG) tells it.
enum class Registration : std::uint8_t {
  unknown,
  idle,
  home,
  searching,
  denied,
  no_coverage,
  roaming
};
std::string_view to_text(Registration registration);

struct RadioView {
  bool present = false;     // a port was found and opened
  bool responding = false;  // the module answers
  SimState sim = SimState::unknown;
  Registration registration = Registration::unknown;
  std::optional<int> reject_cause;  // EMM cause, 3GPP TS 24.301 section 9.9.3.9
  std::optional<Imei> imei;
  std::optional<Iccid> iccid;
  std::string technology;  // "LTE-M", "NB-IoT", "LTE", ...
  std::string operator_name;
  std::string firmware;
  std::optional<double> rsrp_dbm;
  std::optional<double> rsrq_db;
  std::optional<double> rssi_dbm;
  std::optional<std::uint32_t> cell_id;
  std::optional<std::uint32_t> tracking_area;
  std::uint32_t resets = 0;
  friend bool operator==(const RadioView&, const RadioView&) = default;
};

// Why the radio cannot carry a session; nothing when it is registered. `searching` and `unknown`
// give no_coverage or radio_silent: the caller decides how long to wait.
std::optional<Reason> radio_fault(const RadioView& radio);

// Whether waiting may help: the module is booting or searching, not denied and not without a SIM.
bool radio_may_recover(const RadioView& radio);

struct WanView {
  bool up = false;
  std::string interface;
  std::string address;
  friend bool operator==(const WanView&, const WanView&) = default;
};

}  // namespace oobm::core
