#include "agent/uplink/tls_channel.hpp"

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/platform_time.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <sys/socket.h>

#include "agent/uplink/bound_socket.hpp"

namespace oobm::uplink {
namespace {

// In order of preference; a server may have its own. TLS 1.3 has no suite with SHA-384 here: each
// server must speak the first one (RFC 8446 section 9.1), and many would choose the longer, which
// costs 70 bytes for each connection. TLS 1.2 keeps to suites that public MQTT brokers offer with
// ECDSA and with RSA certificates.
constexpr std::array<int, 9> suites{MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
                                    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
                                    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                                    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                                    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                                    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                                    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                                    0};

constexpr std::array<std::uint16_t, 9> signatures{MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
                                                  MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
                                                  MBEDTLS_TLS1_3_SIG_NONE};

constexpr std::array<std::uint16_t, 6> tls12_signatures{
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,       MBEDTLS_TLS1_3_SIG_NONE};

// The first one is guessed at in TLS 1.3; X25519's share is half as long as P-256's.
constexpr std::array<std::uint16_t, 4> groups{
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE};

// One session, ours to free.
class SessionCopy {
 public:
  SessionCopy() { mbedtls_ssl_session_init(&session_); }
  ~SessionCopy() { mbedtls_ssl_session_free(&session_); }
  SessionCopy(const SessionCopy&) = delete;
  SessionCopy& operator=(const SessionCopy&) = delete;
  mbedtls_ssl_session* get() { return &session_; }

  bool read(const std::string& bytes, std::chrono::milliseconds age) {
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    if (mbedtls_ssl_session_load(&session_, data, bytes.size()) != 0) return false;
    // It was received by the boot clock of a boot that may be long over: told anew by its age. The
    // library offers no call for that.
    session_.private_ticket_reception_time = mbedtls_ms_time() - age.count();
    return true;
  }

  bool has_ticket() const { return session_.private_ticket_len > 0; }
  TlsSession write() const {
    std::size_t size = 0;
    mbedtls_ssl_session_save(&session_, nullptr, 0, &size);
    std::vector<unsigned char> bytes(size);
    if (mbedtls_ssl_session_save(&session_, bytes.data(), size, &size) != 0) size = 0;
    TlsSession written{.bytes = {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)},
                       .lifetime_s = session_.private_ticket_lifetime,
                       .tls13 = session_.private_tls_version == MBEDTLS_SSL_VERSION_TLS1_3};
    mbedtls_platform_zeroize(bytes.data(), bytes.size());
    return written;
  }

 private:
  mbedtls_ssl_session session_;
};

std::string error_text(int code) {
  std::array<char, 160> text{};
  mbedtls_strerror(code, text.data(), text.size());
  return text.data();
}

bool is_would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// Codes that mean "this is no TLS, or a broken one".
Code protocol_code(int error) {
  switch (error) {
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
    case MBEDTLS_ERR_SSL_VERSION_MISMATCH:
      return Code::tls_version;
    case MBEDTLS_ERR_SSL_BAD_CERTIFICATE:
      return Code::tls_bad_certificate;
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
    case MBEDTLS_ERR_SSL_INTERNAL_ERROR:
      return Code::local_error;
    default:
      return Code::tls_protocol;
  }
}

}  // namespace

Failure alert_failure(std::uint8_t description) {
  struct Row {
    std::uint8_t description;
    Code code;
    const char* name;
  };
  static constexpr std::array rows = std::to_array<Row>({
      {40, Code::tls_alert, "handshake_failure"},
      {41, Code::tls_client_cert_refused, "no_certificate"},
      {42, Code::tls_client_cert_refused, "bad_certificate"},
      {43, Code::tls_client_cert_refused, "unsupported_certificate"},
      {44, Code::tls_client_cert_refused, "certificate_revoked"},
      {45, Code::tls_client_cert_refused, "certificate_expired"},
      {46, Code::tls_client_cert_refused, "certificate_unknown"},
      {48, Code::tls_client_cert_refused, "unknown_ca"},
      {49, Code::tls_client_cert_refused, "access_denied"},
      {70, Code::tls_version, "protocol_version"},
      {71, Code::tls_alert, "insufficient_security"},
      {80, Code::tls_alert, "internal_error"},
      {112, Code::tls_alert, "unrecognized_name"},
      {116, Code::tls_client_cert_refused, "certificate_required"},
      {120, Code::tls_alert, "no_application_protocol"},
  });
  const std::string number = std::to_string(description);
  for (const Row& row : rows) {
    if (row.description == description) {
      return failure(row.code, "alert " + number + " " + row.name);
    }
  }
  return failure(Code::tls_alert, "alert " + number);
}

