#include "tests/sim/operator.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
using alms_sim::SystemState;
using std::chrono::days;

constexpr double acts_a_year = 150;
constexpr core::Duration term_watch = 1h;

Alms* home(World& world) { return world.home().empty() ? nullptr : &world.alms(world.home()); }

Standing standing(World& world) {
  auto* alms = home(world);
  const auto* system = alms == nullptr ? nullptr : alms->system(world.iron.serial);
  if (system == nullptr) return unknown;
  switch (system->state) {
    case SystemState::inventory:
      return waiting;
    case SystemState::suspended:
      return suspended;
    case SystemState::retired:
      return retired;
    default:
      return serving;
  }
}

void act_on(World& world, const char* verb, Json arguments = Json::object()) {
  auto* alms = home(world);
  if (alms == nullptr) return;
  arguments["serial"] = world.iron.serial;
  const auto reply = alms->act(verb, arguments);
  if (world.story.told())
    world.story.tell("operator", verb + std::string(" ") + arguments.dump() +
                                     (reply.contains("error") ? " refused" : ""));
}

std::int64_t seconds(core::Duration time) { return time / 1s; }

// ---- terms

Json drawn_term(World& world) {
  constexpr std::array<std::int64_t, 5> graces{0, 3'600, 86'400, 7 * 86'400, 30 * 86'400};
  Json term = {{"grace_seconds", graces[world.chance.below(graces.size())]}};
  if (world.chance.percent(25))
    term["months"] = 12;
  else
    term["term_seconds"] = seconds(world.chance.spread(12h, days(200)));
  if (world.chance.percent(30)) term["data_limit_bytes"] = 20'000 + world.chance.below(2'000'000);
  return term;
}

// When the purchase order comes, against the end of the term and of its grace.
core::BootTime renewal_time(World& world, core::BootTime end, core::BootTime grace_end) {
  const std::array<core::BootTime, 9> choices{end + -world.chance.spread(1h, days(60)),
                                              end + -core::Duration(1s),
                                              end,
                                              end + core::Duration(1s),
                                              end + world.chance.between(0s, grace_end - end),
                                              grace_end + -core::Duration(1s),
                                              grace_end + core::Duration(1s),
                                              grace_end + world.chance.spread(1h, days(30)),
                                              core::BootTime{core::Duration::max()}};
  return choices[world.chance.below(choices.size())];
}

// Whoever has bought a term may buy the next.
void plan_renewal(World& world) {
  auto* alms = home(world);
  const auto* system = alms == nullptr ? nullptr : alms->system(world.iron.serial);
  if (system == nullptr || system->valid_until_s == 0) return;
  const auto end = Timeline::when(core::UnixTime{system->valid_until_s});
  const auto grace_end = end + std::chrono::seconds(system->grace_s);
  // ALMS looks at the end itself, to the second.
  for (const auto at : {end, grace_end, grace_end + core::Duration(61s)})
    world.time.at(std::max(at, world.time.now()), [alms] { alms->tick(); });
  const auto when = renewal_time(world, end, grace_end);
  if (when.since_boot == core::Duration::max()) return;
  world.time.at(std::max(when, world.time.now()), [&world, registration = system->registration,
                                                   until = system->valid_until_s] {
    auto* now_home = home(world);
    const auto* held = now_home == nullptr ? nullptr : now_home->system(world.iron.serial);
    if (held == nullptr || held->registration != registration || held->valid_until_s != until ||
        held->state == SystemState::retired)
      return;
    act_on(world, "purchase-order", drawn_term(world));
    ++world.figures.acts["renew"];
    plan_renewal(world);
  });
}

// ---- the account

void enrol(World& world) {
  constexpr std::array accounts{"acme", "acme", "acme", "card", "old"};
  constexpr std::array offers{"AirLink Complete (XR80)", "AirLink Premium", "AirLink Complete",
                              "AirLink Complete", "AirLink Basic"};
  act_on(world, "register",
         {{"imei", world.iron.factory_imei.value_or(world.iron.module_imei)},
          {"account", accounts[world.chance.below(accounts.size())]},
          {"offer", offers[world.chance.below(offers.size())]},
          {"sku", world.iron.sku}});
}

