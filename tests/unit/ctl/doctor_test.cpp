// Layer by layer: nothing beyond a failure is called well, and the failure says what to do.
#include "agent/ctl/doctor.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/uplink/failure.hpp"
#include "tests/unit/ctl/sample.hpp"

namespace oobm::ctl {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::vector<Finding> look(const json& status) { return examine(View(status)); }

// "board+ radio+ sim! registration. ..." : ok, failed, not reached.
std::string brief(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings)
    text.append(text.empty() ? "" : " ")
        .append(finding.layer)
        .append(std::array{"+", "!", "."}[static_cast<std::size_t>(finding.health)]);
  return text;
}

Finding first_failure(const std::vector<Finding>& findings) {
  const Finding none{.layer = "none"};
  const auto found = std::ranges::find(findings, Health::failed, &Finding::health);
  return found == findings.end() ? none : *found;
}

json offline() {
  auto status = active_status();
  status["in_service"] = false;
  status["link"] = {{"phase", "idle"}};
  return status;
}

json broken(const char* layer, const char* code) {
  auto status = offline();
  status["link"]["oobm_fault"] = {
      {"reason", "UPLINK_FAILED"}, {"code", code},   {"layer", layer}, {"sentence", "It broke."},
      {"next_step", "Mend it."},   {"age_ms", 60000}};
  return status;
}

json radio_fault(const char* code) {
  auto status = offline();
  status["radio"]["fault"] = {{"code", code}, {"sentence", "No."}, {"next_step", "Look."}};
  return status;
}

TEST(Doctor, RubbishIsNeverWell) {
  for (const char* text : {"{}", "[]", "null", R"({"in_service":true,"entitled":true})"}) {
    const auto status = json::parse(text);
    EXPECT_FALSE(all_well(look(status))) << text;
    EXPECT_EQ(look(status).size(), 12U) << text;
  }
}

TEST(Doctor, ABlockedRouterStopsAtItsBoard) {
  auto status = withheld_status("ACTIVE", "REGION_MISMATCH", "Wrong instance.", "Move it.");
  status["blocked"] = true;
  const auto found = look(status);
  EXPECT_EQ(brief(found),
            "board! radio+ sim+ registration+ bearer. dns. route. tcp. tls. mqtt. subscription. "
            "storage+");
  EXPECT_EQ(found[0].code, "REGION_MISMATCH");
  EXPECT_EQ(found[0].next, "Move it.");
}

struct Row {
  const char* name;
  json status;
  const char* brief;
};

class Examination : public testing::TestWithParam<Row> {};

TEST_P(Examination, EndsAtTheFirstFailure) {
  EXPECT_EQ(brief(look(GetParam().status)), GetParam().brief);
}

