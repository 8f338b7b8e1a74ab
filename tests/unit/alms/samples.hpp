// One message of each kind, every field filled, for the tests of the codec and of its documents.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/alms/encode.hpp"
#include "agent/core/message.hpp"

namespace oobm::alms::testing {

using Json = nlohmann::json;

inline core::Announcement announcement() {
  return {.identity = {.serial = core::Serial::parse("XR80NA0000001").value(),
                       .sku = core::SkuCode::parse("XR80-NA-5G").value(),
                       .model = "XR80",
                       .region = core::Region::na,
                       .imei = core::Imei::parse("490154203237518").value(),
                       .firmware = "4.1.0"},
          .iccid = core::Iccid::parse("89014103211118510720").value(),
          .agent_version = "0.1.0",
          .nonce = "n1",
          .entitlement_sequence = 7};
}

inline core::ActivationReport activation() {
  return {.proven = true,
          .interface = "oobm0",
          .address = "10.64.0.2",
          .imei = "490154203237518",
          .iccid = "89014103211118510720",
          .operator_name = "310410",
          .technology = "LTE-M",
          .rsrp_dbm = -97.5,
          .seconds_taken = 41};
}

inline core::ActivationReport failed_activation() {
  return {.fault = core::Reason::no_coverage, .detail = "Nothing heard.", .seconds_taken = 180};
}

inline core::Telemetry telemetry() {
  core::RadioView radio;
  radio.present = true;
  radio.responding = true;
  radio.sim = core::SimState::ready;
  radio.registration = core::Registration::roaming;
  radio.reject_cause = 15;
  radio.imei = core::Imei::parse("490154203237518").value();
  radio.iccid = core::Iccid::parse("89014103211118510720").value();
  radio.technology = "LTE-M";
  radio.operator_name = "310410";
  radio.firmware = "5.4.4";
  radio.rsrp_dbm = -97.5;
  radio.rsrq_db = -11.5;
  radio.rssi_dbm = -71.2;
  radio.cell_id = 27'447'297;
  radio.tracking_area = 8515;
  radio.resets = 2;
  return {radio, {true, "wan0", "203.0.113.7"}, {18'234, 5'000'000'000, 262'144'000}};
}

inline core::LifecycleReport lifecycle() {
  return {core::Lifecycle::active, core::Reason::in_service, core::UnixTime{1'767'225'660},
          core::UnixTime{1'798'761'600}};
}

inline core::ReadAnswer read_answer() {
  return {.ids = {"_RSRP", "oobm.lifecycle_state", "oobm.heartbeat_period_s",
                  "oobm.telemetry_period_s"},
          .telemetry = telemetry(),
          .lifecycle = lifecycle(),
          .settings = {{"oobm.heartbeat_period_s", std::int32_t{1800}},
                       {"oobm.telemetry_period_s", std::int32_t{900}}}};
}

inline std::vector<core::Outgoing> one_of_each() {
  const core::UnixTime at{1'767'225'600};
  return {{core::Ack{"u1", true, ""}, at},
          {core::Ack{"u2", false, "SUSPENDED: The router is suspended."}, std::nullopt},
          {lifecycle(), at},
          {activation(), at},
          {failed_activation(), std::nullopt},
          {announcement(), std::nullopt},
          {core::Heartbeat{core::Lifecycle::active, std::chrono::seconds(86'400)}, at},
          {core::ExitReport{.cause = "signal 11", .in_a_row = 2, .seconds_ran = 512}, at},
          {telemetry(), at},
          {core::Telemetry{}, std::nullopt},
          {read_answer(), at}};
}

// The values of a message, encoded without a time.
inline Json values_of(core::Message message) {
  const auto encoded = encode({std::move(message), std::nullopt});
  return Json::parse(encoded.payload);
}

}  // namespace oobm::alms::testing
