#include "agent/daemon/identity_trial.hpp"

namespace oobm::daemon {
namespace {

using uplink::Code;
using uplink::Layer;

bool names_the_certificate(Code code) {
  return code == Code::tls_client_cert_refused || code == Code::mqtt_bad_credentials ||
         code == Code::mqtt_identifier_rejected || code == Code::key_file ||
         code == Code::certificate_file;
}

bool beyond_the_network(Layer layer) {
  return layer == Layer::tls || layer == Layer::mqtt || layer == Layer::peer;
}

}  // namespace

void IdentityTrial::begin() {
  running_ = true;
  next_ = Turn::fresh;
  doubts_ = 0;
}

IdentityTrial::Verdict IdentityTrial::end(Verdict verdict) {
  running_ = false;
  next_ = Turn::kept;
  return verdict;
}

IdentityTrial::Verdict IdentityTrial::ready() {
  if (!running_) return Verdict::open;
  if (next_ == Turn::fresh) return end(Verdict::adopt);
  if (++doubts_ == rounds_of_doubt) return end(Verdict::refuse);
  next_ = Turn::fresh;
  return Verdict::open;
}

IdentityTrial::Verdict IdentityTrial::failed(const uplink::Failure& failure) {
  if (!running_) return Verdict::open;
  if (next_ == Turn::fresh && names_the_certificate(failure.code)) return end(Verdict::refuse);
  if (beyond_the_network(failure.layer)) next_ = next_ == Turn::fresh ? Turn::kept : Turn::fresh;
  return Verdict::open;
}

}  // namespace oobm::daemon
