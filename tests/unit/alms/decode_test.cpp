// Rule: a task with a usable uid is always answered, if only with an ERROR; a text without one is
// refused as a whole; nothing crashes and nothing is guessed.
#include "agent/alms/decode.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "agent/alms/data_ids.hpp"
#include "agent/alms/statement.hpp"
#include "tests/unit/alms/signer.hpp"

namespace oobm::alms {
namespace {

using core::Reason;
using ::testing::ElementsAre;
using testing::Json;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// Answers by the text alone, so that tasks are tested without keys.
core::StatementResult believe(std::string_view text) {
  const std::string copy(text);
  if (text == "entitlement") return core::SignedStatement{copy, core::Entitlement{}};
  if (text == "removal") return core::SignedStatement{copy, core::Deregistration{}};
  if (text == "trust") return core::SignedStatement{copy, core::TrustSet{}};
  return std::unexpected(core::Refusal{Reason::statement_signature, "No."});
}

std::vector<DecodedTask> decode(std::string_view text) { return decode_tasks(text, believe); }

// The body of the only task in `text`, whose uid must be "u1".
core::TaskBody body(std::string_view text) {
  auto tasks = decode(text);
  if (tasks.size() != 1 || !tasks[0] || tasks[0]->uid != "u1") {
    ADD_FAILURE() << "not one task u1: " << text;
    return core::BadTask{};
  }
  return std::move(tasks[0]->body);
}

core::TaskBody task(std::string_view verb) {
  return body(R"([{"uid":"u1","timestamp":1,)" + std::string(verb) + "}]");
}
core::TaskBody command(std::string_view id, std::string_view params) {
  return task(R"("command":{"id":"oobm.)" + std::string(id) + R"(","params":)" +
              std::string(params) + "}");
}

Reason refusal(const core::TaskBody& decoded) {
  const auto* bad = std::get_if<core::BadTask>(&decoded);
  return bad == nullptr ? Reason::none : bad->refusal.reason;
}

Reason whole(std::string_view text) {
  const auto tasks = decode(text);
  return tasks.size() == 1 && !tasks[0] ? tasks[0].error().reason : Reason::none;
}

// --- whole texts --------------------------------------------------------------------------------

TEST(DecodeTest, RefusesWhatIsNoJsonAsAWhole) {
  for (const char* text : {"", " ", "no json", "[", "[{]", "[{\"uid\":\"u1\"",
                           "{\"uid\":", "\xff\xfe", "[{\"uid\":\"u1\",\"read\":[\"a\"]}] x"})
    EXPECT_EQ(whole(text), Reason::malformed) << text;
}

TEST(DecodeTest, RefusesAMegabyte) {
  EXPECT_EQ(whole("[" + std::string(1U << 20U, ' ') + "]"), Reason::malformed);
  EXPECT_EQ(whole(std::string(1U << 20U, '[')), Reason::malformed);
}

TEST(DecodeTest, RefusesDeepNestingDoubledNamesAndTooManyTasks) {
  EXPECT_EQ(whole(std::string(30'000, '[') + std::string(30'000, ']')), Reason::malformed);
  EXPECT_EQ(whole(R"([{"uid":"u1","uid":"u2","read":["a"]}])"), Reason::malformed);
  EXPECT_EQ(whole(R"([{"uid":"u1","command":{"id":"oobm.sync","id":"oobm.reboot"}}])"),
            Reason::malformed);
  Json many = Json::array();
  for (int i = 0; i < 16; ++i) many.push_back({{"uid", std::to_string(i)}, {"read", {"a"}}});
  EXPECT_EQ(decode(many.dump()).size(), 16U);
  many.push_back({{"uid", "16"}, {"read", {"a"}}});
  EXPECT_EQ(whole(many.dump()), Reason::malformed);
}

TEST(DecodeTest, RefusesATaskOutsideAListButAnswersIt) {
  EXPECT_EQ(refusal(body(R"({"uid":"u1","command":{"id":"oobm.reboot"}})")), Reason::malformed);
  for (const char* text : {"{}", "null", "7", "\"u1\"", R"({"uid":7})"})
    EXPECT_EQ(whole(text), Reason::malformed) << text;
}

TEST(DecodeTest, AnEmptyListAsksNothing) { EXPECT_TRUE(decode("[]").empty()); }

TEST(DecodeTest, RefusesAnElementWithoutAUsableUidAndReadsTheOthers) {
  const std::string good = R"({"uid":"u1","read":["a"]})";
  for (const std::string bad : {"7", "null", "[]", "{}", R"({"read":["a"]})", R"({"uid":null})",
                                R"({"uid":7})", R"({"uid":""})", R"({"uid":"a b"})",
                                R"({"uid":"a/b"})", R"({"uid":"\u0000"})", R"({"uid":"ü"})"}) {
    const auto tasks = decode("[" + bad + "," + good + "]");
    ASSERT_EQ(tasks.size(), 2U) << bad;
    EXPECT_FALSE(tasks[0]) << bad;
    EXPECT_TRUE(tasks[1]) << bad;
  }
  EXPECT_EQ(whole(R"([{"uid":")" + std::string(65, 'u') + R"(","read":["a"]}])"),
            Reason::malformed);
  const auto longest = decode(R"([{"uid":")" + std::string(64, 'u') + R"(","read":["a"]}])");
  EXPECT_TRUE(longest.at(0));
}

// --- verbs --------------------------------------------------------------------------------------

TEST(DecodeTest, AnswersATaskThatIsTooLarge) {
  const auto large =
      R"("swinstall":{"type":"t","revision":"1","url":"u","x":")" + std::string(4096, 'x') + "\"}";
  EXPECT_EQ(refusal(task(large)), Reason::malformed);
}

TEST(DecodeTest, AnswersAnUnknownVerb) {
  EXPECT_EQ(refusal(body(R"([{"uid":"u1"}])")), Reason::unknown_task);
  EXPECT_EQ(refusal(task(R"("reboot":{})")), Reason::unknown_task);
  EXPECT_EQ(refusal(task(R"("READ":["a"])")), Reason::unknown_task);
}

TEST(DecodeTest, AnswersTwoVerbs) {
  EXPECT_EQ(refusal(task(R"("read":["a"],"write":[{"b":1}])")), Reason::malformed);
}

TEST(DecodeTest, AnswersABadRead) {
  for (const char* value : {"null", "7", "\"a\"", "{}", "[]", "[7]", "[\"\"]", "[\"a\",null]",
                            "[[\"a\"]]", "[\"a\\n\"]"})
    EXPECT_EQ(refusal(task(std::string("\"read\":") + value)), Reason::bad_parameter) << value;
  const Json many = std::vector<std::string>(65, "a");
  EXPECT_EQ(refusal(task("\"read\":" + many.dump())), Reason::bad_parameter);
  const Json wide = {std::string(65, 'a')};
  EXPECT_EQ(refusal(task("\"read\":" + wide.dump())), Reason::bad_parameter);
}

TEST(DecodeTest, AnswersABadWrite) {
  for (const char* value :
       {"null", "7", "\"a\"", "{\"a\":1}", "[]", "[{}]", "[7]", "[{\"a\":null}]", "[{\"a\":[1]}]",
        "[{\"a\":{}}]", "[{\"a\":1},{\"a\":2}]", "[{\"\":1}]", "[{\"a\":1},7]"})
    EXPECT_EQ(refusal(task(std::string("\"write\":") + value)), Reason::bad_parameter) << value;
  const Json wide = {{{"a", std::string(257, 'x')}}};
  EXPECT_EQ(refusal(task("\"write\":" + wide.dump())), Reason::bad_parameter);
  Json many = Json::object();
  for (int i = 0; i < 17; ++i) many["s" + std::to_string(i)] = i;
  EXPECT_EQ(refusal(task("\"write\":" + Json::array({many}).dump())), Reason::bad_parameter);
}

TEST(DecodeTest, AnswersABadInstall) {
  for (const char* value :
       {"null", "[]", "{}", R"({"type":"t","revision":"1"})", R"({"type":"t","url":"u"})",
        R"({"revision":"1","url":"u"})", R"({"type":7,"revision":"1","url":"u"})",
        R"({"type":"","revision":"1","url":"u"})", R"({"type":"t","revision":"1","url":"a b"})",
        R"({"type":"t","revision":"1","url":"a\u0000"})",
        R"({"type":"t","revision":"1","url":"ü"})"})
    EXPECT_EQ(refusal(task(std::string("\"swinstall\":") + value)), Reason::bad_parameter) << value;
  const Json wide = {{"type", "t"}, {"revision", "1"}, {"url", std::string(1025, 'u')}};
  EXPECT_EQ(refusal(task("\"swinstall\":" + wide.dump())), Reason::bad_parameter);
}

TEST(DecodeTest, AnswersABadCommand) {
  for (const char* value : {"null", "7", "[]", "\"oobm.sync\"", "{}", R"({"id":7})", R"({"id":""})",
                            R"({"params":{}})"})
    EXPECT_EQ(refusal(task(std::string("\"command\":") + value)), Reason::malformed) << value;
  for (const char* id : {"", "syn", "SYNC", "support_bundle", "sync "})
    EXPECT_EQ(refusal(command(id, "{}")), Reason::unknown_task) << id;
  for (const char* params : {"7", "[]", "\"x\"", "false"})
    EXPECT_EQ(refusal(command("reboot", params)), Reason::bad_parameter) << params;
}

TEST(DecodeTest, AnswersABundleWithoutAUsableAddress) {
  const Json wide = {{"url", std::string(1025, 'u')}};
  for (const std::string& params :
       {std::string("{}"), std::string("null"), std::string(R"({"url":7})"),
        std::string(R"({"url":""})"), std::string(R"({"url":"https://a/b c"})"),
        std::string(R"({"url":"https://a/\u0000"})"), std::string(R"({"url":"https://\u00fc/"})"),
        wide.dump()})
    EXPECT_EQ(refusal(command("send_support_bundle", params)), Reason::bad_parameter) << params;
}

// --- lifecycle commands -------------------------------------------------------------------------

TEST(DecodeTest, AnswersABadRegisterResult) {
  for (const char* params :
       {"{}", "null", R"({"result":7})", R"({"result":"accepted"})", R"({"result":""})",
        R"({"result":"PENDING","code":7})", R"({"result":"PENDING","text":[]})",
        R"({"result":"PENDING","nonce":""})", R"({"result":"PENDING","nonce":null})",
        R"({"result":"ACCEPTED","entitlement":{}})"})
    EXPECT_EQ(refusal(command("register_result", params)), Reason::bad_parameter) << params;
  const Json wide = {{"result", "PENDING"}, {"nonce", std::string(65, 'n')}};
  EXPECT_EQ(refusal(command("register_result", wide.dump())), Reason::bad_parameter);
}

TEST(DecodeTest, AnswersAMissingStatement) {
  for (const char* id : {"entitle", "deregister", "trust_update"})
    for (const char* params : {"{}", "null", R"({"entitlement":7,"statement":7})",
                               R"({"entitlement":null,"statement":null})"})
      EXPECT_EQ(refusal(command(id, params)), Reason::bad_parameter) << id << params;
}

Reason statement_reason(const core::StatementResult& result) {
  return result ? Reason::none : result.error().reason;
}

TEST(DecodeTest, CarriesTheReasonOfAStatementThatIsNotBelieved) {
  const auto entitle = command("entitle", R"({"entitlement":"forged"})");
  EXPECT_EQ(statement_reason(std::get<core::Entitle>(entitle).entitlement),
            Reason::statement_signature);
  const auto result = command("register_result", R"({"result":"ACCEPTED","entitlement":"forged"})");
  EXPECT_EQ(statement_reason(*std::get<core::RegisterResult>(result).entitlement),
            Reason::statement_signature);
}

TEST(DecodeTest, RefusesATrueStatementInTheWrongCommand) {
  for (const char* other : {"removal", "trust"}) {
    const auto params = R"({"entitlement":")" + std::string(other) + "\"}";
    EXPECT_EQ(statement_reason(std::get<core::Entitle>(command("entitle", params)).entitlement),
              Reason::statement_type);
  }
  for (const char* other : {"entitlement", "trust"}) {
    const auto params = R"({"statement":")" + std::string(other) + "\"}";
    EXPECT_EQ(statement_reason(std::get<core::Deregister>(command("deregister", params)).statement),
              Reason::statement_type);
  }
  for (const char* other : {"entitlement", "removal"}) {
    const auto params = R"({"statement":")" + std::string(other) + "\"}";
    EXPECT_EQ(
        statement_reason(std::get<core::TrustUpdate>(command("trust_update", params)).statement),
        Reason::statement_type);
  }
}

TEST(DecodeTest, HandsAnOversizedStatementToTheVerifier) {
  const testing::Authority na("na");
  const auto ring = na.ring();
  const Verifier verifier = [&ring](std::string_view text) { return verify_statement(text, ring); };
  const Json message = {
      {{"uid", "u1"},
       {"command",
        {{"id", "oobm.entitle"}, {"params", {{"entitlement", std::string(2000, 'a')}}}}}}};
  const auto tasks = decode_tasks(message.dump(), verifier);
  ASSERT_EQ(tasks.size(), 1U);
  ASSERT_TRUE(tasks[0]);
  EXPECT_EQ(statement_reason(std::get<core::Entitle>(tasks[0]->body).entitlement),
            Reason::statement_too_large);
}

TEST(DecodeTest, VerifiesWithRealKeysEndToEnd) {
  const testing::Authority na("na");
  const auto ring = na.ring();
  const Verifier verifier = [&ring](std::string_view text) { return verify_statement(text, ring); };
  const auto jws = na.key_1.sign("oobm-entitlement", testing::entitlement_claims());
  const Json message = {
      {{"uid", "u1"}, {"command", {{"id", "oobm.entitle"}, {"params", {{"entitlement", jws}}}}}}};
  const auto tasks = decode_tasks(message.dump(), verifier);
  ASSERT_TRUE(tasks.at(0));
  const auto& entitle = std::get<core::Entitle>(tasks[0]->body);
  ASSERT_TRUE(entitle.entitlement) << entitle.entitlement.error().detail;
  EXPECT_EQ(entitle.entitlement->text, jws);
}

TEST(DecodeTest, ReadsARegisterResult) {
  const auto decoded = command(
      "register_result",
      R"({"result":"REFUSED","code":"ACCOUNT_CLASS","text":"Account \"Acme\".","nonce":"n1","x":1})");
  const auto& result = std::get<core::RegisterResult>(decoded);
  EXPECT_EQ(result.outcome, core::RegisterResult::Outcome::refused);
  EXPECT_EQ(result.code, "ACCOUNT_CLASS");
  EXPECT_EQ(result.text, "Account \"Acme\".");
  EXPECT_EQ(result.nonce, "n1");
  EXPECT_FALSE(result.entitlement);
}

