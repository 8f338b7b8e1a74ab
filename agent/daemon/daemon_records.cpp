// What a technician takes away from the daemon, and what he brings.
#include "agent/daemon/daemon.hpp"
#include "agent/daemon/records.hpp"
#include "agent/daemon/status_json.hpp"

namespace oobm::daemon {
namespace {

// What is so, the particular case, and what to do.
ControlError refused(const core::Refusal& refusal) {
  const auto& row = core::row(refusal.reason);
  std::string sentence(row.sentence);
  if (!refusal.detail.empty()) sentence += " " + refusal.detail;
  if (!row.next_step.empty()) sentence += " Next: " + std::string(row.next_step);
  return {std::string(row.code), std::move(sentence)};
}

core::Refusal other_kind(bool wants_keys) {
  return {core::Reason::statement_type,
          wants_keys ? "It is no set of keys; `oobmctl entitlement import` takes entitlements."
                     : "It is a set of keys; `oobmctl trust import` takes those."};
}

}  // namespace

std::expected<std::string, ControlError> Daemon::record(const RecordRequest& request) {
  using enum RecordRequest::Action;
  if (request.action == entitlement_request) return request_entitlement();
  if (request.action == entitlement_import || request.action == trust_import)
    return take_statement(request);
  collect_usage();
  if (request.action == support_bundle) return this->support_bundle();
  const auto status = this->status();
  return state_json(agent_.state(), status, secrets_of(agent_.state(), status));
}

// The same whoever asks for it: the technician, or ALMS, whose task comes in the middle of a step.
std::string Daemon::support_bundle() {
  const auto status = this->status();
  const auto secrets = secrets_of(agent_.state(), status);
  const auto recovery = recovery_.view();
  const auto shown = status_json(status, radio_.facts(), boot_now(), &recovery);
  return bundle_json({.version = setup_.version,
                      .status_json = shown,
                      .state = agent_.state(),
                      .status = status,
                      .events = events_,
                      .secrets = secrets});
}

std::expected<std::string, ControlError> Daemon::request_entitlement() {
  const auto before = status();
  if (before.blocked) return std::unexpected(refused(before.verdict));
  if (!before.identity->imei) return std::unexpected(refused({core::Reason::imei_unknown, {}}));
  feed(core::OperatorRequest{});
  if (!agent_.state().request) return std::unexpected(refused({core::Reason::busy, {}}));
  return request_json(status(), agent_.state());
}

std::expected<std::string, ControlError> Daemon::take_statement(const RecordRequest& request) {
  const bool wants_keys = request.action == RecordRequest::Action::trust_import;
  auto statement = directory_.verify(status().instance_id, request.statement);
  if (statement && std::holds_alternative<core::TrustSet>(statement->claims) != wants_keys)
    statement = std::unexpected(other_kind(wants_keys));
  // Where the daemon is leaving, nobody judges it.
  statement_refusal_ = core::Refusal{core::Reason::busy, {}};
  feed(core::StatementCarried{std::move(statement)});
  if (statement_refusal_) return std::unexpected(refused(*statement_refusal_));
  return std::string(R"({"accepted":true})");
}

}  // namespace oobm::daemon
