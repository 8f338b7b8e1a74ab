// Reasons: one table, complete, in order; codes are stable and unique.
#include "agent/core/reason.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace oobm::core {
namespace {

TEST(Reasons, EveryEnumeratorHasItsRowInOrder) {
  const auto table = reasons();
  ASSERT_EQ(table.size(), static_cast<std::size_t>(Reason::clock_untrusted) + 1)
      << "clock_untrusted is the last enumerator";
  for (std::size_t i = 0; i < table.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(table[i].reason), i) << table[i].code;
    EXPECT_EQ(&row(static_cast<Reason>(i)), &table[i]);
  }
}

TEST(Reasons, CodesAreUniqueAndUpperCase) {
  std::set<std::string_view> seen;
  for (const auto& r : reasons()) {
    EXPECT_TRUE(seen.insert(r.code).second) << r.code;
    EXPECT_FALSE(r.code.empty());
    EXPECT_TRUE(std::ranges::all_of(r.code, [](char c) {
      return (c >= 'A' && c <= 'Z') || c == '_';
    })) << r.code;
  }
}

TEST(Reasons, SentencesAreWholeAndShortEnoughForAnAcknowledgement) {
  for (const auto& r : reasons()) {
    EXPECT_TRUE(r.sentence.ends_with('.')) << r.code;
    EXPECT_LE(r.code.size() + 2 + r.sentence.size(), 240U) << r.code;
    EXPECT_TRUE(r.next_step.empty() || r.next_step.ends_with('.')) << r.code;
  }
}

// A technician is never given an error without the next step. Answers to a task speak to ALMS, and
// three states are as they should be.
TEST(Reasons, EveryReasonThatATechnicianMeetsSaysWhatToDo) {
  for (const auto& r : reasons()) {
    const bool answer = r.reason >= Reason::malformed && r.reason <= Reason::failed;
    const bool well = r.reason == Reason::none || r.reason == Reason::in_service ||
                      r.reason == Reason::test_service;
    if (!answer) {
      EXPECT_EQ(r.next_step.empty(), well) << r.code;
    }
  }
}

TEST(Reasons, ACodeLeadsBackToItsReason) {
  for (const auto& r : reasons()) EXPECT_EQ(reason_from_code(r.code), r.reason) << r.code;
  EXPECT_EQ(reason_from_code(""), std::nullopt);
  EXPECT_EQ(reason_from_code("pending"), std::nullopt);
  EXPECT_EQ(reason_from_code("NO_SUCH_CODE"), std::nullopt);
}

TEST(Reasons, AValueOutsideTheTableIsHarmless) {
  EXPECT_EQ(row(static_cast<Reason>(255)).reason, Reason::none);
}

// These codes are part of the protocol: ALMS sends or receives them.
TEST(Reasons, CodesOfTheProtocolStandAsDocumented) {
  for (const char* code : {"ACCOUNT_CLASS",
                           "REGION_MISMATCH",
                           "NOT_REGISTERED",
                           "OFFER_DEVICE_MISMATCH",
                           "OFFER_NO_OOBM",
                           "REGISTERED_ELSEWHERE",
                           "IDENTITY_MISMATCH",
                           "SIM_MISMATCH",
                           "RETIRED",
                           "STATEMENT_TOO_LARGE",
                           "STATEMENT_MALFORMED",
                           "STATEMENT_ALGORITHM",
                           "STATEMENT_TYPE",
                           "STATEMENT_KEY",
                           "STATEMENT_SIGNATURE",
                           "STATEMENT_ISSUER",
                           "STATEMENT_AUDIENCE",
                           "STATEMENT_REPLAYED",
                           "STATEMENT_NONCE",
                           "STATEMENT_SUPERSEDED",
                           "TRUST_VERSION",
                           "MALFORMED",
                           "UNKNOWN_TASK",
                           "BAD_PARAMETER",
                           "UNREGISTERED",
                           "INVENTORY",
                           "ACTIVATING",
                           "SUSPENDED",
                           "BLOCKED",
                           "INTERRUPTED",
                           "NOT_INSTALLED",
                           "BUSY",
                           "FAILED"})
    EXPECT_TRUE(reason_from_code(code)) << code;
}

}  // namespace
}  // namespace oobm::core
