#include "tests/sim/faults.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "tests/modem-sim/faults.hpp"

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
using days = std::chrono::days;

// ---- power and memory

bool cut_power(World& world) {
  if (!world.running()) return false;
  world.cut_power(world.chance.spread(20s, days(3)));
  return true;
}

bool stay_in_a_drawer(World& world) {
  if (!world.running()) return false;
  world.cut_power(world.chance.spread(days(10), days(200)));
  return true;
}

bool cut_at_an_effect(World& world) {
  if (!world.running()) return false;
  world.router()->cut_before_effect(1 + world.chance.below(12));
  return true;
}

bool cut_in_the_store(World& world) {
  world.iron.flash->cut_at(world.iron.flash->operations() + world.chance.below(15));
  return true;
}

bool kill_agent(World& world) {
  if (!world.running()) return false;
  world.restart_agent();
  return true;
}

bool restore_old_state(World& world) {
  // As somebody would who keeps a copy: taken now, put back after a while.
  auto kept = world.flash_image();
  world.time.after(world.chance.spread(1h, days(120)), [&world, kept = std::move(kept)] {
    if (!world.running()) return;
    world.story.tell("world", "an old state file is put back");
    world.replace_flash(kept);
    world.boot();
  });
  return true;
}

bool reset_to_factory(World& world) {
  world.replace_flash({});
  world.boot();
  return true;
}

bool rot_a_slot(World& world) {
  auto image = world.flash_image();
  if (image.empty()) return false;
  auto rotten = image.begin();
  std::advance(rotten, static_cast<std::ptrdiff_t>(world.chance.below(image.size())));
  if (rotten->second.empty()) return false;
  rotten->second[world.chance.below(rotten->second.size())] ^= 0x10;
  world.replace_flash(std::move(image));
  world.boot();
  return true;
}

bool fill_flash(World& world) {
  world.set_flash(Weather::Flash::full);
  return true;
}
bool lock_flash(World& world) {
  world.set_flash(Weather::Flash::read_only);
  return true;
}
void free_flash(World& world) { world.set_flash(Weather::Flash::works); }

// ---- network

bool break_link(World& world) {
  if (!world.running()) return false;
  world.router()->cut_link();
  return true;
}

bool lose_coverage(World& world) {
  world.iron.module->apply({modem_sim::FaultId::no_coverage, 1}, world.time.now());
  if (world.running()) world.router()->disturb_radio();
  return true;
}

