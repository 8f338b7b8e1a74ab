#include "agent/uplink/certificate_judge.hpp"

#include <gtest/gtest.h>

namespace oobm::uplink {
namespace {

constexpr std::int64_t from = 1'750'000'000;
constexpr std::int64_t to = 1'760'000'000;

mbedtls_x509_time at(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return {year, month, day, hour, minute, second};
}

// A certificate as far as the judge looks: dates alone. 2025-06-15T15:06:40Z to
// 2025-10-09T08:53:20Z.
mbedtls_x509_crt certificate() {
  mbedtls_x509_crt made{};
  made.valid_from = at(2025, 6, 15, 15, 6, 40);
  made.valid_to = at(2025, 10, 9, 8, 53, 20);
  return made;
}

CertificateJudge judged(std::optional<std::int64_t> now, WrongDates policy, std::uint32_t& flags) {
  CertificateJudge judge(now, policy);
  mbedtls_x509_crt crt = certificate();
  CertificateJudge::verify(&judge, &crt, 0, &flags);
  return judge;
}

TEST(CertificateJudge, ReadsADateAsSecondsSince1970) {
  EXPECT_EQ(unix_seconds(at(1970, 1, 1)), 0);
  EXPECT_EQ(unix_seconds(at(2000, 3, 1)), 951'868'800);
  EXPECT_EQ(unix_seconds(at(2025, 6, 15, 15, 6, 40)), from);
  EXPECT_EQ(unix_seconds(at(2025, 10, 9, 8, 53, 20)), to);
  EXPECT_EQ(unix_seconds(at(9999, 12, 31, 23, 59, 59)), 253'402'300'799);
}

struct DateCase {
  std::optional<std::int64_t> now;
  std::optional<Code> problem;
};

TEST(CertificateJudge, JudgesDatesByTrustedTime) {
  const DateCase cases[] = {
      {std::nullopt, Code::tls_dates_unknown},
      {0, Code::tls_not_yet_valid},
      {from - 1, Code::tls_not_yet_valid},
      {to + 1, Code::tls_expired},
      {from, std::nullopt},
      {to, std::nullopt},
  };
  for (const DateCase& c : cases) {
    std::uint32_t flags = 0;
    EXPECT_EQ(judged(c.now, WrongDates::flag, flags).date_problem(), c.problem)
        << c.now.value_or(-1);
    EXPECT_EQ(flags, 0U) << "wrong dates alone do not refuse";
  }
}

TEST(CertificateJudge, TheSystemClocksOpinionDoesNotCount) {
  std::uint32_t flags = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
  EXPECT_FALSE(judged(from + 1, WrongDates::refuse, flags).date_problem());
  EXPECT_EQ(flags, 0U);
}

TEST(CertificateJudge, RefusesWrongDatesWhereTheCallerWantsThat) {
  std::uint32_t flags = 0;
  const auto judge = judged(to + 1, WrongDates::refuse, flags);
  EXPECT_NE(flags, 0U);
  EXPECT_EQ(judge.refusal().code, Code::tls_expired);
}

TEST(CertificateJudge, OtherFaultsStandAndTheGravestIsNamed) {
  std::uint32_t flags = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_CN_MISMATCH;
  EXPECT_EQ(judged(from, WrongDates::flag, flags).refusal().code, Code::tls_wrong_host);
  EXPECT_EQ(flags, static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_CN_MISMATCH));
  flags |= MBEDTLS_X509_BADCERT_NOT_TRUSTED;
  EXPECT_EQ(judged(from, WrongDates::flag, flags).refusal().code, Code::tls_unknown_ca);
  flags = MBEDTLS_X509_BADCERT_REVOKED;
  EXPECT_EQ(judged(to + 1, WrongDates::flag, flags).refusal().code, Code::tls_revoked);
  flags = MBEDTLS_X509_BADCRL_NOT_TRUSTED;
  EXPECT_EQ(judged(from, WrongDates::flag, flags).refusal().code, Code::tls_bad_certificate);
}

TEST(CertificateJudge, TheDateNearestToTheServerIsTheOneNamed) {
  CertificateJudge judge(to + 1, WrongDates::flag);
  mbedtls_x509_crt anchor = certificate();
  anchor.valid_from = at(2090, 1, 1);
  anchor.valid_to = at(2099, 1, 1);
  mbedtls_x509_crt server = certificate();
  std::uint32_t flags = 0;
  CertificateJudge::verify(&judge, &anchor, 1, &flags);
  EXPECT_EQ(judge.date_problem(), Code::tls_not_yet_valid);
  CertificateJudge::verify(&judge, &server, 0, &flags);
  EXPECT_EQ(judge.date_problem(), Code::tls_expired);
  EXPECT_EQ(judge.server_not_after(), to);
}

}  // namespace
}  // namespace oobm::uplink
