#include "agent/ctl/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/ctl/sample.hpp"

namespace oobm::ctl {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Verdict judge(const json& status) { return verdict(View(status)); }

TEST(Verdict, rubbish_is_never_in_service) {
  for (const char* text : {"{}", "[]", "null", "7", R"({"in_service":true})",
                           R"({"in_service":"yes","entitled":"yes"})"}) {
    const auto judged = judge(json::parse(text));
    EXPECT_FALSE(judged.in_service) << text;
    EXPECT_THAT(judged.headline, HasSubstr("UNKNOWN")) << text;
    EXPECT_NE(judged.next, "") << text;
  }
}

TEST(Verdict, blocked_lies_over_every_state) {
  auto status = withheld_status("ACTIVE", "REGION_MISMATCH",
                                "This router's SKU does not belong to that ALMS instance.",
                                "Create the account on the right instance.");
  status["blocked"] = true;
  status["verdict"]["detail"] = "XR80-GL-SAMPLE belongs to eu; na was configured.";
  const auto judged = judge(status);
  EXPECT_FALSE(judged.in_service);
  EXPECT_EQ(judged.headline,
            "BLOCKED - REGION_MISMATCH: This router's SKU does not belong to that ALMS instance.");
  EXPECT_EQ(judged.why, "XR80-GL-SAMPLE belongs to eu; na was configured.");
  EXPECT_EQ(judged.next, "Create the account on the right instance.");
}

TEST(Verdict, blocked_overrides_even_a_claim_of_service) {
  auto status = active_status();
  status["blocked"] = true;
  EXPECT_FALSE(judge(status).in_service);
}

TEST(Verdict, suspended_says_why_and_what_to_do) {
  const auto judged =
      judge(withheld_status("SUSPENDED", "LAPSED", "Term and grace have ended.", "Renew."));
  EXPECT_FALSE(judged.in_service);
  EXPECT_EQ(judged.headline, "SUSPENDED - LAPSED: Term and grace have ended.");
  EXPECT_EQ(judged.next, "Renew.");
}

TEST(Verdict, the_answer_of_alms_says_more_than_unregistered) {
  auto status = withheld_status("UNREGISTERED", "NEVER_REGISTERED", "No account.", "Register.");
  status["alms"]["refusal"] = {{"code", "ACCOUNT_CLASS"},
                               {"sentence", "The account is of class Standard."},
                               {"detail", "account Acme"},
                               {"next_step", "Create an AVC account."}};
  auto judged = judge(status);
  EXPECT_EQ(judged.headline, "UNREGISTERED - ACCOUNT_CLASS: The account is of class Standard.");
  EXPECT_EQ(judged.why, "account Acme");
  EXPECT_EQ(judged.next, "Create an AVC account.");
  status["lifecycle"]["state"] = "SUSPENDED";
  EXPECT_EQ(judge(status).headline, "SUSPENDED - NEVER_REGISTERED: No account.");
}

TEST(Verdict, a_broken_link_is_told_beside_the_state) {
  auto status = withheld_status("UNREGISTERED", "NEVER_REGISTERED", "No account.", "Register.");
  status["link"] = {{"phase", "idle"},
                    {"last_fault", {{"reason", "NO_COVERAGE"}, {"sentence", "No network."}}}};
  EXPECT_EQ(judge(status).why, "The link is down - NO_COVERAGE: No network.");
}

TEST(Verdict, paid_for_but_not_connected_is_not_in_service) {
  auto status = active_status();
  status["in_service"] = false;
  status["link"] = {{"phase", "waiting_for_the_radio"}};
  auto judged = judge(status);
  EXPECT_FALSE(judged.in_service);
  EXPECT_EQ(judged.headline, "ACTIVE, BUT NOT CONNECTED - the link is waiting for the radio");
  EXPECT_EQ(judged.next, "wait; the router tries again by itself.");
  status["link"]["last_fault"] = {{"reason", "UPLINK_FAILED"},
                                  {"code", "TLS_WRONG_HOST"},
                                  {"sentence", "The certificate is for another host."},
                                  {"next_step", "See below."}};
  judged = judge(status);
  EXPECT_EQ(judged.headline,
            "ACTIVE, BUT NOT CONNECTED - TLS_WRONG_HOST: The certificate is for another host.");
  EXPECT_EQ(judged.next, "See below.");
}

TEST(Verdict, service_over_the_main_wan_is_not_the_oobm_service) {
  auto status = active_status();
  status["in_service"] = false;
  status["link"]["uplink"] = "main_wan";
  status["link"]["last_fault"] = {{"reason", "SIM_ABSENT"}, {"sentence", "No SIM."}};
  auto judged = judge(status);
  EXPECT_FALSE(judged.in_service);
  EXPECT_EQ(judged.headline, "ACTIVE, BUT NOT OVER THE OOBM LINK - SIM_ABSENT: No SIM.");
  EXPECT_EQ(judged.why, "The session runs over the main WAN.");
  status["link"]["oobm_fault"] = status["link"]["last_fault"];
  status["link"]["last_fault"] = {{"reason", "NO_REPLY"}, {"sentence", "No answer."}};
  judged = judge(status);
  EXPECT_EQ(judged.headline, "ACTIVE, BUT NOT OVER THE OOBM LINK - SIM_ABSENT: No SIM.");
}

TEST(Verdict, grace_names_both_dates) {
  auto status = active_status();
  status["lifecycle"]["state"] = "GRACE";
  status["verdict"] = {{"code", "TERM_ENDED"}, {"next_step", "Renew now."}};
  const auto judged = judge(status);
  EXPECT_TRUE(judged.in_service);
  EXPECT_EQ(judged.headline,
            "GRACE - the paid term ended 2027-03-01; service stops 2027-03-08 without a renewal");
  EXPECT_EQ(judged.next, "Renew now.");
  status["entitlement"]["billing"] = "DIRECT";
  EXPECT_THAT(verdict(View(status)).headline,
              testing::HasSubstr("the monthly extension is missing since 2027-03-01"));
  EXPECT_THAT(verdict(View(status)).next, testing::HasSubstr("not billed"));
}

TEST(Verdict, the_headline_asks_for_a_renewal_from_90_days_on) {
  auto status = active_status();
  status["entitlement"]["days_left"] = 91;
  EXPECT_EQ(judge(status).headline, "ACTIVE - in service until 2027-03-01 (91 days left)");
  EXPECT_EQ(judge(status).next, "nothing to do.");
  status["entitlement"]["days_left"] = 90;
  EXPECT_EQ(judge(status).headline,
            "ACTIVE - in service, but RENEW: the term ends 2027-03-01 (90 days left)");
  status["entitlement"]["days_left"] = 1;
  EXPECT_THAT(judge(status).headline, HasSubstr("(1 day left)"));
  EXPECT_THAT(judge(status).next, HasSubstr("purchase order"));
}

TEST(Verdict, without_trusted_time_no_days_are_counted) {
  auto status = active_status();
  status["entitlement"].erase("days_left");
  EXPECT_EQ(judge(status).headline,
            "ACTIVE - in service until 2027-03-01 (days left unknown: no trusted time)");
}

TEST(Verdict, direct_billing_has_no_countdown) {
  auto status = active_status();
  status["entitlement"]["billing"] = "DIRECT";
  status["entitlement"]["days_left"] = 12;
  EXPECT_EQ(judge(status).headline, "ACTIVE - in service, renewed monthly (now until 2027-03-01)");
  EXPECT_EQ(judge(status).next, "nothing to do.");
}

TEST(Verdict, a_test_is_called_a_test) {
  auto status = active_status();
  status["lifecycle"]["test"] = true;
  EXPECT_THAT(judge(status).headline, testing::StartsWith("ACTIVE (TEST) - in service until"));
}

TEST(Verdict, a_used_up_allowance_is_said) {
  auto status = active_status();
  status["usage"] = {{"bytes_sent", 500}, {"bytes_received", 299}, {"allowance_bytes", 1000}};
  EXPECT_EQ(judge(status).why, "");
  status["usage"]["bytes_sent"] = 501;
  EXPECT_EQ(judge(status).why, "The data allowance is used to 80 %.");
  status["usage"]["bytes_sent"] = 5000;
  EXPECT_EQ(judge(status).why, "The data allowance is used to 529 %: telemetry and files wait.");
}

TEST(Verdict, active_and_connected_is_in_service) {
  const auto judged = judge(active_status());
  EXPECT_TRUE(judged.in_service);
  EXPECT_EQ(judged.headline, "ACTIVE - in service until 2027-03-01 (99 days left)");
  EXPECT_EQ(judged.why, "");
  EXPECT_EQ(judged.next, "nothing to do.");
}

}  // namespace
}  // namespace oobm::ctl
