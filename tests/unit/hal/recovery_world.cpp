#include "tests/unit/hal/recovery_world.hpp"

#include <algorithm>
#include <utility>

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using core::BootTime;
using core::Duration;
using modem_sim::PortId;

constexpr Duration verb_time = 3s;
constexpr Duration hung_verb_time = 60s;  // then it is killed
constexpr Duration supply_returns = 10s;
constexpr Duration session_time = 20s;
constexpr Duration session_time_out = 90s;
constexpr Duration keepalive = 15min;
constexpr Duration first_attempt_pause = 30s;
constexpr Duration longest_attempt_pause = 30min;
constexpr Duration idle_look = 10min;
constexpr Duration reopen_first = 1s;
constexpr Duration reopen_longest = 5min;
constexpr Duration longest_leap = 1h;

// Rarer polls than in the field, so that days are soon over.
ModemTiming timing() {
  ModemTiming timing;
  timing.poll_registered = 1h;
  timing.poll_unregistered = 15min;
  timing.retry_longest = 10min;
  return timing;
}

modem_sim::SimConfig sim_config(std::uint64_t seed) {
  constexpr std::array<std::string_view, 3> names{"hl78xx", "generic", "chatty"};
  modem_sim::SimConfig config;
  config.personality = modem_sim::find_personality(names[seed % names.size()]);
  config.seed = seed;
  config.data_port = true;
  return config;
}

}  // namespace

struct RecoveryWorld::WorldRadio final : Radio {
  WorldRadio(RecoveryWorld& owner, ModemService& watcher) : world(owner), service(watcher) {}
  void start(ChangeHandler) override {}
  void stop() override {}
  [[nodiscard]] const RadioFacts& facts() const override { return service.facts(); }
  void set_power(bool on, DoneHandler done) override {
    if (!on) world.note(RecoveryStep::function_cycle);
    service.set_power(on, std::move(done), world.boot_time());
  }
  void reset(DoneHandler done) override {
    world.note(RecoveryStep::module_reset);
    service.reset(std::move(done), world.boot_time());
  }
  void reattach(DoneHandler done) override {
    world.note(RecoveryStep::reattach);
    service.reattach(std::move(done), world.boot_time());
  }
  void command(RawCommand, RawHandler) override {}
  void refresh() override { service.refresh(world.boot_time()); }

  RecoveryWorld& world;
  ModemService& service;
};

// One verb at a time, in order, as the contract has it.
struct RecoveryWorld::WorldBoard final : Board {
  explicit WorldBoard(RecoveryWorld& owner) : world(owner) {}

  struct Verb {
    BootTime at;
    std::move_only_function<void()> end;
  };

  template <class T, class Action>
  void run(Handler<T> done, Action action) {
    if (world.board_mood == BoardMood::silent) return lost.push_back([done = std::move(done)] {});
    const auto mood = world.board_mood;
    const auto begin = verbs.empty() ? world.time : std::max(world.time, verbs.back().at);
    const auto length = mood == BoardMood::hangs ? hung_verb_time : verb_time;
    verbs.push_back({begin + length, [mood, action, done = std::move(done)]() mutable {
                       if (mood == BoardMood::works) return action(std::move(done));
                       const auto code = mood == BoardMood::hangs   ? ErrorCode::helper_timeout
                                         : mood == BoardMood::fails ? ErrorCode::helper_failed
                                                                    : ErrorCode::helper_unsupported;
                       done(std::unexpected(Error{code, "the board's bad day"}));
                     }});
  }

