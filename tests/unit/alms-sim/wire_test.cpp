#include "tests/alms-sim/wire.hpp"

#include <gtest/gtest.h>

#include "tests/alms-sim/model.hpp"

namespace oobm::alms_sim {
namespace {

constexpr Millis received{std::chrono::milliseconds{5'000}};

TEST(Wire, RefusesDataOfAnotherForm) {
  const std::string giant = "{\"a\":\"" + std::string(max_message_bytes, 'x') + "\"}";
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("1"), std::string("[1]"),
        std::string("[{\"a\":1}]"), std::string("[{\"a\":[1]}]"), std::string("\xff"), giant}) {
    EXPECT_FALSE(parse_data(text, received)) << text.substr(0, 20);
  }
}

TEST(Wire, RefusesAcksOfAnotherForm) {
  for (const char* text : {"", "{}", "[1]", "[{}]", R"([{"uid":"a"}])",
                           R"([{"uid":"a","status":"MAYBE"}])", R"([{"uid":1,"status":"OK"}])"}) {
    EXPECT_FALSE(parse_acks(text)) << text;
  }
}

TEST(Wire, KnowsTheReservedTopicsAlone) {
  for (const char* topic : {"", "/messages/json", "a/b/messages/json", "a/messages", "errors"}) {
    EXPECT_FALSE(parse_topic(topic)) << topic;
  }
  const auto topic = parse_topic("XR80NA0000001/acks/json");
  ASSERT_TRUE(topic);
  EXPECT_EQ(topic->serial, "XR80NA0000001");
  EXPECT_EQ(topic->channel, Channel::acks);
}

// The three examples of the AirVantage MQTT page.
TEST(Wire, ReadsEachDocumentedFormOfData) {
  const char* texts[] = {R"({"1349907137000":{"machine.temperature":23.2,"machine.humidity":70}})",
                         R"({"machine.temperature":23.2,"machine.humidity":70})",
                         R"([{"machine.temperature":[{"timestamp":1349907137000,"value":23.2}],
           "machine.humidity":[{"timestamp":null,"value":70}]}])"};
  for (const char* text : texts) {
    const auto data = parse_data(text, received);
    ASSERT_TRUE(data) << text;
    ASSERT_EQ(data->size(), 2U);
    const bool first = data->at(0).id == "machine.temperature";
    EXPECT_EQ(data->at(first ? 0 : 1).value, 23.2);
    EXPECT_EQ(data->at(first ? 1 : 0).value, 70);
  }
  EXPECT_EQ(parse_data(texts[0], received)->at(0).at_ms, 1'349'907'137'000);
  EXPECT_EQ(parse_data(texts[1], received)->at(0).at_ms, 5'000);
}

TEST(Wire, ReadsAcks) {
  const auto acks =
      parse_acks(R"([{"uid":"a","status":"OK"},{"uid":"b","status":"ERROR","message":"BUSY: x"}])");
  ASSERT_TRUE(acks);
  ASSERT_EQ(acks->size(), 2U);
  EXPECT_EQ(acks->at(0).status, "OK");
  EXPECT_EQ(acks->at(1).message, "BUSY: x");
}

TEST(Wire, WritesATaskWithOneVerb) {
  EXPECT_EQ(task_object("u", received, "read", {"_RSRP"}),
            (Json{{"uid", "u"}, {"timestamp", 5'000}, {"read", {"_RSRP"}}}));
}

}  // namespace
}  // namespace oobm::alms_sim
