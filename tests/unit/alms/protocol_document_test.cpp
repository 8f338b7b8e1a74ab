// Rule: what docs/protocol.md and its schemas say is what the code does. Each example of the text
// is read by the code, each message of the code fits the schemas, and both refuse the same things.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "agent/alms/claims.hpp"
#include "agent/alms/data_ids.hpp"
#include "agent/alms/decode.hpp"
#include "agent/alms/encode.hpp"
#include "agent/core/capability.hpp"
#include "tests/unit/alms/json_schema.hpp"
#include "tests/unit/alms/samples.hpp"
#include "tests/unit/alms/signer.hpp"

namespace oobm::alms {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using testing::JsonSchema;

const std::filesystem::path docs = std::filesystem::path(OOBM_SOURCE_DIR) / "docs";

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) ADD_FAILURE() << "cannot read " << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

JsonSchema schema(const std::string& name) {
  return JsonSchema(Json::parse(read(docs / "protocol" / (name + ".schema.json"))));
}

// The JSON blocks of docs/protocol.md by the number of their section.
std::multimap<int, Json> examples() {
  std::multimap<int, Json> found;
  std::istringstream text(read(docs / "protocol.md"));
  std::string line;
  std::string block;
  int section = 0;
  bool inside = false;
  while (std::getline(text, line)) {
    if (line.starts_with("## ")) section = line[3] - '0';
    if (line == "```" && inside) {
      found.emplace(section, Json::parse(block));
      inside = false;
    }
    if (inside) block += line + "\n";
    if (line == "```json") {
      inside = true;
      block.clear();
    }
  }
  return found;
}

std::vector<Json> examples_of(int section) {
  std::vector<Json> result;
  const auto all = examples();
  for (auto [at, end] = all.equal_range(section); at != end; ++at) result.push_back(at->second);
  return result;
}

// --- the validator itself -----------------------------------------------------------------------

TEST(JsonSchemaTest, RefusesAKeywordThatItDoesNotCheck) {
  EXPECT_THROW(static_cast<void>(JsonSchema(Json{{"multipleOf", 2}}).why_invalid(1)),
               std::logic_error);
}