  void identity(Handler<BoardIdentity>) override {}
  void bearer_up(BearerRequest, Handler<BearerStatus> done) override {
    run<BearerStatus>(std::move(done), [this](Handler<BearerStatus> finish) {
      if (world.bearer_up_) return finish(BearerStatus{.up = true});
      world.dial(true);
      // What came of it is known a moment later.
      verbs.push_front({world.time + verb_time, [this, finish = std::move(finish)]() mutable {
                          world.bearer_up_ = world.bearer_works();
                          if (world.bearer_up_) return finish(BearerStatus{.up = true});
                          finish(std::unexpected(Error{ErrorCode::helper_failed, "no bearer"}));
                        }});
    });
  }
  void bearer_down(Handler<void> done) override {
    run<void>(std::move(done), [this](Handler<void> finish) {
      if (world.bearer_up_) world.dial(false);
      world.bearer_up_ = false;
      finish({});
    });
  }
  void bearer_status(Handler<BearerStatus>) override {}
  void wan_status(Handler<WanStatus>) override {}
  void led(Led, Handler<void>) override {}
  void reboot(Handler<void>) override {}
  void install(std::string, std::string, Handler<void>) override {}
  void install_status(Handler<InstallStatus>) override {}
  void install_commit(std::string, Handler<void>) override {}
  void modem_power_cycle(Handler<void> done) override {
    world.note(RecoveryStep::power_cycle);
    run<void>(std::move(done), [this](Handler<void> finish) {
      world.sim.power_cycle(world.time);
      verbs.push_front({world.time + supply_returns, [this, finish = std::move(finish)]() mutable {
                          world.sim.control("return", world.time);
                          finish({});
                        }});
    });
  }

  RecoveryWorld& world;
  std::deque<Verb> verbs;
  std::vector<std::move_only_function<void()>> lost;
};

// One run of the agent.
struct RecoveryWorld::Life {
  Life(RecoveryWorld& owner, Budget budget)
      : world(owner),
        service(timing()),
        radio(owner, service),
        board(owner),
        recovery(radio, board, std::move(budget),
                 {.report = [this](const StepReport& report) { world.check(report); },
                  .save =
                      [this](const BudgetMemory& memory) {
                        world.stored_ = memory;
                        ++world.writes;
                      },
                  .wake = [this] { look = true; }}) {}

  enum class Attempt : std::uint8_t { none, bearer, session };

  [[nodiscard]] BootTime now() const { return world.boot_time(); }
  [[nodiscard]] LinkUse use() const {
    return {.wanted = world.wanted || attempt != Attempt::none,
            .bearer_kept = world.bearer_kept,
            .attempting = attempt != Attempt::none,
            .online = online};
  }

  void run() {
    if (const auto when = service.deadline(); when && *when <= now()) {
      service.tick(now());
      moved = true;
    }
    while (!board.verbs.empty() && board.verbs.front().at <= world.time) {
      auto verb = std::move(board.verbs.front());
      board.verbs.pop_front();
      verb.end();
    }
    exchange();
    act();
    if (look || recovery_at <= world.time) {
      look = false;
      recovery.observe(use(), now());
      exchange();
      const auto when = recovery.deadline(now());
      recovery_at = when ? world.true_time(*when) : BootTime{Duration::max()};
    }
  }

  void exchange() {
    const bool there = world.sim.port_present() && !world.sim.port_held();
    if (open && !world.sim.port_present()) lose("gone");
    if (!open && reopen_at <= world.time) {
      if (there)
        service.opened(now());
      else
        lose("not there");
      open = there;
    }
    for (int round = 0; round < 16; ++round) {
      const auto from_host = service.take_writes();
      const auto from_module = world.sim.take_output(world.time);
      if (from_host.empty() && from_module.empty()) break;
      moved = true;
      world.check_bytes(from_host);
      if (open) world.sim.feed(from_host, world.time);
      if (open) service.feed(from_module, now());
    }
    if (service.facts().port == PortState::ok) reopen_pause = reopen_first;
    if (service.take_reopen() && open) lose("opened anew");
    for (auto& ended : service.take_ended()) ended();
    if (!std::exchange(moved, false) || !service.take_changed()) return;
    look = true;
    if (attempt == Attempt::none && !online && registered(service.facts()))
      acts_at = std::min(acts_at, world.time + first_attempt_pause);
  }

  void lose(const std::string& why) {
    open = false;
    moved = true;
    service.closed(world.sim.port_held() ? PortState::busy : PortState::absent, why, now());
    reopen_at = world.time + reopen_pause;
    reopen_pause = std::min(reopen_pause * 2, reopen_longest);
  }