TEST(DecodeTest, CutsAndCleansTheWordsOfARegisterResult) {
  const Json params = {{"result", "PENDING"}, {"text", "\x1b[2J" + std::string(400, 'x')}};
  const auto decoded = command("register_result", params.dump());
  EXPECT_EQ(std::get<core::RegisterResult>(decoded).text, " [2J" + std::string(196, 'x'));
}

TEST(DecodeTest, ReadsTheStatementsOfLifecycleCommands) {
  const auto result = command("register_result",
                              R"({"result":"ACCEPTED","nonce":"n","entitlement":"entitlement"})");
  EXPECT_EQ(std::get<core::RegisterResult>(result).outcome,
            core::RegisterResult::Outcome::accepted);
  EXPECT_TRUE(std::get<core::RegisterResult>(result).entitlement.value());
  const auto entitle = command("entitle", R"({"entitlement":"entitlement"})");
  EXPECT_EQ(std::get<core::Entitle>(entitle).entitlement.value().text, "entitlement");
  const auto deregister = command("deregister", R"({"statement":"removal"})");
  EXPECT_EQ(std::get<core::Deregister>(deregister).statement.value().text, "removal");
  const auto trust = command("trust_update", R"({"statement":"trust"})");
  EXPECT_EQ(std::get<core::TrustUpdate>(trust).statement.value().text, "trust");
}

