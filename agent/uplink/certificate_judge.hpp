// The dates of a certificate are judged by trusted time, never by the system clock, which starts in
// 1970 on a router without a battery. Wrong dates are told apart from every other fault: where
// chain and host name are right and only the dates are wrong, the peer is who it says, and a wrong
// clock must not strand the router.
#pragma once

#include <cstdint>
#include <optional>

#include <mbedtls/x509_crt.h>

#include "agent/uplink/failure.hpp"
#include "agent/uplink/gate.hpp"
#include "agent/uplink/tls_ticket.hpp"

namespace oobm::uplink {

// Seconds since 1970-01-01T00:00:00Z of a certificate's date (RFC 5280 section 4.1.2.5).
std::int64_t unix_seconds(const mbedtls_x509_time& time);

// Judges one chain, certificate by certificate.
class CertificateJudge {
 public:
  // `now`: trusted seconds since 1970, or nothing when no time is trusted.
  CertificateJudge(std::optional<std::int64_t> now, WrongDates policy);

  // The callback for mbedtls_ssl_conf_verify; `judge` points to a CertificateJudge.
  static int verify(void* judge, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags);

  // tls_expired, tls_not_yet_valid or tls_dates_unknown; the one nearest to the server's own
  // certificate where several are wrong.
  std::optional<Code> date_problem() const { return date_problem_; }
  std::int64_t server_not_after() const { return dates_.server_not_after; }
  // Of the chain seen, or recalled.
  const ChainDates& dates() const { return dates_; }
  // The server has shown a chain: a resumed session shows none.
  bool has_seen_chain() const { return seen_; }
  // Judges the dates of the chain that was verified when the resumed session began.
  void recall(const ChainDates& dates);
  // Why the chain was refused, by the gravest fault found.
  Failure refusal() const;

 private:
  void judge(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags);
  std::optional<Code> judge_dates(std::int64_t not_before, std::int64_t not_after) const;

  std::optional<std::int64_t> now_;
  WrongDates policy_;
  std::uint32_t faults_ = 0;  // of the whole chain, dates aside
  std::optional<Code> date_problem_;
  bool seen_ = false;
  ChainDates dates_;
};

}  // namespace oobm::uplink