  // The agent: dials and opens a session when it wants one and the radio is registered.
  void act() {
    if (acts_at > world.time) return;
    if (online) return probe();
    if (attempt == Attempt::session) return end_session_attempt();
    if (attempt == Attempt::bearer) return end_attempt();  // the board has not answered
    if (!world.wanted || !registered(service.facts())) {
      acts_at = world.time + idle_look;
      return;
    }
    attempt = Attempt::bearer;
    acts_at = world.time + Recovery::part_limit;
    look = true;
    board.bearer_up({}, [this](const std::expected<BearerStatus, Error>& status) {
      look = true;
      recovery.bearer_result(status.has_value(), now());
      if (attempt != Attempt::bearer) return;
      if (!status) return end_attempt();
      attempt = Attempt::session;
      const bool quick = world.bearer_works() || world.broker_refuses;
      acts_at = world.time + (quick ? session_time : session_time_out);
    });
  }

  void end_session_attempt() {
    look = true;
    const bool passes = world.bearer_works() && world.sim.traffic_passes();
    if (passes && world.broker_refuses) return end_attempt();
    recovery.path_result(passes, now());
    if (!passes) return end_attempt();
    attempt = Attempt::none;
    attempt_pause = first_attempt_pause;
    online = true;
    acts_at = world.time + keepalive;
  }

  void end_attempt() {
    look = true;
    attempt = Attempt::none;
    acts_at = world.time + attempt_pause;
    attempt_pause = std::min(attempt_pause * 2, longest_attempt_pause);
    if (!world.bearer_kept) board.bearer_down([](const std::expected<void, Error>&) {});
  }

  void probe() {
    acts_at = world.time + keepalive;
    if (world.bearer_works() && world.sim.traffic_passes() && !world.broker_refuses) return;
    look = true;
    online = false;
    acts_at = world.time + first_attempt_pause;
    if (!world.broker_refuses) recovery.path_result(false, now());
  }

  [[nodiscard]] BootTime deadline() const {
    auto at = std::min(acts_at, open ? BootTime{Duration::max()} : reopen_at);
    if (const auto when = service.deadline()) at = std::min(at, world.true_time(*when));
    at = std::min(at, look ? world.time : recovery_at);
    if (!board.verbs.empty()) at = std::min(at, board.verbs.front().at);
    return at;
  }

  RecoveryWorld& world;
  ModemService service;
  WorldRadio radio;
  WorldBoard board;
  Recovery recovery;
  bool open = false;
  bool moved = true;  // something happened to the service
  BootTime reopen_at{};
  Duration reopen_pause = reopen_first;
  Attempt attempt = Attempt::none;
  bool online = false;
  BootTime acts_at{};
  Duration attempt_pause = first_attempt_pause;
  bool look = true;
  BootTime recovery_at{};
};

RecoveryWorld::RecoveryWorld(std::uint64_t seed) : sim(sim_config(seed), time), random_(seed) {
  start_agent(false);
}

RecoveryWorld::~RecoveryWorld() = default;

void RecoveryWorld::start_agent(bool torn) {
  auto memory = torn ? std::optional(Budget::nearly_spent(boot_time())) : stored_;
  if (torn) losses.push_back(time);
  life_.reset();
  running_.reset();
  life_ = std::make_unique<Life>(
      *this, Budget("boot-" + std::to_string(boots_), boot_time(), std::move(memory)));
}

void RecoveryWorld::restart_agent(bool memory_torn) { start_agent(memory_torn); }

void RecoveryWorld::reboot_router(bool module_loses_power) {
  life_.reset();
  ++boots_;
  bearer_up_ = false;
  if (module_loses_power) sim.power_cycle(time);
  booted_at_ = time;
  time = time + 30s;
  sim.tick(time);
  start_agent(false);
}

void RecoveryWorld::sleep_router(Duration slept) { time = time + slept; }

void RecoveryWorld::step(BootTime end) {
  auto next = std::min(end, time + longest_leap);
  if (const auto when = sim.deadline()) next = std::min(next, *when);
  next = std::min(next, life_->deadline());
  time = std::max(next, time + Duration(1));
  sim.tick(time);
  (void)sim.take_output(time, PortId::data);
  life_->run();
}

