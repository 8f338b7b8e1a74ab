// How often the state is stored: flash wears with every write. The figures are stated in
// docs/store.md.
#include <gtest/gtest.h>

#include "agent/core/agent_impl.hpp"
#include "tests/unit/core/support/router.hpp"

namespace oobm::core::test {
namespace {

constexpr int most_commits_in_an_idle_year = 500;
constexpr int most_commits_for_a_task = 4;
constexpr int most_commits_for_a_session = 4;
// An idle link's bytes in a day, on the wire (docs/performance.md).
constexpr std::uint64_t idle_bytes_a_day = 20'000;

// In service with the shipped settings, and an ALMS that answers.
class Year {
 public:
  explicit Year(std::uint64_t allowance = 0) {
    auto claims = entitlement_for(placement_of(xr80_na()));
    claims.valid_until = today + days(800);
    if (allowance > 0) claims.data = DataAllowance{allowance, std::string(monthly)};
    alms_ = std::make_unique<Alms>(claims);
    router.world.alms = Alms::answering(*alms_);
    router.boot_and_connect();
    router.tell_time(today);
    router.advance(minutes(1));
    start_ = router.now();
    router.forget();
  }

  void day() {
    for (int hour = 0; hour < 24; ++hour) {
      SpentByUse spent{};
      spent[static_cast<std::size_t>(Use::telemetry)].wire.sent = idle_bytes_a_day / 24;
      router.feed(UsageCounted{Uplink::oobm, spent});
      router.tell_time(wall());
      alms_->claims().base.issued_at = wall();
      router.advance(hours(1));
      commits += static_cast<int>(router.count<Persist>());
      router.forget();
    }
  }
  [[nodiscard]] UnixTime wall() const {
    return today + std::chrono::duration_cast<seconds>(router.now() - start_);
  }

  Router router{{.state = state_in_service()}};
  int commits = 0;

 private:
  std::unique_ptr<Alms> alms_;
  BootTime start_;
};

TEST(Writes, OfAnIdleYearAreFewerThanFiveHundred) {
  Year year;
  for (int day = 0; day < 365; ++day) year.day();
  RecordProperty("commits", year.commits);
  EXPECT_LT(year.commits, most_commits_in_an_idle_year);
  EXPECT_GT(year.commits, 100) << "what was counted is stored every other day";
  EXPECT_EQ(year.router.state().lifecycle, Lifecycle::active);
}

TEST(Writes, OfAnIdleYearAreFewerThanFiveHundredWithTheSmallestAllowanceToo) {
  Year year(1'000'000);
  for (int day = 0; day < 365; ++day) year.day();
  EXPECT_LT(year.commits, most_commits_in_an_idle_year);
}

TEST(Writes, OfATaskAreBounded) {
  Year year;
  for (const bool runs : {false, true}) {
    year.router.forget();
    constexpr int tasks = 100;
    for (int i = 0; i < tasks; ++i) {
      const auto uid = (runs ? "r" : "w") + std::to_string(i);
      const auto issued = static_cast<std::uint64_t>(year.wall().seconds) * 1000;
      year.router.feed(TaskArrived{{.uid = uid,
                                    .body = runs ? TaskBody(Diagnose{}) : TaskBody(SyncTask{}),
                                    .issued_ms = issued}});
      if (runs) year.router.feed(TaskFinished{{.uid = uid, .ok = true, .message = {}}});
      year.router.advance(seconds(10));
    }
    EXPECT_LE(year.router.count<Persist>(), tasks * most_commits_for_a_task) << runs;
  }
}

TEST(Writes, OfASessionAreBounded) {
  Year year;
  constexpr int sessions = 100;
  for (int i = 0; i < sessions; ++i) {
    year.router.feed(SessionClosed{refused_login});
    year.router.advance(hours(2));
  }
  EXPECT_GE(year.router.count<Connect>(), 100U);
  EXPECT_LE(year.router.count<Persist>(), sessions * most_commits_for_a_session);
}

}  // namespace
}  // namespace oobm::core::test
