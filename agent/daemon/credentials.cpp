#include "agent/daemon/credentials.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "agent/store/file_system.hpp"
#include "agent/store/json_text.hpp"

namespace oobm::daemon {
namespace {

constexpr std::size_t max_pem_bytes = 256 * 1024;

// Nothing and a file that cannot be read are the same to whoever needs what stands in it.
std::string read_file(const std::string& path) {
  return store::posix_file_system().read(path, max_pem_bytes).value_or(std::string());
}

}  // namespace

uplink::TlsSettings trust_settings(const InstanceConfig& instance, const Config& config,
                                   bool metered) {
  uplink::TlsSettings settings;
  settings.anchors_pem = read_file(instance.tls_anchors);
  if (!instance.tls_revocations.empty()) settings.revocations = read_file(instance.tls_revocations);
  if (metered && config.metered_tls12) settings.versions = uplink::TlsVersions::prefer_tls12;
  return settings;
}

Credentials::Credentials(const Config& config, std::string boot_id, TicketMemory::Now now,
                         TicketMemory::Report report)
    : config_(config),
      report_(report),
      tickets_(config.run_folder, config.state_folder, std::move(boot_id), std::move(now), report),
      identity_(config.state_folder, config.identity, std::move(report)) {}

uplink::TlsSettings Credentials::settings(const InstanceConfig& instance, bool metered) {
  ready_ = false;
  auto settings = trust_settings(instance, config_, metered);
  identity_.show_in(settings);
  if (instance.mqtt) settings.alpn = instance.mqtt->alpn;
  return settings;
}

void Credentials::ready(const uplink::LinkInfo& link) {
  ready_ = true;
  session_ = link;
  ++(link.resumed ? resumed_ : full_);
  identity_.ready();
  if (link.revocations_outdated && !outdated_said_)
    report_("the revocation list of this instance is past its time; what it names stays revoked");
  outdated_said_ = link.revocations_outdated;
}

void Credentials::closed(const uplink::Failure& failure) {
  if (!ready_) identity_.failed(failure);
}

std::expected<std::string, ControlError> Credentials::answer(const IdentityRequest& request,
                                                             std::string_view serial) {
  using enum IdentityRequest::Action;
  const auto refuse = [](std::string why) {
    return std::unexpected(ControlError{"IDENTITY_REFUSED", std::move(why)});
  };
  if (request.action == csr) {
    if (serial.empty()) return refuse("the router's serial number is not known yet");
    auto pem = identity_.request(serial);
    if (!pem) return refuse(pem.error());
    return nlohmann::json{{"csr", *pem}}.dump();
  }
  if (request.action == install) {
    if (auto done = identity_.install(request.certificate); !done) return refuse(done.error());
  }
  return view();
}

std::string Credentials::view() const {
  auto json = identity_.view();
  if (session_)
    json["session"] = {{"tls", session_->tls_version},
                       {"cipher_suite", session_->cipher_suite},
                       {"resumed", session_->resumed}};
  json["handshakes"] = {{"full", full_}, {"resumed", resumed_}};
  return store::one_line(json);
}

}  // namespace oobm::daemon
