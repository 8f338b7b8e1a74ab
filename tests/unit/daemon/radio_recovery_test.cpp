// Rule: only failures of the network on the OOBM uplink's own sessions are the radio's, a router
// that wants no link has no recovery, and what was done to the radio is stored before it is done.
#include "agent/daemon/radio_recovery.hpp"

#include <filesystem>
#include <fstream>

#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "agent/daemon/status_json.hpp"
#include "agent/uplink/failure.hpp"
#include "hal/fake/fake_board.hpp"
#include "hal/fake/fake_radio.hpp"
#include "tests/unit/daemon/temp_folder.hpp"

namespace oobm::daemon {
namespace {

using core::Lifecycle;
using core::LinkPhase;
using core::Uplink;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

core::Status status(Lifecycle lifecycle, LinkPhase phase = LinkPhase::idle) {
  core::Status status;
  status.lifecycle = lifecycle;
  status.phase = phase;
  return status;
}

core::SessionClosed closed(uplink::Code code) {
  return {{.reason = core::Reason::uplink_failed,
           .code = std::string(uplink::name(code)),
           .sentence = {}}};
}

// ---- what is wanted

TEST(LinkUse, ABlockedRouterWantsNothing) {
  for (const auto phase : {LinkPhase::idle, LinkPhase::waiting_for_radio}) {
    auto blocked = status(Lifecycle::active, phase);
    blocked.blocked = true;
    EXPECT_FALSE(link_use(blocked, Uplink::oobm).wanted);
  }
}

TEST(LinkUse, ASuspendedRouterWantsNothingBetweenItsProbes) {
  for (const auto state : {Lifecycle::suspended, Lifecycle::retired}) {
    EXPECT_FALSE(link_use(status(state), Uplink::oobm).wanted);
    EXPECT_TRUE(link_use(status(state, LinkPhase::waiting_for_radio), Uplink::oobm).wanted);
    EXPECT_FALSE(link_use(status(state, LinkPhase::connecting), Uplink::main_wan).wanted);
  }
}

TEST(LinkUse, ServiceKeepsTheBearerAndRegistrationDialsForEachAttempt) {
  EXPECT_TRUE(link_use(status(Lifecycle::active), Uplink::oobm).bearer_kept);
  const auto registering = link_use(status(Lifecycle::unregistered), Uplink::oobm);
  EXPECT_TRUE(registering.wanted);
  EXPECT_FALSE(registering.bearer_kept);
}

TEST(LinkUse, AnAttemptOverTheMainWanIsNoneOverTheRadio) {
  const auto connecting = status(Lifecycle::active, LinkPhase::connecting);
  EXPECT_TRUE(link_use(connecting, Uplink::oobm).attempting);
  EXPECT_FALSE(link_use(connecting, Uplink::main_wan).attempting);
  auto online = status(Lifecycle::active, LinkPhase::online);
  online.uplink = Uplink::main_wan;
  EXPECT_FALSE(link_use(online, Uplink::main_wan).online);
  online.uplink = Uplink::oobm;
  EXPECT_TRUE(link_use(online, Uplink::oobm).online);
}

// ---- what a session shows

TEST(PathShown, ByFailuresOfTheNetworkAlone) {
  using enum uplink::Code;
  const std::vector dead{interface_missing, dns_timeout, route_unreachable, tcp_timeout,
                         keepalive_lost};
  for (const auto& row : uplink::code_table()) {
    const auto shown = path_shown(closed(row.code), Uplink::oobm);
    if (std::ranges::contains(dead, row.code))
      EXPECT_EQ(shown, false) << row.name;
    else
      EXPECT_EQ(shown, std::nullopt) << row.name;
  }
}

TEST(PathShown, NotByTheMainWan) {
  EXPECT_EQ(path_shown(closed(uplink::Code::tcp_timeout), Uplink::main_wan), std::nullopt);
  EXPECT_EQ(path_shown(core::SessionReady{.uplink = Uplink::main_wan}, Uplink::main_wan),
            std::nullopt);
  EXPECT_EQ(path_shown(core::SessionReady{.uplink = Uplink::oobm}, Uplink::oobm), true);
}

// ---- what is stored

class RecoveryMemoryTest : public testing::Test {
 protected:
  [[nodiscard]] std::string folder() const { return files_ / ""; }
  [[nodiscard]] std::string slot(char name) const {
    return files_ / (std::string(recovery_folder) + "/state-" + name + ".json");
  }
  [[nodiscard]] auto load() const { return RecoveryMemory(folder()).load(now); }

  static constexpr core::BootTime now{std::chrono::hours(30)};

  static hal::BudgetMemory sample() {
    hal::BudgetMemory memory{.boot_id = "0a", .at = now, .counted = std::chrono::hours(90)};
    memory.steps[2] = {.pause = std::chrono::hours(2),
                       .taken = {std::chrono::hours(80), std::chrono::hours(85)}};
    return memory;
  }

