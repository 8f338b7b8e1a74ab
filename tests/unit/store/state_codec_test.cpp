#include "agent/store/state_codec.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agent/store/slots.hpp"

namespace oobm::store {
namespace {

using nlohmann::json;

// A value other than the default in every member.
core::State full_state() {
  core::State state;
  state.lifecycle = core::Lifecycle::suspended;
  state.reason = core::Reason::lapsed;
  state.reason_detail = "term ended \"on\" 2026-01-01\n\u00fc";
  state.since = core::UnixTime{1'767'225'600};
  state.test = true;
  state.path_proven = true;
  state.registration =
      core::RegistrationMemory{"na", "reg-1", UINT64_MAX, "jti-9", "490154203237518"};
  state.superseded = {"reg-0", "reg-00"};
  state.time_floor = core::UnixTime{1'760'000'000};
  state.first_imei = core::Imei::parse("490154203237518").value();
  state.last_notice_days = 14;
  state.settings = {600, 120};
  state.usage.period = core::Month{2028, 2};
  state.usage.since = core::UnixTime{1'835'395'200};
  state.usage.notice_percent = 95;
  std::uint64_t bytes = UINT64_MAX;
  for (auto& uplink : state.usage.spent)
    for (auto& spent : uplink) spent = {{bytes--, bytes--}, {bytes--, bytes--}};
  state.ledger = {
      {"u1", "reboot", core::TaskRecord::Status::started, "boot-7", {}, 1'767'225'600'123},
      {"u2", "entitle", core::TaskRecord::Status::done, "boot-6", {"u2", false, "STALE: old"}}};
  state.ledger_horizon_ms = 1'767'225'600'000;
  state.reboots = {{"boot-5", {core::Duration(70'000)}, core::UnixTime{1'767'225'000}},
                   {"boot-6", {core::Duration(9)}, std::nullopt}};
  state.request = core::CarriedRequest{"0123456789abcdef", "boot-7", {core::Duration(5'000)}};
  core::ActivationReport proof{.proven = true,
                               .fault = core::Reason::no_coverage,
                               .detail = "d",
                               .interface = "wwan0",
                               .address = "10.0.0.2",
                               .imei = "490154203237518",
                               .iccid = "8944000000000000000",
                               .operator_name = "Op",
                               .technology = "LTE-M",
                               .rsrp_dbm = -101.5,
                               .seconds_taken = 12};
  core::LifecycleReport report{core::Lifecycle::grace, core::Reason::term_ended, core::UnixTime{5},
                               core::UnixTime{6}};
  state.outbox = {{3, core::Ack{"u3", true, ""}, core::UnixTime{9}},
                  {5, report, std::nullopt},
                  {8, proof, core::UnixTime{10}}};
  state.next_outbox_id = 9;
  return state;
}

std::string stored(const core::State& state) { return state_to_json(state).value(); }

// The document of full_state() with one member replaced.
std::string with(const char* pointer, json value) {
  json document = json::parse(stored(full_state()));
  document[json::json_pointer(pointer)] = std::move(value);
  return document.dump();
}

struct Bad {
  const char* pointer;
  json value;
  const char* where;
};

TEST(StateCodec, refuses_what_breaks_a_rule_and_names_the_place) {
  const Bad table[] = {
      {"/lifecycle", "READY", "lifecycle"},
      {"/lifecycle", 3, "lifecycle"},
      {"/reason_detail", json::array(), "reason_detail"},
      {"/since", "yesterday", "since"},
      {"/since", 1.5, "since"},
      {"/test", "yes", "test"},
      {"/registration", "na", "registration"},
      {"/registration/seq", -1, "registration.seq"},
      {"/superseded", json(std::vector<std::string>(9, "r")), "superseded"},
      {"/superseded/0", 1, "superseded[0]"},
      {"/first_imei", "490154203237519", "first_imei"},
      {"/last_notice_days", 1e99, "last_notice_days"},
      {"/settings/heartbeat_period_s", 4'000'000'000, "settings.heartbeat_period_s"},
      {"/usage", 5, "usage"},
      {"/usage/period", json::array({2028, 13}), "usage.period"},
      {"/usage/period", json::array({2028}), "usage.period"},
      {"/usage/period", "2028-02", "usage.period"},
      {"/usage/since", true, "usage.since"},
      {"/usage/notice_percent", 1e99, "usage.notice_percent"},
      {"/usage/oobm", json::array(), "usage.oobm"},
      {"/usage/oobm/dns", 1, "usage.oobm.dns"},
      {"/usage/oobm/dns/wire", nullptr, "usage.oobm.dns.wire"},
      {"/usage/oobm/dns/wire", json::array({1, 2, 3}), "usage.oobm.dns.wire"},
      {"/usage/main_wan/other/payload/1", -1, "usage.main_wan.other.payload[1]"},
      {"/ledger", json::object(), "ledger"},
      {"/ledger", json(std::vector<json>(65, json::object())), "ledger"},
      {"/ledger/1/status", "maybe", "ledger[1].status"},
      {"/ledger/0/issued_ms", -1, "ledger[0].issued_ms"},
      {"/ledger_horizon_ms", "now", "ledger_horizon_ms"},
      {"/reboots", json(std::vector<json>(5, json::object())), "reboots"},
      {"/reboots/0/at_ms", "noon", "reboots[0].at_ms"},
      {"/reboots/1/at_ms", -5, "reboots[1].at_ms"},
      {"/request", "0123", "request"},
      {"/request/nonce", "", "request.nonce"},
      {"/ledger/1/ack", nullptr, "ledger[1].ack"},
      {"/ledger/1/ack/ok", 1, "ledger[1].ack.ok"},
      {"/outbox/0/ack", 7, "outbox[0].ack"},
      {"/outbox/0", {{"id", 3}}, "outbox[0]"},
      {"/outbox/1/id", 3, "outbox"},
      {"/outbox/1/lifecycle/state", "GONE", "outbox[1].lifecycle.state"},
      {"/outbox/2/activation/rsrp_dbm", "weak", "outbox[2].activation.rsrp_dbm"},
      {"/next_outbox_id", 8, "next_outbox_id"},
  };
  for (const auto& bad : table) {
    const auto loaded = state_from_json(with(bad.pointer, bad.value));
    ASSERT_FALSE(loaded) << bad.pointer;
    EXPECT_EQ(loaded.error().where, bad.where) << loaded.error().sentence;
    EXPECT_NE(loaded.error().sentence, "");
  }
}

TEST(StateCodec, refuses_what_is_no_object_and_what_is_cut) {
  for (const std::string text : {"", "null", "[]", "7", "{}", "{\"lifecycle\":", "\xff\xfe"})
    EXPECT_FALSE(state_from_json(text)) << text;
  const std::string whole = stored(full_state());
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(state_from_json(std::string_view(whole).substr(0, length))) << length;
  EXPECT_FALSE(state_from_json(std::string(100'000, '[')));
  EXPECT_FALSE(state_from_json(whole + '\0' + whole));
  EXPECT_FALSE(state_from_json(whole + '\0'));
}

TEST(StateCodec, refuses_to_store_more_than_the_bounds_allow) {
  auto state = full_state();
  state.ledger.resize(core::max_ledger_records + 1);
  ASSERT_FALSE(state_to_json(state));
  EXPECT_EQ(state_to_json(state).error().where, "ledger");
  state = full_state();
  state.outbox.resize(core::max_outbox_items + 1);
  EXPECT_EQ(state_to_json(state).error().where, "outbox");
  state = full_state();
  state.superseded.resize(core::max_superseded + 1);
  EXPECT_EQ(state_to_json(state).error().where, "superseded");
}

TEST(StateCodec, a_report_of_an_abnormal_end_waits_like_any_other) {
  auto state = full_state();
  state.outbox.push_back({9, core::ExitReport{"signal 11", 2, 40}, std::nullopt});
  state.next_outbox_id = 10;
  const auto read = state_from_json(stored(state));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->state.outbox, state.outbox);
}

TEST(StateCodec, a_reason_of_a_later_version_costs_no_memory) {
  const auto loaded = state_from_json(with("/reason", "MOON_PHASE"));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->state.reason, core::Reason::none);
  EXPECT_EQ(loaded->state.reason_detail, "reason MOON_PHASE is not known to this version");
  EXPECT_EQ(loaded->state.lifecycle, core::Lifecycle::suspended);
}

TEST(StateCodec, text_that_is_not_utf8_does_not_stop_a_commit) {
  core::State state;
  state.ledger.push_back(
      {"u", "reboot", core::TaskRecord::Status::done, "b", {"u", false, "\xff"}});
  const auto loaded = state_from_json(stored(state));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->state.ledger[0].ack.message, "\xef\xbf\xbd");
}

TEST(StateCodec, a_document_from_before_bytes_were_counted_loads) {
  json document = json::parse(stored(full_state()));
  document.erase("usage");
  const auto loaded = state_from_json(document.dump());
  ASSERT_TRUE(loaded) << loaded.error().sentence;
  auto expected = full_state();
  expected.usage = {};
  EXPECT_EQ(loaded->state, expected);
}

TEST(StateCodec, a_document_from_before_restarts_and_requests_were_kept_loads) {
  json document = json::parse(stored(full_state()));
  for (const auto* member : {"ledger_horizon_ms", "reboots", "request"}) document.erase(member);
  document["ledger"][0].erase("issued_ms");
  const auto loaded = state_from_json(document.dump());
  ASSERT_TRUE(loaded) << loaded.error().sentence;
  auto expected = full_state();
  expected.ledger[0].issued_ms = expected.ledger_horizon_ms = 0;
  expected.reboots.clear();
  expected.request.reset();
  EXPECT_EQ(loaded->state, expected);
}

TEST(StateCodec, a_use_of_a_later_version_costs_no_memory) {
  EXPECT_TRUE(
      state_from_json(with("/usage/oobm/moon_phase", {{"payload", {1, 2}}, {"wire", {3, 4}}})));
}

TEST(StateCodec, what_nothing_was_spent_on_takes_no_room) {
  auto state = full_state();
  state.usage = {};
  EXPECT_THAT(stored(state), testing::Not(testing::HasSubstr("wire")));
}

TEST(StateCodec, a_signed_text_is_kept_as_text_and_its_claims_are_not) {
  auto state = full_state();
  state.entitlement = core::HeldEntitlement{"e.y.J", {}};
  state.entitlement->claims.account.name = "Never stored";
  state.trust = core::HeldTrust{"t.r.u", {}};
  EXPECT_THAT(stored(state), testing::Not(testing::HasSubstr("Never stored")));
  const auto loaded = state_from_json(stored(state));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->entitlement_text, "e.y.J");
  EXPECT_EQ(loaded->trust_text, "t.r.u");
  EXPECT_FALSE(loaded->state.entitlement);
  EXPECT_FALSE(loaded->state.trust);
}

TEST(StateCodec, every_member_comes_back) {
  const auto loaded = state_from_json(stored(full_state()));
  ASSERT_TRUE(loaded) << loaded.error().where << ": " << loaded.error().sentence;
  EXPECT_EQ(loaded->state, full_state());
  EXPECT_EQ(state_from_json(stored(core::State{}))->state, core::State{});
}

TEST(StateCodec, every_lifecycle_state_and_every_reason_comes_back) {
  core::State state;
  for (const auto lifecycle : core::all_lifecycles()) {
    state.lifecycle = lifecycle;
    EXPECT_EQ(state_from_json(stored(state))->state, state);
  }
  for (const auto& row : core::reasons()) {
    state.reason = row.reason;
    EXPECT_EQ(state_from_json(stored(state))->state, state) << row.code;
  }
}

// The promise of slots.hpp: a state at all its bounds can be stored.
TEST(StateCodec, a_state_at_all_its_bounds_fits_into_a_document) {
  auto state = full_state();
  const std::string uid(64, 'u');
  const core::Ack ack{uid, false, std::string(240, 'm')};
  state.reason_detail = std::string(200, 'd');
  state.entitlement = core::HeldEntitlement{std::string(core::statement_max_bytes, 'e'), {}};
  state.trust = core::HeldTrust{std::string(core::statement_max_bytes, 't'), {}};
  state.superseded.assign(core::max_superseded, std::string(64, 'r'));
  state.ledger.assign(core::max_ledger_records, {uid, "reset_radio", core::TaskRecord::Status::done,
                                                 std::string(36, 'b'), ack, UINT64_MAX});
  state.reboots.assign(
      core::reboots_a_day,
      {std::string(36, 'b'), {core::Duration(INT64_MAX)}, core::UnixTime{INT32_MAX}});
  auto report = std::get<core::ActivationReport>(state.outbox.back().message);
  report.detail = std::string(200, 'd');
  report.operator_name = report.technology = std::string(64, 'o');
  report.address = std::string(45, 'a');
  state.outbox.clear();
  for (std::uint64_t id = 1; id <= core::max_outbox_items; ++id)
    state.outbox.push_back({id, report, core::UnixTime{INT32_MAX}});
  state.next_outbox_id = core::max_outbox_items + 1;
  EXPECT_LT(stored(state).size() + 200, max_document_bytes);
}

}  // namespace
}  // namespace oobm::store
