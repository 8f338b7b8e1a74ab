#include "agent/daemon/control_protocol.hpp"

#include <gtest/gtest.h>

namespace oobm::daemon {
namespace {

struct Bad {
  const char* line;
  const char* code;
  const char* sentence;
};

TEST(ControlProtocol, refuses_and_says_what_is_wrong) {
  const Bad table[] = {
      {"", "BAD_REQUEST", "a request is one JSON object on one line"},
      {"status", "BAD_REQUEST", "a request is one JSON object on one line"},
      {"[]", "BAD_REQUEST", "a request is one JSON object on one line"},
      {"{}", "BAD_REQUEST", "\"cmd\" is missing or not a text"},
      {R"({"cmd":1})", "BAD_REQUEST", "\"cmd\" is missing or not a text"},
      {R"({"cmd":"reboot"})", "UNKNOWN_COMMAND",
       "\"reboot\" is no command; there are: at, entitlement_import, entitlement_request, events, "
       "fetch, identity, identity_csr, identity_install, install, state, status, support_bundle, "
       "sync, transfers, trust_import, version"},
      {R"({"cmd":"status","json":true})", "BAD_REQUEST",
       "\"json\" is no member of the command \"status\""},
      {R"({"cmd":"at"})", "BAD_REQUEST", "\"command\" is missing or not a text"},
      {R"({"cmd":"at","command":7})", "BAD_REQUEST", "\"command\" is missing or not a text"},
      {R"({"cmd":"at","command":"AT","force":"yes"})", "BAD_REQUEST",
       "\"force\" must be true or false"},
      {R"({"cmd":"at","command":"AT","pin":1})", "BAD_REQUEST",
       "\"pin\" is no member of the command \"at\""},
      {R"({"cmd":"events","follow":1})", "BAD_REQUEST", "\"follow\" must be true or false"},
      {R"({"cmd":"events","last":-1})", "BAD_REQUEST",
       "\"last\" must be a whole number from 0 to 256"},
      {R"({"cmd":"events","last":257})", "BAD_REQUEST",
       "\"last\" must be a whole number from 0 to 256"},
  };
  for (const auto& bad : table) {
    const auto request = parse_request(bad.line);
    ASSERT_FALSE(request) << bad.line;
    EXPECT_EQ(request.error().code, bad.code) << bad.line;
    EXPECT_EQ(request.error().sentence, bad.sentence) << bad.line;
  }
}

TEST(ControlProtocol, nothing_may_follow_a_request) {
  const std::string status = R"({"cmd":"status"})";
  for (const auto& more : {std::string("{}"), std::string("x"), std::string(1, '\0'),
                           std::string("\0{\"cmd\":\"sync\"}", 15)}) {
    const auto request = parse_request(status + more);
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().code, "BAD_REQUEST");
  }
}

TEST(ControlProtocol, a_long_word_is_not_echoed_whole) {
  const auto request = parse_request(R"({"cmd":")" + std::string(3000, 'x') + "\"}");
  EXPECT_LT(request.error().sentence.size(), 280u);
}

TEST(ControlProtocol, bytes_that_are_not_utf8_make_no_broken_reply) {
  EXPECT_EQ(error_reply({"CODE", "\xff"}),
            "{\"code\":\"CODE\",\"error\":\"\xef\xbf\xbd\",\"ok\":false}\n");
}

TEST(ControlProtocol, reads_each_command) {
  EXPECT_TRUE(std::holds_alternative<StatusRequest>(*parse_request(R"({"cmd":"status"})")));
  EXPECT_TRUE(std::holds_alternative<SyncRequest>(*parse_request(R"({"cmd":"sync"})")));
  EXPECT_TRUE(std::holds_alternative<VersionRequest>(*parse_request(R"({"cmd":"version"})")));
  const auto at = std::get<AtRequest>(*parse_request(R"({"cmd":"at","command":"AT+CSQ"})"));
  EXPECT_EQ(at.command, "AT+CSQ");
  EXPECT_FALSE(at.force);
  EXPECT_TRUE(
      std::get<AtRequest>(*parse_request(R"({"cmd":"at","command":"ATZ","force":true})")).force);
  const auto events = parse_request(R"({"cmd":"events","last":3,"follow":true})");
  EXPECT_EQ(std::get<EventsRequest>(*events).last, 3u);
  EXPECT_TRUE(std::get<EventsRequest>(*events).follow);
  EXPECT_EQ(std::get<EventsRequest>(*parse_request(R"({"cmd":"events"})")).last, 256u);
}

