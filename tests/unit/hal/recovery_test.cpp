// Rule: one step at a time, counted before it begins, announced with its reason, ended within its
// limit, and transmission that was switched off is switched on again whatever happens.
#include "hal/recovery/recovery.hpp"

#include <gmock/gmock.h>

#include "tests/unit/hal/recovery_bench.hpp"

namespace oobm::hal {
namespace {

using namespace std::chrono_literals;
using enum RecoveryStep;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr LinkUse kept{.wanted = true, .bearer_kept = true};

Error failure(ErrorCode code, std::string text) { return {code, std::move(text)}; }

TEST(Recovery, ABoardThatNeverAnswersCostsAPartsLimitAndTheRestGoesOn) {
  RecoveryBench bench;
  bench.board.hangs = true;
  bench.path_fails();
  bench.pass(6min);
  EXPECT_THAT(bench.calls(), ElementsAre("bearer-down"));
  bench.pass(Recovery::part_limit);
  EXPECT_THAT(bench.calls(), ElementsAre("bearer-down", "bearer-up"));
  bench.pass(Recovery::part_limit);
  ASSERT_EQ(bench.reports.size(), 2U);
  EXPECT_EQ(bench.reports.back().phase, StepReport::Phase::failed);
  EXPECT_THAT(bench.reports.back().error, HasSubstr("did not end in time"));
}

TEST(Recovery, AnAnswerThatComesAfterItsPartWasGivenUpIsNobodys) {
  RecoveryBench bench;
  bench.board.hangs = true;
  bench.path_fails();
  bench.pass(6min + Recovery::part_limit);
  ASSERT_THAT(bench.calls(), ElementsAre("bearer-down", "bearer-up"));
  bench.board.answer_oldest();  // bearer-down
  bench.pass(1s);
  EXPECT_EQ(bench.reports.size(), 1U);
  bench.board.answer_oldest();  // bearer-up
  bench.pass(1s);
  ASSERT_EQ(bench.reports.size(), 2U);
  EXPECT_EQ(bench.reports.back().phase, StepReport::Phase::done);
}

TEST(Recovery, SwitchesTransmissionOnAgainWhenSwitchingItOffFailed) {
  RecoveryBench bench;
  bench.radio.fail = failure(ErrorCode::modem_silent, "no answer");
  bench.searching();
  bench.pass(61min);
  EXPECT_THAT(bench.calls(), ElementsAre("bearer-down", "off", "on"));
  EXPECT_EQ(bench.reports.back().phase, StepReport::Phase::failed);
  EXPECT_EQ(bench.reports.back().error, "no answer");
}

TEST(Recovery, SwitchesTransmissionOnAgainWhenSwitchingItOffNeverEnded) {
  RecoveryBench bench;
  bench.radio.hangs = true;
  bench.searching();
  bench.pass(61min + Recovery::part_limit);
  EXPECT_THAT(bench.calls(), ElementsAre("bearer-down", "off", "on"));
}

TEST(Recovery, DoesNotAskABoardAgainThatCannotCutThePower) {
  RecoveryBench bench;
  bench.board.fail["modem-power-cycle"] = failure(ErrorCode::helper_unsupported, "cannot");
  bench.silent();
  bench.pass(240h);
  EXPECT_THAT(bench.calls(), ElementsAre("bearer-down", "modem-power-cycle"));
  EXPECT_EQ(bench.recovery->view(bench.now).next, std::nullopt);
}

TEST(Recovery, AsksABoardAgainThatFailedToCutThePower) {
  RecoveryBench bench;
  bench.board.fail["modem-power-cycle"] = failure(ErrorCode::helper_failed, "relay stuck");
  bench.silent();
  bench.pass(6h);
  EXPECT_EQ(std::ranges::count(bench.calls(), "modem-power-cycle"), 2);
}

TEST(Recovery, CountsAStepBeforeItBegins) {
  RecoveryBench bench;
  bench.silent();
  bench.board.hangs = true;
  bench.pass(16min);
  ASSERT_EQ(bench.saved.size(), 1U);
  // The router goes down with the module. The next boot knows of the step.
  EXPECT_EQ(Budget("next", core::BootTime{1min}, bench.saved.back())
                .left(power_cycle, core::BootTime{1min}),
            rule(power_cycle).per_day - 1);
}

TEST(Recovery, TakesNoStepWhileAnotherRuns) {
  RecoveryBench bench;
  bench.board.hangs = true;
  bench.path_fails();
  bench.pass(6min);
  bench.recovery->ask_for_function_cycle(bench.now);
  bench.silent();
  bench.pass(5min);
  EXPECT_THAT(bench.calls(), ElementsAre("bearer-down"));
  bench.board.hangs = false;
  bench.registered();
  bench.pass(10min);
  EXPECT_THAT(bench.calls(), ElementsAre("bearer-down", "bearer-up", "bearer-down", "off", "on"));
}

TEST(Recovery, RefusesWhatItIsAskedForBeyondTheCap) {
  RecoveryBench bench;
  for (std::size_t i = 0; i <= rule(function_cycle).per_day; ++i) {
    bench.recovery->ask_for_function_cycle(bench.now);
    bench.pass(1min);
  }
  EXPECT_EQ(std::ranges::count(bench.calls(), "off"),
            static_cast<std::ptrdiff_t>(rule(function_cycle).per_day));
  EXPECT_EQ(bench.reports.back().phase, StepReport::Phase::failed);
  EXPECT_EQ(bench.reports.back().cause, StepReport::Cause::activation);
}

// ---- ordered from outside

using Results = std::vector<std::expected<void, Error>>;

void order(RecoveryBench& bench, Results& results, RecoveryStep step = module_reset) {
  bench.recovery->order(step, [&](auto result) { results.push_back(result); }, bench.now);
}

TEST(Recovery, RefusesAnOrderBeyondTheCapAndSaysWhenItMayComeAgain) {
  RecoveryBench bench;
  Results results;
  const auto allowed = rule(module_reset).per_day;
  for (std::size_t i = 0; i <= allowed; ++i) {
    order(bench, results);
    bench.pass(1min);
  }
  ASSERT_EQ(results.size(), allowed + 1);
  for (std::size_t i = 0; i < allowed; ++i) EXPECT_TRUE(results[i]);
  ASSERT_FALSE(results.back());
  EXPECT_EQ(results.back().error().code, ErrorCode::limit_reached);
  EXPECT_THAT(
      results.back().error().text,
      HasSubstr("was done 3 times, which is all that a day allows; order it again in 24 h 2"));
  EXPECT_EQ(std::ranges::count(bench.calls(), "reset"), static_cast<std::ptrdiff_t>(allowed));
  bench.pass(cap_span);
  order(bench, results);
  bench.pass(1min);
  EXPECT_TRUE(results.back());
}

TEST(Recovery, NoStartOfTheAgentGivesBackWhatOrdersHaveUsed) {
  RecoveryBench bench;
  Results results;
  for (std::size_t i = 0; i < rule(module_reset).per_day; ++i) {
    order(bench, results);
    bench.pass(1min);
  }
  const core::BootTime next{1min};
  Recovery after(bench.radio, bench.board, Budget("next", next, bench.saved.back()),
                 {.report = [](const auto&) {}, .save = [](const auto&) {}, .wake = [] {}});
  after.order(module_reset, [&](auto result) { results.push_back(result); }, next);
  ASSERT_FALSE(results.back());
  EXPECT_EQ(results.back().error().code, ErrorCode::limit_reached);
}

TEST(Recovery, OrderedResetsLeaveNoneToTheLadder) {
  RecoveryBench bench;
  Results results;
  for (std::size_t i = 0; i < rule(module_reset).per_day; ++i) {
    order(bench, results);
    bench.pass(1min);
  }
  bench.searching();
  bench.pass(20h);
  EXPECT_EQ(std::ranges::count(bench.calls(), "reset"),
            static_cast<std::ptrdiff_t>(rule(module_reset).per_day));
  EXPECT_GT(std::ranges::count(bench.calls(), "modem-power-cycle"), 0) << "the other steps go on";
}

TEST(Recovery, AnOrderWaitsForTheStepUnderWayAndASecondOneIsRefused) {
  RecoveryBench bench;
  Results results;
  bench.board.hangs = true;
  bench.path_fails();
  bench.pass(6min);
  ASSERT_THAT(bench.calls(), ElementsAre("bearer-down"));
  order(bench, results);
  order(bench, results);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].error().code, ErrorCode::queue_full);
  bench.board.hangs = false;
  bench.pass(1min);
  EXPECT_THAT(bench.calls(), ElementsAre("bearer-down", "bearer-up", "bearer-down", "reset"));
  ASSERT_EQ(results.size(), 2U);
  EXPECT_TRUE(results[1]);
  EXPECT_EQ(bench.reports.back().cause, StepReport::Cause::order);
}

