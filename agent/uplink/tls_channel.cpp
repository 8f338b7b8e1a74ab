#include "agent/uplink/tls_channel.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <sys/socket.h>

#include "agent/uplink/bound_socket.hpp"

namespace oobm::uplink {
namespace {

// In order of preference. TLS 1.2 keeps to suites that public MQTT brokers offer with ECDSA and
// with RSA certificates.
constexpr std::array<int, 10> suites{MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
                                     MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
                                     MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
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
  Impl(std::shared_ptr<TlsIdentity> identity, CertificateJudge judge, int fd, Meter meter)
      : identity_(std::move(identity)), judge_(judge), fd_(fd), meter_(meter) {
    mbedtls_ssl_config_init(&config_);
    mbedtls_ssl_init(&ssl_);
  }
  ~Impl() {
    mbedtls_ssl_free(&ssl_);
    mbedtls_ssl_config_free(&config_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  int set_up(const std::string& host, TlsOffer offer) {
    int error = mbedtls_ssl_config_defaults(
        &config_, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (error != 0) return error;
    const bool newest = offer == TlsOffer::newest;
    mbedtls_ssl_conf_min_tls_version(&config_, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_max_tls_version(
        &config_, newest ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_ciphersuites(&config_, suites.data());
    mbedtls_ssl_conf_sig_algs(&config_, newest ? signatures.data() : tls12_signatures.data());
    // Without resumption a ticket is a kilobyte and more that nobody uses: none is asked for.
    mbedtls_ssl_conf_session_tickets(&config_, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
    mbedtls_ssl_conf_tls13_key_exchange_modes(&config_,
                                              MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL);
    mbedtls_ssl_conf_rng(&config_, &tls_random, nullptr);
    mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&config_, identity_->anchors(), nullptr);
    mbedtls_ssl_conf_verify(&config_, &CertificateJudge::verify, &judge_);
    if (identity_->has_certificate()) {
      error = mbedtls_ssl_conf_own_cert(&config_, identity_->certificate(), identity_->key());
      if (error != 0) return error;
    }
    error = mbedtls_ssl_setup(&ssl_, &config_);
    if (error == 0) error = mbedtls_ssl_set_hostname(&ssl_, host.c_str());
    if (error == 0) mbedtls_ssl_set_bio(&ssl_, this, &Impl::send, &Impl::receive, nullptr);
    return error;
  }

  TlsStep step(int result) {
    using enum TlsStep::Kind;
    if (result >= 0) return {done, static_cast<std::size_t>(result), {}};
    last_error_ = result;
    switch (result) {
      case MBEDTLS_ERR_SSL_WANT_READ:
      case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET:
        return {want_read, 0, {}};
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
  const CertificateJudge& judge() const { return judge_; }

 private:
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
  int socket_error_ = 0;
  int last_error_ = 0;
  mbedtls_ssl_config config_;
  mbedtls_ssl_context ssl_;
};

std::expected<std::unique_ptr<TlsChannel>, Failure> TlsChannel::create(
    std::shared_ptr<TlsIdentity> identity, CertificateJudge judge, const std::string& host, int fd,
    Meter meter, TlsOffer offer) {
  auto impl = std::make_unique<Impl>(std::move(identity), judge, fd, meter);
  if (const int error = impl->set_up(host, offer); error != 0) {
    return std::unexpected(failure(Code::local_error, "TLS set-up: " + error_text(error)));
  }
  return std::unique_ptr<TlsChannel>(new TlsChannel(std::move(impl)));
}

TlsChannel::TlsChannel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsChannel::~TlsChannel() = default;

TlsStep TlsChannel::handshake() { return impl_->step(mbedtls_ssl_handshake(impl_->ssl())); }

TlsStep TlsChannel::read(std::span<std::uint8_t> into) {
  const int result = mbedtls_ssl_read(impl_->ssl(), into.data(), into.size());
  if (result == 0) return {TlsStep::Kind::closed, 0, {}};
  return impl_->step(result);
}

TlsStep TlsChannel::write(std::span<const std::uint8_t> from) {
  return impl_->step(mbedtls_ssl_write(impl_->ssl(), from.data(), from.size()));
}

TlsStep TlsChannel::close_notify() { return impl_->step(mbedtls_ssl_close_notify(impl_->ssl())); }

bool TlsChannel::offer_unsuited() const { return impl_->offer_unsuited(); }

std::string TlsChannel::version() const { return mbedtls_ssl_get_version(impl_->ssl()); }

std::string TlsChannel::cipher_suite() const {
  const char* suite = mbedtls_ssl_get_ciphersuite(impl_->ssl());
  return suite == nullptr ? std::string() : suite;
}

const CertificateJudge& TlsChannel::judge() const { return impl_->judge(); }

}  // namespace oobm::uplink
