#include "tests/alms-sim/condition.hpp"

#include "tests/unit/alms-sim/fixture.hpp"

namespace oobm::alms_sim {
namespace {

class ConditionTest : public AlmsTest {
 protected:
  bool holds(const std::string& text, bool fresh = false) {
    auto condition = parse_condition(test_serial, text);
    EXPECT_TRUE(condition) << text;
    if (fresh) condition->since_ms = millis_count(now_);
    return fulfilled(*condition, platform_.world()).has_value();
  }
};

TEST_F(ConditionTest, UnknownWordsAreRefused) {
  for (const char* text : {"", "data", "data:", "ack", "announced:1", "weather:fine", ":x"}) {
    EXPECT_FALSE(parse_condition(test_serial, text)) << text;
  }
}

TEST_F(ConditionTest, NothingHoldsForARouterThatWasNeverHeardOf) {
  for (const char* text : {"announced", "answered:PENDING", "state:ACTIVE", "data:a", "ack:a"}) {
    EXPECT_FALSE(holds(text)) << text;
  }
}

TEST_F(ConditionTest, HoldWhenTheThingHasHappened) {
  announce();
  enrol();
  say({{"oobm.lifecycle_state", "ACTIVE"}, {"oobm.uptime_s", 5}});
  EXPECT_TRUE(holds("announced"));
  EXPECT_TRUE(holds("answered:ACCEPTED"));
  EXPECT_FALSE(holds("answered:PENDING"));
  EXPECT_TRUE(holds("state:INVENTORY"));
  EXPECT_TRUE(holds("data:oobm.lifecycle_state"));
  EXPECT_TRUE(holds("data:oobm.lifecycle_state=ACTIVE"));
  EXPECT_FALSE(holds("data:oobm.lifecycle_state=GRACE"));
  EXPECT_TRUE(holds("data:oobm.uptime_s=5"));
}

TEST_F(ConditionTest, FreshOnesDoNotLookBack) {
  announce();
  now_ += std::chrono::milliseconds{1};
  EXPECT_FALSE(holds("announced", true));
  EXPECT_FALSE(holds("data:oobm.imei", true));
  announce();
  EXPECT_TRUE(holds("announced", true));
}

TEST_F(ConditionTest, AcksHoldByStatus) {
  const std::string uid = on_system("command", {{"id", "oobm.diagnose"}})["uid"];
  EXPECT_FALSE(holds("sent:" + uid));
  platform_.task_sent(uid);
  EXPECT_TRUE(holds("sent:" + uid));
  EXPECT_FALSE(holds("ack:" + uid));
  reception_.on_message(std::string(test_serial) + "/acks/json",
                        R"([{"uid":")" + uid + R"(","status":"ERROR"}])", now_);
  EXPECT_TRUE(holds("ack:" + uid));
  EXPECT_TRUE(holds("ack:" + uid + "=ERROR"));
  EXPECT_FALSE(holds("ack:" + uid + "=OK"));
}

}  // namespace
}  // namespace oobm::alms_sim