TEST(ControlProtocol, replies_are_single_lines_of_json) {
  EXPECT_EQ(status_reply(R"({"schema":1})"), "{\"ok\":true,\"status\":{\"schema\":1}}\n");
  EXPECT_EQ(sync_reply({core::Duration(1500)}), "{\"at_ms\":1500,\"ok\":true}\n");
  EXPECT_EQ(at_reply({.ok = false, .result = "+CME ERROR: 10", .lines = {"a", "\xff"}}),
            "{\"answer\":{\"lines\":[\"a\",\"\xef\xbf\xbd\"],\"ok\":false,"
            "\"result\":\"+CME ERROR: 10\"},\"ok\":true}\n");
  EXPECT_EQ(events_reply(7), "{\"dropped\":7,\"ok\":true}\n");
  EXPECT_EQ(version_reply("1.2"), "{\"ok\":true,\"version\":\"1.2\"}\n");
  EXPECT_EQ(
      event_line(
          {.sequence = 1, .at = {}, .time = {}, .event = "started", .reason = {}, .text = {}}),
      "{\"event\":{\"seq\":1,\"at_ms\":0,\"event\":\"started\"}}\n");
  EXPECT_EQ(end_line(), "{\"end\":true}\n");
}

TEST(ParseRequest, IdentityTakesACertificateToInstallAndNothingElse) {
  using Action = IdentityRequest::Action;
  const auto action = [](const char* text) {
    return std::get<IdentityRequest>(*parse_request(text)).action;
  };
  EXPECT_EQ(action(R"({"cmd":"identity"})"), Action::show);
  EXPECT_EQ(action(R"({"cmd":"identity_csr"})"), Action::csr);
  const auto install = std::get<IdentityRequest>(
      *parse_request(R"({"cmd":"identity_install","certificate":"pem"})"));
  EXPECT_EQ(install.action, Action::install);
  EXPECT_EQ(install.certificate, "pem");
  for (const char* bad :
       {R"({"cmd":"identity_install"})", R"({"cmd":"identity_install","certificate":7})",
        R"({"cmd":"identity_csr","certificate":"pem"})", R"({"cmd":"identity","key":"k"})"})
    EXPECT_EQ(parse_request(bad).error().code, "BAD_REQUEST") << bad;
}

TEST(ParseRequest, AnImportBringsASignedText) {
  using Action = RecordRequest::Action;
  for (const char* bad :
       {R"({"cmd":"entitlement_import"})", R"({"cmd":"trust_import","statement":7})",
        R"({"cmd":"entitlement_request","statement":"x"})", R"({"cmd":"state","raw":true})"})
    EXPECT_EQ(parse_request(bad).error().code, "BAD_REQUEST") << bad;
  const auto brought = std::get<RecordRequest>(
      *parse_request(R"({"cmd":"entitlement_import","statement":"a.b.c"})"));
  EXPECT_EQ(brought.action, Action::entitlement_import);
  EXPECT_EQ(brought.statement, "a.b.c");
  const auto action = [](const char* text) {
    return std::get<RecordRequest>(*parse_request(text)).action;
  };
  EXPECT_EQ(action(R"({"cmd":"trust_import","statement":"a.b.c"})"), Action::trust_import);
  EXPECT_EQ(action(R"({"cmd":"entitlement_request"})"), Action::entitlement_request);
  EXPECT_EQ(action(R"({"cmd":"state"})"), Action::state);
  EXPECT_EQ(action(R"({"cmd":"support_bundle"})"), Action::support_bundle);
}

TEST(Replies, ARecordIsPassedOnAsItIs) {
  EXPECT_EQ(record_reply(R"({"a":1})"), "{\"ok\":true,\"record\":{\"a\":1}}\n");
}

TEST(Replies, IdentityIsPassedOnAsItIs) {
  EXPECT_EQ(identity_reply(R"({"csr":"x"})"), "{\"ok\":true,\"identity\":{\"csr\":\"x\"}}\n");
}

}  // namespace
}  // namespace oobm::daemon