void activate(World& world) {
  auto term = drawn_term(world);
  term["test"] = world.chance.percent(20);
  act_on(world, "activate", term);
  plan_renewal(world);
}

void order(World& world) {
  act_on(world, "purchase-order", drawn_term(world));
  plan_renewal(world);
}

void suspend(World& world) { act_on(world, "suspend"); }
void resume(World& world) { act_on(world, "resume"); }
void retire(World& world) { act_on(world, "retire"); }
void deregister(World& world) { act_on(world, "deregister"); }

void change_offer(World& world) {
  constexpr std::array offers{"AirLink Premium", "AirLink Complete"};
  act_on(world, "change-offer", {{"offer", offers[world.chance.below(offers.size())]}});
}

// ---- migration: what an account's move does to the systems in it

alms_sim::System* held(World& world) {
  auto* alms = home(world);
  if (alms == nullptr || alms->system(world.iron.serial) == nullptr) return nullptr;
  return &alms->world().systems.at(world.iron.serial);
}

void migrated(World& world, const alms_sim::System& system) {
  auto* alms = home(world);
  alms->platform().order_sim(system);
  alms->inform(world.iron.serial);
  world.story.tell("operator", "the account is migrated");
}

void migrate_to_inventory(World& world) {
  auto* system = held(world);
  if (system == nullptr) return;
  system->state = SystemState::inventory;
  system->valid_until_s = 0;
  migrated(world, *system);
}

void migrate_dates(World& world) {
  auto* system = held(world);
  if (system == nullptr) return;
  const auto until =
      world.time.true_time() + std::chrono::seconds(seconds(world.chance.spread(1h, days(100))));
  system->valid_until_s = until.seconds;
  migrated(world, *system);
  plan_renewal(world);
}

void migrate_billing(World& world) {
  auto* system = held(world);
  if (system == nullptr) return;
  system->account = system->account == "card" ? "acme" : "card";
  migrated(world, *system);
  plan_renewal(world);
}

// The data of the SKU is put right: the router belongs to the other instance from now on. What the
// old account held is deleted.
void move_instance(World& world) {
  if (world.home().empty() || !world.running()) return;
  deregister(world);
  auto catalogue = usual_catalogue();
  const bool to_eu = world.home() == "na";
  for (auto& row : catalogue)
    if (row.sku.str() == world.iron.sku)
      row.region = to_eu ? core::Region::global : core::Region::na;
  world.time.after(1h, [&world, catalogue] {
    if (!world.running()) return;
    world.set_catalogue(catalogue);
    world.restart_agent();
  });
}

// ---- tasks

void command(World& world, const char* id) { act_on(world, "command", {{"id", id}}); }
void order_reboot(World& world) { command(world, "oobm.reboot"); }
void order_radio_reset(World& world) { command(world, "oobm.reset_radio"); }
void order_diagnosis(World& world) { command(world, "oobm.diagnose"); }
void order_sync(World& world) { command(world, "oobm.sync"); }
void order_bundle(World& world) {
  act_on(world, "command",
         {{"id", "oobm.send_support_bundle"}, {"params", {{"url", "https://files.example/b"}}}});
}
void unknown_command(World& world) { command(world, "oobm.make_coffee"); }

void read_data(World& world) {
  act_on(world, "read", {{"ids", {"_RSRP", "oobm.lifecycle_state", "no.such.id"}}});
}