bool upset_module(World& world) {
  std::mt19937_64 random(world.chance.below(1'000'000'000));
  auto fault = modem_sim::draw_fault(random);
  // A flood for hours is a matter for the parser's own tests.
  if (fault.id == modem_sim::FaultId::flood) fault.value = 60'000;
  world.story.tell("world", "module: " + modem_sim::to_text(fault));
  world.iron.module->apply(fault, world.time.now());
  if (world.running()) world.router()->disturb_radio();
  return true;
}

void calm_module(World& world) {
  world.iron.module->behave(world.time.now());
  if (world.running()) world.router()->disturb_radio();
}

bool break_path(World& world) {
  world.weather.path_dead = true;
  return true;
}
void mend_path(World& world) { world.weather.path_dead = false; }

bool lose_wan(World& world) {
  world.weather.wan_up = false;
  world.weather_changed();
  return true;
}
void regain_wan(World& world) {
  world.weather.wan_up = true;
  world.weather_changed();
}

bool stop_alms(World& world) {
  world.weather.alms_reachable = false;
  return true;
}
void start_alms(World& world) { world.weather.alms_reachable = true; }

bool refuse_login(World& world) {
  world.weather.login_refused = true;
  if (world.running()) world.router()->cut_link();
  return true;
}
void accept_login(World& world) { world.weather.login_refused = false; }

// ---- messages

bool delay_messages(World& world) {
  world.weather.bus_delay = world.chance.spread(10min, days(4));
  return true;
}
void end_delay(World& world) { world.weather.bus_delay = 0s; }

bool duplicate_messages(World& world) {
  world.weather.bus_duplicates = true;
  return true;
}
void end_duplicates(World& world) { world.weather.bus_duplicates = false; }

bool reorder_messages(World& world) {
  world.weather.bus_reorders = true;
  return true;
}
void end_reordering(World& world) { world.weather.bus_reorders = false; }

bool replay(World& world) {
  if (world.published.empty() || world.home().empty()) return false;
  const auto old = world.published[world.chance.below(world.published.size())];
  world.broker(world.home()).publish_to_router(old, false);
  return true;
}

// A statement that was signed long ago, under a task of its own.
bool replay_statement(World& world) {
  if (world.home().empty()) return false;
  std::vector<const std::string*> candidates;
  for (const auto& payload : world.published)
    if (payload.contains(R"("entitlement")")) candidates.push_back(&payload);
  if (candidates.empty()) return false;
  const auto picked = Json::parse(*candidates[world.chance.below(candidates.size())]);
  const auto& old = picked.at(0).at("command").at("params").at("entitlement");
  const Json body = {{"id", "oobm.entitle"}, {"params", {{"entitlement", old}}}};
  const auto uid = "replay-" + std::to_string(world.chance.below(1'000'000'000));
  const Json task = {{"uid", uid}, {"timestamp", 1}, {"command", body}};
  world.broker(world.home()).publish_to_router(Json::array({task}).dump(), false);
  return true;
}

bool retain_a_task(World& world) {
  if (world.published.empty() || world.home().empty()) return false;
  const auto old = world.published[world.chance.below(world.published.size())];
  world.broker(world.home()).publish_to_router(old, true);
  return true;
}

bool send_rubbish(World& world) {
  if (world.home().empty()) return false;
  constexpr std::array<std::string_view, 4> rubbish{"[", R"([{"timestamp":1}])", "null",
                                                    R"([{"uid":"x","read":{}}])"};
  world.broker(world.home())
      .publish_to_router(std::string(rubbish[world.chance.below(rubbish.size())]), false);
  return true;
}

bool forget_session(World& world) {
  for (const auto* id : instance_ids) world.broker(id).forget_session();
  return true;
}

// ---- clocks

// Lies of the two sources never agree: the one is wrong by whole days and three hours, the other by
// whole days and nine.
std::chrono::seconds lie(World& world, std::chrono::hours odd) {
  const auto length = std::chrono::floor<days>(world.chance.spread(days(1), days(900)));
  return world.chance.percent(50) ? std::chrono::seconds(length + odd)
                                  : -std::chrono::seconds(length + odd);
}

bool lie_about_network_time(World& world) {
  world.set_network_time_lie(lie(world, 3h));
  return true;
}
void correct_network_time(World& world) { world.set_network_time_lie(0s); }

bool jump_system_clock(World& world) {
  world.weather.system_time.lie = lie(world, 9h);
  world.weather_changed();
  return true;
}
void set_system_clock_right(World& world) {
  world.weather.system_time.lie = 0s;
  world.weather_changed();
}

void agree_on(World& world, std::chrono::seconds lie) {
  world.set_network_time_lie(lie);
  world.weather.system_time.lie = lie;
  world.weather_changed();
}
bool agree_on_a_lie(World& world) {
  agree_on(world, lie(world, 5h));
  return true;
}
void correct_both(World& world) {
  correct_network_time(world);
  set_system_clock_right(world);
}

// What no chance would bring together often enough: a router in service has nothing but two clocks
// to go by, which end its term and then, while ALMS is still away, are put right.
bool start_in_the_future(World& world) {
  if (!world.running() || world.router()->state().lifecycle != core::Lifecycle::active)
    return false;
  stop_alms(world);
  agree_on(world, std::chrono::floor<days>(world.chance.spread(days(400), days(900))) + 5h);
  world.restart_agent();
  world.time.after(world.chance.spread(1h, days(1)), [&world] { correct_both(world); });
  return true;
}
void return_to_the_present(World& world) {
  correct_both(world);
  start_alms(world);
}

bool silence_network_time(World& world) {
  world.weather.network_time.silent = true;
  world.set_network_time_lie(world.weather.network_time.lie);
  return true;
}
void end_network_silence(World& world) {
  world.weather.network_time.silent = false;
  world.set_network_time_lie(world.weather.network_time.lie);
}

bool silence_system_clock(World& world) {
  world.weather.system_time.silent = true;
  return true;
}
void end_system_silence(World& world) { world.weather.system_time.silent = false; }

bool lie_as_a_signer(World& world) {
  const auto wrong = lie(world, 7h);
  world.weather.signer_lie = wrong;
  for (const auto* id : instance_ids) world.alms(id).set_signer_lie(wrong);
  return true;
}
void correct_signer(World& world) {
  world.weather.signer_lie = 0s;
  for (const auto* id : instance_ids) world.alms(id).set_signer_lie(0s);
}

// ---- identity and keys

constexpr std::array module_imeis{"359459090001236", "490154203237518", "356938035643809"};

bool rotate_keys(World& world) {
  for (const auto* id : instance_ids) world.alms(id).rotate_keys();
  return true;
}

bool change_card(World& world) {
  const auto number = std::to_string(100 + world.chance.below(900));
  world.change_module(world.iron.module_imei, "89014103211118" + number + "720");
  world.boot();
  return true;
}

bool change_module(World& world) {
  std::string other;
  do other = module_imeis[world.chance.below(module_imeis.size())];
  while (other == world.iron.module_imei);
  world.change_module(other, world.iron.card_iccid);
  world.boot();
  return true;
}

// The old module comes back, or the exchange is made known: in the factory data where the board has
// them, by a factory reset where the router has learnt its IMEI itself.
void settle_module(World& world) {
  auto& iron = world.iron;
  if (iron.factory_imei == iron.module_imei) return;
  if (iron.factory_imei && world.chance.percent(50)) {
    world.change_module(*iron.factory_imei, iron.card_iccid);
  } else if (iron.factory_imei) {
    iron.factory_imei = iron.module_imei;
  } else {
    world.replace_flash({});
  }
  world.boot();
}

bool lose_sku(World& world) {
  world.set_catalogue({});
  world.restart_agent();
  return true;
}
void regain_sku(World& world) {
  world.set_catalogue(usual_catalogue());
  world.restart_agent();
}

constexpr core::Duration once{0};

// clang-format off
constexpr std::array rows{
    //        name                    what happens                                             a year  least    most       begin                   end
    FaultRow{"power_cut",             "the power goes, at any time",                             8,   once,    once,      cut_power,              nullptr},
    FaultRow{"drawer",                "the power goes, for ten to two hundred days",            0.3,   once,    once,      stay_in_a_drawer,       nullptr},
    FaultRow{"cut_at_effect",         "the power goes before one of the next twelve effects",    12,   once,    once,      cut_at_an_effect,       nullptr},
    FaultRow{"cut_in_store",          "... before one of the next operations of the flash",      25,   once,    once,      cut_in_the_store,       nullptr},
    FaultRow{"agent_killed",          "the agent dies and is started again",                     6,   once,    once,      kill_agent,             nullptr},
    FaultRow{"old_state_put_back",    "a copy of the state, taken days before, is put back",      2,   once,    once,      restore_old_state,      nullptr},
    FaultRow{"factory_reset",         "all memory is gone, the identity stays",                   1,   once,    once,      reset_to_factory,       nullptr},
    FaultRow{"slot_rots",             "a bit of a state file flips",                              2,   once,    once,      rot_a_slot,             nullptr},
    FaultRow{"flash_full",            "nothing can be written",                                   4,   1min,    days(3),   fill_flash,             free_flash},
    FaultRow{"flash_read_only",       "likewise",                                                 2,   1min,    days(3),   lock_flash,             free_flash},

    FaultRow{"link_breaks",           "the session breaks, with all that is on its way",         15,   once,    once,      break_link,             nullptr},
    FaultRow{"coverage_lost",         "no cell",                                                 8,   1min,    days(5),   lose_coverage,          calm_module},
    FaultRow{"module_upset",          "any fault of the module's own table",                     10,   1min,    12h,       upset_module,           calm_module},
    FaultRow{"path_dead",             "the OOBM network carries nothing and does not say so",     8,   1min,    days(2),   break_path,             mend_path},
    FaultRow{"wan_lost",              "the main WAN is down",                                    8,   1min,    days(20),  lose_wan,               regain_wan},
    FaultRow{"alms_unreachable",      "no broker answers, for up to months",                      5,   1min,    days(120), stop_alms,              start_alms},
    FaultRow{"login_refused",         "the broker says: unknown here, or wrong credentials",      4,   1min,    days(3),   refuse_login,           accept_login},

    FaultRow{"messages_delayed",      "between broker and ALMS, by up to days",                   6,   1h,      days(6),   delay_messages,         end_delay},
    FaultRow{"messages_duplicated",   "three in ten",                                            10,   1h,      days(6),   duplicate_messages,     end_duplicates},
    FaultRow{"messages_reordered",    "three in ten, by up to ten minutes",                      10,   1h,      days(6),   reorder_messages,       end_reordering},
    FaultRow{"task_replayed",         "a task of the past comes again as it was",                10,   once,    once,      replay,                 nullptr},
    FaultRow{"statement_replayed",    "an old statement comes in a task of its own",             12,   once,    once,      replay_statement,       nullptr},
    FaultRow{"task_retained",         "a task is retained on the broker",                         1,   once,    once,      retain_a_task,          nullptr},
    FaultRow{"rubbish",               "a message that is no task",                                3,   once,    once,      send_rubbish,           nullptr},
    FaultRow{"session_forgotten",     "the broker forgets the router's session",                  4,   once,    once,      forget_session,         nullptr},

    FaultRow{"network_time_lies",     "NITZ is wrong by days to years",                           8,   1h,      days(60),  lie_about_network_time, correct_network_time},
    FaultRow{"system_clock_jumps",    "NTP is wrong by days to years, back or forward",           8,   1h,      days(60),  jump_system_clock,      set_system_clock_right},
    FaultRow{"clocks_agree_on_lie",   "both, by the same",                                      0.4,   1h,      days(3),   agree_on_a_lie,         correct_both},
    FaultRow{"started_in_the_future", "a start without ALMS, both clocks years ahead for a while",0.5, days(1), days(4),   start_in_the_future,    return_to_the_present},
    FaultRow{"network_time_silent",   "no NITZ",                                                  6,   1h,      days(60),  silence_network_time,   end_network_silence},
    FaultRow{"system_clock_silent",   "no NTP",                                                   6,   1h,      days(60),  silence_system_clock,   end_system_silence},
    FaultRow{"signer_clock_lies",     "ALMS signs with a clock that is wrong, for a day",       0.7,   days(1), days(1),   lie_as_a_signer,        correct_signer},

    FaultRow{"keys_rotated",          "ALMS signs with a new key",                              0.8,   once,    once,      rotate_keys,            nullptr},
    FaultRow{"card_exchanged",        "another SIM",                                            0.7,   once,    once,      change_card,            nullptr},
    FaultRow{"module_exchanged",      "another IMEI",                                           0.5,   1h,      days(10),  change_module,          settle_module},
    FaultRow{"sku_unknown",           "the firmware's data lacks this SKU",                     0.7,   1h,      days(10),  lose_sku,               regain_sku},
};
// clang-format on

}  // namespace

std::span<const FaultRow> fault_rows() { return rows; }

Faults::Faults(World& world) : world_(world), active_(rows.size()) {
  for (std::size_t row = 0; row < rows.size(); ++row) plan(row);
}

void Faults::plan(std::size_t row) {
  world_.time.after(world_.chance.pause(rows[row].per_year), [this, row] {
    if (!paused_ && active_[row] == 0) begin(row);
    plan(row);
  });
}

void Faults::begin(std::size_t row) {
  const auto& fault = rows[row];
  if (!fault.begin(world_)) return;
  world_.story.tell("fault", std::string(fault.name));
  ++world_.figures.faults[std::string(fault.name)];
  if (fault.end == nullptr) return;
  active_[row] = ++numbers_;
  world_.time.after(world_.chance.spread(fault.least, fault.most), [this, row, number = numbers_] {
    if (active_[row] == number) end(row);
  });
}

void Faults::end(std::size_t row) {
  active_[row] = 0;
  world_.story.tell("fault", std::string(rows[row].name) + " ends");
  rows[row].end(world_);
}

void Faults::pause() {
  paused_ = true;
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (active_[row] != 0) end(row);
}

}  // namespace oobm::sim
