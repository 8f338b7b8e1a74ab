// Data calls: ATD*99***1# hands the line over to the far end, raw (3GPP TS 27.007
// section 10.2.1.1).
#include <algorithm>

#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::modem_sim {
namespace {

using namespace std::chrono_literals;

constexpr core::Duration dial_latency = 400ms;
constexpr core::Duration hook_latency = 300ms;
constexpr std::string_view packet_service = "*99";
// What is left of a session on the line when the call ends: flags of PPP frames (RFC 1662).
constexpr std::string_view last_frames =
    "~\x7f}#@!}!}#} }4}\"}&} } } } }%}&q}\x04Z}'}\"}(}\"%N~\r\n";

}  // namespace

SimModem::Reply SimModem::dial(const Request& request) {
  const bool right_port = request.port == PortId::data || !config_.data_port;
  const bool packet = request.arguments.contains(packet_service);
  if (!peer_.connected || !right_port || !packet || !attached())
    return {.final = "NO CARRIER", .latency = dial_latency};
  Reply reply{.final = "CONNECT", .latency = dial_latency};
  // The late result of the activation that dialling implies.
  if (config_.personality->late_activation) reply.lines = {"OK"};
  reply.then = [this, port = request.port](core::BootTime now) { connect(port, now); };
  return reply;
}

void SimModem::connect(PortId port, core::BootTime now) {
  line(port).enter_data(now);
  cure(cure_redial, now);
  if (peer_.connected) peer_.connected();
}

SimModem::Reply SimModem::hook(const Request& request) {
  const bool call = line(request.port).call;
  const bool frank = config_.personality->late_activation;
  if (!call) return frank ? Reply{.final = "ERROR"} : Reply{};
  Reply reply{.final = frank ? "NO CARRIER" : "OK", .latency = hook_latency};
  if (frank) emit(last_frames, request.port);
  end_call(request.port, false);
  return reply;
}

SimModem::Reply SimModem::online(const Request& request) {
  if (!line(request.port).call) return {.final = "NO CARRIER"};
  return {.final = "CONNECT", .then = [this, port = request.port](core::BootTime now) {
            if (line(port).call) line(port).enter_data(now);
          }};
}

void SimModem::end_call(PortId port, bool tell) {
  auto& here = line(port);
  if (!here.call) return;
  here.leave_data();
  here.call = false;
  if (tell) emit_line("NO CARRIER", port);
  if (peer_.ended) peer_.ended();
}

void SimModem::hang_up(PortId port, core::BootTime now) {
  now_ = now;
  if (config_.personality->hangs_up) end_call(port, false);
}

void SimModem::far_end_left(core::BootTime now) {
  now_ = std::max(now_, now);
  for (const auto port : {PortId::command, PortId::data}) end_call(port, true);
}

void SimModem::send_to_host(std::string_view bytes) {
  if (fault(FaultId::half_dead)) return;
  for (const auto port : {PortId::command, PortId::data})
    if (line(port).data_mode) emit(bytes, port);
}

}  // namespace oobm::modem_sim