class TlsChannel::Impl {
 public:
  Impl(std::shared_ptr<TlsIdentity> identity, CertificateJudge judge, int fd, Meter meter,
       TlsOptions options)
      : identity_(std::move(identity)),
        judge_(judge),
        fd_(fd),
        meter_(meter),
        options_(std::move(options)) {
    mbedtls_ssl_config_init(&config_);
    mbedtls_ssl_init(&ssl_);
  }
  ~Impl() {
    mbedtls_ssl_free(&ssl_);
    mbedtls_ssl_config_free(&config_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  int set_up(const std::string& host) {
    int error = mbedtls_ssl_config_defaults(
        &config_, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (error != 0) return error;
    choose_offer();
    mbedtls_ssl_conf_rng(&config_, &tls_random, nullptr);
    mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&config_, identity_->anchors(), identity_->revocations());
    mbedtls_ssl_conf_verify(&config_, &CertificateJudge::verify, &judge_);
    if (identity_->has_certificate()) {
      error = mbedtls_ssl_conf_own_cert(&config_, identity_->certificate(), identity_->key());
      if (error != 0) return error;
    }
    if (!options_.alpn.empty()) error = mbedtls_ssl_conf_alpn_protocols(&config_, alpn_.data());
    if (error == 0) error = mbedtls_ssl_setup(&ssl_, &config_);
    if (error == 0) error = mbedtls_ssl_set_hostname(&ssl_, host.c_str());
    if (error == 0) error = offer_session();
    if (error == 0) mbedtls_ssl_set_bio(&ssl_, this, &Impl::send, &Impl::receive, nullptr);
    return error;
  }

  // A handshake makes progress in each call; tickets may come between its last message and the end.
  int handshake() {
    int result = 0;
    do {
      result = mbedtls_ssl_handshake(&ssl_);
      if (result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) collect_session();
    } while (result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET);
    // TLS 1.2 gives its ticket within the handshake.
    if (result == 0) collect_session();
    return result;
  }

  TlsStep step(int result) {
    using enum TlsStep::Kind;
    if (result >= 0) return {done, static_cast<std::size_t>(result), {}};
    last_error_ = result;
    switch (result) {
      case MBEDTLS_ERR_SSL_WANT_READ:
        return {want_read, 0, {}};
      case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET:
        // What follows it may be here already, where no wait would find it: the caller comes again.
        collect_session();
        return {done, 0, {}};
      case MBEDTLS_ERR_SSL_WANT_WRITE:
        return {want_write, 0, {}};
      case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      case MBEDTLS_ERR_SSL_CONN_EOF:
        return {closed, 0, {}};
      default:
        return {failed, 0, failure_of(result)};
    }
  }

  bool offer_unsuited() const {
    return last_error_ == MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER &&
           mbedtls_ssl_get_version_number(&ssl_) == MBEDTLS_SSL_VERSION_TLS1_2;
  }

  mbedtls_ssl_context* ssl() { return &ssl_; }
  const mbedtls_ssl_context* ssl() const { return &ssl_; }
  CertificateJudge& judge() { return judge_; }

 private:
  void choose_offer() {
    const bool newest = options_.offer == TlsOffer::newest;
    const bool tickets = options_.on_session || !options_.resume.empty();
    mbedtls_ssl_conf_min_tls_version(&config_, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_max_tls_version(
        &config_, newest ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_ciphersuites(&config_, suites.data());
    mbedtls_ssl_conf_groups(&config_, groups.data());
    mbedtls_ssl_conf_sig_algs(&config_, newest ? signatures.data() : tls12_signatures.data());
    // All suites are authenticated encryption, which has no use for it.
    mbedtls_ssl_conf_encrypt_then_mac(&config_, MBEDTLS_SSL_ETM_DISABLED);
    mbedtls_ssl_conf_session_tickets(&config_, tickets ? MBEDTLS_SSL_SESSION_TICKETS_ENABLED
                                                       : MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        &config_, tickets ? MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED
                          : MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_DISABLED);
    // Never without a key exchange: a stolen ticket must not open what was recorded before.
    mbedtls_ssl_conf_tls13_key_exchange_modes(
        &config_, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL |
                      MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL);
  }

  // A session that cannot be read, after an update of the library for instance, is none.
  int offer_session() {
    SessionCopy session;
    if (options_.resume.empty() || !session.read(options_.resume, options_.resume_age)) return 0;
    return mbedtls_ssl_set_session(&ssl_, session.get());
  }

  void collect_session() {
    SessionCopy session;
    if (!options_.on_session || mbedtls_ssl_get_session(&ssl_, session.get()) != 0) return;
    if (!session.has_ticket()) return;
    auto written = session.write();
    if (!written.bytes.empty()) options_.on_session(std::move(written));
  }

  Failure failure_of(int error) const {
    if (error == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) return judge_.refusal();
    // The number of the alert has no public accessor in mbedTLS 3.6; it stands in the message.
    if (error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) return alert_failure(ssl_.private_in_msg[1]);
    if (socket_error_ != 0) return socket_failure(socket_error_, "TLS");
    return failure(protocol_code(error), error_text(error));
  }

  static int send(void* user, const unsigned char* data, std::size_t size) {
    auto& me = *static_cast<Impl*>(user);
    const auto n = ::send(me.fd_, data, size, MSG_NOSIGNAL);
    if (n >= 0) {
      me.meter_.wire_sent(static_cast<std::size_t>(n));
      return static_cast<int>(n);
    }
    if (is_would_block(errno)) return MBEDTLS_ERR_SSL_WANT_WRITE;
    me.socket_error_ = errno;
    // A server that refuses us says why in an alert and closes, and we find it closed while we
    // still talk. The alert is already here: go on as if sent, until the next read finds it.
    if (errno == EPIPE || errno == ECONNRESET) return static_cast<int>(size);
    return MBEDTLS_ERR_NET_SEND_FAILED;
  }

  static int receive(void* user, unsigned char* data, std::size_t size) {
    auto& me = *static_cast<Impl*>(user);
    const auto n = ::recv(me.fd_, data, size, 0);
    if (n > 0) {
      me.meter_.wire_received(static_cast<std::size_t>(n));
      return static_cast<int>(n);
    }
    if (n == 0)
      return me.socket_error_ == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : MBEDTLS_ERR_NET_RECV_FAILED;
    if (is_would_block(errno)) return MBEDTLS_ERR_SSL_WANT_READ;
    me.socket_error_ = errno;
    return MBEDTLS_ERR_NET_RECV_FAILED;
  }

  std::shared_ptr<TlsIdentity> identity_;
  CertificateJudge judge_;
  int fd_;
  Meter meter_;
  TlsOptions options_;
  std::array<const char*, 2> alpn_{options_.alpn.c_str(), nullptr};
  int socket_error_ = 0;
  int last_error_ = 0;
  mbedtls_ssl_config config_;
  mbedtls_ssl_context ssl_;
};

std::expected<std::unique_ptr<TlsChannel>, Failure> TlsChannel::create(
    std::shared_ptr<TlsIdentity> identity, CertificateJudge judge, const std::string& host, int fd,
    Meter meter, TlsOptions options) {
  auto impl = std::make_unique<Impl>(std::move(identity), judge, fd, meter, std::move(options));
  if (const int error = impl->set_up(host); error != 0) {
    return std::unexpected(failure(Code::local_error, "TLS set-up: " + error_text(error)));
  }
  return std::unique_ptr<TlsChannel>(new TlsChannel(std::move(impl)));
}

TlsChannel::TlsChannel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsChannel::~TlsChannel() = default;

TlsStep TlsChannel::handshake() { return impl_->step(impl_->handshake()); }

TlsStep TlsChannel::read(std::span<std::uint8_t> into) {
  const int result = mbedtls_ssl_read(impl_->ssl(), into.data(), into.size());
  if (result == 0) return {TlsStep::Kind::closed, 0, {}};
  return impl_->step(result);
}

TlsStep TlsChannel::write(std::span<const std::uint8_t> from) {
  return impl_->step(mbedtls_ssl_write(impl_->ssl(), from.data(), from.size()));
}

TlsStep TlsChannel::close_notify() { return impl_->step(mbedtls_ssl_close_notify(impl_->ssl())); }

bool TlsChannel::resumed() const { return !impl_->judge().has_seen_chain(); }

void TlsChannel::recall(const ChainDates& dates) { impl_->judge().recall(dates); }

bool TlsChannel::offer_unsuited() const { return impl_->offer_unsuited(); }

std::string TlsChannel::version() const { return mbedtls_ssl_get_version(impl_->ssl()); }

std::string TlsChannel::cipher_suite() const {
  const char* suite = mbedtls_ssl_get_ciphersuite(impl_->ssl());
  return suite == nullptr ? std::string() : suite;
}

const CertificateJudge& TlsChannel::judge() const { return impl_->judge(); }

}  // namespace oobm::uplink