 private:
  TempFolder files_;
};

TEST_F(RecoveryMemoryTest, NothingStoredIsAFirstStart) { EXPECT_EQ(load(), std::nullopt); }

TEST_F(RecoveryMemoryTest, ComesBackAsStoredAndIsNobodyElses) {
  RecoveryMemory memory(folder());
  ASSERT_EQ(memory.load(now), std::nullopt);
  ASSERT_TRUE(memory.save(sample()));
  EXPECT_EQ(load(), sample());
  const auto mode = std::filesystem::status(folder() + "/" + recovery_folder).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_all);
}

TEST_F(RecoveryMemoryTest, ATornSlotFallsBackToTheOther) {
  RecoveryMemory memory(folder());
  (void)memory.load(now);
  ASSERT_TRUE(memory.save({}));
  ASSERT_TRUE(memory.save(sample()));
  std::ofstream(slot('b')) << "torn";
  EXPECT_EQ(load(), hal::BudgetMemory{});
}

TEST_F(RecoveryMemoryTest, NothingReadableLeavesOneUseOfEachStep) {
  RecoveryMemory memory(folder());
  (void)memory.load(now);
  ASSERT_TRUE(memory.save(sample()));
  std::ofstream(slot('a')) << "torn";
  RecoveryMemory next(folder());
  const hal::Budget budget("0a", now, next.load(now));
  for (const auto& row : hal::step_rules()) EXPECT_EQ(budget.left(row.step, now), 1U) << row.name;
  EXPECT_THAT(next.remarks(), testing::Contains(HasSubstr("cannot be read")));
}

TEST(RecoveryJson, RefusesWhatIsNoSuchDocument) {
  const auto good = to_json(hal::BudgetMemory{});
  ASSERT_TRUE(recovery_from_json(good));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(recovery_from_json(good.substr(0, length))) << length;
  for (
      const auto* text :
      {"null", "[]", "{}", R"({"boot_id":1,"at_ms":1,"counted_ms":1,"steps":{}})",
       R"({"boot_id":"","at_ms":1e300,"counted_ms":1,"steps":{}})",
       R"({"boot_id":"","at_ms":1,"counted_ms":9223372036854775807,"steps":{}})",
       R"({"boot_id":"","at_ms":1,"counted_ms":1,"steps":{"redial":[]}})",
       R"({"boot_id":"","at_ms":1,"counted_ms":1,"steps":{"redial":{"pause_ms":0,"taken_ms":[1,2,3,4,5,6,7,8,9]}}})"})
    EXPECT_FALSE(recovery_from_json(text)) << text;
}

// ---- joined

TEST(RadioRecovery, ASubscriptionThatWasJustActivatedCyclesTheRadioAndIsStoredFirst) {
  asio::io_context loop;
  TempFolder files;
  hal::FakeRadio radio(loop.get_executor());
  hal::FakeBoard board(loop.get_executor());
  std::vector<std::string> notes;
  RadioRecovery recovery(loop, files / "", radio, board,
                         [&](core::Reason, std::string text) { notes.push_back(std::move(text)); });
  EXPECT_THAT(recovery.remarks(), IsEmpty());
  recovery.observe({.wanted = true, .bearer_kept = true});
  recovery.cycle_radio();
  // Stored already, and nothing has been done yet.
  EXPECT_FALSE(radio.power_wish);
  const auto stored = RecoveryMemory(files / "").load(boot_now());
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->steps[std::to_underlying(hal::RecoveryStep::function_cycle)].taken.size(), 1U);
  while (notes.size() < 2) ASSERT_GT(loop.run_one(), 0U);
  EXPECT_EQ(radio.power_wish, true);
  EXPECT_THAT(board.calls, ElementsAre("bearer-down"));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("because the subscription was activated"),
                                 "radio off and on: done"));
  const auto view = recovery.view();
  EXPECT_EQ(view.steps_taken, 1U);
  const auto told = nlohmann::json::parse(
      status_json(status(Lifecycle::active), radio.facts(), boot_now(), &view));
  const auto& shown = told.at("radio").at("recovery");
  EXPECT_EQ(shown.at("last").at("step"), "function_cycle");
  EXPECT_EQ(shown.at("last").at("outcome"), "done");
  EXPECT_EQ(shown.at("left_today").at("function_cycle"),
            hal::rule(hal::RecoveryStep::function_cycle).per_day - 1);
  recovery.stop();
}

