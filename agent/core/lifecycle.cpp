#include "agent/core/lifecycle.hpp"

#include <algorithm>
#include <array>

namespace oobm::core {
namespace {

template <class E>
struct Name {
  E value;
  std::string_view text;
};

constexpr std::array lifecycle_names{
    Name{Lifecycle::unregistered, "UNREGISTERED"},
    Name{Lifecycle::inventory, "INVENTORY"},
    Name{Lifecycle::activating, "ACTIVATING"},
    Name{Lifecycle::active, "ACTIVE"},
    Name{Lifecycle::grace, "GRACE"},
    Name{Lifecycle::suspended, "SUSPENDED"},
    Name{Lifecycle::retired, "RETIRED"},
};
constexpr std::array lifecycles{
    Lifecycle::unregistered, Lifecycle::inventory, Lifecycle::activating, Lifecycle::active,
    Lifecycle::grace,        Lifecycle::suspended, Lifecycle::retired,
};
constexpr std::array trigger_names{
    Name{Trigger::stated_inventory, "entitlement INVENTORY"},
    Name{Trigger::stated_active, "entitlement ACTIVE or TEST_READY"},
    Name{Trigger::stated_suspended, "entitlement SUSPENDED"},
    Name{Trigger::stated_retired, "entitlement RETIRED"},
    Name{Trigger::stated_deregistered, "deregistration"},
    Name{Trigger::path_proven, "path proven over OOBM"},
    Name{Trigger::term_ended, "term ended"},
    Name{Trigger::grace_ended, "term and grace ended"},
    Name{Trigger::term_runs, "term runs (again)"},
};
constexpr std::array triggers{
    Trigger::stated_inventory, Trigger::stated_active,       Trigger::stated_suspended,
    Trigger::stated_retired,   Trigger::stated_deregistered, Trigger::path_proven,
    Trigger::term_ended,       Trigger::grace_ended,         Trigger::term_runs,
};
constexpr std::array guard_names{
    Name{Guard::always, "always"},
    Name{Guard::proven, "path proven before"},
    Name{Guard::unproven, "path not proven"},
    Name{Guard::lapsed_proven, "lapsed, path proven before"},
    Name{Guard::lapsed_unproven, "lapsed, path not proven"},
    Name{Guard::ended, "its term is past"},
    Name{Guard::over, "its term and grace are past"},
};
constexpr std::array action_names{
    Name{Action::none, "-"},
    Name{Action::begin_activation, "begin activation"},
    Name{Action::enter_service, "enter service"},
    Name{Action::withdraw_service, "withdraw service"},
    Name{Action::forget, "forget the registration"},
};

template <class E, std::size_t N>
std::string_view text_of(const std::array<Name<E>, N>& names, E value) {
  return std::ranges::find(names, value, &Name<E>::value)->text;
}

// clang-format off
namespace table {
using enum Lifecycle;
using enum Guard;
using enum Action;
using T = Trigger;
using R = Reason;
constexpr std::array rows{
    //         from          trigger                  guard            to            action            reason
    Transition{unregistered, T::stated_inventory,     always,          inventory,    Action::none,     R::awaiting_order},
    Transition{unregistered, T::stated_active,        always,          activating,   begin_activation, R::activation_ordered},
    Transition{unregistered, T::stated_suspended,     always,          suspended,    withdraw_service, R::suspended_by_alms},
    Transition{unregistered, T::stated_retired,       always,          retired,      withdraw_service, R::retired},

    Transition{inventory,    T::stated_inventory,     always,          inventory,    Action::none,     R::awaiting_order},
    Transition{inventory,    T::stated_active,        always,          activating,   begin_activation, R::activation_ordered},
    Transition{inventory,    T::stated_suspended,     always,          suspended,    withdraw_service, R::suspended_by_alms},
    Transition{inventory,    T::stated_retired,       always,          retired,      withdraw_service, R::retired},
    Transition{inventory,    T::stated_deregistered,  always,          unregistered, forget,           R::deregistered},

    Transition{activating,   T::path_proven,          always,          active,       enter_service,    R::in_service},
    Transition{activating,   T::stated_active,        always,          activating,   Action::none,     R::activation_ordered},
    Transition{activating,   T::stated_inventory,     always,          inventory,    withdraw_service, R::awaiting_order},
    Transition{activating,   T::stated_suspended,     always,          suspended,    withdraw_service, R::suspended_by_alms},
    Transition{activating,   T::stated_retired,       always,          retired,      withdraw_service, R::retired},
    Transition{activating,   T::stated_deregistered,  always,          unregistered, forget,           R::deregistered},
    Transition{activating,   T::grace_ended,          always,          suspended,    withdraw_service, R::lapsed},

    Transition{active,       T::stated_active,        always,          active,       Action::none,     R::in_service},
    Transition{active,       T::stated_inventory,     always,          inventory,    withdraw_service, R::awaiting_order},
    Transition{active,       T::stated_suspended,     always,          suspended,    withdraw_service, R::suspended_by_alms},
    Transition{active,       T::stated_retired,       always,          retired,      withdraw_service, R::retired},
    Transition{active,       T::stated_deregistered,  always,          unregistered, forget,           R::deregistered},
    Transition{active,       T::term_ended,           always,          grace,        Action::none,     R::term_ended},

    Transition{grace,        T::stated_active,        ended,           grace,        Action::none,     R::term_ended},
    Transition{grace,        T::stated_active,        always,          active,       Action::none,     R::in_service},
    Transition{grace,        T::term_runs,            always,          active,       Action::none,     R::in_service},
    Transition{grace,        T::grace_ended,          always,          suspended,    withdraw_service, R::lapsed},
    Transition{grace,        T::stated_inventory,     always,          inventory,    withdraw_service, R::awaiting_order},
    Transition{grace,        T::stated_suspended,     always,          suspended,    withdraw_service, R::suspended_by_alms},
    Transition{grace,        T::stated_retired,       always,          retired,      withdraw_service, R::retired},
    Transition{grace,        T::stated_deregistered,  always,          unregistered, forget,           R::deregistered},

    Transition{suspended,    T::stated_active,        over,            suspended,    Action::none,     R::lapsed},
    Transition{suspended,    T::stated_active,        proven,          active,       enter_service,    R::in_service},
    Transition{suspended,    T::stated_active,        unproven,        activating,   begin_activation, R::activation_ordered},
    Transition{suspended,    T::term_runs,            lapsed_proven,   active,       enter_service,    R::in_service},
    Transition{suspended,    T::term_runs,            lapsed_unproven, activating,   begin_activation, R::activation_ordered},
    Transition{suspended,    T::stated_suspended,     always,          suspended,    Action::none,     R::suspended_by_alms},
    Transition{suspended,    T::stated_inventory,     always,          inventory,    Action::none,     R::awaiting_order},
    Transition{suspended,    T::stated_retired,       always,          retired,      withdraw_service, R::retired},
    Transition{suspended,    T::stated_deregistered,  always,          unregistered, forget,           R::deregistered},

    // The order of statements lets only a new registration, bound to our nonce, speak to a retired router.
    Transition{retired,      T::stated_inventory,     always,          inventory,    Action::none,     R::awaiting_order},
    Transition{retired,      T::stated_active,        always,          activating,   begin_activation, R::activation_ordered},
    Transition{retired,      T::stated_suspended,     always,          suspended,    Action::none,     R::suspended_by_alms},
};
}  // namespace table
// clang-format on

bool holds(Guard guard, const GuardFacts& facts) {
  switch (guard) {
    case Guard::always:
      return true;
    case Guard::proven:
      return facts.proven;
    case Guard::unproven:
      return !facts.proven;
    case Guard::lapsed_proven:
      return facts.lapsed && facts.proven;
    case Guard::lapsed_unproven:
      return facts.lapsed && !facts.proven;
    case Guard::ended:
      return facts.ended;
    case Guard::over:
      return facts.over;
  }
  return false;
}

}  // namespace

std::string_view to_text(Lifecycle state) { return text_of(lifecycle_names, state); }
std::string_view to_text(Trigger trigger) { return text_of(trigger_names, trigger); }
std::string_view to_text(Guard guard) { return text_of(guard_names, guard); }
std::string_view to_text(Action action) { return text_of(action_names, action); }
std::span<const Lifecycle> all_lifecycles() { return lifecycles; }
std::span<const Trigger> all_triggers() { return triggers; }
std::span<const Transition> transitions() { return table::rows; }

std::optional<Lifecycle> lifecycle_from_text(std::string_view text) {
  const auto* found = std::ranges::find(lifecycle_names, text, &Name<Lifecycle>::text);
  if (found == lifecycle_names.end()) return std::nullopt;
  return found->value;
}

Trigger trigger_for(AlmsState state) {
  switch (state) {
    case AlmsState::inventory:
      return Trigger::stated_inventory;
    case AlmsState::test_ready:
    case AlmsState::active:
      return Trigger::stated_active;
    case AlmsState::suspended:
      return Trigger::stated_suspended;
    case AlmsState::retired:
      break;
  }
  return Trigger::stated_retired;
}

const Transition* find_transition(Lifecycle from, Trigger on, const GuardFacts& facts) {
  const auto applies = [&](const Transition& t) {
    return t.from == from && t.on == on && holds(t.guard, facts);
  };
  const auto* found = std::ranges::find_if(table::rows, applies);
  return found == table::rows.end() ? nullptr : found;
}

}  // namespace oobm::core
