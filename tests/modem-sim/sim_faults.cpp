// Faults at work: what each of them does when it is applied, and how they end.
#include <algorithm>

#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration closest_flood = 20ms;
constexpr std::array<std::string_view, 5> flood_reports{
    "^RSSI: 18", "%PINGCMD: 0,\"x\",64,55", "*STATE: 3,1", "+UUSORD: 0,16", "SOMETHING NEW"};
// An LCP configure-request (RFC 1661 section 5.1) in its escaped frame (RFC 1662).
constexpr std::string_view ppp_frame =
    "~\x7f}#\xc0!}!}!} }4}\"}&} } } } }%}&\x12\x34\x56\x78}'}\"}(}\"\x9a\xbc~";

}  // namespace

std::int64_t SimModem::fault(FaultId id) const { return faults_[static_cast<std::size_t>(id)]; }

void SimModem::apply(const Fault& fault, core::BootTime now) {
  now_ = now;
  if (!fault_row(fault.id).lasting) return happen(fault, now);
  faults_[static_cast<std::size_t>(fault.id)] = fault.value;
  if (fault.id == FaultId::flood) flood_on(now);
  reconsider(now);
}

void SimModem::happen(const Fault& fault, core::BootTime now) {
  const core::Duration span(fault.value);
  switch (fault.id) {
    case FaultId::garbage:
      return emit(random_bytes(static_cast<std::size_t>(fault.value)));
    case FaultId::ppp_noise:
      return emit(ppp_frames(static_cast<std::size_t>(fault.value)));
    case FaultId::reboot:
      return restart(now, fault.value == 0);
    case FaultId::forget:
      return lose_settings();
    case FaultId::sleep:
      deaf_until_ = now + span;
      return;
    case FaultId::hold:
      held_until_ = now + span;
      return;
    case FaultId::vanish:
      port_present_ = false;
      if (fault.value > 0) plan({now + span, any_life, [this](auto then) { come_back(then); }});
      return;
    case FaultId::comes_back:
      return come_back(now);
    default:
      return;
  }
}

void SimModem::come_back(core::BootTime now) {
  if (port_present_) return;
  port_present_ = true;
  if (fault(FaultId::renumber)) ++port_number_;
  restart(now, true);
}

void SimModem::flood_on(core::BootTime now) {
  const auto period = fault(FaultId::flood);
  const int number = ++flood_;
  if (period == 0) return;
  const auto pause = std::max(closest_flood, core::Duration(period));
  plan({now + pause, any_life, [this, number](core::BootTime then) {
          if (number != flood_) return;
          emit_line(flood_reports[random_() % flood_reports.size()]);
          flood_on(then);
        }});
}

void SimModem::behave(core::BootTime now) {
  now_ = now;
  faults_.fill(0);
  ++flood_;
  ++script_;
  deaf_until_ = held_until_ = {};
  come_back(now);
  reconsider(now);
}

std::string SimModem::random_bytes(std::size_t count) {
  std::uniform_int_distribution<int> byte(0, 255);
  std::string bytes;
  while (bytes.size() < count) bytes += static_cast<char>(byte(random_));
  return bytes;
}

std::string SimModem::ppp_frames(std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) bytes += ppp_frame;
  bytes.resize(count);
  return bytes;
}

}  // namespace oobm::modem_sim
