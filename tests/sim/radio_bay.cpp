#include "tests/sim/radio_bay.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "tests/sim/ways.hpp"

namespace oobm::sim {
namespace {

using namespace std::chrono_literals;
using core::BootTime;
using core::Duration;
using modem_sim::PortId;

constexpr Duration verb_time = 3s;
constexpr Duration supply_returns = 10s;
constexpr Duration played_at_least = 6h;
constexpr BootTime never{Duration::max()};

}  // namespace

struct RadioBay::BayRadio final : hal::Radio {
  explicit BayRadio(RadioBay& owner) : bay(owner) {}
  void start(ChangeHandler) override {}
  void stop() override {}
  [[nodiscard]] const hal::RadioFacts& facts() const override { return bay.service_.facts(); }
  void set_power(bool on, DoneHandler done) override {
    touch();
    bay.service_.set_power(on, std::move(done), bay.boot_time());
  }
  void reset(DoneHandler done) override {
    touch();
    bay.service_.reset(std::move(done), bay.boot_time());
  }
  void reattach(DoneHandler done) override {
    touch();
    bay.service_.reattach(std::move(done), bay.boot_time());
  }
  void command(hal::RawCommand, RawHandler) override {}
  void refresh() override {
    touch();
    bay.service_.refresh(bay.boot_time());
  }
  void touch() const {
    bay.disturb();
    bay.port_.touch();
  }

  RadioBay& bay;
};

// One verb at a time, in order, as the contract has it.
struct RadioBay::BayBoard final : hal::Board {
  explicit BayBoard(RadioBay& owner) : bay(owner) {}

  struct Verb {
    BootTime at;
    std::move_only_function<void()> end;
  };

  void run(std::move_only_function<void()> end) {
    const auto begin = verbs.empty() ? bay.time_.now() : std::max(bay.time_.now(), verbs.back().at);
    verbs.push_back({begin + verb_time, std::move(end)});
  }
  template <class T>
  void refuse(Handler<T> done) {
    run([done = std::move(done)]() mutable {
      done(std::unexpected(hal::Error{hal::ErrorCode::helper_unsupported, "not on this board"}));
    });
  }

  void identity(Handler<hal::BoardIdentity> done) override {
    run([this, done = std::move(done)]() mutable {
      const auto& iron = bay.iron_;
      done(hal::BoardIdentity{.serial = iron.serial,
                              .sku = iron.sku,
                              .model = "XR80",
                              .firmware = "1.0",
                              .imei = iron.factory_imei,
                              .region = std::nullopt});
    });
  }
  void bearer_up(hal::BearerRequest, Handler<hal::BearerStatus> done) override {
    run([this, done = std::move(done)]() mutable {
      auto& iron = bay.iron_;
      if (!iron.bearer_up) {
        bay.disturb();
        iron.module->feed("AT+CGACT=1,1\r", bay.time_.now(), PortId::data);
        iron.bearer_of = iron.module->restarts();
      }
      // What came of it is known a moment later.
      verbs.push_front(
          {bay.time_.now() + verb_time, [this, done = std::move(done)]() mutable {
             auto& own = bay.iron_;
             own.bearer_up = bearer_stands(own, bay.time_.now());
             if (!own.bearer_up)
               return done(std::unexpected(hal::Error{hal::ErrorCode::helper_failed, "no bearer"}));
             done(hal::BearerStatus{.up = true, .interface = "oobm0", .addresses = {"10.64.0.2"}});
           }});
    });
  }
  void bearer_down(Handler<void> done) override {
    run([this, done = std::move(done)]() mutable {
      auto& iron = bay.iron_;
      if (std::exchange(iron.bearer_up, false)) {
        bay.disturb();
        iron.module->feed("AT+CGACT=0,1\r", bay.time_.now(), PortId::data);
      }
      done({});
    });
  }
  void bearer_status(Handler<hal::BearerStatus> done) override { refuse(std::move(done)); }
  void wan_status(Handler<hal::WanStatus> done) override { refuse(std::move(done)); }
  void led(hal::Led, Handler<void> done) override {
    run([done = std::move(done)]() mutable { done({}); });
  }
  void reboot(Handler<void> done) override {
    run([done = std::move(done)]() mutable { done({}); });
  }
  void modem_power_cycle(Handler<void> done) override {
    run([this, done = std::move(done)]() mutable {
      bay.disturb();
      bay.iron_.module->power_cycle(bay.time_.now());
      verbs.push_front({bay.time_.now() + supply_returns, [this, done = std::move(done)]() mutable {
                          bay.iron_.module->control("return", bay.time_.now());
                          done({});
                        }});
    });
  }
  void install(std::string, std::string, Handler<void> done) override { refuse(std::move(done)); }
  void install_status(Handler<hal::InstallStatus> done) override { refuse(std::move(done)); }
  void install_commit(std::string, Handler<void> done) override { refuse(std::move(done)); }