TEST(Recovery, AnOrderIsCountedBeforeItBeginsAndEndsWithWhatFailed) {
  RecoveryBench bench;
  Results results;
  bench.radio.fail = failure(ErrorCode::modem_refused, "not now");
  order(bench, results);
  EXPECT_THAT(bench.calls(), ElementsAre("bearer-down"));
  ASSERT_EQ(bench.saved.size(), 1U);
  EXPECT_EQ(Budget("next", bench.now, bench.saved.back()).left(module_reset, bench.now),
            rule(module_reset).per_day - 1);
  bench.pass(1min);
  ASSERT_EQ(results.size(), 1U);
  ASSERT_FALSE(results.front());
  EXPECT_EQ(results.front().error().code, ErrorCode::modem_refused);
  EXPECT_EQ(results.front().error().text, "not now");
}

TEST(Recovery, SaysWhatItDoesAndWhy) {
  RecoveryBench bench;
  bench.denied(7);
  bench.pass(13h);
  ASSERT_EQ(bench.reports.size(), 2U);
  const auto& begun = bench.reports[0];
  EXPECT_EQ(begun.phase, StepReport::Phase::begun);
  EXPECT_EQ(begun.step, function_cycle);
  EXPECT_EQ(begun.trouble, Trouble::sim_refused);
  EXPECT_EQ(begun.emm_cause, 7);
  EXPECT_EQ(begun.left_today, rule(function_cycle).per_day - 1);
  EXPECT_EQ(bench.reports[1].phase, StepReport::Phase::done);
  const auto view = bench.recovery->view(bench.now);
  EXPECT_EQ(view.steps_taken, 1U);
  EXPECT_EQ(view.last->step, function_cycle);
  EXPECT_EQ(view.left_today[std::to_underlying(function_cycle)], rule(function_cycle).per_day - 1);
}

TEST(Recovery, ReattachesThroughTheRadio) {
  RecoveryBench bench;
  bench.radio.change([](RadioFacts& facts) { facts.registration = Registration::not_registered; });
  bench.use(kept);
  bench.pass(11min);
  EXPECT_THAT(bench.calls(), ElementsAre("bearer-down", "reattach"));
}

TEST(Recovery, LeavesTheRadioAloneWhileNobodyWantsTheLink) {
  RecoveryBench bench;
  bench.silent();
  bench.use({});
  bench.pass(240h);
  EXPECT_THAT(bench.calls(), IsEmpty());
  EXPECT_THAT(bench.saved, IsEmpty());
}

TEST(Recovery, CanBeDestroyedWhileAnAnswerIsOnItsWay) {
  RecoveryBench bench;
  bench.board.hangs = true;
  bench.path_fails();
  bench.pass(6min);
  bench.recovery.reset();
  bench.board.answer_oldest();
  EXPECT_EQ(bench.reports.size(), 1U);
}

}  // namespace
}  // namespace oobm::hal
