#include "agent/daemon/diagnosis.hpp"

#include "agent/daemon/status_json.hpp"

namespace oobm::daemon {
namespace {

// The light blinks when the term ends within so many days.
constexpr int led_notice_days = 14;

std::string radio_words(const core::RadioView& radio) {
  const auto fault = core::radio_fault(radio);
  std::string text =
      fault ? std::string(core::code(*fault)) : std::string(core::to_text(radio.registration));
  if (!radio.technology.empty()) text += " " + radio.technology;
  if (radio.rsrp_dbm) text += " RSRP " + std::to_string(static_cast<int>(*radio.rsrp_dbm)) + " dBm";
  return text;
}

}  // namespace

std::string diagnosis(const core::Status& status) {
  std::string text(core::to_text(status.lifecycle));
  text += " " + std::string(core::code(status.verdict.reason));
  text += "; radio " + radio_words(status.radio);
  text += "; session " + std::string(core::to_text(status.phase));
  if (status.uplink) text += " over " + std::string(core::to_text(*status.uplink));
  text += status.wan.up ? "; main WAN up" : "; main WAN down";
  text += "; time " + std::string(core::to_text(status.time.level));
  text += "; outbox " + std::to_string(status.outbox_items);
  return text.substr(0, 240);
}

hal::Led led_for(const core::Status& status) {
  if (status.blocked) return hal::Led::fast;
  if (status.lifecycle == core::Lifecycle::grace) return hal::Led::slow;
  if (!in_service(status)) return hal::Led::off;
  const bool direct = status.entitlement && status.entitlement->billing == core::Billing::direct;
  const bool ending = !direct && status.days_left && *status.days_left <= led_notice_days;
  return ending ? hal::Led::slow : hal::Led::on;
}

}  // namespace oobm::daemon
