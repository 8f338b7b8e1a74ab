#include "agent/uplink/certificate_judge.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace oobm::uplink {
namespace {

constexpr std::uint32_t date_flags = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE |
                                     MBEDTLS_X509_BADCRL_EXPIRED | MBEDTLS_X509_BADCRL_FUTURE;

std::string flags_text(std::uint32_t flags) {
  std::array<char, 512> text{};
  if (mbedtls_x509_crt_verify_info(text.data(), text.size(), "", flags) < 0) return {};
  std::string line(text.data());
  while (!line.empty() && line.back() == '\n') line.pop_back();
  for (char& c : line) {
    if (c == '\n') c = ';';
  }
  return line;
}

}  // namespace

std::int64_t unix_seconds(const mbedtls_x509_time& time) {
  namespace chrono = std::chrono;
  const chrono::year_month_day date(chrono::year(time.year),
                                    chrono::month(static_cast<unsigned>(time.mon)),
                                    chrono::day(static_cast<unsigned>(time.day)));
  const auto moment = chrono::sys_days(date) + chrono::hours(time.hour) +
                      chrono::minutes(time.min) + chrono::seconds(time.sec);
  return moment.time_since_epoch() / chrono::seconds(1);
}

CertificateJudge::CertificateJudge(std::optional<std::int64_t> now, WrongDates policy)
    : now_(now), policy_(policy) {}

int CertificateJudge::verify(void* judge, mbedtls_x509_crt* certificate, int depth,
                             std::uint32_t* flags) {
  static_cast<CertificateJudge*>(judge)->judge(*certificate, depth, *flags);
  return 0;
}

// Called from the anchor (greatest depth) to the server's own certificate (depth 0).
void CertificateJudge::judge(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags) {
  flags &= ~date_flags;
  faults_ |= flags;
  const auto not_before = unix_seconds(certificate.valid_from);
  const auto not_after = unix_seconds(certificate.valid_to);
  dates_.not_before = seen_ ? std::max(dates_.not_before, not_before) : not_before;
  dates_.not_after = seen_ ? std::min(dates_.not_after, not_after) : not_after;
  seen_ = true;
  if (depth == 0) dates_.server_not_after = not_after;
  if (const auto problem = judge_dates(not_before, not_after)) date_problem_ = problem;
  if (depth == 0 && date_problem_ && policy_ == WrongDates::refuse) {
    flags |= MBEDTLS_X509_BADCERT_OTHER;
  }
}

void CertificateJudge::recall(const ChainDates& dates) {
  dates_ = dates;
  date_problem_ = judge_dates(dates.not_before, dates.not_after);
}

std::optional<Code> CertificateJudge::judge_dates(std::int64_t not_before,
                                                  std::int64_t not_after) const {
  if (!now_) return Code::tls_dates_unknown;
  if (*now_ < not_before) return Code::tls_not_yet_valid;
  if (*now_ > not_after) return Code::tls_expired;
  return {};
}

Failure CertificateJudge::refusal() const {
  struct Row {
    std::uint32_t flag;
    Code code;
  };
  static constexpr std::array rows = std::to_array<Row>({
      {MBEDTLS_X509_BADCERT_NOT_TRUSTED, Code::tls_unknown_ca},
      {MBEDTLS_X509_BADCERT_REVOKED, Code::tls_revoked},
      {MBEDTLS_X509_BADCERT_CN_MISMATCH, Code::tls_wrong_host},
  });
  for (const Row& row : rows) {
    if ((faults_ & row.flag) != 0) return failure(row.code, flags_text(faults_));
  }
  if (faults_ == 0 && date_problem_) return failure(*date_problem_);
  return failure(Code::tls_bad_certificate, flags_text(faults_));
}

}  // namespace oobm::uplink
