// The command as a technician types it, against a daemon that follows a script.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/ctl/ctl.hpp"
#include "tests/unit/ctl/sample.hpp"
#include "tests/unit/ctl/scripted_daemon.hpp"

namespace oobm::ctl {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

struct Ran {
  int status;
  std::string out;
  std::string err;
};

Ran run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "oobmctl");
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = ctl_main(static_cast<int>(arguments.size()), argv.data());
  return {status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

std::string status_line(const json& status) {
  return json{{"ok", true}, {"status", status}}.dump() + "\n";
}

TEST(Command, wrong_usage_is_2) {
  EXPECT_EQ(run({}).status, exit_usage);
  EXPECT_EQ(run({"dance"}).status, exit_usage);
  EXPECT_EQ(run({"status", "--wait", "3"}).status, exit_usage);
  EXPECT_EQ(run({"sync", "--wait", "0"}).status, exit_usage);
  EXPECT_EQ(run({"events", "--last", "257"}).status, exit_usage);
  EXPECT_EQ(run({"--help"}).status, exit_in_service);
}

TEST(Command, no_daemon_is_3_and_says_what_to_do) {
  for (const char* command : {"status", "doctor", "sync", "events", "time", "version"}) {
    const auto ran = run({"--socket", "/nowhere", command});
    EXPECT_EQ(ran.status, exit_no_daemon) << command;
    EXPECT_THAT(ran.err, StartsWith("oobmctl: cannot reach oobmd at /nowhere: "));
  }
}

TEST(Command, usage_shows_the_usage_of_the_status_and_never_judges) {
  auto status = active_status();
  status["usage"]["allowance_bytes"] = 1000;
  status["usage"]["used_up"] = true;
  for (const bool as_json : {true, false}) {
    ScriptedDaemon daemon({status_line(status)});
    std::vector<std::string> arguments{"--socket", daemon.path(), "usage"};
    if (as_json) arguments.emplace_back("--json");
    const auto ran = run(arguments);
    EXPECT_EQ(ran.status, exit_in_service);
    EXPECT_THAT(ran.out, HasSubstr(as_json ? status["usage"].dump() : "Allowance 1.0 kB"));
  }
}

TEST(Command, time_shows_the_time_of_the_status) {
  const auto status = active_status();
  for (const bool as_json : {true, false}) {
    ScriptedDaemon daemon({status_line(status)});
    std::vector<std::string> arguments{"--socket", daemon.path(), "time"};
    if (as_json) arguments.emplace_back("--json");
    const auto ran = run(arguments);
    EXPECT_EQ(ran.status, exit_in_service);
    EXPECT_THAT(ran.out, StartsWith(as_json ? status["time"].dump() + "\n"
                                            : "I believe it is 2026-11-22T10:00:00Z because "));
  }
}

TEST(Command, a_reply_that_is_no_json_is_3) {
  for (const std::string reply : {"rubbish\n", "[]\n", "{\"ok\":true}\n"}) {
    ScriptedDaemon daemon({reply});
    EXPECT_EQ(run({"status", "--socket", daemon.path()}).status, exit_no_daemon) << reply;
  }
}

TEST(Command, a_refusal_is_1_with_its_code) {
  ScriptedDaemon daemon({R"({"ok":false,"code":"REGION_MISMATCH","error":"Wrong instance."})"
                         "\n"});
  const auto ran = run({"sync", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_not_in_service);
  EXPECT_EQ(ran.err, "oobmctl: REGION_MISMATCH: Wrong instance.\n");
  EXPECT_EQ(ran.out, "");
}

TEST(Command, a_daemon_that_waits_after_a_crash_is_3_and_says_for_how_long) {
  const json reply{{"ok", false},
                   {"code", "WAITING_AFTER_CRASH"},
                   {"error", "oobmd waits 540 s"},
                   {"left_s", 540}};
  for (const char* command : {"status", "doctor", "version"}) {
    ScriptedDaemon daemon({reply.dump() + "\n"});
    const auto ran = run({command, "--json", "--socket", daemon.path()});
    EXPECT_EQ(ran.status, exit_no_daemon) << command;
    EXPECT_EQ(ran.err, "oobmctl: WAITING_AFTER_CRASH: oobmd waits 540 s.\n");
    if (std::string_view(command) == "status") {
      EXPECT_EQ(ran.out, reply.dump() + "\n");
    }
  }
}

TEST(Command, status_is_1_when_not_in_service) {
  ScriptedDaemon daemon({status_line(withheld_status("SUSPENDED", "LAPSED", "Ended.", "Renew."))});
  const auto ran = run({"status", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_not_in_service);
  EXPECT_THAT(ran.out, StartsWith("SUSPENDED - LAPSED: Ended.\nNext: Renew.\n"));
}

TEST(Command, json_has_the_same_exit_status) {
  const auto status = withheld_status("SUSPENDED", "LAPSED", "Ended.", "Renew.");
  ScriptedDaemon daemon({status_line(status)});
  const auto ran = run({"status", "--json", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_not_in_service);
  EXPECT_EQ(json::parse(ran.out), status);
}

TEST(Command, sync_that_waits_in_vain_is_1) {
  auto status = active_status();  // the last answer is older than the order
  std::vector<std::string> answers{"{\"ok\":true,\"at_ms\":7199000}\n"};
  answers.insert(answers.end(), 10, status_line(status));
  ScriptedDaemon daemon(answers);
  const auto ran = run({"sync", "--wait", "1", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_not_in_service);
  EXPECT_THAT(ran.out, StartsWith("ALMS has not answered within 1 s.\nACTIVE"));
}

TEST(Command, sync_waits_for_an_answer_that_is_newer_than_its_order) {
  auto status = active_status();
  const auto before = status_line(status);
  status["at_ms"] = 7300000;
  status["link"]["last_contact_age_ms"] = 10;
  ScriptedDaemon daemon({"{\"ok\":true,\"at_ms\":7199000}\n", before, status_line(status)});
  const auto ran = run({"sync", "--wait", "20", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_in_service);
  EXPECT_THAT(ran.out, StartsWith("ALMS has answered.\nACTIVE - in service"));
  EXPECT_THAT(daemon.requests(),
              ElementsAre(R"({"cmd":"sync"})", R"({"cmd":"status"})", R"({"cmd":"status"})"));
}

TEST(Command, events_end_with_the_daemons_end_line) {
  const std::string lines =
      "{\"ok\":true,\"dropped\":0}\n"
      "{\"event\":{\"seq\":1,\"at_ms\":1000,\"event\":\"started\"}}\n"
      "{\"end\":true}\n";
  ScriptedDaemon daemon({lines});
  const auto ran = run({"events", "--last", "5", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_in_service);
  EXPECT_EQ(ran.out, "boot + 1 s  started\n");
  EXPECT_THAT(daemon.requests(), ElementsAre(R"({"cmd":"events","follow":false,"last":5})"));
  ScriptedDaemon again({lines});
  EXPECT_EQ(run({"events", "--json", "--socket", again.path()}).out,
            "{\"at_ms\":1000,\"event\":\"started\",\"seq\":1}\n");
}

TEST(Command, following_events_ends_with_3_when_the_daemon_stops) {
  ScriptedDaemon daemon(
      {"{\"ok\":true,\"dropped\":0}\n"
       "{\"event\":{\"seq\":1,\"at_ms\":1000,\"event\":\"stopping\"}}\n"});
  const auto ran = run({"events", "--follow", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_no_daemon);
  EXPECT_EQ(ran.out, "boot + 1 s  stopping\n");
  EXPECT_THAT(ran.err, HasSubstr("closed the connection"));
}

TEST(Command, at_needs_one_command) {
  EXPECT_EQ(run({"at"}).status, exit_usage);
  EXPECT_EQ(run({"at", "AT+CSQ", "AT+CESQ"}).status, exit_usage);
  const auto help = run({"at", "--help"});
  EXPECT_EQ(help.status, exit_in_service);
  EXPECT_THAT(help.out, HasSubstr("--force"));
}

TEST(Command, at_refusal_says_how_to_force_it) {
  ScriptedDaemon daemon(
      {R"({"ok":false,"code":"COMMAND_REFUSED","error":"AT+CFUN is not sent: it cuts"})"
       "\n"});
  const auto ran = run({"at", "AT+CFUN=0", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_not_in_service);
  EXPECT_EQ(ran.err,
            "oobmctl: COMMAND_REFUSED: AT+CFUN is not sent: it cuts. Add --force to send it all "
            "the same.\n");
  EXPECT_EQ(ran.out, "");
}

TEST(Command, at_of_a_port_that_is_busy_is_1) {
  ScriptedDaemon daemon(
      {R"({"ok":false,"code":"PORT_BUSY","error":"the port is held by another process"})"
       "\n"});
  const auto ran = run({"at", "AT+CSQ", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_not_in_service);
  EXPECT_EQ(ran.err, "oobmctl: PORT_BUSY: the port is held by another process\n");
}

TEST(Command, at_of_a_daemon_without_an_answer_is_3) {
  ScriptedDaemon daemon({"{\"ok\":true}\n"});
  EXPECT_EQ(run({"at", "AT+CSQ", "--socket", daemon.path()}).status, exit_no_daemon);
}

TEST(Command, at_shows_an_error_of_the_module_and_is_1) {
  ScriptedDaemon daemon({R"({"ok":true,"answer":{"ok":false,"result":"+CME ERROR: 10","lines":[]}})"
                         "\n"});
  const auto ran = run({"at", "AT+CPIN?", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_not_in_service);
  EXPECT_EQ(ran.out, "+CME ERROR: 10\n");
  EXPECT_EQ(ran.err, "");
}

TEST(Command, at_shows_lines_and_result) {
  const std::string reply =
      R"({"ok":true,"answer":{"ok":true,"result":"OK","lines":["+CSQ: 20,99","\u001b[2J"]}})"
      "\n";
  ScriptedDaemon daemon({reply});
  const auto ran = run({"at", "AT+CSQ", "--force", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_in_service);
  EXPECT_EQ(ran.out, "+CSQ: 20,99\n?[2J\nOK\n") << "nothing steers the terminal";
  EXPECT_THAT(daemon.requests(), ElementsAre(R"({"cmd":"at","command":"AT+CSQ","force":true})"));
  ScriptedDaemon again({reply});
  const auto printed = run({"at", "AT+CSQ", "--json", "--socket", again.path()}).out;
  EXPECT_EQ(json::parse(printed)["lines"][0], "+CSQ: 20,99");
}

TEST(Command, version_tells_what_is_inside_even_without_a_daemon) {
  const auto alone = run({"version", "--json", "--socket", "/nowhere"});
  EXPECT_EQ(alone.status, exit_no_daemon);
  EXPECT_TRUE(nlohmann::json::parse(alone.out)["oobmd"].is_null());
  ScriptedDaemon daemon({"{\"ok\":true,\"version\":\"9.8\"}\n"});
  const auto ran = run({"version", "--json", "--socket", daemon.path()});
  EXPECT_EQ(ran.status, exit_in_service);
  const auto versions = nlohmann::json::parse(ran.out);
  EXPECT_EQ(versions["oobmd"], "9.8");
  for (const char* name : {"asio", "c-ares", "gcc", "glibc", "mbedtls", "nlohmann-json3",
                           "paho.mqtt.c", "paho.mqtt.cpp"})
    EXPECT_THAT(versions["libraries"].value(name, ""), MatchesRegex("[0-9.]+")) << name;
}

TEST(Command, version_names_both) {
  ScriptedDaemon daemon({"{\"ok\":true,\"version\":\"9.8\"}\n"});
  EXPECT_THAT(run({"version", "--socket", daemon.path()}).out, HasSubstr("\noobmd 9.8\n"));
}

TEST(Command, doctor_is_1_where_something_fails_and_0_where_nothing_does) {
  const auto withheld = withheld_status("SUSPENDED", "LAPSED", "Ended.", "Renew.");
  ScriptedDaemon suspended({status_line(withheld)});
  auto ran = run({"doctor", "--socket", suspended.path()});
  EXPECT_EQ(ran.status, exit_not_in_service);
  EXPECT_THAT(ran.out, HasSubstr("subscription  FAILED  LAPSED\n"));
  ScriptedDaemon active({status_line(active_status())});
  ran = run({"doctor", "--json", "--socket", active.path()});
  EXPECT_EQ(ran.status, exit_in_service);
  EXPECT_EQ(json::parse(ran.out)["ok"], true);
}

TEST(Command, status_is_0_in_service) {
  ScriptedDaemon daemon({status_line(active_status())});
  const auto ran = run({"--socket", daemon.path(), "status"});
  EXPECT_EQ(ran.status, exit_in_service);
  EXPECT_THAT(ran.out, StartsWith("ACTIVE - in service until 2027-03-01 (99 days left)\n"));
}

}  // namespace
}  // namespace oobm::ctl
