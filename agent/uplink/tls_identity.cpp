#include "agent/uplink/tls_identity.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <mbedtls/platform_util.h>
#include <psa/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/uplink/certificate_judge.hpp"
#include "agent/uplink/limits.hpp"
#include "agent/uplink/unique_fd.hpp"

namespace oobm::uplink {
namespace {

enum class Secrecy : std::uint8_t { open, secret };

// PEM text as mbedTLS wants it, the final zero byte included; wiped when it goes.
class PemText {
 public:
  PemText() = default;
  explicit PemText(std::string text) : text_(std::move(text)) {}
  PemText(PemText&& other) noexcept : text_(std::exchange(other.text_, {})) {}
  ~PemText() { mbedtls_platform_zeroize(text_.data(), text_.size()); }

  const unsigned char* data() const {
    return reinterpret_cast<const unsigned char*>(text_.c_str());
  }
  std::size_t size() const { return text_.size() + 1; }

 private:
  std::string text_;
};

std::string errno_text() { return std::generic_category().message(errno); }

std::expected<void, std::string> check_secrecy(const struct stat& status) {
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return std::unexpected("others than its owner may use it (chmod 600)");
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return std::unexpected("it belongs to another user");
  }
  return {};
}

std::expected<std::string, std::string> read_all(int fd, std::size_t size) {
  std::string text(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const auto n = ::read(fd, text.data() + got, size - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(errno_text());
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  text.resize(got);
  return text;
}

std::expected<PemText, std::string> read_pem(const std::filesystem::path& path, Secrecy secrecy) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return std::unexpected(errno_text());
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return std::unexpected(errno_text());
  if (!S_ISREG(status.st_mode)) return std::unexpected("it is no ordinary file");
  if (secrecy == Secrecy::secret) {
    if (auto kept = check_secrecy(status); !kept) return std::unexpected(kept.error());
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0 || size > max_pem_file_bytes) return std::unexpected("its size cannot be right");
  return read_all(fd.get(), size).transform([](std::string text) {
    return PemText(std::move(text));
  });
}

std::unexpected<Failure> file_failure(Code code, const std::filesystem::path& path,
                                      const std::string& why) {
  return std::unexpected(failure(code, path.string() + ": " + why));
}

}  // namespace

bool tls_random_ready() {
  static const bool ready = psa_crypto_init() == PSA_SUCCESS;
  return ready;
}

int tls_random(void*, unsigned char* out, std::size_t size) {
  return tls_random_ready() && psa_generate_random(out, size) == PSA_SUCCESS ? 0 : -1;
}

TlsIdentity::TlsIdentity() {
  mbedtls_x509_crt_init(&anchors_);
  mbedtls_x509_crl_init(&revocations_);
  mbedtls_x509_crt_init(&certificate_);
  mbedtls_pk_init(&key_);
}

TlsIdentity::~TlsIdentity() {
  mbedtls_x509_crt_free(&anchors_);
  mbedtls_x509_crl_free(&revocations_);
  mbedtls_x509_crt_free(&certificate_);
  mbedtls_pk_free(&key_);
}

std::expected<std::unique_ptr<TlsIdentity>, Failure> TlsIdentity::load(
    const TlsSettings& settings) {
  if (!tls_random_ready()) return std::unexpected(failure(Code::local_error, "no random numbers"));
  auto identity = std::make_unique<TlsIdentity>();
  auto loaded = identity->load_anchors(settings).and_then(
      [&] { return identity->load_revocations(settings); });
  const bool anonymous = settings.certificate_pem.empty() && settings.certificate_file.empty() &&
                         settings.key_file.empty();
  if (loaded && !anonymous) {
    loaded =
        identity->load_key(settings).and_then([&] { return identity->load_certificate(settings); });
  }
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  return identity;
}

std::string TlsIdentity::certificate_text() const {
  if (!has_certificate_) return {};
  const auto& der = certificate_.raw;
  return {reinterpret_cast<const char*>(der.p), der.len};
}

std::expected<void, Failure> TlsIdentity::load_anchors(const TlsSettings& settings) {
  const PemText text(settings.anchors_pem);
  // A positive result counts certificates that could not be read: pins are all or nothing.
  if (mbedtls_x509_crt_parse(&anchors_, text.data(), text.size()) != 0) {
    return std::unexpected(failure(Code::trust_anchors));
  }
  return {};
}

std::expected<void, Failure> TlsIdentity::load_revocations(const TlsSettings& settings) {
  if (!settings.revocations) return {};
  // DER as it is, or PEM with its final zero byte.
  const auto& text = *settings.revocations;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.c_str());
  const bool pem = text.starts_with("-----BEGIN");
  const int error = pem ? mbedtls_x509_crl_parse(&revocations_, bytes, text.size() + 1)
                        : mbedtls_x509_crl_parse_der(&revocations_, bytes, text.size());
  if (text.empty() || error != 0) return std::unexpected(failure(Code::revocation_list));
  has_revocations_ = true;
  return {};
}

std::optional<std::int64_t> TlsIdentity::revocations_until() const {
  std::optional<std::int64_t> first;
  for (const auto* list = has_revocations_ ? &revocations_ : nullptr; list != nullptr;
       list = list->next) {
    // A list need not say when the next one comes.
    if (list->next_update.year == 0) continue;
    const auto until = unix_seconds(list->next_update);
    first = first ? std::min(*first, until) : until;
  }
  return first;
}

std::expected<void, Failure> read_private_key(mbedtls_pk_context& key,
                                              const std::filesystem::path& file) {
  const auto text = read_pem(file, Secrecy::secret);
  if (!text) return file_failure(Code::key_file, file, text.error());
  if (mbedtls_pk_parse_key(&key, text->data(), text->size(), nullptr, 0, &tls_random, nullptr) !=
      0) {
    return file_failure(Code::key_file, file, "it holds no usable private key");
  }
  return {};
}

std::expected<void, Failure> TlsIdentity::load_key(const TlsSettings& settings) {
  return read_private_key(key_, settings.key_file);
}

std::expected<void, Failure> TlsIdentity::load_certificate(const TlsSettings& settings) {
  const auto& path = settings.certificate_file;
  const auto text = settings.certificate_pem.empty() ? read_pem(path, Secrecy::open)
                                                     : PemText(settings.certificate_pem);
  if (!text) return file_failure(Code::certificate_file, path, text.error());
  if (mbedtls_x509_crt_parse(&certificate_, text->data(), text->size()) != 0) {
    return file_failure(Code::certificate_file, path, "it holds no usable certificate");
  }
  if (mbedtls_pk_check_pair(&certificate_.pk, &key_, &tls_random, nullptr) != 0) {
    return file_failure(Code::certificate_file, path, "the private key does not belong to it");
  }
  has_certificate_ = true;
  return {};
}

}  // namespace oobm::uplink