INSTANTIATE_TEST_SUITE_P(
    Layers, Examination,
    testing::Values(Row{"no_radio", radio_fault("RADIO_ABSENT"),
                        "board+ radio! sim. registration. bearer. dns. route. tcp. tls. mqtt. "
                        "subscription+ storage+"},
                    Row{"no_sim", radio_fault("SIM_ABSENT"),
                        "board+ radio+ sim! registration. bearer. dns. route. tcp. tls. mqtt. "
                        "subscription+ storage+"},
                    Row{"no_network", radio_fault("NO_COVERAGE"),
                        "board+ radio+ sim+ registration! bearer. dns. route. tcp. tls. mqtt. "
                        "subscription+ storage+"},
                    Row{"no_interface", broken("interface", "INTERFACE_MISSING"),
                        "board+ radio+ sim+ registration+ bearer! dns. route. tcp. tls. mqtt. "
                        "subscription+ storage+"},
                    Row{"no_name", broken("dns", "DNS_TIMEOUT"),
                        "board+ radio+ sim+ registration+ bearer+ dns! route. tcp. tls. mqtt. "
                        "subscription+ storage+"},
                    Row{"no_route", broken("route", "ROUTE_UNREACHABLE"),
                        "board+ radio+ sim+ registration+ bearer+ dns+ route! tcp. tls. mqtt. "
                        "subscription+ storage+"},
                    Row{"no_server", broken("tcp", "TCP_TIMEOUT"),
                        "board+ radio+ sim+ registration+ bearer+ dns+ route+ tcp! tls. mqtt. "
                        "subscription+ storage+"},
                    Row{"no_trust", broken("tls", "TLS_UNKNOWN_CA"),
                        "board+ radio+ sim+ registration+ bearer+ dns+ route+ tcp+ tls! mqtt. "
                        "subscription+ storage+"},
                    Row{"no_login", broken("mqtt", "MQTT_BAD_CREDENTIALS"),
                        "board+ radio+ sim+ registration+ bearer+ dns+ route+ tcp+ tls+ mqtt! "
                        "subscription+ storage+"},
                    Row{"no_peer", broken("peer", "KEEPALIVE_LOST"),
                        "board+ radio+ sim+ registration+ bearer+ dns+ route+ tcp+ tls+ mqtt! "
                        "subscription+ storage+"},
                    // Found before anything was sent: nothing is known of the way.
                    Row{"no_key", broken("local", "KEY_FILE"),
                        "board+ radio+ sim+ registration+ bearer. dns. route. tcp. tls! mqtt. "
                        "subscription+ storage+"},
                    Row{"no_revocation_list", broken("local", "REVOCATION_LIST"),
                        "board+ radio+ sim+ registration+ bearer. dns. route. tcp. tls! mqtt. "
                        "subscription+ storage+"},
                    Row{"no_instance", broken("", "INSTANCE_INCOMPLETE"),
                        "board! radio+ sim+ registration+ bearer. dns. route. tcp. tls. mqtt. "
                        "subscription+ storage+"},
                    Row{"an_unknown_code", broken("", "SOMETHING_NEW"),
                        "board+ radio+ sim+ registration+ bearer! dns. route. tcp. tls. mqtt. "
                        "subscription+ storage+"},
                    Row{"never_tried", offline(),
                        "board+ radio+ sim+ registration+ bearer. dns. route. tcp. tls. mqtt. "
                        "subscription+ storage+"},
                    Row{"all_well", active_status(),
                        "board+ radio+ sim+ registration+ bearer+ dns+ route+ tcp+ tls+ mqtt+ "
                        "subscription+ storage+"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Doctor, AFlashThatCannotBeWrittenIsToldBesideAWorkingLink) {
  auto status = active_status();
  status["storage_fault"] = "cannot write state.tmp: No space left on device";
  const auto findings = look(status);
  EXPECT_EQ(brief(findings),
            "board+ radio+ sim+ registration+ bearer+ dns+ route+ tcp+ tls+ mqtt+ subscription+ "
            "storage!");
  EXPECT_THAT(findings.back().sentence, HasSubstr("No space left"));
  EXPECT_FALSE(all_well(findings));
}

TEST(Doctor, AnOldFaultOfTheWayCountsNoMoreWhileTheRadioIsDown) {
  auto status = broken("tls", "TLS_UNKNOWN_CA");
  status["radio"]["fault"] = radio_fault("SIM_ABSENT")["radio"]["fault"];
  EXPECT_EQ(brief(look(status)),
            "board+ radio+ sim! registration. bearer. dns. route. tcp. tls. mqtt. subscription+ "
            "storage+");
}

TEST(Doctor, AnOldFaultCountsNoMoreOnceASessionIsOpen) {
  auto status = broken("tls", "TLS_UNKNOWN_CA");
  status["link"]["phase"] = "online";
  status["link"]["uplink"] = "oobm";
  EXPECT_TRUE(all_well(look(status)));
}

TEST(Doctor, ASessionOverTheMainWanProvesNothingOfTheOobmLink) {
  auto status = broken("tcp", "TCP_TIMEOUT");
  status["link"]["phase"] = "online";
  status["link"]["uplink"] = "main_wan";
  EXPECT_EQ(first_failure(look(status)).code, "TCP_TIMEOUT");
  status["link"].erase("oobm_fault");
  EXPECT_FALSE(all_well(look(status)));
}

TEST(Doctor, AFaultOfTheMainWanIsNoneOfTheOobmLink) {
  auto status = broken("tcp", "TCP_TIMEOUT");
  status["link"]["last_fault"] = broken("tls", "TLS_UNKNOWN_CA")["link"]["oobm_fault"];
  EXPECT_EQ(first_failure(look(status)).code, "TCP_TIMEOUT");
  status["link"].erase("oobm_fault");
  EXPECT_EQ(first_failure(look(status)).code, "");
}

TEST(Doctor, ASuspendedRouterFailsAtItsSubscriptionAlone) {
  auto status = withheld_status("SUSPENDED", "LAPSED", "Term and grace have ended.", "Renew.");
  status["link"] = {{"phase", "idle"}};
  const auto& failure = first_failure(look(status));
  EXPECT_EQ(failure.layer, "subscription");
  EXPECT_EQ(failure.next, "Renew.");
}

TEST(Doctor, EveryCodeOfTheUplinkHasALayerAndANextStep) {
  for (const auto& row : uplink::code_table()) {
    auto status =
        broken(std::string(uplink::name(row.layer)).c_str(), std::string(row.name).c_str());
    status["link"]["oobm_fault"]["next_step"] = row.next_step;
    const auto& failure = first_failure(look(status));
    EXPECT_EQ(failure.code, row.name);
    EXPECT_EQ(failure.next, row.next_step);
    EXPECT_NE(failure.layer, "none") << row.name;
  }
}

TEST(Doctor, ThePageSaysWhyAndWhatToDo) {
  const auto page = render_findings(look(broken("tls", "TLS_UNKNOWN_CA")));
  EXPECT_THAT(page, HasSubstr("tcp           ok\n"
                              "tls           FAILED  TLS_UNKNOWN_CA\n"
                              "              It broke. (1 min ago)\n"
                              "              Next: Mend it.\n"
                              "mqtt          not reached\n"));
}

TEST(Doctor, TheJsonSaysTheSame) {
  const auto found = findings_json(look(broken("tls", "TLS_UNKNOWN_CA")));
  EXPECT_EQ(found["ok"], false);
  ASSERT_EQ(found["layers"].size(), 12U);
  const json failure{{"layer", "tls"},
                     {"health", "failed"},
                     {"code", "TLS_UNKNOWN_CA"},
                     {"sentence", "It broke. (1 min ago)"},
                     {"next_step", "Mend it."}};
  EXPECT_EQ(json(found["layers"][8]), failure);
  EXPECT_EQ(found["layers"][9].dump(), R"({"layer":"mqtt","health":"not_reached"})");
  EXPECT_EQ(findings_json(look(active_status()))["ok"], true);
}

}  // namespace
}  // namespace oobm::ctl
