// Terms, suspension, renewal: the states of a system in ALMS.
#include "tests/alms-sim/subscription.hpp"

#include "tests/unit/alms-sim/fixture.hpp"

namespace oobm::alms_sim {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

class SubscriptionTest : public AlmsTest {
 protected:
  std::string state() { return to_text(system().state); }
  System& system() { return platform_.world().systems.at(test_serial); }
  std::int64_t date(int year, unsigned month, unsigned day) {
    const std::chrono::year_month_day at{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
    return seconds_count(std::chrono::sys_days{at});
  }
  std::string last_sim() {
    sent();
    return last_outputs_.sims.empty() ? "" : last_outputs_.sims.back().value;
  }
};

TEST_F(SubscriptionTest, ActsOnUnknownSystemsAreRefused) {
  for (const char* verb :
       {"activate", "purchase-order", "suspend", "resume", "retire", "deregister"}) {
    EXPECT_EQ(on_system(verb)["error"], "UNKNOWN_SYSTEM") << verb;
  }
}

TEST_F(SubscriptionTest, EachActNeedsItsState) {
  const std::tuple<SystemState, const char*> illegal[] = {
      {SystemState::inventory, "suspend"},  {SystemState::inventory, "resume"},
      {SystemState::active, "activate"},    {SystemState::active, "resume"},
      {SystemState::suspended, "activate"}, {SystemState::suspended, "suspend"},
      {SystemState::retired, "activate"},   {SystemState::retired, "resume"},
      {SystemState::retired, "suspend"},    {SystemState::retired, "purchase-order"}};
  enrol();
  for (const auto& [from, verb] : illegal) {
    system().state = from;
    EXPECT_EQ(on_system(verb)["error"], "WRONG_STATE") << to_text(from) << " " << verb;
    EXPECT_EQ(system().state, from);
  }
}

TEST_F(SubscriptionTest, TermsOutOfRangeAreRefused) {
  enrol();
  for (const Json& term : {Json{{"months", 0}}, Json{{"months", 121}}, Json{{"term_seconds", 0}},
                           Json{{"grace_seconds", -1}}, Json{{"grace_seconds", 2'592'001}}}) {
    EXPECT_EQ(on_system("purchase-order", term)["error"], "BAD_TERM") << term;
  }
  EXPECT_EQ(on_system("purchase-order", {{"months", "many"}})["error"], "BAD_ARGUMENT");
  EXPECT_EQ(state(), "INVENTORY");
}

TEST_F(SubscriptionTest, WaitsInInventoryWithoutATermAndWithADormantSim) {
  enrol();
  EXPECT_EQ(state(), "INVENTORY");
  EXPECT_EQ(system().valid_until_s, 0);
  EXPECT_EQ(last_sim(), "dormant");
}

TEST_F(SubscriptionTest, TermIsAYearUnlessTheOrderSaysOtherwise) {
  enrol();
  on_system("purchase-order");
  EXPECT_EQ(state(), "ACTIVE");
  EXPECT_EQ(system().valid_until_s, date(2027, 1, 31));
  EXPECT_EQ(last_sim(), "active");
  on_system("purchase-order", {{"months", 36}, {"upfront", true}});
  EXPECT_EQ(system().valid_until_s, date(2029, 1, 31));
}

// The renewal example of the account migration page: registered in January, an order for three more
// years in October extends from the end of the first year.
TEST_F(SubscriptionTest, OrderExtendsFromTheEndOfTheRunningTerm) {
  enrol();
  on_system("activate");
  now_ += days{270};
  on_system("purchase-order", {{"months", 36}});
  EXPECT_EQ(system().valid_until_s, date(2030, 1, 31));
}

TEST_F(SubscriptionTest, TermEndsOnTheLastDayOfAShorterMonth) {
  enrol();
  on_system("activate", {{"months", 1}});
  EXPECT_EQ(system().valid_until_s, date(2026, 2, 28));
}

TEST_F(SubscriptionTest, SuspendsNotASecondBeforeTermAndGraceAreOver) {
  enrol();
  on_system("activate", {{"term_seconds", 10}, {"grace_seconds", 5}});
  now_ += seconds{14};
  EXPECT_FALSE(desk_.tick(now_));
  EXPECT_EQ(state(), "ACTIVE");
  now_ += seconds{1};
  EXPECT_TRUE(desk_.tick(now_));
  EXPECT_EQ(state(), "SUSPENDED");
  EXPECT_EQ(last_sim(), "suspended");
  EXPECT_EQ(on_system("resume")["error"], "TERM_ENDED");
}

TEST_F(SubscriptionTest, OrderBringsALapsedSystemBackFromToday) {
  enrol();
  on_system("activate", {{"term_seconds", 1}, {"grace_seconds", 0}});
  now_ += hours{1};
  desk_.tick(now_);
  on_system("purchase-order", {{"term_seconds", 60}});
  EXPECT_EQ(state(), "ACTIVE");
  EXPECT_EQ(system().valid_until_s, seconds_count(to_seconds(now_)) + 60);
  EXPECT_EQ(last_sim(), "active");
}

TEST_F(SubscriptionTest, DirectBillingRenewsItselfAndTakesNoOrders) {
  enrol("card");
  EXPECT_EQ(on_system("purchase-order")["error"], "DIRECT_BILLING");
  on_system("activate");
  now_ += days{365} + seconds{1};
  EXPECT_TRUE(desk_.tick(now_));
  EXPECT_EQ(state(), "ACTIVE");
  EXPECT_EQ(system().valid_until_s, date(2027, 2, 28));
}

TEST_F(SubscriptionTest, TestSystemsResumeAsTestSystems) {
  enrol();
  on_system("activate", {{"test", true}});
  EXPECT_EQ(state(), "TEST_READY");
  on_system("suspend");
  on_system("resume");
  EXPECT_EQ(state(), "TEST_READY");
}

TEST_F(SubscriptionTest, OnlyARetiredSerialCanBeRegisteredAgainAndGetsANewRegistration) {
  const std::string first = enrol()["registration"];
  EXPECT_EQ(enrol()["error"], "REGISTERED_ELSEWHERE");
  on_system("retire");
  const Json again = enrol();
  EXPECT_EQ(again["state"], "INVENTORY");
  EXPECT_NE(again["registration"], first);
}

TEST_F(SubscriptionTest, SimStaysActiveWhereThePolicySaysSo) {
  Platform platform(platform_.world(), *Keyring::open(folder_.path(), "na", now_),
                    {.instance = "na", .sim_follows = false});
  Reception reception(platform);
  OperatorDesk desk(platform, reception);
  const RegistrationForm form{test_serial, test_imei, "", "acme", xr80_offer, ""};
  ASSERT_TRUE(register_system(platform, form, now_));
  ASSERT_TRUE(activate(platform, test_serial, {}, false, now_));
  ASSERT_TRUE(suspend(platform, test_serial));
  const auto sims = platform.take_outputs().sims;
  ASSERT_FALSE(sims.empty());
  EXPECT_EQ(sims.back().value, "active");
}

TEST_F(SubscriptionTest, SimIsKnownByImeiAndByIccidOnceSaid) {
  announce({{"oobm.iccid", "89014103211118510720"}});
  sent();
  enrol();
  sent();
  ASSERT_EQ(last_outputs_.sims.size(), 2U);
  EXPECT_EQ(last_outputs_.sims[0].name, test_imei);
  EXPECT_EQ(last_outputs_.sims[1].name, "89014103211118510720");
}

TEST_F(SubscriptionTest, SimThatIsLearntLaterFollowsToo) {
  enrol();
  on_system("activate");
  sent();
  announce({{"oobm.iccid", "89014103211118510720"}});
  sent();
  ASSERT_FALSE(last_outputs_.sims.empty());
  EXPECT_EQ(last_outputs_.sims.back().name, "89014103211118510720");
  EXPECT_EQ(last_outputs_.sims.back().value, "active");
}

TEST_F(SubscriptionTest, SimOfADeletedSystemIsDormantAndOfARetiredOneSuspended) {
  enrol();
  on_system("activate");
  on_system("retire");
  EXPECT_EQ(last_sim(), "suspended");
  on_system("deregister");
  EXPECT_EQ(last_sim(), "dormant");
}

TEST_F(SubscriptionTest, ChangeOfOfferIsCheckedLikeARegistration) {
  announce();
  enrol();
  EXPECT_EQ(on_system("change-offer", {{"offer", "AirLink Basic"}})["error"], "OFFER_NO_OOBM");
  EXPECT_EQ(on_system("change-offer", {{"offer", "Sesame"}})["error"], "OFFER_NOT_IN_ACCOUNT");
  EXPECT_EQ(on_system("change-offer", {{"offer", "AirLink Premium"}})["offer"], "AirLink Premium");
}

}  // namespace
}  // namespace oobm::alms_sim
