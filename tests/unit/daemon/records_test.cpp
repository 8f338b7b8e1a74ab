// What a technician takes away: bounded, and without a secret.
#include "agent/daemon/records.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace oobm::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

constexpr const char* iccid = "89014103211118510720";
constexpr const char* nonce = "9f86d081884c7d659a2feaa0c55ad015";
constexpr const char* signed_text = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";

// ---- redaction

TEST(Redaction, LeavesOutWhatTheNameOfAMemberTells) {
  const auto clean = redacted(Json::parse(R"({"password":"hunter2","nested":[{"nonce":"abc"}],
      "iccid":"89014103211118510720","imsi":"310260123456789","imei":"490154203237518"})"),
                              {});
  EXPECT_EQ(clean["password"], "(withheld)");
  EXPECT_EQ(clean["nested"][0]["nonce"], "(withheld)");
  EXPECT_EQ(clean["iccid"], "...0720");
  EXPECT_EQ(clean["imsi"], "...6789");
  EXPECT_EQ(clean["imei"], "490154203237518") << "by which support finds the router";
}

TEST(Redaction, LeavesOutKnownSecretsWhereverTheyStand) {
  const Secrets secrets{.cards = {iccid}, .words = {nonce, "tiny", ""}};
  const auto clean = redacted(
      Json{{"text", std::string("SIM ") + iccid + " and " + iccid + ", nonce " + nonce + ", tiny"}},
      secrets);
  EXPECT_EQ(clean["text"], "SIM ...0720 and ...0720, nonce (withheld), tiny");
}

TEST(Redaction, KnowsSignedTextsAndKeysByTheirForm) {
  const auto clean =
      redacted(Json::array({signed_text, "x\n-----BEGIN PRIVATE KEY-----\nMIG", "a.b.c", 5}), {});
  EXPECT_EQ(clean[0], "(signed text of 49 bytes)");
  EXPECT_EQ(clean[1], "(withheld)");
  EXPECT_EQ(clean[2], "a.b.c");
  EXPECT_EQ(clean[3], 5);
}

TEST(Redaction, ASecretThatItsMaskHoldsDoesNotEndlesslyReplaceItself) {
  const auto clean = redacted(Json("......0720......"), {.cards = {"......"}, .words = {}});
  EXPECT_TRUE(clean.is_string());
}

// ---- records

core::State full_state() {
  core::State state;
  state.lifecycle = core::Lifecycle::active;
  core::Entitlement claims;
  claims.base.registration = "r-1";
  claims.base.nonce = nonce;
  claims.valid_until = core::UnixTime{1'800'000'000};
  state.entitlement = core::HeldEntitlement{signed_text, claims};
  state.trust = core::HeldTrust{
      signed_text,
      {.issuer = "na", .version = 3, .issued_at = {}, .keys = {{.id = "k-1", .x = {}, .y = {}}}}};
  state.request = core::CarriedRequest{"00112233445566778899aabbccddeeff", "boot-1", {}};
  core::ActivationReport report;
  report.iccid = iccid;
  report.detail = std::string("the card ") + iccid;
  state.outbox.push_back({.id = 1, .message = report, .at = {}});
  state.next_outbox_id = 2;
  return state;
}

TEST(StateRecord, ShowsWhatIsStoredAndNoSecret) {
  const auto state = full_state();
  core::Status status;
  status.store_generation = 7;
  const auto text = state_json(state, status, secrets_of(state, status));
  for (const char* secret : {iccid, nonce, "00112233445566778899aabbccddeeff", "eyJ"})
    EXPECT_THAT(text, Not(HasSubstr(secret)));
  const auto record = Json::parse(text);
  EXPECT_EQ(record["generation"], 7);
  EXPECT_EQ(record["document"]["lifecycle"], "ACTIVE");
  EXPECT_EQ(record["document"]["entitlement"]["reg"], "r-1");
  EXPECT_EQ(record["document"]["trust"]["kids"][0], "k-1");
  EXPECT_EQ(record["document"]["outbox"][0]["activation"]["iccid"], "...0720");
}

TEST(StateRecord, TellsOfAFaultOfTheFlash) {
  core::Status status;
  status.storage_fault = "no space left";
  EXPECT_THAT(state_json({}, status, {}), HasSubstr("no space left"));
}

TEST(Bundle, IsBoundedAndLeavesOutTheOldestEventsFirst) {
  const auto state = full_state();
  const core::Status status;
  EventLog events;
  for (std::size_t i = 0; i < event_log_capacity; ++i)
    events.add({.at = {},
                .time = {},
                .event = "e",
                .reason = {},
                .text = std::to_string(i) + std::string(max_event_text_bytes, '"')});
  const std::string large = R"({"schema":1,"padding":")" + std::string(60 * 1024, 'x') + R"("})";
  const auto secrets = secrets_of(state, status);
  const auto text = bundle_json({.version = "0.1.0",
                                 .status_json = large,
                                 .state = state,
                                 .status = status,
                                 .events = events,
                                 .secrets = secrets});
  EXPECT_LE(text.size(), max_bundle_bytes);
  const auto bundle = Json::parse(text);
  ASSERT_FALSE(bundle["events"].empty());
  EXPECT_EQ(bundle["events"].back()["seq"], event_log_capacity);
  EXPECT_EQ(bundle["events_left_out"].get<std::size_t>() + bundle["events"].size(),
            event_log_capacity);
  EXPECT_TRUE(bundle["state"].is_object());
}

TEST(Bundle, WhatCannotFitIsSaidToBeLeftOut) {
  auto state = full_state();
  core::ActivationReport report;
  report.detail = std::string(4'000, 'd');
  state.outbox.assign(core::max_outbox_items, {.id = 1, .message = report, .at = {}});
  const core::Status status;
  const EventLog events;
  const auto text = bundle_json({.version = "0.1.0",
                                 .status_json = R"({"schema":1})",
                                 .state = state,
                                 .status = status,
                                 .events = events,
                                 .secrets = {}});
  EXPECT_LE(text.size(), max_bundle_bytes);
  EXPECT_EQ(Json::parse(text)["state"], "left out: too large");
}

}  // namespace
}  // namespace oobm::daemon
