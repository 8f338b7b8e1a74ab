#include "agent/daemon/radio_view.hpp"

namespace oobm::daemon {
namespace {

core::SimState sim_state(const std::optional<hal::SimState>& sim) {
  if (!sim) return core::SimState::unknown;
  switch (*sim) {
    case hal::SimState::ready:
      return core::SimState::ready;
    case hal::SimState::absent:
    case hal::SimState::failure:
      return core::SimState::absent;
    case hal::SimState::pin_required:
    case hal::SimState::puk_required:
    case hal::SimState::network_locked:
      return core::SimState::locked;
    case hal::SimState::busy:
      break;
  }
  return core::SimState::unknown;
}

core::Registration registration(const std::optional<hal::Registration>& registration) {
  if (!registration) return core::Registration::unknown;
  switch (*registration) {
    case hal::Registration::not_registered:
      return core::Registration::idle;
    case hal::Registration::home:
      return core::Registration::home;
    case hal::Registration::searching:
      return core::Registration::searching;
    case hal::Registration::denied:
      return core::Registration::denied;
    case hal::Registration::roaming:
      return core::Registration::roaming;
    case hal::Registration::unknown:
    case hal::Registration::sms_only:
    case hal::Registration::emergency_only:
      break;
  }
  return core::Registration::no_coverage;
}

template <class T>
std::optional<double> real(const std::optional<T>& value) {
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

}  // namespace

core::RadioView radio_view(const hal::RadioFacts& facts) {
  core::RadioView view;
  // A module that sleeps as the network allowed it to is as well as one that answers.
  const bool well = facts.port == hal::PortState::ok || facts.port == hal::PortState::asleep;
  view.present = well || facts.port == hal::PortState::silent;
  view.responding = well;
  view.sim = sim_state(facts.sim);
  view.registration = registration(facts.registration);
  if (facts.reject && !facts.reject->vendor_specific) view.reject_cause = facts.reject->value;
  view.imei = facts.imei;
  view.iccid = facts.iccid;
  if (facts.technology) view.technology = hal::to_string(*facts.technology);
  view.operator_name = facts.operator_name;
  view.firmware = facts.firmware;
  view.rsrp_dbm = real(facts.rsrp_dbm);
  view.rsrq_db = facts.rsrq_db;
  view.rssi_dbm = real(facts.rssi_dbm);
  view.cell_id = facts.cell_id;
  view.tracking_area = facts.tac;
  view.resets = facts.resets;
  return view;
}

core::WanView wan_view(const hal::WanStatus& status) {
  return {.up = status.up,
          .interface = status.interface,
          .address = status.addresses.empty() ? std::string() : status.addresses.front()};
}

core::BoardClaim board_claim(const hal::BoardIdentity& identity) {
  return {.serial = identity.serial,
          .sku = identity.sku,
          .factory_imei = identity.imei,
          .factory_region = identity.region,
          .firmware = identity.firmware};
}

}  // namespace oobm::daemon