void write_settings(World& world) {
  constexpr std::array<int, 4> periods{1'800, 3'600, 86'400, -1};
  act_on(
      world, "write",
      {{"settings", {{"oobm.heartbeat_period_s", periods[world.chance.below(periods.size())]}}}});
}

void install(World& world) {
  act_on(world, "swinstall",
         {{"type", "oobm-agent"}, {"revision", "9.9"}, {"url", "https://files.example/x.ipk"}});
}

void sync_by_hand(World& world) {
  if (world.running()) world.router()->sync();
}

// While the router has hardly begun to activate.
void change_mind(World& world) {
  constexpr std::array ways{suspend, retire, deregister, migrate_to_inventory};
  if (standing(world) == serving) ways[world.chance.below(ways.size())](world);
}
constexpr core::Duration second_thought_least = 1s;
constexpr core::Duration second_thought_most = 5min;

constexpr unsigned registered = waiting | serving | Standing::suspended | Standing::retired;
constexpr unsigned always = unknown | registered;

// clang-format off
constexpr std::array acts{
    //     name                    when                                       weight  act
    ActRow{"register",             unknown | Standing::retired,                 30,   enrol},
    ActRow{"activate",             waiting,                                     30,   activate},
    ActRow{"purchase_order",       waiting | serving,                            4,   order},
    ActRow{"purchase_order_late",  Standing::suspended,                         14,   order},
    ActRow{"suspend",              serving,                                      8,   suspend},
    ActRow{"resume",               Standing::suspended,                         14,   resume},
    ActRow{"retire",               waiting | serving | Standing::suspended,      1,   retire},
    ActRow{"deregister",           waiting | serving | Standing::suspended,      2,   deregister},
    ActRow{"deregister_retired",   Standing::retired,                            4,   deregister},
    ActRow{"change_offer",         waiting | serving | Standing::suspended,      3,   change_offer},
    ActRow{"migrate_to_inventory", serving | Standing::suspended,                2,   migrate_to_inventory},
    ActRow{"migrate_dates",        serving,                                      4,   migrate_dates},
    ActRow{"migrate_billing",      serving,                                      2,   migrate_billing},
    ActRow{"move_instance",        always,                                       1,   move_instance},

    ActRow{"reboot",               registered,                                   6,   order_reboot},
    ActRow{"reset_radio",          registered,                                   6,   order_radio_reset},
    ActRow{"diagnose",             registered,                                   6,   order_diagnosis},
    ActRow{"sync",                 registered,                                   5,   order_sync},
    ActRow{"read",                 registered,                                   6,   read_data},
    ActRow{"write",                registered,                                   6,   write_settings},
    ActRow{"swinstall",            registered,                                   2,   install},
    ActRow{"send_support_bundle",  registered,                                   2,   order_bundle},
    ActRow{"unknown_command",      registered,                                   2,   unknown_command},
    ActRow{"sync_by_hand",         always,                                       4,   sync_by_hand},
};
// clang-format on

}  // namespace

std::span<const ActRow> act_rows() { return acts; }

Operator::Operator(World& world) : world_(world) {
  plan();
  watch_terms();
}

void Operator::plan() {
  world_.time.after(world_.chance.pause(acts_a_year), [this] {
    if (!paused_) act();
    plan();
  });
}

void Operator::plan_second_thought() {
  world_.time.after(world_.chance.spread(second_thought_least, second_thought_most), [this] {
    if (!paused_) change_mind(world_);
  });
}

void Operator::watch_terms() {
  world_.time.after(term_watch, [this] {
    if (auto* alms = home(world_)) alms->tick();
    watch_terms();
  });
}

void Operator::act() {
  const unsigned now = standing(world_);
  unsigned total = 0;
  for (const auto& row : acts) total += (row.when & now) != 0 ? row.weight : 0;
  auto drawn = world_.chance.below(total);
  for (const auto& row : acts) {
    if ((row.when & now) == 0) continue;
    if (drawn < row.weight) {
      ++world_.figures.acts[std::string(row.name)];
      if (row.act == activate && world_.chance.percent(30)) plan_second_thought();
      return row.act(world_);
    }
    drawn -= row.weight;
  }
}

}  // namespace oobm::sim
