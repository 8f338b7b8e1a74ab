// A Recovery between a radio and a board that a test scripts, in virtual time. Answers come on the
// next tick, fail as told, or are kept back.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hal/recovery/recovery.hpp"

namespace oobm::hal {

// Requests that wait for their answer, in order.
class Answers {
 public:
  void add(std::move_only_function<void()> answer) { waiting_.push_back(std::move(answer)); }
  void give_oldest() {
    auto answer = std::move(waiting_.front());
    waiting_.pop_front();
    answer();
  }
  void give_all() {
    for (auto count = waiting_.size(); count > 0; --count) give_oldest();
  }
  [[nodiscard]] bool empty() const { return waiting_.empty(); }

 private:
  std::deque<std::move_only_function<void()>> waiting_;
};

class ScriptedRadio final : public Radio {
 public:
  explicit ScriptedRadio(std::vector<std::string>& calls) : calls_(calls) {}

  void start(ChangeHandler) override {}
  void stop() override {}
  [[nodiscard]] const RadioFacts& facts() const override { return facts_; }
  void set_power(bool on, DoneHandler done) override { answer(on ? "on" : "off", std::move(done)); }
  void reset(DoneHandler done) override { answer("reset", std::move(done)); }
  void reattach(DoneHandler done) override { answer("reattach", std::move(done)); }
  void command(RawCommand, RawHandler) override { calls_.emplace_back("command"); }
  void refresh() override { calls_.emplace_back("refresh"); }

  void change(const std::function<void(RadioFacts&)>& edit) { edit(facts_); }

  std::optional<Error> fail;  // of every request
  bool hangs = false;
  Answers answers;

 private:
  void answer(std::string call, DoneHandler done) {
    calls_.push_back(std::move(call));
    answers.add([done = std::move(done), error = fail]() mutable {
      if (error)
        done(std::unexpected(*error));
      else
        done({});
    });
  }

  std::vector<std::string>& calls_;
  RadioFacts facts_;
};

class ScriptedBoard final : public Board {
 public:
  explicit ScriptedBoard(std::vector<std::string>& calls) : calls_(calls) {}

  void identity(Handler<BoardIdentity> done) override { answer("identity", std::move(done)); }
  void bearer_up(BearerRequest, Handler<BearerStatus> done) override {
    answer("bearer-up", std::move(done));
  }
  void bearer_down(Handler<void> done) override { answer("bearer-down", std::move(done)); }
  void bearer_status(Handler<BearerStatus> done) override {
    answer("bearer-status", std::move(done));
  }
  void wan_status(Handler<WanStatus> done) override { answer("wan-status", std::move(done)); }
  void led(Led, Handler<void> done) override { answer("led", std::move(done)); }
  void reboot(Handler<void> done) override { answer("reboot", std::move(done)); }
  void modem_power_cycle(Handler<void> done) override {
    answer("modem-power-cycle", std::move(done));
  }
  void install(std::string, std::string, Handler<void> done) override {
    answer("install", std::move(done));
  }
  void install_status(Handler<InstallStatus> done) override {
    answer("install-status", std::move(done));
  }
  void install_commit(std::string, Handler<void> done) override {
    answer("install-commit", std::move(done));
  }

  void answer_oldest() { answers.give_oldest(); }

  std::map<std::string, Error> fail;  // by verb
  bool hangs = false;
  Answers answers;

 private:
  template <class T>
  void answer(const std::string& verb, Handler<T> done) {
    calls_.push_back(verb);
    const auto found = fail.find(verb);
    const auto error = found == fail.end() ? std::nullopt : std::optional(found->second);
    answers.add([done = std::move(done), error]() mutable {
      if (error)
        done(std::unexpected(*error));
      else
        done(std::expected<T, Error>{});
    });
  }

  std::vector<std::string>& calls_;
};

class RecoveryBench {
 public:
  RecoveryBench() {
    recovery = std::make_unique<Recovery>(
        radio, board, Budget("boot", now),
        Recovery::Handlers{
            .report = [this](const StepReport& report) { reports.push_back(report); },
            .save = [this](const BudgetMemory& memory) { saved.push_back(memory); },
            .wake = [] {}});
    registered();
  }

  void registered() {
    set([](RadioFacts& facts) { facts.registration = Registration::home; });
  }
  void searching() {
    set([](RadioFacts& facts) { facts.registration = Registration::searching; });
  }
  void silent() {
    set([](RadioFacts& facts) { facts.port = PortState::silent; });
  }
  void denied(int cause) {
    set([&](RadioFacts& facts) {
      facts.registration = Registration::denied;
      facts.reject = RejectCause{.value = cause, .at = now};
    });
  }
  void path_fails() {
    recovery->path_result(false, now);
    use(use_);
  }
  void use(const LinkUse& wish) {
    use_ = wish;
    recovery->observe(use_, now);
  }

  // Lets time pass; answers arrive within a second, unless they are kept back.
  void pass(core::Duration time) {
    const auto end = now + time;
    while (now < end) {
      if (!radio.hangs) radio.answers.give_all();
      if (!board.hangs) board.answers.give_all();
      const bool waits =
          !(radio.answers.empty() || radio.hangs) || !(board.answers.empty() || board.hangs);
      const auto next = recovery->deadline(now).value_or(end);
      const auto step = waits ? std::min(next, now + std::chrono::seconds(1)) : next;
      now = std::min(end, std::max(step, now + core::Duration(1)));
      recovery->tick(now);
    }
  }

  [[nodiscard]] const std::vector<std::string>& calls() const { return calls_; }

 private:
  std::vector<std::string> calls_;

 public:
  core::BootTime now{std::chrono::minutes(1)};
  ScriptedRadio radio{calls_};
  ScriptedBoard board{calls_};
  std::unique_ptr<Recovery> recovery;
  std::vector<StepReport> reports;
  std::vector<BudgetMemory> saved;

 private:
  void set(const std::function<void(RadioFacts&)>& edit) {
    radio.change([&](RadioFacts& facts) {
      facts.port = PortState::ok;
      facts.power = RadioPower::on;
      facts.sim = SimState::ready;
      edit(facts);
    });
    recovery->observe(use_, now);
  }

  LinkUse use_{.wanted = true, .bearer_kept = true};
};

}  // namespace oobm::hal
