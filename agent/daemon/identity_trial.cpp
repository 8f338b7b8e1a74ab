#include "agent/daemon/identity_trial.hpp"

namespace oobm::daemon {
namespace {

using uplink::Code;
using uplink::Layer;

bool cannot_be_loaded(Code code) {
  return code == Code::key_file || code == Code::certificate_file;
}

bool names_the_certificate(Code code) {
  return code == Code::tls_client_cert_refused || code == Code::mqtt_bad_credentials ||
         code == Code::mqtt_identifier_rejected || cannot_be_loaded(code);
}

// The server itself ended it, at a time when it can have seen the certificate.
bool may_mean_the_certificate(Code code) {
  return code == Code::tls_alert || code == Code::peer_closed ||
         code == Code::mqtt_server_unavailable || code == Code::mqtt_subscribe_refused ||
         code == Code::mqtt_protocol;
}

// A connection stood, or could not be set up with what was to be shown.
bool beyond_the_network(const uplink::Failure& failure) {
  return failure.layer == Layer::tls || failure.layer == Layer::mqtt ||
         failure.layer == Layer::peer || failure.code == Code::tcp_reset ||
         failure.code == Code::local_error;
}

}  // namespace

void IdentityTrial::begin() {
  running_ = true;
  doubts_ = 0;
  take_turn(Turn::fresh, false);
}

IdentityTrial::Verdict IdentityTrial::end(Verdict verdict) {
  running_ = false;
  take_turn(Turn::kept, false);
  return verdict;
}

void IdentityTrial::take_turn(Turn turn, bool in_doubt) {
  next_ = turn;
  in_doubt_ = in_doubt;
  unanswered_ = 0;
}

IdentityTrial::Verdict IdentityTrial::ready() {
  if (!running_) return Verdict::open;
  if (next_ == Turn::fresh) return end(Verdict::adopt);
  if (in_doubt_ && ++doubts_ == rounds_of_doubt) return end(Verdict::refuse);
  take_turn(Turn::fresh, false);
  return Verdict::open;
}

IdentityTrial::Verdict IdentityTrial::failed(const uplink::Failure& failure) {
  if (!running_) return Verdict::open;
  if (next_ == Turn::fresh) return fresh_failed(failure);
  // The old one fares no better, or is no choice at all.
  if (beyond_the_network(failure) || cannot_be_loaded(failure.code)) take_turn(Turn::fresh, false);
  return Verdict::open;
}

IdentityTrial::Verdict IdentityTrial::fresh_failed(const uplink::Failure& failure) {
  if (names_the_certificate(failure.code)) return end(Verdict::refuse);
  if (may_mean_the_certificate(failure.code))
    take_turn(Turn::kept, true);
  else if (beyond_the_network(failure) && ++unanswered_ == attempts_without_answer)
    take_turn(Turn::kept, false);
  return Verdict::open;
}

}  // namespace oobm::daemon