  RadioBay& bay;
  std::deque<Verb> verbs;
};

RadioBay::RadioBay(Timeline& time, Iron& iron, bool every_poll, Listener listener)
    : time_(time),
      iron_(iron),
      every_poll_(every_poll),
      listener_(std::move(listener)),
      port_(*iron.module, service_),
      radio_(std::make_unique<BayRadio>(*this)),
      board_(std::make_unique<BayBoard>(*this)),
      recovery_(std::make_unique<hal::Recovery>(
          *radio_, *board_,
          hal::Budget("boot-" + std::to_string(iron.boots), boot_time(), iron.radio_budget),
          hal::Recovery::Handlers{
              .report = [this](const hal::StepReport& report) { listener_.step(report); },
              .save = [this](const hal::BudgetMemory& memory) { iron_.radio_budget = memory; },
              .wake = [this] { look_ = true; }})) {
  service_.set_power(true, [](const std::expected<void, hal::Error>&) {}, boot_time());
}

RadioBay::~RadioBay() = default;

hal::Board& RadioBay::board() { return *board_; }
hal::Recovery& RadioBay::recovery() { return *recovery_; }
void RadioBay::refresh() { radio_->refresh(); }

void RadioBay::observe(const hal::LinkUse& use) {
  use_ = use;
  look_ = true;
}

Duration RadioBay::poll_interval() const {
  const hal::ModemTiming timing;
  return registered(service_.facts()) ? timing.poll_registered : timing.poll_unregistered;
}

// When a poll is played that the service wants at `due`: then, if it may differ from the last one,
// else after a long while; always at one of the times at which it would be.
BootTime RadioBay::played(BootTime due) const {
  if (every_poll_ || !port_.is_open() || !service_.resting()) return due;
  const auto interval = poll_interval();
  if (!disturbed_at_) return std::max(due, due + (played_at_least - interval));
  if (*disturbed_at_ <= due) return due;
  return due + interval * ((*disturbed_at_ - due + interval - Duration(1)) / interval);
}

void RadioBay::disturb() {
  if (!disturbed_at_) disturbed_at_ = time_.now();
}

void RadioBay::tick_service() {
  const auto when = service_.deadline();
  if (!when || world_time(*when) > time_.now()) return;
  const auto due = world_time(*when);
  if (played(due) > time_.now()) return;
  if (service_.resting()) {
    ++polls_played_;
    polls_let_by_ += static_cast<std::uint64_t>((time_.now() - due) / poll_interval());
  }
  disturbed_at_.reset();
  service_.tick(boot_time());
  port_.touch();
}

void RadioBay::run() {
  tick_service();
  while (!board_->verbs.empty() && board_->verbs.front().at <= time_.now()) {
    auto verb = std::move(board_->verbs.front());
    board_->verbs.pop_front();
    verb.end();
  }
  if (port_.exchange(time_.now(), boot_time())) {
    for (auto& ended : service_.take_ended()) ended();
    if (service_.take_changed()) {
      disturb();
      look_ = true;
      listener_.changed(service_.facts());
    }
  }
  if (!look_ && recovery_at_ > time_.now()) return;
  look_ = false;
  recovery_->observe(use_, boot_time());
  const auto when = recovery_->deadline(boot_time());
  recovery_at_ = when ? world_time(*when) : never;
}

BootTime RadioBay::deadline() const {
  auto at = port_.is_open() ? never : port_.reopen_at();
  if (const auto when = service_.deadline()) {
    at = std::min(at, played(world_time(*when)));
  }
  at = std::min(at, look_ ? time_.now() : recovery_at_);
  if (!board_->verbs.empty()) at = std::min(at, board_->verbs.front().at);
  return at;
}

}  // namespace oobm::sim
