// Rule: data goes out as timestamp -> values where time is trusted, else bare; each id has the type
// that the table declares; what is unknown is left out.
#include "agent/alms/encode.hpp"

#include <limits>
#include <set>
#include <string>

#include <gmock/gmock.h>

#include "agent/alms/data_ids.hpp"
#include "agent/alms/topics.hpp"
#include "agent/core/settings.hpp"
#include "tests/unit/alms/samples.hpp"

namespace oobm::alms {
namespace {

using testing::Json;
using testing::values_of;

TEST(TopicsTest, BeginWithTheSerialNumber) {
  const auto serial = core::Serial::parse("XR80NA0000001").value();
  EXPECT_EQ(topic_name(serial, Topic::messages), "XR80NA0000001/messages/json");
  EXPECT_EQ(topic_name(serial, Topic::tasks), "XR80NA0000001/tasks/json");
  EXPECT_EQ(topic_name(serial, Topic::acks), "XR80NA0000001/acks/json");
}

TEST(EncodeTest, LeavesOutWhatIsNotKnown) {
  const auto values = values_of(core::Telemetry{});
  EXPECT_EQ(values, Json::parse(R"({"_BYTES_SENT":0,"_BYTES_RECEIVED":0,"oobm.radio_present":false,
      "oobm.radio_responding":false,"oobm.radio_sim":"unknown","oobm.radio_registration":"unknown",
      "oobm.radio_resets":0,"oobm.wan_up":false,"oobm.usage_bytes_sent":0,
      "oobm.usage_bytes_received":0})"));
}

TEST(EncodeTest, LeavesOutNumbersThatTheTypeCannotHold) {
  core::Telemetry telemetry;
  telemetry.radio.rsrp_dbm = std::numeric_limits<double>::quiet_NaN();
  telemetry.radio.rssi_dbm = std::numeric_limits<double>::infinity();
  telemetry.radio.rsrq_db = -std::numeric_limits<double>::infinity();
  telemetry.radio.cell_id = 0xffffffffU;
  telemetry.radio.resets = 0x80000000U;
  const auto values = values_of(telemetry);
  for (const char* id :
       {"_RSRP", "_RSSI", "oobm.radio_rsrq_db", "oobm.radio_cell_id", "oobm.radio_resets"})
    EXPECT_FALSE(values.contains(id)) << id;
  telemetry.radio.rsrp_dbm = 1e300;
  EXPECT_FALSE(values_of(telemetry).contains("_RSRP"));
  EXPECT_FALSE(values_of(core::LifecycleReport{.since = core::UnixTime{-1}})
                   .contains("oobm.lifecycle_since"));
}

TEST(EncodeTest, StampsWithTrustedTimeOrNotAtAll) {
  const core::Heartbeat heartbeat{core::Lifecycle::active, std::chrono::seconds(86'400)};
  EXPECT_EQ(encode({heartbeat, core::UnixTime{1'349'907'137}}).payload,
            R"({"1349907137000":{"oobm.lifecycle_state":"ACTIVE","oobm.uptime_s":86400}})");
  const std::string bare = R"({"oobm.lifecycle_state":"ACTIVE","oobm.uptime_s":86400})";
  EXPECT_EQ(encode({heartbeat, std::nullopt}).payload, bare);
  EXPECT_EQ(encode({heartbeat, core::UnixTime{-1}}).payload, bare);
  EXPECT_EQ(encode({heartbeat, core::UnixTime{std::numeric_limits<std::int64_t>::max()}}).payload,
            bare);
}

TEST(EncodeTest, PrintsAnAnnouncement) {
  EXPECT_EQ(values_of(testing::announcement()),
            Json::parse(R"({"oobm.online":true,"oobm.serial":"XR80NA0000001",
      "oobm.imei":"490154203237518","oobm.iccid":"89014103211118510720","oobm.model":"XR80",
      "oobm.sku":"XR80-NA-5G","oobm.region":"NA","oobm.firmware":"4.1.0",
      "oobm.agent_version":"0.1.0","oobm.announce_nonce":"n1","oobm.entitlement_seq":7})"));
}

TEST(EncodeTest, AnAnnouncementNeedsNeitherImeiNorIccid) {
  auto bare = testing::announcement();
  bare.identity.imei.reset();
  bare.iccid.reset();
  const auto values = values_of(bare);
  EXPECT_FALSE(values.contains("oobm.imei") || values.contains("oobm.iccid"));
}

TEST(EncodeTest, PrintsALifecycleReport) {
  const core::LifecycleReport report{core::Lifecycle::grace, core::Reason::term_ended,
                                     core::UnixTime{1'798'761'600}, core::UnixTime{1'798'761'600}};
  EXPECT_EQ(values_of(report), Json::parse(R"({"oobm.lifecycle_state":"GRACE",
      "oobm.lifecycle_reason":"TERM_ENDED","oobm.lifecycle_since":1798761600000,
      "oobm.valid_until":1798761600000})"));
}

TEST(EncodeTest, PrintsProofAndFailureOfAnActivation) {
  EXPECT_EQ(values_of(testing::activation()),
            Json::parse(R"({"oobm.activation_result":"PROVEN","oobm.activation_interface":"oobm0",
      "oobm.activation_address":"10.64.0.2","oobm.activation_imei":"490154203237518",
      "oobm.activation_iccid":"89014103211118510720","oobm.activation_operator":"310410",
      "oobm.activation_technology":"LTE-M","oobm.activation_rsrp_dbm":-97.5,
      "oobm.activation_seconds":41})"));
  const core::ActivationReport failed{.fault = core::Reason::no_coverage,
                                      .detail = "Nothing heard."};
  EXPECT_EQ(values_of(failed), Json::parse(R"({"oobm.activation_result":"FAILED",
      "oobm.activation_fault":"NO_COVERAGE","oobm.activation_detail":"Nothing heard.",
      "oobm.activation_seconds":0})"));
}

TEST(EncodeTest, PrintsAnAbnormalEnd) {
  const core::ExitReport killed{.cause = "signal 11", .in_a_row = 2, .seconds_ran = 512};
  EXPECT_EQ(values_of(killed), Json::parse(R"({"oobm.exit_cause":"signal 11",
      "oobm.exit_in_a_row":2,"oobm.exit_ran_s":512})"));
}

TEST(EncodeTest, PrintsTelemetry) {
  EXPECT_EQ(values_of(testing::telemetry()), Json::parse(R"({"_RSSI":-71,"_RSRP":-98,
      "_NETWORK_OPERATOR":"310410","_NETWORK_SERVICE_TYPE":"LTE-M","_BYTES_SENT":18234,
      "_BYTES_RECEIVED":5000000000,"oobm.radio_present":true,"oobm.radio_responding":true,
      "oobm.radio_sim":"ready","oobm.radio_registration":"roaming","oobm.radio_reject_cause":15,
      "oobm.radio_imei":"490154203237518","oobm.radio_iccid":"89014103211118510720",
      "oobm.radio_firmware":"5.4.4","oobm.radio_rsrq_db":-11.5,"oobm.radio_cell_id":27447297,
      "oobm.radio_tracking_area":8515,"oobm.radio_resets":2,"oobm.wan_up":true,
      "oobm.wan_interface":"wan0","oobm.wan_address":"203.0.113.7","oobm.usage_bytes_sent":18234,
      "oobm.usage_bytes_received":5000000000,"oobm.usage_allowance_bytes":262144000})"));
}

TEST(EncodeTest, AnswersAReadWithWhatWasAskedAlone) {
  auto answer = testing::read_answer();
  answer.ids = {"_RSRP", "oobm.lifecycle_state", "oobm.heartbeat_period_s", "no.such", "_RSRP", ""};
  EXPECT_EQ(values_of(answer), Json::parse(R"({"_RSRP":-98,"oobm.lifecycle_state":"ACTIVE",
      "oobm.heartbeat_period_s":1800})"));
}

TEST(EncodeTest, SaysNothingWhenNothingKnownWasAsked) {
  auto answer = testing::read_answer();
  answer.ids = {"machine.temperature"};
  EXPECT_EQ(encode({answer, core::UnixTime{1}}).payload, "");
}

TEST(EncodeTest, PrintsTheDocumentedAcks) {
  const auto ack = [](bool ok, const char* message) {
    const auto encoded = encode({core::Ack{"u1", ok, message}, core::UnixTime{1}});
    EXPECT_EQ(encoded.topic, Topic::acks);
    return Json::parse(encoded.payload);
  };
  EXPECT_EQ(ack(true, ""), Json::parse(R"([{"uid":"u1","status":"OK"}])"));
  EXPECT_EQ(ack(true, "install success"),
            Json::parse(R"([{"uid":"u1","status":"OK","message":"install success"}])"));
  EXPECT_EQ(ack(false, "SUSPENDED: The router is suspended."),
            Json::parse(R"([{"uid":"u1","status":"ERROR",
                            "message":"SUSPENDED: The router is suspended."}])"));
}

TEST(EncodeTest, BoundsAndRepairsText) {
  const auto ack = encode({core::Ack{"u1", false, std::string(239, 'x') + "\xe2\x82\xac"}, {}});
  EXPECT_EQ(Json::parse(ack.payload)[0]["message"], std::string(239, 'x'));
  core::Telemetry telemetry;
  telemetry.radio.operator_name = "a\xff\x1b" + std::string(400, 'o');
  const auto values = values_of(telemetry);
  const auto said = values["_NETWORK_OPERATOR"].get<std::string>();
  EXPECT_TRUE(said.starts_with("a\xef\xbf\xbd o")) << said;
  EXPECT_LE(said.size(), 202U);
}

TEST(EncodeTest, TheLastWillSaysOffline) { EXPECT_EQ(last_will(), R"({"oobm.online":false})"); }

// --- the table of data ids ----------------------------------------------------------------------

bool has_type(const Json& value, DataType type) {
  switch (type) {
    case DataType::boolean:
      return value.is_boolean();
    case DataType::int32:
      return value.is_number_integer() && value >= std::numeric_limits<std::int32_t>::min() &&
             value <= std::numeric_limits<std::int32_t>::max();
    case DataType::real:
      return value.is_number();
    case DataType::text:
      return value.is_string();
    case DataType::date:
      return value.is_number_integer() && value >= 0;
  }
  return false;
}

TEST(DataIdsTest, StandInTheOrderOfTheEnumerationAndOnce) {
  std::set<std::string_view> wires;
  for (std::size_t at = 0; at < data_table.size(); ++at) {
    EXPECT_EQ(static_cast<std::size_t>(data_table[at].id), at) << data_table[at].wire;
    EXPECT_TRUE(wires.insert(data_table[at].wire).second) << data_table[at].wire;
  }
  EXPECT_EQ(static_cast<std::size_t>(DataId::telemetry_period_s) + 1, data_table.size());
}

TEST(DataIdsTest, AreThePlatformsOrFlatSnakeCaseInAssetOobm) {
  const std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
  for (const auto& row : data_table) {
    if (row.wire.starts_with("_")) continue;
    ASSERT_TRUE(row.wire.starts_with("oobm.")) << row.wire;
    EXPECT_EQ(row.wire.find_first_not_of(allowed, 5), std::string_view::npos) << row.wire;
  }
  for (const auto& row : command_table) {
    ASSERT_TRUE(row.wire.starts_with("oobm.")) << row.wire;
    EXPECT_EQ(row.wire.find_first_not_of(allowed, 5), std::string_view::npos) << row.wire;
  }
}

// Each id of the table is said by some message, each said id is in the table and has its type.
TEST(DataIdsTest, AreExactlyThoseThatMessagesSay) {
  std::set<std::string> said;
  for (const auto& outgoing : testing::one_of_each()) {
    if (std::holds_alternative<core::Ack>(outgoing.message)) continue;
    const auto values = values_of(outgoing.message);
    for (const auto& [id, value] : values.items()) {
      said.insert(id);
      const auto* found = std::ranges::find(data_table, id, &DataRow::wire);
      ASSERT_NE(found, data_table.end()) << id;
      EXPECT_TRUE(has_type(value, found->type)) << id << " = " << value;
    }
  }
  for (const auto& row : data_table) EXPECT_TRUE(said.contains(std::string(row.wire))) << row.wire;
}

TEST(DataIdsTest, NameTheSettingsThatTheCoreTakes) {
  std::set<std::string_view> here;
  std::set<std::string_view> core_side;
  for (const auto& row : data_table)
    if (row.kind == DataKind::setting) here.insert(row.wire);
  for (const auto& row : core::setting_rows()) core_side.insert(row.id);
  EXPECT_EQ(here, core_side);
}

}  // namespace
}  // namespace oobm::alms