TEST(DecodeTest, ParametersMayBeMissingNullOrEmpty) {
  for (const char* params :
       {"", R"(,"params":null)", R"(,"params":{})", R"(,"params":{"x":[1]})"}) {
    const auto decoded = task(R"("command":{"id":"oobm.reboot")" + std::string(params) + "}");
    EXPECT_TRUE(std::holds_alternative<core::Reboot>(decoded)) << params;
  }
}

TEST(DecodeTest, ReadsEveryCommandOfTheTable) {
  EXPECT_TRUE(std::holds_alternative<core::SyncTask>(command("sync", "{}")));
  EXPECT_TRUE(std::holds_alternative<core::Reboot>(command("reboot", "{}")));
  EXPECT_TRUE(std::holds_alternative<core::ResetRadio>(command("reset_radio", "{}")));
  EXPECT_TRUE(std::holds_alternative<core::Diagnose>(command("diagnose", "{}")));
  const auto bundle = command("send_support_bundle", R"({"url":"https://files.example/b?k=1"})");
  EXPECT_EQ(std::get<core::SendSupportBundle>(bundle).url, "https://files.example/b?k=1");
  for (const auto& row : command_table) {
    Json params = Json::object();
    for (const auto& parameter : row.parameters) params[std::string(parameter.id)] = "PENDING";
    const Json message = {{{"uid", "u1"}, {"command", {{"id", row.wire}, {"params", params}}}}};
    EXPECT_EQ(refusal(body(message.dump())), Reason::none) << row.wire;
  }
}

// A parameter that the table calls required is missed, and no other.
TEST(DecodeTest, TheTableSaysWhichParametersAreRequired) {
  for (const auto& row : command_table)
    for (const auto& left_out : row.parameters) {
      Json params = Json::object();
      for (const auto& parameter : row.parameters)
        if (parameter.id != left_out.id) params[std::string(parameter.id)] = "PENDING";
      const Json message = {{{"uid", "u1"}, {"command", {{"id", row.wire}, {"params", params}}}}};
      EXPECT_EQ(refusal(body(message.dump())),
                left_out.required ? Reason::bad_parameter : Reason::none)
          << row.wire << " without " << left_out.id;
    }
}

// --- the platform's documented examples ---------------------------------------------------------

TEST(DecodeTest, ReadsTheDocumentedReadTask) {
  const auto tasks = decode(
      R"([ { "uid": "3c12547b613740adb686271bdc8f097c", "timestamp": 1348836320188,
             "read":  ["machine.temperature"] } ])");
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].value().uid, "3c12547b613740adb686271bdc8f097c");
  EXPECT_THAT(std::get<core::ReadData>(tasks[0]->body).ids, ElementsAre("machine.temperature"));
}

