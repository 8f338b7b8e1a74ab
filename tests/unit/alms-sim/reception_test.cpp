// What an announcement is answered, and how a router hears of an operator's act.
#include "tests/alms-sim/reception.hpp"

#include "tests/alms-sim/statement.hpp"
#include "tests/unit/alms-sim/fixture.hpp"

namespace oobm::alms_sim {
namespace {

class ReceptionTest : public AlmsTest {
 protected:
  // The only command sent is a register_result; its parameters.
  Json answer() {
    const Json command = only_sent();
    EXPECT_EQ(command["id"], "oobm.register_result");
    return command["params"];
  }
  Json answered_claims() { return jws_claims(answer().value("entitlement", "")); }
  Json pushed_claims() {
    const Json command = only_sent();
    EXPECT_EQ(command["id"], "oobm.entitle");
    return jws_claims(command["params"].value("entitlement", ""));
  }
};

TEST_F(ReceptionTest, CountsWhatItCannotReadAndAnswersNothing) {
  for (const char* topic : {"errors", "a/b/messages/json", "XR80NA0000001/tasks/json"}) {
    reception_.on_message(topic, "{}", now_);
  }
  reception_.on_message("XR80NA0000001/messages/json", "{", now_);
  reception_.on_message("XR80NA0000001/acks/json", "{}", now_);
  EXPECT_EQ(platform_.world().unattributed, 5U);
  EXPECT_TRUE(sent().empty());
}

TEST_F(ReceptionTest, DataWithoutANonceIsNoAnnouncement) {
  say({{"oobm.lifecycle_state", "UNREGISTERED"}});
  EXPECT_TRUE(sent().empty());
}

TEST_F(ReceptionTest, AnUnknownSerialIsPending) {
  announce();
  const Json params = answer();
  EXPECT_EQ(params["result"], "PENDING");
  EXPECT_EQ(params["code"], "NOT_REGISTERED");
  EXPECT_EQ(params["nonce"], test_nonce);
  EXPECT_FALSE(params.contains("entitlement"));
}

TEST_F(ReceptionTest, ARefusedRegistrationReachesTheRouterAtOnceAndAgainLater) {
  announce();
  sent();
  EXPECT_EQ(enrol("old")["error"], "ACCOUNT_CLASS");
  const Json pushed = answer();
  EXPECT_EQ(pushed["result"], "REFUSED");
  EXPECT_EQ(pushed["code"], "ACCOUNT_CLASS");
  announce();
  EXPECT_EQ(answer()["code"], "ACCOUNT_CLASS");
  enrol();
  EXPECT_EQ(answer()["result"], "ACCEPTED");
}

TEST_F(ReceptionTest, ARefusalIsForgottenOnceTheRouterIsRegistered) {
  enrol("old");
  enrol();
  on_system("deregister");
  sent();
  announce();
  EXPECT_EQ(answer()["result"], "PENDING");
}

TEST_F(ReceptionTest, AnOperatorsTypingErrorIsNotTold) {
  announce();
  sent();
  EXPECT_EQ(enrol("nobody")["error"], "UNKNOWN_ACCOUNT");
  EXPECT_TRUE(sent().empty());
}

TEST_F(ReceptionTest, AMisfitIsRefusedWithoutAStatementAndLeavesTheStateAlone) {
  enrol();
  const std::tuple<Json, const char*> misfits[] = {
      {{{"oobm.imei", other_imei}}, "IDENTITY_MISMATCH"},
      {{{"oobm.serial", "XR80NA0000009"}}, "IDENTITY_MISMATCH"},
      {{{"oobm.sku", "XR90-NA-SAMPLE"}}, "OFFER_DEVICE_MISMATCH"},
      {{{"oobm.sku", "XR80-GL-SAMPLE"}}, "REGION_MISMATCH"}};
  sent();
  for (const auto& [facts, code] : misfits) {
    announce(facts);
    const Json params = answer();
    EXPECT_EQ(params["result"], "REFUSED");
    EXPECT_EQ(params["code"], code);
    EXPECT_FALSE(params.contains("entitlement"));
  }
  EXPECT_EQ(platform_.world().systems.at(test_serial).state, SystemState::inventory);
}

TEST_F(ReceptionTest, WordsForPeopleStayWithinTheRoutersBound) {
  const std::string name(150, 'x');
  perform("account-add", {{"id", "long"}, {"class", "Standard"}, {"name", name + "\u00e9\u00e9"}});
  announce();
  sent();
  enrol("long");
  EXPECT_LE(answer()["text"].get<std::string>().size(), 200U);
}

TEST_F(ReceptionTest, FirstRegistrationIsAnsweredWithTheOpenNonce) {
  announce();
  sent();
  enrol();
  const Json params = answer();
  EXPECT_EQ(params["result"], "ACCEPTED");
  const Json claims = jws_claims(params.value("entitlement", ""));
  EXPECT_EQ(claims["nonce"], test_nonce);
  EXPECT_EQ(claims["state"], "INVENTORY");
  EXPECT_EQ(claims["seq"], 1);
}

TEST_F(ReceptionTest, LaterActsArePushedWithoutANonce) {
  announce();
  enrol();
  sent();
  on_system("activate");
  const Json claims = pushed_claims();
  EXPECT_FALSE(claims.contains("nonce"));
  EXPECT_EQ(claims["state"], "ACTIVE");
  EXPECT_EQ(claims["seq"], 2);
}

TEST_F(ReceptionTest, EveryAnswerIsANewStatement) {
  enrol();
  announce();
  const Json first = answered_claims();
  announce({{"oobm.announce_nonce", "second"}});
  const Json second = answered_claims();
  EXPECT_GT(second["seq"], first["seq"]);
  EXPECT_NE(second["jti"], first["jti"]);
  EXPECT_EQ(second["reg"], first["reg"]);
  EXPECT_EQ(second["nonce"], "second");
}

TEST_F(ReceptionTest, SequenceContinuesAboveWhatTheRouterHolds) {
  enrol();
  announce();
  sent();
  announce({{"oobm.entitlement_seq", 41}});
  EXPECT_EQ(answered_claims()["seq"], 42);
}

TEST_F(ReceptionTest, ARouterThatDoesNotKnowTheRegistrationIsAskedToAnnounceItself) {
  announce();
  enrol();
  on_system("retire");
  sent();
  enrol();
  EXPECT_EQ(only_sent()["id"], "oobm.sync");
}

TEST_F(ReceptionTest, ARouterThatWasNeverHeardOfIsSentNothing) {
  enrol();
  on_system("activate");
  EXPECT_TRUE(sent().empty());
}

TEST_F(ReceptionTest, TermEndsAtTheAnnouncementAtTheLatest) {
  enrol();
  on_system("activate", {{"term_seconds", 5}, {"grace_seconds", 0}});
  now_ += std::chrono::seconds{6};
  announce();
  EXPECT_EQ(answered_claims()["state"], "SUSPENDED");
}

TEST_F(ReceptionTest, RetiredIsRefusedWithAStatement) {
  enrol();
  on_system("retire");
  announce();
  const Json params = answer();
  EXPECT_EQ(params["result"], "REFUSED");
  EXPECT_EQ(params["code"], "RETIRED");
  EXPECT_EQ(jws_claims(params["entitlement"].get<std::string>())["state"], "RETIRED");
}

TEST_F(ReceptionTest, ADeletedRouterIsToldAgainWhileItHoldsAnEntitlement) {
  announce();
  enrol();
  on_system("deregister");
  sent();
  announce({{"oobm.entitlement_seq", 1}});
  const auto commands = sent();
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_EQ(commands[0]["params"]["result"], "PENDING");
  EXPECT_EQ(commands[1]["id"], "oobm.deregister");
  const Json claims = jws_claims(commands[1]["params"]["statement"].get<std::string>());
  EXPECT_EQ(claims["nonce"], commands[0]["params"]["nonce"])
      << "also for a router whose memory of an older registration was put back";
  announce();
  EXPECT_EQ(answer()["result"], "PENDING");
}

TEST_F(ReceptionTest, StatementSaysTheWholeTruth) {
  enrol();
  on_system("activate", {{"term_seconds", 100}, {"grace_seconds", 7}, {"data_limit_bytes", 1000}});
  announce();
  const Json claims = answered_claims();
  const std::int64_t now_s = seconds_count(to_seconds(now_));
  EXPECT_EQ(claims["iss"], "na");
  EXPECT_EQ(claims["aud"], "oobm-agent");
  EXPECT_EQ(claims["sub"], test_serial);
  EXPECT_EQ(claims["imei"], test_imei);
  EXPECT_EQ(claims["iat"], now_s);
  EXPECT_EQ(claims["region"], "NA");
  EXPECT_EQ(claims["account"]["class"], "AVC (Connectivity + Device Management)");
  EXPECT_EQ(claims["offer"], (Json{{"name", xr80_offer},
                                   {"devices", {"XR80"}},
                                   {"services", {"DM", "OOBM_CONNECTIVITY"}}}));
  EXPECT_EQ(claims["billing"], "prepaid");
  EXPECT_EQ(claims["valid_until"], now_s + 100);
  EXPECT_EQ(claims["support_until"], now_s + 100);
  EXPECT_EQ(claims["warranty_until"], now_s + 100);
  EXPECT_EQ(claims["grace_s"], 7);
  EXPECT_EQ(claims["data"], (Json{{"limit_bytes", 1000}, {"period", "month"}}));
}

TEST_F(ReceptionTest, StatementsAreSignedByTheSigningKeyAndShortEnough) {
  enrol();
  on_system("activate");
  announce();
  const std::string statement = answer()["entitlement"];
  EXPECT_LE(statement.size(), 1536U);
  const auto first = statement.find('.');
  const auto last = statement.rfind('.');
  const Json header = Json::parse(*base64url_decode(statement.substr(0, first)));
  EXPECT_EQ(header, (Json{{"alg", "ES256"}, {"typ", entitlement_type}, {"kid", "na-signing"}}));
  EXPECT_TRUE(platform_.keys().signing().verify(statement.substr(0, last),
                                                *base64url_decode(statement.substr(last + 1))));
}

TEST_F(ReceptionTest, AcksAreKeptWithTheirTaskAndNoOther) {
  const std::string uid = on_system("command", {{"id", "oobm.diagnose"}})["uid"];
  const auto ack = [this](const char* serial, const std::string& text) {
    reception_.on_message(std::string(serial) + "/acks/json", text, now_);
  };
  const std::string ok = R"([{"uid":")" + uid + R"(","status":"OK"}])";
  ack("XR80NA0000009", ok);
  EXPECT_EQ(platform_.world().tasks.back().acks_count, 0U);
  for (int i = 0; i < 10; ++i) ack(test_serial, ok);
  EXPECT_EQ(platform_.world().tasks.back().acks_count, 10U);
  EXPECT_EQ(platform_.world().tasks.back().acks.size(), max_acks_kept);
}

TEST_F(ReceptionTest, UnsentTasksAreQueuedAgainAndSentOnesAreNot) {
  const std::string first = on_system("command", {{"id", "oobm.sync"}})["uid"];
  const std::string second = on_system("command", {{"id", "oobm.diagnose"}})["uid"];
  sent();
  platform_.task_sent(first);
  platform_.requeue_unsent();
  EXPECT_EQ(only_sent()["id"], "oobm.diagnose");
  EXPECT_EQ(last_outputs_.publications.at(0).uid, second);
}

}  // namespace
}  // namespace oobm::alms_sim
