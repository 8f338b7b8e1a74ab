// TLS as this agent speaks it: 1.3 preferred, 1.2 accepted, nothing below; a short, stated list of
// suites with forward secrecy and authenticated encryption alone; the server's chain and name
// always verified; our certificate shown when asked for.
//
// The channel never waits: each step says what it needs next, and whoever owns the socket waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "agent/uplink/certificate_judge.hpp"
#include "agent/uplink/failure.hpp"
#include "agent/uplink/meter.hpp"
#include "agent/uplink/tls_identity.hpp"

namespace oobm::uplink {

// Outcome of one step.
struct TlsStep {
  enum class Kind : std::uint8_t { done, want_read, want_write, closed, failed };
  Kind kind = Kind::done;
  std::size_t bytes = 0;           // read or written, when done
  std::optional<Failure> failure;  // when failed
};

// What the ClientHello offers. mbedTLS 3.6 offers RSA-PSS signatures, which TLS 1.3 needs, and
// cannot verify them in TLS 1.2: a server with an RSA certificate that speaks no more than 1.2 may
// pick one all the same. To such a server 1.2 is offered alone.
enum class TlsOffer : std::uint8_t { newest, tls12 };

// A session that the server is ready to resume, as it has just given it.
struct TlsSession {
  std::string bytes;  // as mbedtls_ssl_session_save() writes them; secret
  std::uint32_t lifetime_s = 0;
  bool tls13 = false;
};

struct TlsOptions {
  TlsOffer offer = TlsOffer::newest;
  std::string alpn;  // RFC 7301; empty: none offered
  // Called from inside a step when the server has given a ticket. Where empty none is asked for:
  // one costs about a kilobyte. (How many tickets a server gives cannot be asked for with mbedTLS
  // 3.6; OpenSSL gives two with a full TLS 1.3 handshake, one with a resumed one.)
  std::function<void(TlsSession)> on_session;
  std::string resume;                       // TlsSession::bytes to offer; empty: none
  std::chrono::milliseconds resume_age{0};  // since they were given (RFC 8446 section 4.2.11.1)
};

class TlsChannel {
 public:
  // `fd`: a connected non-blocking socket that outlives the channel, as does what `meter` counts
  // into. `host`: name for SNI (RFC 6066) and for the check of the certificate.
  static std::expected<std::unique_ptr<TlsChannel>, Failure> create(
      std::shared_ptr<TlsIdentity> identity, CertificateJudge judge, const std::string& host,
      int fd, Meter meter, TlsOptions options);
  ~TlsChannel();
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  TlsStep handshake();
  // closed: the peer has ended in good order (close_notify or FIN).
  TlsStep read(std::span<std::uint8_t> into);
  // After want_*, must be called again with the same bytes.
  TlsStep write(std::span<const std::uint8_t> from);
  TlsStep close_notify();

  // After the handshake: the server has resumed the session, and shown no certificate.
  bool resumed() const;
  // Judges the chain of the session that was resumed, by the time given to the judge.
  void recall(const ChainDates& dates);

  // After a failed handshake: the offer was the reason, and tls12 would have suited the server.
  bool offer_unsuited() const;

  std::string version() const;
  std::string cipher_suite() const;
  const CertificateJudge& judge() const;

 private:
  class Impl;
  explicit TlsChannel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The failure that a fatal alert of the server stands for (RFC 8446 section 6.2, RFC 5246 7.2.2).
Failure alert_failure(std::uint8_t description);

}  // namespace oobm::uplink
