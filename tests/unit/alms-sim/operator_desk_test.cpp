#include "tests/alms-sim/operator_desk.hpp"

#include "tests/unit/alms-sim/fixture.hpp"

namespace oobm::alms_sim {
namespace {

class OperatorDeskTest : public AlmsTest {
 protected:
  std::string signed_with(Json arguments) {
    return on_system("sign", std::move(arguments))["statement"];
  }
  bool holds(const std::string& statement) {
    const auto last = statement.rfind('.');
    return platform_.keys().signing().verify(
        statement.substr(0, last), base64url_decode(statement.substr(last + 1)).value_or(""));
  }
};

TEST_F(OperatorDeskTest, RefusesUnknownVerbsAndBadArguments) {
  EXPECT_EQ(perform("dance", {})["error"], "UNKNOWN_VERB");
  EXPECT_EQ(perform("show", {})["error"], "BAD_ARGUMENT");
  EXPECT_EQ(perform("show", Json::array())["error"], "BAD_ARGUMENT");
  EXPECT_EQ(perform("show", {{"serial", 1}})["error"], "BAD_ARGUMENT");
  EXPECT_EQ(perform("show", {{"serial", "XR80NA0000009"}})["error"], "UNKNOWN_SYSTEM");
  EXPECT_EQ(perform("account-add", {{"id", "acme"}})["error"], "ACCOUNT_EXISTS");
  EXPECT_EQ(perform("account-add", {{"id", "b"}, {"class", "VIP"}})["error"], "BAD_ARGUMENT");
  EXPECT_EQ(perform("account-add", {{"id", "b"}, {"billing", "barter"}})["error"], "BAD_ARGUMENT");
}

TEST_F(OperatorDeskTest, OffersAtLeastTheFourDefaults) {
  const Json offers = perform("offer-list", {});
  ASSERT_EQ(offers.size(), 4U);
  EXPECT_EQ(perform("account-list", {}).size(), 3U);
}

TEST_F(OperatorDeskTest, TasksHaveAirVantagesForms) {
  on_system("write", {{"settings", {{"oobm.heartbeat_period_s", 60}}}});
  on_system("read", {{"ids", {"_RSRP"}}});
  on_system("swinstall", {{"type", "t"}, {"revision", "2"}, {"url", "https://a.test/x"}});
  on_system("command", {{"id", "oobm.reboot"}, {"uid", "mine"}});
  const auto outputs = platform_.take_outputs();
  ASSERT_EQ(outputs.publications.size(), 4U);
  std::vector<Json> tasks;
  for (const auto& publication : outputs.publications) {
    EXPECT_EQ(publication.topic, "XR80NA0000001/tasks/json");
    EXPECT_FALSE(publication.retain);
    tasks.push_back(Json::parse(publication.payload).at(0));
  }
  EXPECT_EQ(tasks[0]["write"], Json::parse(R"([{"oobm.heartbeat_period_s":60}])"));
  EXPECT_EQ(tasks[1]["read"], Json::parse(R"(["_RSRP"])"));
  EXPECT_EQ(tasks[2]["swinstall"]["revision"], "2");
  EXPECT_EQ(tasks[3]["command"], Json::parse(R"({"id":"oobm.reboot","params":{}})"));
  EXPECT_EQ(tasks[3]["uid"], "mine");
  EXPECT_EQ(tasks[0]["uid"].get<std::string>().size(), 32U);
  EXPECT_EQ(tasks[0]["timestamp"], millis_count(now_));
}

TEST_F(OperatorDeskTest, ForgeriesDifferAsAsked) {
  enrol();
  EXPECT_TRUE(holds(signed_with({})));
  EXPECT_FALSE(holds(signed_with({{"key", "other"}})));
  EXPECT_FALSE(holds(signed_with({{"key", "root-1"}})));
  EXPECT_FALSE(holds(signed_with({{"break_signature", true}})));
  EXPECT_TRUE(signed_with({{"alg", "none"}}).ends_with("."));
  EXPECT_EQ(jws_claims(signed_with({{"set", {{"aud", "you"}}}}))["aud"], "you");
  EXPECT_FALSE(jws_claims(signed_with({{"unset", {"seq"}}})).contains("seq"));
  EXPECT_GT(signed_with({{"pad", 2000}}).size(), 2000U);
  EXPECT_EQ(jws_claims(signed_with({{"nonce", "n"}}))["nonce"], "n");
  EXPECT_EQ(on_system("sign", {{"key", "mine"}})["error"], "KEY_NAME");
}

TEST_F(OperatorDeskTest, ForgeriesUseUpNoSequence) {
  enrol();
  signed_with({});
  EXPECT_EQ(platform_.world().systems.at(test_serial).seq, 0U);
  EXPECT_EQ(jws_claims(signed_with({}))["seq"], 1);
}

TEST_F(OperatorDeskTest, RawBytesGoOutAsTheyAre) {
  EXPECT_EQ(on_system("send-raw", {{"suffix", "tasks/json"}, {"payload", "!"}})["error"],
            "BAD_ARGUMENT");
  on_system("send-raw", {{"suffix", "tasks/json"}, {"payload", "AP8"}, {"retain", true}});
  const auto outputs = platform_.take_outputs();
  ASSERT_EQ(outputs.publications.size(), 1U);
  EXPECT_EQ(outputs.publications[0].payload, std::string("\x00\xff", 2));
  EXPECT_TRUE(outputs.publications[0].retain);
  EXPECT_TRUE(outputs.publications[0].uid.empty());
}

}  // namespace
}  // namespace oobm::alms_sim
