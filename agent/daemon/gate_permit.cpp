#include "agent/daemon/gate_permit.hpp"

#include <string>
#include <utility>

#include "agent/core/reason.hpp"
#include "agent/daemon/system.hpp"

namespace oobm::daemon {
namespace {

std::unexpected<uplink::Refusal> refused(core::Reason reason) {
  const auto& known = core::row(reason);
  return std::unexpected(uplink::Refusal{std::string(known.code), std::string(known.sentence)});
}

}  // namespace

GatePermit::GatePermit(const core::Agent& agent, Ways ways, std::function<void()> file_moves)
    : agent_(agent), ways_(ways), file_moves_(std::move(file_moves)) {}

const Way& GatePermit::chosen() const {
  return ways_.chosen == core::Uplink::oobm ? ways_.oobm : ways_.main_wan;
}

std::expected<TransferWay, TransferFailure> GatePermit::transfer_way() const {
  const auto fail = [](TransferCode code, std::string_view detail) {
    return std::unexpected(TransferFailure{code, std::string(detail)});
  };
  const auto refusal = agent_.spending_refusal(core::Use::transfer, ways_.chosen);
  if (refusal == core::Reason::data_allowance) return fail(TransferCode::data_used_up, {});
  if (refusal) return fail(TransferCode::not_in_service, core::code(*refusal));
  const auto status = agent_.status(boot_now());
  if (status.phase != core::LinkPhase::online)
    return fail(TransferCode::link_failed, "no session is open");
  // The file server's dates could not be judged either; this session's answer brings the time.
  if (!status.dates_ok) return fail(TransferCode::link_failed, "the time is not known yet");
  return TransferWay{status.instance_id, chosen()};
}

std::expected<void, uplink::Refusal> GatePermit::may_connect(const uplink::Target& target) {
  if (target.purpose != uplink::Purpose::transfer) return may_use(target);
  if (const auto way = transfer_way(); !way) {
    const auto& why = row(way.error().code);
    return std::unexpected(uplink::Refusal{std::string(why.name), std::string(why.sentence)});
  }
  return may_use(target);
}

std::expected<void, uplink::Refusal> GatePermit::may_spend(const uplink::Target& target,
                                                           uplink::Use use) {
  if (use == uplink::Use::transfer) {
    file_moves_();
    if (auto stays = may_use(target); !stays) return stays;
  }
  return spending(target, static_cast<core::Use>(use));
}

GatePermit::Answer GatePermit::may_use(const uplink::Target& target) const {
  if (!agent_.may_connect(target.instance, ways_.chosen))
    return refused(agent_.status(boot_now()).verdict.reason);
  if (chosen().interface == target.interface) return {};
  return std::unexpected(uplink::Refusal{
      "OTHER_UPLINK", "The session goes over another interface than " + target.interface + "."});
}

GatePermit::Answer GatePermit::spending(const uplink::Target& target, core::Use use) const {
  const bool oobm = target.interface == ways_.oobm.interface;
  const auto reason =
      agent_.spending_refusal(use, oobm ? core::Uplink::oobm : core::Uplink::main_wan);
  if (reason) return refused(*reason);
  return {};
}

}  // namespace oobm::daemon