void RecoveryWorld::pass(Duration length) {
  const auto end = time + length;
  while (time < end) step(end);
}

bool RecoveryWorld::until_online(Duration limit) {
  const auto end = time + limit;
  while (time < end && !(registered_now() && life_->online)) step(end);
  return registered_now() && life_->online;
}

bool RecoveryWorld::registered_now() const {
  return life_->service.facts().port == PortState::ok && registered(life_->service.facts());
}

std::string RecoveryWorld::state() const {
  const auto view = life_->recovery.view(boot_time());
  return "port " + std::string(to_string(life_->service.facts().port)) + ", trouble " +
         std::string(rule(view.trouble).name) + ", online " + std::to_string(life_->online) +
         ", bearer " + std::to_string(bearer_up_) +
         (view.next ? ", next " + std::string(rule(view.next->step).name) : ", no step to come");
}

void RecoveryWorld::dial(bool up) {
  sim.feed(up ? "AT+CGACT=1,1\r" : "AT+CGACT=0,1\r", time, PortId::data);
  if (up) bearer_of_ = sim.restarts();
}

// As the module itself sees it, whatever it says.
bool RecoveryWorld::module_registered() {
  const auto status = sim.control("status", time);
  return status.contains("registration=1 ") || status.contains("registration=5 ");
}

// A bearer that was dialled before the module restarted leads nowhere.
bool RecoveryWorld::bearer_works() { return module_registered() && bearer_of_ == sim.restarts(); }

void RecoveryWorld::violation(const std::string& what) {
  violations.push_back("after " + std::to_string(time.since_boot.count() / 1000) + " s: " + what);
}

void RecoveryWorld::note(RecoveryStep step) {
  auto& times = steps_taken[std::to_underlying(step)];
  // A step counts from its beginning, though the router may sleep in the middle of it.
  times.push_back(running_ ? step_began_ : time);
  const auto cap = rule(step).per_day;
  const auto day_ago = time + -recovery_day;
  const auto recent = std::ranges::count_if(times, [&](BootTime at) { return at > day_ago; });
  const auto lost = std::ranges::count_if(losses, [&](BootTime at) { return at > day_ago; });
  if (static_cast<std::size_t>(recent) > cap + static_cast<std::size_t>(lost))
    violation("cap of " + std::string(rule(step).name) + " exceeded");
}

// Told by what is known of the radio at this moment, not by what the ladder makes of it.
void RecoveryWorld::check(const StepReport& report) {
  const bool begins = report.phase == StepReport::Phase::begun;
  if (begins && running_) violation("two steps at once");
  running_ = begins ? std::optional(report) : std::nullopt;
  if (!begins) return;
  step_began_ = time;
  if (report.step == RecoveryStep::redial) note(report.step);
  const auto& facts = life_->service.facts();
  const std::string name(rule(report.step).name);
  if (!life_->use().wanted) violation(name + " on a link that nobody wants");
  if (life_->online) violation(name + " on a link that works");
  if (life_->attempt != Life::Attempt::none) violation(name + " during an attempt");
  if (facts.port != PortState::ok) return;
  const bool locked = facts.sim == SimState::pin_required || facts.sim == SimState::puk_required ||
                      facts.sim == SimState::network_locked;
  if (locked && facts.power == RadioPower::on) violation(name + " although the SIM is locked");
  const bool denied = facts.registration == Registration::denied;
  if (!denied || facts.power != RadioPower::on || facts.sim != SimState::ready) return;
  const auto& cycles = steps_taken[std::to_underlying(RecoveryStep::function_cycle)];
  if (report.step != RecoveryStep::function_cycle)
    violation(name + " although the network refuses the SIM");
  else if (losses.empty() && !cycles.empty() && time - cycles.back() < recovery_day)
    violation("a refused SIM is hammered");
}

void RecoveryWorld::check_bytes(const std::string& bytes) {
  if (bytes.contains("+CPIN=")) violation("a PIN was entered");
}

}  // namespace oobm::hal