TEST(RadioRecovery, AResetThatAlmsOrdersIsOneOfTheDaysResets) {
  asio::io_context loop;
  TempFolder files;
  hal::FakeRadio radio(loop.get_executor());
  hal::FakeBoard board(loop.get_executor());
  std::vector<std::string> notes;
  RadioRecovery recovery(loop, files / "", radio, board,
                         [&](core::Reason, std::string text) { notes.push_back(std::move(text)); });
  const auto allowed = hal::rule(hal::RecoveryStep::module_reset).per_day;
  std::vector<std::expected<void, hal::Error>> results;
  for (std::size_t i = 0; i <= allowed; ++i) {
    recovery.reset_module([&](auto result) { results.push_back(std::move(result)); });
    ASSERT_EQ(results.size(), i) << "never inside the call";
    while (results.size() == i) ASSERT_GT(loop.run_one(), 0U);
  }
  EXPECT_EQ(radio.resets, static_cast<int>(allowed));
  for (std::size_t i = 0; i < allowed; ++i) EXPECT_TRUE(results[i]) << results[i].error().text;
  ASSERT_FALSE(results.back());
  EXPECT_EQ(results.back().error().code, hal::ErrorCode::limit_reached);
  EXPECT_THAT(notes.front(), HasSubstr("reset of the module, because ALMS ordered it; 2 more"));
  const auto stored = RecoveryMemory(files / "").load(boot_now());
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->steps[std::to_underlying(hal::RecoveryStep::module_reset)].taken.size(),
            allowed);
  recovery.stop();
}

class DeadBearer : public testing::Test {
 protected:
  DeadBearer()
      : recovery(loop, files / "", radio, board,
                 [this](core::Reason, std::string text) { notes.push_back(std::move(text)); }) {}
  void TearDown() override { recovery.stop(); }

  void bearer_comes_up() { recovery.heard(core::BearerUpDone{"ppp0", "10.64.0.2"}, Uplink::oobm); }
  void module_restarts_after(core::BootTime last_seen_well) {
    radio.change([&](hal::RadioFacts& facts) {
      ++facts.resets;
      facts.last_reset_reason = "settings lost";
      facts.last_reset_after = last_seen_well;
      facts.last_reset_at = boot_now();
    });
    look();
  }
  void look() {
    recovery.observe({.wanted = true, .bearer_kept = true, .online = true});
    loop.poll();
    loop.restart();
  }
  static core::BootTime later() { return boot_now() + core::Duration(1); }

  asio::io_context loop;
  TempFolder files;
  hal::FakeRadio radio{loop.get_executor()};
  hal::FakeBoard board{loop.get_executor()};
  std::vector<std::string> notes;
  RadioRecovery recovery;
};

TEST_F(DeadBearer, IsLeftAloneWhenItMayHaveBeenDialledAfterTheRestart) {
  const core::BootTime before{boot_now().since_boot - core::Duration(1)};
  bearer_comes_up();
  module_restarts_after(before);
  EXPECT_THAT(board.calls, IsEmpty());
}

TEST_F(DeadBearer, IsLeftAloneByAnythingElseThatChanges) {
  bearer_comes_up();
  radio.change([](hal::RadioFacts& facts) { facts.port = hal::PortState::absent; });
  look();
  EXPECT_THAT(board.calls, IsEmpty());
}

TEST_F(DeadBearer, IsNoneWhereNoneCameUp) {
  module_restarts_after(later());
  EXPECT_THAT(board.calls, IsEmpty());
}

TEST_F(DeadBearer, IsTakenDownOnceForEachRestart) {
  bearer_comes_up();
  module_restarts_after(later());
  look();
  EXPECT_THAT(board.calls, ElementsAre("bearer-down"));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("the module restarted (settings lost)")));
  module_restarts_after(later());
  EXPECT_THAT(board.calls, ElementsAre("bearer-down")) << "it is down already";
}

TEST_F(DeadBearer, IsLeftToTheStepThatRestartedTheModule) {
  bearer_comes_up();
  recovery.reset_module([](auto) {});
  module_restarts_after(later());
  while (radio.resets == 0) ASSERT_GT(loop.run_one(), 0U);
  look();
  EXPECT_THAT(board.calls, ElementsAre("bearer-down")) << "the step's own";
}

TEST(RadioRecovery, ABoardWithoutAHelperIsNotTheRadiosFault) {
  asio::io_context loop;
  TempFolder files;
  hal::FakeRadio radio(loop.get_executor());
  hal::FakeBoard board(loop.get_executor());
  radio.change([](hal::RadioFacts& facts) {
    facts.port = hal::PortState::ok;
    facts.registration = hal::Registration::home;
  });
  RadioRecovery recovery(loop, files / "", radio, board, [](core::Reason, const std::string&) {});
  const auto trouble_after = [&](hal::ErrorCode code) {
    recovery.heard(core::BearerFailed{{.reason = core::Reason::bearer_down,
                                       .code = std::string(hal::to_string(code)),
                                       .sentence = {}}},
                   Uplink::oobm);
    recovery.observe({.wanted = true, .bearer_kept = true});
    return recovery.view().trouble;
  };
  EXPECT_EQ(trouble_after(hal::ErrorCode::helper_missing), hal::Trouble::none);
  EXPECT_EQ(trouble_after(hal::ErrorCode::helper_unsupported), hal::Trouble::none);
  EXPECT_EQ(trouble_after(hal::ErrorCode::helper_timeout), hal::Trouble::bearer_failing);
  recovery.stop();
}

}  // namespace
}  // namespace oobm::daemon
