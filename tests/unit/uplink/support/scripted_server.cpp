#include "tests/unit/uplink/support/scripted_server.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <mbedtls/ssl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "agent/uplink/tls_identity.hpp"
#include "tests/unit/uplink/support/certificates.hpp"

namespace oobm::uplink::test {
namespace {

// True when `fd` is readable; false when the test is over.
bool wait_readable(int fd, const std::atomic<bool>& stopping) {
  while (!stopping) {
    pollfd entry{fd, POLLIN, 0};
    if (::poll(&entry, 1, 20) > 0) return true;
  }
  return false;
}

class TcpPeer final : public Peer {
 public:
  TcpPeer(int fd, const std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {}

  std::string read_some() override {
    std::array<char, 4096> buffer{};
    if (!wait_readable(fd_, stopping_)) return {};
    const auto n = ::recv(fd_, buffer.data(), buffer.size(), 0);
    return n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : std::string();
  }

  int descriptor() const override { return fd_; }

  bool write(std::string_view bytes) override {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

 private:
  int fd_;
  const std::atomic<bool>& stopping_;
};

class TlsPeer final : public Peer {
 public:
  TlsPeer(int fd, const std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {
    mbedtls_ssl_init(&ssl_);
    mbedtls_ssl_config_init(&config_);
    auto& certificates = Certificates::get();
    TlsSettings settings;
    settings.anchors_pem = certificates.anchors();
    settings.certificate_file = certificates.server().certificate;
    settings.key_file = certificates.server().key;
    auto identity = TlsIdentity::load(settings);
    if (!identity) throw std::runtime_error(to_string(identity.error()));
    identity_ = std::move(*identity);
    mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_rng(&config_, &tls_random, nullptr);
    mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_own_cert(&config_, identity_->certificate(), identity_->key());
    mbedtls_ssl_setup(&ssl_, &config_);
    mbedtls_ssl_set_bio(&ssl_, this, &TlsPeer::send, &TlsPeer::receive, nullptr);
  }
  ~TlsPeer() override {
    if (!abrupt_) mbedtls_ssl_close_notify(&ssl_);
    mbedtls_ssl_free(&ssl_);
    mbedtls_ssl_config_free(&config_);
  }

  int descriptor() const override { return fd_; }

  bool handshake() {
    int result = 0;
    while ((result = mbedtls_ssl_handshake(&ssl_)) == MBEDTLS_ERR_SSL_WANT_READ && !stopping_) {
    }
    return result == 0;
  }

  std::string read_some() override {
    std::array<unsigned char, 4096> buffer{};
    int n = MBEDTLS_ERR_SSL_WANT_READ;
    while (n == MBEDTLS_ERR_SSL_WANT_READ && !stopping_) {
      n = mbedtls_ssl_read(&ssl_, buffer.data(), buffer.size());
    }
    return n > 0 ? std::string(buffer.begin(), buffer.begin() + n) : std::string();
  }

  bool write(std::string_view bytes) override {
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    return mbedtls_ssl_write(&ssl_, data, bytes.size()) == static_cast<int>(bytes.size());
  }

 private:
  static int send(void* user, const unsigned char* data, std::size_t size) {
    const auto n = ::send(static_cast<TlsPeer*>(user)->fd_, data, size, MSG_NOSIGNAL);
    return n >= 0 ? static_cast<int>(n) : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
  }
  static int receive(void* user, unsigned char* data, std::size_t size) {
    auto& me = *static_cast<TlsPeer*>(user);
    if (!wait_readable(me.fd_, me.stopping_)) return MBEDTLS_ERR_SSL_WANT_READ;
    const auto n = ::recv(me.fd_, data, size, 0);
    return n > 0 ? static_cast<int>(n) : MBEDTLS_ERR_SSL_CONN_EOF;
  }

  int fd_;
  const std::atomic<bool>& stopping_;
  std::unique_ptr<TlsIdentity> identity_;
  mbedtls_ssl_context ssl_;
  mbedtls_ssl_config config_;
};

}  // namespace

void Peer::reset() {
  abrupt_ = true;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Peer::half_close() {
  abrupt_ = true;
  ::shutdown(descriptor(), SHUT_WR);
}

void Peer::black_hole() {
  abrupt_ = true;
  // A filter that accepts nothing (socket(7), SO_ATTACH_FILTER) stands before TCP itself.
  sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
  const sock_fprog program{.len = 1, .filter = &nothing};
  ::setsockopt(descriptor(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

ScriptedServer::ScriptedServer(Kind kind, Script script)
    : kind_(kind),
      script_(std::move(script)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  Certificates::get().server();  // made here: openssl is not to run on the thread
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_.get(), 8) != 0 ||
      ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("scripted server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  thread_.join();
}

void ScriptedServer::run() {
  while (wait_readable(listener_.get(), stopping_)) {
    serve(UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }
}

void ScriptedServer::serve(UniqueFd connection) {
  if (!connection) return;
  ++connections_;
  if (kind_ == Kind::tcp) {
    TcpPeer peer(connection.get(), stopping_);
    return script_(peer);
  }
  TlsPeer peer(connection.get(), stopping_);
  if (peer.handshake()) script_(peer);
}

}  // namespace oobm::uplink::test
