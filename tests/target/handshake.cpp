// handshake PORT CA CERTIFICATE KEY: a TLS session with a server on the loopback interface by the
// mbedTLS that ships, which is not the one that other tests are built with. Sends one line, prints
// version, suite and what comes back; the exit status is that of the handshake.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <mbedtls/error.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <netinet/in.h>
#include <psa/crypto.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

int send_some(void* socket, const unsigned char* data, std::size_t size) {
  return static_cast<int>(write(*static_cast<int*>(socket), data, size));
}

int receive_some(void* socket, unsigned char* data, std::size_t size) {
  return static_cast<int>(read(*static_cast<int*>(socket), data, size));
}

int random_bytes(void*, unsigned char* data, std::size_t size) {
  return psa_generate_random(data, size) == PSA_SUCCESS ? 0 : -1;
}

int connect_to(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
    return socket_fd;
  std::perror("connect");
  std::exit(1);
}

// In the agent's order (agent/uplink/tls_channel.cpp): with TLS 1.2 mbedTLS cannot verify RSA-PSS,
// which OpenSSL would choose by mbedTLS's own order.
constexpr std::uint16_t signatures[] = {MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
                                        MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
                                        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
                                        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
                                        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
                                        MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
                                        MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
                                        MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
                                        MBEDTLS_TLS1_3_SIG_NONE};

void must(int result, const char* what) {
  if (result == 0) return;
  char why[128];
  mbedtls_strerror(result, why, sizeof why);
  std::fprintf(stderr, "%s: %s\n", what, why);
  std::exit(1);
}

}  // namespace

int main(int, char** argv) {
  mbedtls_x509_crt anchors;
  mbedtls_x509_crt own;
  mbedtls_pk_context key;
  mbedtls_ssl_config config;
  mbedtls_ssl_context tls;
  mbedtls_x509_crt_init(&anchors);
  mbedtls_x509_crt_init(&own);
  mbedtls_pk_init(&key);
  mbedtls_ssl_config_init(&config);
  mbedtls_ssl_init(&tls);
  must(psa_crypto_init() == PSA_SUCCESS ? 0 : -1, "psa_crypto_init");
  must(mbedtls_x509_crt_parse_file(&anchors, argv[2]), "anchors");
  must(mbedtls_x509_crt_parse_file(&own, argv[3]), "certificate");
  must(mbedtls_pk_parse_keyfile(&key, argv[4], nullptr, random_bytes, nullptr), "key");
  must(mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                   MBEDTLS_SSL_PRESET_DEFAULT),
       "config");
  mbedtls_ssl_conf_rng(&config, random_bytes, nullptr);
  mbedtls_ssl_conf_sig_algs(&config, signatures);
  mbedtls_ssl_conf_ca_chain(&config, &anchors, nullptr);
  must(mbedtls_ssl_conf_own_cert(&config, &own, &key), "own certificate");
  must(mbedtls_ssl_setup(&tls, &config), "setup");
  must(mbedtls_ssl_set_hostname(&tls, "server.example"), "host name");
  int socket_fd = connect_to(std::atoi(argv[1]));
  mbedtls_ssl_set_bio(&tls, &socket_fd, send_some, receive_some, nullptr);
  must(mbedtls_ssl_handshake(&tls), "handshake");
  std::printf("%s %s\n", mbedtls_ssl_get_version(&tls), mbedtls_ssl_get_ciphersuite(&tls));
  const unsigned char line[] = "over there\n";
  must(mbedtls_ssl_write(&tls, line, sizeof line - 1) > 0 ? 0 : -1, "write");
  unsigned char answer[64]{};
  int size = 0;
  do size = mbedtls_ssl_read(&tls, answer, sizeof answer - 1);
  while (size == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET);
  must(size > 0 ? 0 : size, "read");
  std::printf("%s", reinterpret_cast<const char*>(answer));
  mbedtls_ssl_close_notify(&tls);
  return 0;
}
