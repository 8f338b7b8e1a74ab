#include "tests/alms-sim/subscription.hpp"

#include <algorithm>
#include <initializer_list>

namespace oobm::alms_sim {
namespace {

constexpr int max_term_months = 120;
constexpr std::size_t registration_octets = 8;

Result<System*> find_system(Platform& platform, const std::string& serial) {
  auto& systems = platform.world().systems;
  const auto found = systems.find(serial);
  if (found != systems.end()) return &found->second;
  return fail("UNKNOWN_SYSTEM", "Serial " + serial + " is not registered here.");
}

Result<System*> find_system_in(Platform& platform, const std::string& serial,
                               std::initializer_list<SystemState> allowed) {
  const auto system = find_system(platform, serial);
  if (!system || std::ranges::contains(allowed, (*system)->state)) return system;
  std::string names;
  for (const SystemState state : allowed) {
    names += (names.empty() ? "" : " or ") + std::string(to_text(state));
  }
  return fail("WRONG_STATE", "System " + serial + " is " + to_text((*system)->state) +
                                 "; this needs " + names + ".");
}

bool is_direct(const Platform& platform, const System& system) {
  const auto& accounts = platform.world().accounts;
  const auto account = accounts.find(system.account);
  return account != accounts.end() && account->second.billing == "direct";
}

Result<void> check_term(const Term& term) {
  if (term.months && (*term.months < 1 || *term.months > max_term_months)) {
    return fail("BAD_TERM", "A term is 1 to 120 months.");
  }
  if (term.seconds && term.seconds->count() < 1) return fail("BAD_TERM", "A term is 1 s or more.");
  if (term.grace && (term.grace->count() < 0 || *term.grace > max_grace)) {
    return fail("BAD_TERM", "Grace is 0 to 2592000 seconds (30 days).");
  }
  return {};
}

Seconds end_of_term(const Term& term, Seconds from) {
  if (term.seconds) return from + *term.seconds;
  return add_months(from, term.months.value_or(default_term_months));
}

void apply_term(System& system, const Term& term, Seconds from) {
  system.valid_until_s = seconds_count(end_of_term(term, from));
  if (term.grace) system.grace_s = term.grace->count();
  if (term.data_limit_bytes) system.data_limit_bytes = *term.data_limit_bytes;
}

void enter_service(Platform& platform, System& system, Millis now) {
  if (system.activated_at_s == 0) system.activated_at_s = seconds_count(to_seconds(now));
  system.state = system.test ? SystemState::test_ready : SystemState::active;
  system.suspend_cause = SuspendCause::none;
  platform.order_sim(system);
}

void leave_service(Platform& platform, System& system, SuspendCause cause) {
  system.state = SystemState::suspended;
  system.suspend_cause = cause;
  platform.order_sim(system);
}

Result<void> check_form(const World& world, const RegistrationForm& form) {
  if (const auto held = check_identifiers(form.serial, form.imei); !held) return held;
  const auto account = world.accounts.find(form.account);
  if (account == world.accounts.end()) {
    return fail("UNKNOWN_ACCOUNT",
                "There is no account \"" + form.account + "\" on this instance.");
  }
  if (!std::ranges::contains(account->second.offers, form.offer)) {
    return fail("OFFER_NOT_IN_ACCOUNT",
                "Account " + form.account + " has no offer \"" + form.offer + "\".");
  }
  const auto held = world.systems.find(form.serial);
  if (held != world.systems.end() && held->second.state != SystemState::retired) {
    return fail("REGISTERED_ELSEWHERE", "Serial " + form.serial + " is already registered in " +
                                            held->second.account + ".");
  }
  return {};
}

System new_system(const RegistrationForm& form, Millis now) {
  System system;
  system.serial = form.serial;
  system.imei = form.imei;
  system.iccid = form.iccid;
  system.account = form.account;
  system.offer = form.offer;
  system.registration = random_hex(registration_octets);
  system.registered_at_s = seconds_count(to_seconds(now));
  system.grace_s = default_grace.count();
  return system;
}

}  // namespace

Result<void> register_system(Platform& platform, const RegistrationForm& form, Millis now) {
  World& world = platform.world();
  if (const auto held = check_form(world, form); !held) return held;
  const System system = new_system(form, now);
  RouterFacts facts = platform.facts(form.serial);
  if (!form.sku.empty()) facts.sku = form.sku;
  const auto fits = check_registration(world, platform.settings().instance, system, facts);
  if (!fits) {
    world.refusals[form.serial] = {form.account, form.offer, fits.error().code, fits.error().text};
    return fits;
  }
  world.refusals.erase(form.serial);
  world.systems[form.serial] = system;
  platform.order_sim(system);
  return {};
}

Result<void> activate(Platform& platform, const std::string& serial, const Term& term, bool test,
                      Millis now) {
  if (const auto held = check_term(term); !held) return held;
  const auto system = find_system_in(platform, serial, {SystemState::inventory});
  if (!system) return std::unexpected(system.error());
  (*system)->test = test;
  apply_term(**system, term, to_seconds(now));
  enter_service(platform, **system, now);
  return {};
}

Result<void> purchase_order(Platform& platform, const std::string& serial, const Term& term,
                            Millis now) {
  if (const auto held = check_term(term); !held) return held;
  const auto found = find_system_in(platform, serial,
                                    {SystemState::inventory, SystemState::active,
                                     SystemState::test_ready, SystemState::suspended});
  if (!found) return std::unexpected(found.error());
  System& system = **found;
  if (is_direct(platform, system)) {
    return fail("DIRECT_BILLING", "Account " + system.account +
                                      " is billed directly and renews itself: use activate.");
  }
  const Seconds today = to_seconds(now);
  const Seconds start{
      std::chrono::seconds{term.upfront ? system.activated_at_s : system.valid_until_s}};
  const bool runs_on = term.upfront ? system.activated_at_s != 0 : start > today;
  apply_term(system, term, runs_on ? start : today);
  enter_service(platform, system, now);
  return {};
}

Result<void> suspend(Platform& platform, const std::string& serial) {
  const auto system =
      find_system_in(platform, serial, {SystemState::active, SystemState::test_ready});
  if (!system) return std::unexpected(system.error());
  leave_service(platform, **system, SuspendCause::by_operator);
  return {};
}

Result<void> resume(Platform& platform, const std::string& serial, Millis now) {
  const auto system = find_system_in(platform, serial, {SystemState::suspended});
  if (!system) return std::unexpected(system.error());
  if ((*system)->suspend_cause == SuspendCause::term_ended) {
    return fail("TERM_ENDED", "The term of " + serial + " has ended: it needs a purchase order.");
  }
  enter_service(platform, **system, now);
  return {};
}

Result<void> retire(Platform& platform, const std::string& serial) {
  const auto system = find_system(platform, serial);
  if (!system) return std::unexpected(system.error());
  (*system)->state = SystemState::retired;
  platform.order_sim(**system);
  return {};
}

Result<std::string> deregister(Platform& platform, const std::string& serial, Millis now) {
  const auto system = find_system(platform, serial);
  if (!system) return std::unexpected(system.error());
  const std::string statement = platform.issue_deregistration(**system, "", now);
  (*system)->state = SystemState::inventory;  // As far as its SIM goes: dormant again.
  platform.order_sim(**system);
  platform.world().deregistered[serial] = **system;
  platform.world().systems.erase(serial);
  return statement;
}

Result<void> change_offer(Platform& platform, const std::string& serial, const std::string& offer) {
  const auto system = find_system(platform, serial);
  if (!system) return std::unexpected(system.error());
  const Account& account = platform.world().accounts.at((*system)->account);
  if (!std::ranges::contains(account.offers, offer)) {
    return fail("OFFER_NOT_IN_ACCOUNT",
                "Account " + account.id + " has no offer \"" + offer + "\".");
  }
  System changed = **system;
  changed.offer = offer;
  const auto fits = check_registration(platform.world(), platform.settings().instance, changed,
                                       platform.facts(serial));
  if (fits) **system = changed;
  return fits;
}

bool suspend_if_ended(Platform& platform, System& system, Millis now) {
  const bool runs_out = in_service(system.state) && !is_direct(platform, system);
  const std::int64_t end_s = system.valid_until_s + system.grace_s;
  if (!runs_out || seconds_count(to_seconds(now)) < end_s) return false;
  leave_service(platform, system, SuspendCause::term_ended);
  platform.note(system.serial, "suspended", "term and grace have ended", now);
  return true;
}

bool renew_if_direct(Platform& platform, System& system, Millis now) {
  if (!in_service(system.state) || !is_direct(platform, system)) return false;
  const std::int64_t today_s = seconds_count(to_seconds(now));
  if (today_s < system.valid_until_s) return false;
  Seconds end{std::chrono::seconds{system.valid_until_s}};
  while (end <= to_seconds(now)) end = add_months(end, 1);
  system.valid_until_s = seconds_count(end);
  platform.note(system.serial, "renewed", "billed for another month", now);
  return true;
}

}  // namespace oobm::alms_sim
