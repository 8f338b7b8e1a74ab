#include "agent/core/statement.hpp"

#include <algorithm>
#include <array>

namespace oobm::core {
namespace {

struct StateName {
  AlmsState state;
  std::string_view text;
};
constexpr std::array state_names{
    StateName{AlmsState::inventory, "INVENTORY"}, StateName{AlmsState::test_ready, "TEST_READY"},
    StateName{AlmsState::active, "ACTIVE"},       StateName{AlmsState::suspended, "SUSPENDED"},
    StateName{AlmsState::retired, "RETIRED"},
};

std::unexpected<Refusal> refuse(Reason reason, std::string detail = {}) {
  return std::unexpected(Refusal{reason, std::move(detail)});
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

// A statement that opens a registration must answer our own announcement.
std::expected<Order, Refusal> first_statement(const StatementBase& base,
                                              const OrderInputs& inputs) {
  if (!inputs.outstanding_nonce || base.nonce != inputs.outstanding_nonce)
    return refuse(Reason::statement_nonce, "Registration " + base.registration + ".");
  return Order::first;
}

}  // namespace

std::optional<AlmsState> alms_state_from_text(std::string_view text) {
  const auto* found = std::ranges::find(state_names, text, &StateName::text);
  if (found == state_names.end()) return std::nullopt;
  return found->state;
}

std::string_view to_text(AlmsState state) {
  return std::ranges::find(state_names, state, &StateName::state)->text;
}

std::expected<Order, Refusal> check_order(const StatementBase& base, const OrderInputs& inputs) {
  if (contains(inputs.superseded, base.registration))
    return refuse(Reason::statement_superseded, "Registration " + base.registration + ".");
  const auto& memory = inputs.memory;
  if (!memory) return first_statement(base, inputs);
  if (memory->issuer == base.issuer && memory->registration == base.registration) {
    if (base.id == memory->last_id && base.sequence == memory->sequence) return Order::duplicate;
    if (base.sequence <= memory->sequence)
      return refuse(Reason::statement_replayed, "It has sequence " + std::to_string(base.sequence) +
                                                    ", the router holds " +
                                                    std::to_string(memory->sequence) + ".");
    if (memory->imei == base.imei && !inputs.retired) return Order::newer;
  }
  return first_statement(base, inputs);
}

std::expected<void, Refusal> check_addressee(const StatementBase& base,
                                             const Placement& placement) {
  const auto& identity = placement.identity;
  if (base.issuer != placement.instance.id)
    return refuse(Reason::statement_issuer, "Issuer \"" + base.issuer + "\".");
  if (base.audience != statement_audience)
    return refuse(Reason::statement_audience, "Audience \"" + base.audience + "\".");
  if (base.subject != identity.serial.str())
    return refuse(Reason::identity_mismatch, "It names serial number " + base.subject + ".");
  if (!identity.imei || base.imei != identity.imei->str())
    return refuse(Reason::identity_mismatch, "It names IMEI " + base.imei + ".");
  return {};
}

std::expected<void, Refusal> check_fit(const Entitlement& entitlement, const Placement& placement) {
  const auto& identity = placement.identity;
  if (entitlement.region != identity.region)
    return refuse(Reason::region_mismatch, "The entitlement is for region " +
                                               std::string(to_text(entitlement.region)) + ".");
  if (entitlement.account.account_class != AccountClass::avc)
    return refuse(Reason::account_class, "Account \"" + entitlement.account.name + "\".");
  const auto& offer = entitlement.offer;
  if (!offer.devices.empty() && !contains(offer.devices, identity.model))
    return refuse(Reason::offer_device_mismatch,
                  "\"" + offer.name + "\" does not fit an " + identity.model + ".");
  if (!contains(offer.services, oobm_service))
    return refuse(Reason::offer_no_oobm, "Offer \"" + offer.name + "\".");
  return {};
}

}  // namespace oobm::core