TEST(DecodeTest, ReadsTheDocumentedWriteTask) {
  const auto tasks = decode(
      R"([ { "uid": "8006cc58ba2141f69161a78f1bfdea1d", "timestamp": 1348836320566,
             "write": [ { "machine.threshold": 25 } ] } ])");
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_THAT(std::get<core::WriteSettings>(tasks[0].value().body).settings,
              ElementsAre(Pair("machine.threshold", core::Value(std::int32_t{25}))));
}

TEST(DecodeTest, AnswersTheDocumentedCommandThatThisAgentHasNot) {
  const auto decoded =
      task(R"("command": { "id": "phone.notify", "params": { "message": "hello" } })");
  EXPECT_EQ(refusal(decoded), Reason::unknown_task);
}

TEST(DecodeTest, ReadsTheDocumentedInstallTask) {
  const auto decoded = task(
      R"("swinstall": { "type": "com.sample.device", "revision": "2.0", "url": "https://example/p" })");
  const auto& install = std::get<core::SoftwareInstall>(decoded);
  EXPECT_EQ(install.type, "com.sample.device");
  EXPECT_EQ(install.revision, "2.0");
  EXPECT_EQ(install.url, "https://example/p");
}

TEST(DecodeTest, ReadsSeveralTasksInOrder) {
  const auto tasks = decode(R"([{"uid":"a","read":["x"]},{"uid":"b","write":[{"y":1}]}])");
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].value().uid, "a");
  EXPECT_EQ(tasks[1].value().uid, "b");
}

