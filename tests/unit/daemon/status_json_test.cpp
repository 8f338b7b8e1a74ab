#include "agent/daemon/status_json.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agent/uplink/failure.hpp"

namespace oobm::daemon {
namespace {

using nlohmann::json;

json shown(const core::Status& status, const hal::RadioFacts& facts = {}) {
  return json::parse(status_json(status, facts, {core::Duration(5000)}));
}

core::Status active() {
  core::Status status;
  status.verdict.reason = core::Reason::in_service;
  status.lifecycle = core::Lifecycle::active;
  status.phase = core::LinkPhase::online;
  status.uplink = core::Uplink::oobm;
  return status;
}

TEST(StatusJson, in_service_takes_the_state_the_link_and_the_right_uplink) {
  EXPECT_TRUE(in_service(active()));
  auto status = active();
  status.blocked = true;
  EXPECT_FALSE(in_service(status));
  status = active();
  status.phase = core::LinkPhase::connecting;
  EXPECT_FALSE(in_service(status));
  status = active();
  status.uplink = core::Uplink::main_wan;
  EXPECT_FALSE(in_service(status));
  for (const auto lifecycle : core::all_lifecycles()) {
    status = active();
    status.lifecycle = lifecycle;
    const bool serves = lifecycle == core::Lifecycle::active || lifecycle == core::Lifecycle::grace;
    EXPECT_EQ(in_service(status), serves) << core::to_text(lifecycle);
    EXPECT_EQ(shown(status)["entitled"], serves);
  }
}

TEST(StatusJson, the_unknown_is_absent) {
  const auto page = shown({});
  for (const char* member : {"entitlement", "last_task"}) EXPECT_FALSE(page.contains(member));
  for (const char* member : {"serial", "imei", "sku"})
    EXPECT_FALSE(page["router"].contains(member));
  for (const char* member :
       {"uplink", "last_fault", "oobm_fault", "last_contact_age_ms", "next_attempt_in_ms"})
    EXPECT_FALSE(page["link"].contains(member)) << member;
  for (const char* member : {"imei", "iccid", "rsrp_dbm", "operator", "cell_id"})
    EXPECT_FALSE(page["radio"].contains(member)) << member;
  EXPECT_THAT(page.dump(), testing::Not(testing::HasSubstr("null")));
}

TEST(StatusJson, time_comes_with_its_evidence) {
  core::TrustedClock clock(core::UnixTime{1'790'000'000}, {});
  clock.add(core::TimeSource::modem, core::UnixTime{315'964'800}, {core::Duration(1000)});
  clock.add(core::TimeSource::system, core::UnixTime{1'795'000'010}, {core::Duration(3000)});
  clock.attest(core::UnixTime{1'795'000'000}, {core::Duration(4000)}, {core::Duration(4000)});
  core::Status status;
  status.clock = clock.report({core::Duration(5000)});
  const auto time = shown(status)["time"];
  EXPECT_EQ(time["utc"], "2026-11-18T11:06:41Z");
  EXPECT_EQ(time["level"], "attested");
  EXPECT_EQ(time["not_before"], "2026-11-18T11:06:40Z");
  EXPECT_EQ(time["to_raise"], status.clock.to_raise);
  const auto& sources = time["sources"];
  EXPECT_EQ(sources["modem"]["refused"]["utc"], "1980-01-06T00:00:00Z");
  EXPECT_EQ(sources["modem"]["refused"]["age_ms"], 4000);
  EXPECT_FALSE(sources["modem"].contains("utc"));
  EXPECT_EQ(sources["system"]["difference_s"], 11);
  EXPECT_EQ(sources["system"]["age_ms"], 2000);
  EXPECT_EQ(sources["alms"]["difference_s"], 0);
}

TEST(StatusJson, the_verdict_carries_code_sentence_and_next_step) {
  core::Status status;
  status.blocked = true;
  status.verdict = {core::Reason::region_mismatch, "XR80-GL belongs to eu, na was configured"};
  const auto page = shown(status);
  EXPECT_EQ(page["verdict"]["code"], "REGION_MISMATCH");
  EXPECT_EQ(page["verdict"]["sentence"], core::row(core::Reason::region_mismatch).sentence);
  EXPECT_EQ(page["verdict"]["next_step"], core::row(core::Reason::region_mismatch).next_step);
  EXPECT_EQ(page["verdict"]["detail"], "XR80-GL belongs to eu, na was configured");
  EXPECT_EQ(page["in_service"], false);
  EXPECT_EQ(page["blocked"], true);
}

TEST(StatusJson, a_fault_names_layer_sentence_and_age) {
  auto status = active();
  status.phase = core::LinkPhase::idle;
  status.uplink.reset();
  status.last_fault = core::LinkFault{core::Reason::uplink_failed, "TLS_WRONG_HOST", "Other host."};
  status.last_fault_age = core::Duration(1500);
  status.oobm_fault = core::LinkFault{core::Reason::uplink_failed, "DNS_TIMEOUT", "No name."};
  status.oobm_fault_age = core::Duration(2500);
  status.next_attempt_in = core::Duration(60'000);
  const auto link = shown(status)["link"];
  EXPECT_EQ(link["last_fault"]["reason"], "UPLINK_FAILED");
  EXPECT_EQ(link["last_fault"]["code"], "TLS_WRONG_HOST");
  EXPECT_EQ(link["last_fault"]["sentence"], "Other host.");
  EXPECT_EQ(link["last_fault"]["layer"], "tls");
  EXPECT_EQ(link["last_fault"]["next_step"], uplink::info(uplink::Code::tls_wrong_host).next_step);
  EXPECT_EQ(link["last_fault"]["age_ms"], 1500);
  EXPECT_EQ(link["oobm_fault"]["code"], "DNS_TIMEOUT");
  EXPECT_EQ(link["oobm_fault"]["age_ms"], 2500);
  EXPECT_EQ(link["next_attempt_in_ms"], 60'000);
}

TEST(StatusJson, entitlement_and_dates) {
  auto status = active();
  core::Entitlement held;
  held.base.nonce = "c2VjcmV0LW5vbmNl";
  held.account = {"a1", "Acme \xff", core::AccountClass::avc};
  held.offer = {"AirLink Complete (XR80)", {"XR80"}, {"DM", "OOBM_CONNECTIVITY"}};
  held.valid_until = core::UnixTime{1'803'859'200};
  held.data = core::DataAllowance{1000, "month"};
  status.entitlement = held;
  status.days_left = 99;
  const auto page = shown(status);
  const auto& entitlement = page["entitlement"];
  EXPECT_EQ(entitlement["valid_until"], "2027-03-01T00:00:00Z");
  EXPECT_EQ(entitlement["grace_until"], "2027-03-08T00:00:00Z");
  EXPECT_EQ(entitlement["days_left"], 99);
  EXPECT_EQ(entitlement["account"]["class"], "AVC");
  EXPECT_EQ(entitlement["offer"]["devices"], json::array({"XR80"}));
  EXPECT_EQ(entitlement["billing"], "PREPAID");
  EXPECT_EQ(entitlement["data"]["limit_bytes"], 1000);
  EXPECT_FALSE(entitlement.contains("support_until"));
  EXPECT_THAT(page.dump(), testing::Not(testing::HasSubstr("c2VjcmV0"))) << "nonces stay secret";
}

TEST(StatusJson, usage_without_period_allowance_or_bytes) {
  const auto usage = shown({})["usage"];
  for (const char* member : {"allowance_bytes", "percent", "period_begin", "period_end", "since"})
    EXPECT_FALSE(usage.contains(member)) << member;
  EXPECT_EQ(usage["used_up"], false);
  EXPECT_EQ(usage["uplinks"]["main_wan"]["uses"], json::object());
  EXPECT_EQ(usage["uplinks"]["oobm"]["total"]["wire_sent"], 0);
}

TEST(StatusJson, usage_by_uplink_and_use) {
  auto status = active();
  core::SpentByUse spent{};
  spent[static_cast<std::size_t>(core::Use::handshake)] = {{}, {300, 700}};
  spent[static_cast<std::size_t>(core::Use::telemetry)] = {{80, 4}, {150, 60}};
  core::count(status.ledger, core::Uplink::oobm, spent);
  core::keep_period(status.ledger, core::UnixTime{1'798'761'599}, true);  // 2026-12-31
  status.usage = {450, 760, 1000};
  status.allowance_used_up = true;
  status.wire_measured = true;
  const auto usage = shown(status)["usage"];
  EXPECT_EQ(usage["period_begin"], "2026-12-01T00:00:00Z");
  EXPECT_EQ(usage["period_end"], "2027-01-01T00:00:00Z");
  EXPECT_EQ(usage["since"], "2026-12-31T23:59:59Z");
  EXPECT_EQ(usage["percent"], 121);
  EXPECT_EQ(usage["used_up"], true);
  EXPECT_EQ(usage["wire_measured"], true);
  EXPECT_EQ(usage["uplinks"]["oobm"]["total"], (json{{"payload_sent", 80},
                                                     {"payload_received", 4},
                                                     {"wire_sent", 450},
                                                     {"wire_received", 760}}));
  const auto& uses = usage["uplinks"]["oobm"]["uses"];
  EXPECT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses["tls_handshake"]["wire_received"], 700);
  EXPECT_EQ(uses["telemetry"]["payload_sent"], 80);
}

TEST(StatusJson, facts_of_the_radio_that_are_not_known_are_absent) {
  const auto radio = shown({})["radio"];
  for (const char* member :
       {"manufacturer", "model", "imsi", "pin_attempts", "reject", "band", "sinr_db", "context",
        "last_reset", "registration_age_ms", "signal_age_ms", "power_saving", "technologies",
        "bands", "settings_problem", "sim_state"})
    EXPECT_FALSE(radio.contains(member)) << member;
  EXPECT_EQ(radio["port"], (json{{"state", "closed"}}));
}

TEST(StatusJson, refusal_of_a_vendor_is_given_no_meaning) {
  hal::RadioFacts facts;
  facts.reject = hal::RejectCause{.vendor_specific = true, .value = 7, .at = {}};
  const auto reject = shown({}, facts)["radio"]["reject"];
  EXPECT_EQ(reject["vendor_specific"], true);
  EXPECT_FALSE(reject.contains("meaning"));
}

TEST(StatusJson, facts_of_the_radio) {
  hal::RadioFacts facts;
  facts.port = hal::PortState::asleep;
  facts.port_device = "/dev/ttyUSB2";
  facts.port_text = "the module sleeps";
  facts.manufacturer = "Sierra Wireless";
  facts.model = "HL7802";
  facts.sim = hal::SimState::pin_required;
  facts.imsi = hal::Imsi::parse("001010123456789");
  facts.pin_attempts = 3;
  facts.registration = hal::Registration::denied;
  facts.registration_since = {core::Duration(1000)};
  facts.reject =
      hal::RejectCause{.vendor_specific = false, .value = 7, .at = {core::Duration(2000)}};
  facts.band = 12;
  facts.sinr_db = 14;
  facts.power_saving = hal::PowerSaving{std::chrono::seconds(2), std::chrono::hours(1)};
  facts.technologies = {hal::Technology::lte_m, hal::Technology::nb_iot};
  facts.bands = {{hal::Technology::lte_m, {2, 12}}};
  facts.pdp = hal::PdpFacts{1, "oobm.example", {"10.64.0.2"}, {"10.64.0.1"}, 1358};
  facts.resets = 1;
  facts.last_reset_reason = "boot report";
  facts.last_reset_at = {core::Duration(500)};
  const auto page = shown({}, facts);
  const auto& radio = page["radio"];
  EXPECT_EQ(radio["port"],
            (json{{"state", "asleep"}, {"device", "/dev/ttyUSB2"}, {"text", "the module sleeps"}}));
  EXPECT_EQ(radio["model"], "HL7802");
  EXPECT_EQ(radio["sim_state"], "pin_required");
  EXPECT_EQ(radio["imsi"], "00101xxxxxxxxxx");
  EXPECT_THAT(page.dump(), testing::Not(testing::HasSubstr("001010123456789")));
  EXPECT_EQ(radio["pin_attempts"], 3);
  EXPECT_EQ(radio["registration_age_ms"], 4000);
  EXPECT_EQ(radio["reject"]["cause"], 7);
  EXPECT_EQ(radio["reject"]["age_ms"], 3000);
  EXPECT_THAT(radio["reject"]["meaning"].get<std::string>(), testing::HasSubstr("no LTE data"));
  EXPECT_EQ(radio["band"], 12);
  EXPECT_EQ(radio["sinr_db"], 14);
  EXPECT_EQ(radio["power_saving"], (json{{"active_s", 2}, {"periodic_s", 3600}}));
  EXPECT_EQ(radio["technologies"], (json{"LTE-M", "NB-IoT"}));
  EXPECT_EQ(radio["bands"][0]["technology"], "LTE-M");
  EXPECT_EQ(radio["bands"][0]["bands"], (json{2, 12}));
  EXPECT_EQ(radio["context"]["apn"], "oobm.example");
  EXPECT_EQ(radio["context"]["addresses"], json::array({"10.64.0.2"}));
  EXPECT_EQ(radio["context"]["dns"], json::array({"10.64.0.1"}));
  EXPECT_EQ(radio["context"]["mtu"], 1358);
  EXPECT_EQ(radio["last_reset"]["reason"], "boot report");
  EXPECT_EQ(radio["last_reset"]["age_ms"], 4500);
}

TEST(StatusJson, router_radio_and_task) {
  auto status = active();
  status.identity = core::RouterIdentity{core::Serial::parse("SN12345678").value(),
                                         core::SkuCode::parse("XR80-NA-SAMPLE").value(),
                                         "XR80",
                                         core::Region::na,
                                         core::Imei::parse("490154203237518").value(),
                                         "6.1"};
  status.radio = {.present = true,
                  .responding = true,
                  .sim = core::SimState::ready,
                  .registration = core::Registration::no_coverage,
                  .rsrp_dbm = -101.5};
  status.last_task = core::TaskRecord{
      "u1", "reboot", core::TaskRecord::Status::done, "b", {"u1", false, "SUSPENDED: no"}};
  status.last_contact_age = core::Duration(10);
  const auto page = shown(status);
  EXPECT_EQ(page["router"]["serial"], "SN12345678");
  EXPECT_EQ(page["router"]["region"], "NA");
  EXPECT_EQ(page["router"]["imei"], "490154203237518");
  EXPECT_EQ(page["radio"]["sim"], "ready");
  EXPECT_EQ(page["radio"]["registration"], "no_coverage");
  EXPECT_EQ(page["radio"]["fault"]["code"], "NO_COVERAGE");
  EXPECT_EQ(page["radio"]["rsrp_dbm"], -101.5);
  EXPECT_EQ(page["last_task"]["ok"], false);
  EXPECT_EQ(page["last_task"]["message"], "SUSPENDED: no");
  EXPECT_EQ(page["link"]["phase"], "online");
  EXPECT_EQ(page["link"]["last_contact_age_ms"], 10);
  EXPECT_EQ(page["at_ms"], 5000);
  EXPECT_EQ(page["schema"], status_schema);
}

}  // namespace
}  // namespace oobm::daemon
