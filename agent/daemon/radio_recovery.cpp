#include "agent/daemon/radio_recovery.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <asio/post.hpp>

#include "agent/core/capability.hpp"
#include "agent/uplink/failure.hpp"

namespace oobm::daemon {
namespace {

// The path carries nothing. What answers at all (a refused or reset connection, anything of TLS or
// MQTT) has passed the radio.
constexpr std::array path_failures{uplink::Code::interface_missing, uplink::Code::dns_timeout,
                                   uplink::Code::route_unreachable, uplink::Code::tcp_timeout,
                                   uplink::Code::keepalive_lost};

// A board that has no helper, or no bearer at all, is not mended by the radio.
bool shows_the_bearer(const core::LinkFault& fault) {
  return fault.code != hal::to_string(hal::ErrorCode::helper_missing) &&
         fault.code != hal::to_string(hal::ErrorCode::helper_unsupported);
}

}  // namespace

hal::LinkUse link_use(const core::Status& status, core::Uplink over) {
  using core::Capability;
  using core::Grant;
  using core::LinkPhase;
  const auto granted = [&](Capability capability) {
    return core::grant(status.lifecycle, status.blocked, capability);
  };
  const auto connect = granted(Capability::connect);
  const bool waiting =
      status.phase == LinkPhase::waiting_for_radio || status.phase == LinkPhase::waiting_for_bearer;
  const bool trying = waiting || (over == core::Uplink::oobm && status.phase != LinkPhase::idle);
  return {.wanted = connect == Grant::yes || connect == Grant::by_schedule ||
                    (connect != Grant::no && trying),
          .bearer_kept = granted(Capability::bearer) == Grant::yes,
          .attempting = status.phase == LinkPhase::waiting_for_bearer ||
                        (over == core::Uplink::oobm && status.phase == LinkPhase::connecting),
          .online = status.phase == LinkPhase::online && status.uplink == core::Uplink::oobm};
}

std::optional<bool> path_shown(const core::Event& event, core::Uplink over) {
  if (const auto* ready = std::get_if<core::SessionReady>(&event))
    return ready->uplink == core::Uplink::oobm ? std::optional(true) : std::nullopt;
  const auto* closed = std::get_if<core::SessionClosed>(&event);
  if (closed == nullptr || over != core::Uplink::oobm) return std::nullopt;
  const bool dead = std::ranges::any_of(
      path_failures, [&](uplink::Code code) { return closed->fault.code == uplink::name(code); });
  return dead ? std::optional(false) : std::nullopt;
}

core::Reason reason_of(hal::Trouble trouble) {
  using core::Reason;
  // In the order of the troubles.
  constexpr std::array<Reason, hal::trouble_count> reasons{Reason::none,
                                                           Reason::radio_absent,
                                                           Reason::radio_absent,
                                                           Reason::radio_silent,
                                                           Reason::no_coverage,
                                                           Reason::sim_absent,
                                                           Reason::sim_locked,
                                                           Reason::registration_denied,
                                                           Reason::registration_denied,
                                                           Reason::registration_denied,
                                                           Reason::registration_denied,
                                                           Reason::registration_denied,
                                                           Reason::registration_denied,
                                                           Reason::no_coverage,
                                                           Reason::no_coverage,
                                                           Reason::bearer_down,
                                                           Reason::uplink_failed};
  return reasons[std::to_underlying(trouble)];
}

std::string words(const hal::StepReport& report) {
  using Phase = hal::StepReport::Phase;
  std::string text(hal::rule(report.step).words);
  if (report.phase == Phase::done) return text + ": done";
  if (report.phase == Phase::failed) return text + ": failed: " + report.error;
  text.append(", because ");
  switch (report.cause) {
    case hal::StepReport::Cause::activation:
      text += "the subscription was activated";
      break;
    case hal::StepReport::Cause::order:
      text += "ALMS ordered it";
      break;
    case hal::StepReport::Cause::trouble:
      text += hal::rule(report.trouble).words;
      break;
  }
  if (report.emm_cause) text += " (EMM cause " + std::to_string(*report.emm_cause) + ")";
  return text + "; " + std::to_string(report.left_today) + " more today";
}

RadioRecovery::RadioRecovery(asio::io_context& loop, const std::string& state_folder,
                             hal::Radio& radio, hal::Board& board, Note note)
    : loop_(loop),
      radio_(radio),
      board_(board),
      note_(std::move(note)),
      memory_(state_folder),
      timer_(loop),
      recovery_(radio, board, hal::Budget(boot_id(), boot_now(), memory_.load(boot_now())),
                {.report =
                     [this](const hal::StepReport& report) {
                       note_(reason_of(report.trouble), words(report));
                     },
                 .save = [this](const hal::BudgetMemory& budget) { save(budget); },
                 .wake = [this] { arm(); }}) {}

void RadioRecovery::heard(const core::Event& event, core::Uplink over) {
  const auto now = boot_now();
  if (std::holds_alternative<core::BearerUpDone>(event)) {
    bearer_up_at_ = now;
    recovery_.bearer_result(true, now);
  }
  if (const auto* failed = std::get_if<core::BearerFailed>(&event);
      failed != nullptr && shows_the_bearer(failed->fault))
    recovery_.bearer_result(false, now);
  if (const auto works = path_shown(event, over)) recovery_.path_result(*works, now);
}

void RadioRecovery::observe(const hal::LinkUse& use) {
  if (stopped_) return;
  end_dead_bearer();
  recovery_.observe(use, boot_now());
  arm();
}

void RadioRecovery::end_dead_bearer() {
  const auto& facts = radio_.facts();
  if (std::exchange(resets_seen_, facts.resets) == facts.resets) return;
  if (!bearer_up_at_ || *bearer_up_at_ > facts.last_reset_after) return;
  bearer_up_at_.reset();
  // A step of the recovery takes the bearer down itself.
  if (recovery_.stepping()) return;
  note_(core::Reason::bearer_down,
        "the module restarted (" + facts.last_reset_reason +
            "), and with it the data call went: the bearer is taken down, to be dialled anew");
  board_.bearer_down([](const std::expected<void, hal::Error>&) {});
}

void RadioRecovery::cycle_radio() {
  recovery_.ask_for_function_cycle(boot_now());
  arm();
}

void RadioRecovery::reset_module(Done done) {
  recovery_.order(
      hal::RecoveryStep::module_reset,
      [this, done = std::move(done)](std::expected<void, hal::Error> result) mutable {
        asio::post(loop_, [done = std::move(done), result = std::move(result)]() mutable {
          done(std::move(result));
        });
      },
      boot_now());
  arm();
}

void RadioRecovery::stop() {
  stopped_ = true;
  timer_.cancel();
}

void RadioRecovery::save(const hal::BudgetMemory& budget) {
  const auto saved = memory_.save(budget);
  const auto fault = saved ? std::string() : saved.error();
  // It goes on from memory: what it does in this run stays within the caps.
  if (fault.empty() != storage_fault_.empty())
    note_(core::Reason::none, fault.empty() ? "what is done to the radio can be stored again"
                                            : "what is done to the radio is not stored: " + fault);
  storage_fault_ = fault;
}

void RadioRecovery::arm() {
  if (stopped_) return;
  const auto at = recovery_.deadline(boot_now());
  if (!at) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(BootClock::time_point(at->since_boot));
  timer_.async_wait([this](const std::error_code& error) {
    if (error || stopped_) return;
    recovery_.tick(boot_now());
    arm();
  });
}

}  // namespace oobm::daemon