// --- values -------------------------------------------------------------------------------------

TEST(DecodeTest, GivesEachSettingItsType) {
  const auto decoded = task(
      R"("write":[{"b":true,"i":-2147483648,"d":1.5,"s":"text"},{"w":2147483648,"u":18446744073709551615}])");
  EXPECT_THAT(
      std::get<core::WriteSettings>(decoded).settings,
      UnorderedElementsAre(Pair("b", core::Value(true)),
                           Pair("i", core::Value(std::int32_t{-2'147'483'647 - 1})),
                           Pair("d", core::Value(1.5)), Pair("s", core::Value(std::string("text"))),
                           Pair("w", core::Value(2'147'483'648.0)),
                           Pair("u", core::Value(18'446'744'073'709'551'615.0))));
}

// --- any bytes ----------------------------------------------------------------------------------

TEST(DecodeTest, SurvivesEveryPrefixAndEveryChangedByte) {
  const std::string good =
      R"([{"uid":"u1","timestamp":1,"command":{"id":"oobm.register_result","params":)"
      R"({"result":"ACCEPTED","nonce":"n","entitlement":"entitlement"}}},)"
      R"({"uid":"u2","write":[{"oobm.heartbeat_period_s":1.5e3}]}])";
  ASSERT_EQ(decode(good).size(), 2U);
  for (std::size_t length = 0; length < good.size(); ++length)
    ASSERT_EQ(whole(good.substr(0, length)), Reason::malformed) << length;
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const int change : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff}) {
      auto text = good;
      text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ change);
      for (const auto& decoded : decode(text)) {
        const auto uid_bytes = decoded ? decoded->uid.size() : decoded.error().detail.size();
        ASSERT_TRUE(uid_bytes >= 1 && uid_bytes <= 200);
      }
    }
}

}  // namespace
}  // namespace oobm::alms