TEST(JsonSchemaTest, EachKeywordCanRefuse) {
  struct Case {
    const char* schema;
    const char* valid;
    const char* invalid;
  };
  for (const auto& [text, valid, invalid] :
       {Case{R"({"type":"integer"})", "1", "1.5"},
        Case{R"({"type":["null","string"]})", "null", "1"},
        Case{R"({"const":"a"})", "\"a\"", "\"b\""},
        Case{R"({"enum":[1,2]})", "2", "3"},
        Case{R"({"required":["a"]})", R"({"a":1})", "{}"},
        Case{R"({"properties":{"a":{"type":"null"}}})", "{}", R"({"a":1})"},
        Case{R"({"patternProperties":{"^x":{"type":"null"}}})", R"({"y":1})", R"({"x":1})"},
        Case{R"({"properties":{"a":{}},"additionalProperties":false})", R"({"a":1})", R"({"b":1})"},
        Case{R"({"items":{"type":"null"}})", "[null]", "[null,1]"},
        Case{R"({"minItems":1})", "[1]", "[]"},
        Case{R"({"maxItems":1})", "[1]", "[1,2]"},
        Case{R"({"minProperties":1})", R"({"a":1})", "{}"},
        Case{R"({"maxProperties":0})", "{}", R"({"a":1})"},
        Case{R"({"minLength":2})", "\"ab\"", "\"ü\""},
        Case{R"({"maxLength":1})", "\"ü\"", "\"ab\""},
        Case{R"({"minimum":0})", "0", "-1"},
        Case{R"({"maximum":0})", "0", "1"},
        Case{R"({"pattern":"^a{1,2}$"})", "\"aa\"", "\"aaa\""},
        Case{R"({"anyOf":[{"const":1},{"const":2}]})", "2", "3"},
        Case{R"({"oneOf":[{"const":1},{"minimum":0}]})", "2", "1"},
        Case{R"({"not":{"const":1}})", "2", "1"},
        Case{R"({"$ref":"#/$defs/x","$defs":{"x":{"type":"null"}}})", "null", "1"}}) {
    const JsonSchema checked(Json::parse(text));
    EXPECT_EQ(checked.why_invalid(Json::parse(valid)), "") << text;
    EXPECT_NE(checked.why_invalid(Json::parse(invalid)), "") << text;
  }
}

// --- what the router says -----------------------------------------------------------------------

TEST(ProtocolSchemaTest, EveryMessageFits) {
  const auto messages = schema("messages");
  const auto acks = schema("acks");
  for (const auto& outgoing : testing::one_of_each()) {
    const auto encoded = encode(outgoing);
    const auto& fitting = encoded.topic == Topic::acks ? acks : messages;
    EXPECT_EQ(fitting.why_invalid(Json::parse(encoded.payload)), "") << encoded.payload;
  }
  EXPECT_EQ(messages.why_invalid(Json::parse(last_will())), "");
}

TEST(ProtocolSchemaTest, RefusesDataThatTheModelDoesNotDeclare) {
  const auto messages = schema("messages");
  for (const char* text :
       {"{}", "[]", R"({"oobm.no_such":1})", R"({"oobm.online":1})",
        R"({"oobm.uptime_s":2147483648})", R"({"oobm.uptime_s":1.5})", R"({"oobm.serial":7})",
        R"({"1767225600000":{}})", R"({"17672256000000000":{"oobm.online":true}})",
        R"({"now":{"oobm.online":true}})"})
    EXPECT_NE(messages.why_invalid(Json::parse(text)), "") << text;
  EXPECT_NE(schema("acks").why_invalid(Json::parse(R"([{"uid":"u1","status":"DONE"}])")), "");
}

TEST(ProtocolSchemaTest, DeclaresExactlyTheDataIdsWithTheirTypes) {
  const auto messages = schema("messages");
  const auto& declared = messages.root().at("/$defs/values/properties"_json_pointer);
  EXPECT_EQ(declared.size(), data_table.size());
  for (const auto& row : data_table) {
    ASSERT_TRUE(declared.contains(row.wire)) << row.wire;
    EXPECT_EQ(declared.at(row.wire).at("$ref"), "#/$defs/" + std::string(to_text(row.type)))
        << row.wire;
    EXPECT_EQ(declared.at(row.wire).at("description"), row.label) << row.wire;
  }
}

// --- what ALMS says -----------------------------------------------------------------------------

core::StatementResult no_keys(std::string_view) {
  return std::unexpected(core::Refusal{core::Reason::statement_key, {}});
}

bool readable(const Json& tasks) {
  const auto decoded = decode_tasks(tasks.dump(), no_keys);
  return std::ranges::all_of(decoded, [](const DecodedTask& task) {
    return task && !std::holds_alternative<core::BadTask>(task->body);
  });
}

Json one_task(const std::string& verb, const Json& value) {
  return Json::array({{{"uid", "u1"}, {verb, value}}});
}

// Schema and code draw the line at the same place, on both sides of it.
TEST(ProtocolSchemaTest, AgreesWithTheCodeOnTasks) {
  const auto tasks = schema("tasks");
  const std::string cut = "a.b.c";
  for (const Json& value :
       {one_task("read", {"a"}),
        one_task("read", Json::array()),
        one_task("read", "a"),
        one_task("read", std::vector<std::string>(64, "a")),
        one_task("read", std::vector<std::string>(65, "a")),
        one_task("read", {std::string(65, 'a')}),
        one_task("write", Json::array({{{"a", 1}}})),
        one_task("write", {{"a", 1}}),
        one_task("write", Json::array({{{"a", nullptr}}})),
        one_task("reboot", Json::object()),
        one_task("swinstall", {{"type", "t"}, {"revision", "1"}, {"url", "u"}}),
        one_task("swinstall", {{"type", "t"}, {"revision", "1"}}),
        one_task("swinstall", {{"type", "t"}, {"revision", "1"}, {"url", "a b"}}),
        one_task("command", {{"id", "oobm.sync"}}),
        one_task("command", {{"id", "oobm.sink"}}),
        one_task("command", {{"id", "oobm.sync"}, {"params", nullptr}}),
        one_task("command", {{"id", "oobm.sync"}, {"params", Json::array()}}),
        one_task("command", {{"id", "oobm.entitle"}}),
        one_task("command", {{"id", "oobm.entitle"}, {"params", {{"entitlement", cut}}}}),
        one_task("command", {{"id", "oobm.entitle"}, {"params", {{"statement", cut}}}}),
        one_task("command", {{"id", "oobm.deregister"}, {"params", {{"statement", cut}}}}),
        one_task("command", {{"id", "oobm.trust_update"}, {"params", {{"statement", cut}}}}),
        one_task("command", {{"id", "oobm.register_result"}, {"params", {{"result", "PENDING"}}}}),
        one_task("command", {{"id", "oobm.register_result"}, {"params", {{"result", "MAYBE"}}}}),
        Json::array(),
        Json::object(),
        Json::array({7}),
        Json::array({{{"uid", "a b"}, {"read", {"a"}}}}),
        Json::array({{{"uid", "u1"}, {"read", {"a"}}, {"write", Json::array({{{"a", 1}}})}}}),
        Json::array({{{"uid", "u1"}}})})
    EXPECT_EQ(tasks.why_invalid(value).empty(), readable(value)) << value << "\n"
                                                                 << tasks.why_invalid(value);
}

TEST(ProtocolSchemaTest, NamesEveryCommandWithItsParameters) {
  std::map<std::string, Json> declared;
  const auto tasks = schema("tasks");
  for (const auto& variant : tasks.root().at("/$defs/command/oneOf"_json_pointer))
    for (const auto& id : variant.at("/properties/id/enum"_json_pointer))
      declared[id.get<std::string>()] = variant.at("/properties/params"_json_pointer);
  EXPECT_EQ(declared.size(), command_table.size());
  for (const auto& row : command_table) {
    const auto& parameters = declared[std::string(row.wire)];
    const auto properties = parameters.value("properties", Json::object());
    const auto required = parameters.value("required", Json::array());
    EXPECT_EQ(properties.size(), row.parameters.size()) << row.wire;
    for (const auto& parameter : row.parameters) {
      EXPECT_TRUE(properties.contains(parameter.id)) << row.wire << " " << parameter.id;
      const bool listed = std::ranges::find(required, Json(parameter.id)) != required.end();
      EXPECT_EQ(listed, parameter.required) << row.wire << " " << parameter.id;
    }
  }
}

// Every member of good claims replaced by many odd values: schema and parser must agree on each.
void expect_agreement(const JsonSchema& checked, const Json& good, auto parse) {
  ASSERT_EQ(checked.why_invalid(good), "");
  ASSERT_TRUE(parse(good.dump()));
  const std::vector<Json> odd{nullptr,
                              true,
                              0,
                              1,
                              -1,
                              2'147'483'647,
                              2'147'483'648,
                              std::int64_t{253'402'300'800},
                              1e300,
                              0.5,
                              "",
                              "x",
                              std::string(33, 'x'),
                              std::string(65, 'x'),
                              std::string(97, 'x'),
                              Json::array(),
                              Json::object(),
                              "ACTIVE",
                              "NA",
                              "AVC",
                              "direct",
                              "EC",
                              "P-256"};
  const auto members = good.flatten();
  for (const auto& [pointer, unused] : members.items())
    for (const auto& value : odd) {
      auto changed = good;
      changed[Json::json_pointer(pointer)] = value;
      EXPECT_EQ(checked.why_invalid(changed).empty(), parse(changed.dump()).has_value())
          << pointer << " = " << value << "\n"
          << checked.why_invalid(changed);
    }
  for (const auto& [name, unused] : good.items()) {
    auto changed = good;
    changed.erase(name);
    EXPECT_EQ(checked.why_invalid(changed).empty(), parse(changed.dump()).has_value())
        << "without " << name;
  }
}

TEST(ProtocolSchemaTest, AgreesWithTheCodeOnClaims) {
  expect_agreement(schema("entitlement"), testing::entitlement_claims(),
                   [](const std::string& json) { return parse_entitlement(json); });
  expect_agreement(schema("deregistration"), testing::base_claims(),
                   [](const std::string& json) { return parse_deregistration(json); });
  expect_agreement(schema("trust"), testing::Authority("na").trust_claims(),
                   [](const std::string& json) { return parse_trust_set(json); });
}

TEST(ProtocolSchemaTest, HeaderSchemaKnowsGoodFromBad) {
  const auto header = schema("statement-header");
  const testing::Signer signer("key-1");
  EXPECT_EQ(header.why_invalid(signer.header("oobm-trust")), "");
  auto changed = signer.header("oobm-trust");
  changed["crit"] = Json::array({"b64"});
  EXPECT_NE(header.why_invalid(changed), "");
  changed = signer.header("JWT");
  EXPECT_NE(header.why_invalid(changed), "");
  changed = signer.header("oobm-trust");
  changed["alg"] = "none";
  EXPECT_NE(header.why_invalid(changed), "");
}

// --- docs/protocol.md ---------------------------------------------------------------------------

TEST(ProtocolDocumentTest, ExamplesOfDataFit) {
  const auto found = examples_of(2);
  EXPECT_GE(found.size(), 7U);
  for (const auto& example : found)
    EXPECT_EQ(schema("messages").why_invalid(example), "") << example;
}

TEST(ProtocolDocumentTest, ExamplesOfTasksAreReadByTheCode) {
  const auto found = examples_of(4);
  EXPECT_GE(found.size(), 8U);
  for (const auto& example : found) {
    EXPECT_TRUE(readable(example)) << example;
    EXPECT_EQ(schema("tasks").why_invalid(example), "") << example;
  }
}

TEST(ProtocolDocumentTest, ExamplesOfAcksFit) {
  const auto found = examples_of(5);
  EXPECT_EQ(found.size(), 2U);
  for (const auto& example : found) EXPECT_EQ(schema("acks").why_invalid(example), "") << example;
}

TEST(ProtocolDocumentTest, ExamplesOfStatementsAreReadByTheCode) {
  const auto found = examples_of(6);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(schema("statement-header").why_invalid(found[0]), "");
  EXPECT_TRUE(parse_entitlement(found[1].dump()));
  EXPECT_TRUE(parse_deregistration(found[2].dump()));
  EXPECT_TRUE(parse_trust_set(found[3].dump()));
}

TEST(ProtocolDocumentTest, ListsEveryDataIdAsTheTableHasIt) {
  std::string expected = "| id | type | kind | meaning |\n|---|---|---|---|\n";
  for (const auto& row : data_table)
    expected += "| `" + std::string(row.wire) + "` | " + std::string(to_text(row.type)) + " | " +
                (row.kind == DataKind::setting ? "setting" : "variable") + " | " +
                std::string(row.label) + " |\n";
  const auto text = read(docs / "protocol.md");
  const std::string begin = "<!-- data ids: begin -->\n";
  const auto from = text.find(begin) + begin.size();
  EXPECT_EQ(text.substr(from, text.find("<!-- data ids: end -->") - from), expected);
}

TEST(ProtocolDocumentTest, NamesEveryCommand) {
  const auto text = read(docs / "protocol.md");
  for (const auto& row : command_table)
    EXPECT_THAT(text, HasSubstr("`" + std::string(row.wire) + "`"));
}

// Codes in capitals between back quotes in section 3 are codes of the one table of reasons.
TEST(ProtocolDocumentTest, NamesCodesThatExist) {
  const auto text = read(docs / "protocol.md");
  const auto from = text.find("## 3. Codes");
  const auto section = text.substr(from, text.find("## 4.") - from);
  int codes = 0;
  for (std::size_t at = section.find('`'); at != std::string::npos;) {
    const auto end = section.find('`', at + 1);
    const auto word = section.substr(at + 1, end - at - 1);
    if (word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos) {
      EXPECT_TRUE(core::reason_from_code(word)) << word;
      ++codes;
    }
    at = section.find('`', end + 1);
  }
  EXPECT_GE(codes, 30);
}

TEST(AsyncApiTest, NamesTheTopicsAndSchemasThatExist) {
  const auto text = read(docs / "protocol" / "asyncapi.yaml");
  for (const char* suffix : {"messages", "tasks", "acks"})
    EXPECT_THAT(text, HasSubstr("address: \"{serial}/" + std::string(suffix) + "/json\""));
  const std::string reference = "$ref: \"./";
  int files = 0;
  for (auto at = text.find(reference); at != std::string::npos; at = text.find(reference, at + 1)) {
    const auto from = at + reference.size();
    const auto name = text.substr(from, text.find('"', from) - from);
    EXPECT_TRUE(std::filesystem::exists(docs / "protocol" / name)) << name;
    ++files;
  }
  EXPECT_EQ(files, 3);
}

}  // namespace
}  // namespace oobm::alms
