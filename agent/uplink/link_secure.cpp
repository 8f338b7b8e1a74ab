// How a link becomes a secured one: what is offered to the server, what it is offered next when it
// refuses that, and what it gives for the next time.
#include <array>
#include <string>
#include <utility>

#include <mbedtls/platform_time.h>

#include "agent/uplink/limits.hpp"
#include "agent/uplink/link.hpp"

namespace oobm::uplink {
namespace {

using Clock = std::chrono::steady_clock;

// What a server answers that can do nothing with the ticket it was offered. A network that fails
// says nothing about the ticket.
bool may_be_the_tickets_fault(const Failure& failure) {
  return failure.layer == Layer::tls && failure.code != Code::tls_timeout;
}

}  // namespace

std::string Link::Impl::server_name() const {
  return request_.target.host + ":" + std::to_string(request_.target.port);
}

Moment Link::Impl::moment() const {
  return {.boot_ms = mbedtls_ms_time(),
          .unix_s = gate_->trusted_time ? gate_->trusted_time() : std::nullopt};
}

std::string Link::Impl::binding() const {
  const auto& tls = request_.tls;
  const std::string versions = std::to_string(std::to_underlying(tls.versions));
  const std::string own = identity_->certificate_text();
  const std::string server = server_name();
  const std::array<std::string_view, 8> parts{
      "1",
      server,
      request_.target.instance,
      tls.anchors_pem,
      own,
      versions,
      tls.alpn,
      tls.revocations ? std::string_view(*tls.revocations) : std::string_view()};
  return ticket_binding(parts);
}

TlsOffer Link::Impl::usual_offer() const {
  if (gate_->tls12_servers.contains(server_name())) return TlsOffer::tls12;
  const bool prefers12 = request_.tls.versions == TlsVersions::prefer_tls12;
  return prefers12 && !gate_->tls13_servers.contains(server_name()) ? TlsOffer::tls12
                                                                    : TlsOffer::newest;
}

TlsOptions Link::Impl::tls_options(const Moment& now) {
  TlsOptions options{.offer = usual_offer(),
                     .alpn = request_.tls.alpn,
                     .on_session = {},
                     .resume = {},
                     .resume_age = {}};
  ticket_offered_ = false;
  if (gate_->tickets == nullptr) return options;
  options.on_session = [this](TlsSession session) { keep_ticket(std::move(session)); };
  const auto* ticket = gate_->tickets->to_offer(ticket_name_, binding(), now,
                                                request_.tls.wrong_dates == WrongDates::refuse);
  if (ticket == nullptr) return options;
  ticket_offered_ = true;
  proved_ = ticket->proved;
  recalled_ = ticket->dates;
  options.resume = ticket->session;
  options.resume_age = elapsed(ticket->received, now).value_or(std::chrono::milliseconds(0));
  options.offer = ticket->tls13 ? TlsOffer::newest : TlsOffer::tls12;
  return options;
}

Link::Impl::Outcome Link::Impl::open_channel() {
  spending_.sending = Use::handshake;
  const auto& target = request_.target;
  ticket_name_ = ticket_name(target.instance, target.host, target.port);
  const auto now = moment();
  auto channel =
      TlsChannel::create(identity_, CertificateJudge(now.unix_s, request_.tls.wrong_dates),
                         target.host, wire_.native_handle(), meter_, tls_options(now));
  if (!channel) return std::unexpected(std::move(channel.error()));
  tls_ = std::move(*channel);
  return {};
}

asio::awaitable<Link::Impl::Outcome> Link::Impl::secure() {
  const auto start = Clock::now();
  arm_deadline(request_.timeouts.tls);
  for (;;) {
    const TlsStep step = tls_->handshake();
    if (step.kind == TlsStep::Kind::done) break;
    if (step.kind == TlsStep::Kind::failed) co_return std::unexpected(*step.failure);
    if (step.kind == TlsStep::Kind::closed) {
      co_return std::unexpected(failure(Code::peer_closed, "during the TLS handshake"));
    }
    if (!co_await satisfy(step.kind)) {
      co_return std::unexpected(failure(Code::tls_timeout, info_.remote_address));
    }
  }
  disarm_deadline();
  info_.tls_time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  info_.resumed = tls_->resumed();
  if (info_.resumed) tls_->recall(recalled_);
  const auto until = identity_->revocations_until();
  const auto now = moment().unix_s;
  info_.revocations_outdated = until && now && *now > *until;
  co_return Outcome{};
}

bool Link::Impl::change_offer(const Failure& why) {
  if (!tls_) return false;
  if (ticket_offered_ && may_be_the_tickets_fault(why)) {
    gate_->tickets->forget(ticket_name_);
    // A server that has shown its certificate has passed over the ticket.
    if (tls_->resumed()) return true;
  }
  const auto learn = [this](std::set<std::string>& servers) {
    return servers.size() < max_tls12_servers && servers.insert(server_name()).second;
  };
  if (tls_->offer_unsuited()) return learn(gate_->tls12_servers);
  // A server that speaks TLS 1.3 alone, or has no suite in common below it.
  const bool wants13 = (why.code == Code::tls_version || why.code == Code::tls_alert) &&
                       usual_offer() == TlsOffer::tls12 &&
                       !gate_->tls12_servers.contains(server_name());
  return wants13 && learn(gate_->tls13_servers);
}

// In TLS 1.2 within the handshake, in TLS 1.3 at any time after it.
void Link::Impl::keep_ticket(TlsSession session) {
  const auto now = moment();
  const bool resumed = tls_->resumed();
  // A resumed TLS 1.2 session that brings no ticket of its own is the old one: it does not get
  // younger.
  const auto* known = gate_->tickets->find(ticket_name_);
  if (resumed && known != nullptr && known->session == session.bytes) return;
  gate_->tickets->keep({.server = ticket_name_,
                        .binding = binding(),
                        .session = std::move(session.bytes),
                        .tls13 = session.tls13,
                        .lifetime = std::chrono::seconds(session.lifetime_s),
                        .received = now,
                        .proved = resumed ? proved_ : now,
                        .dates = resumed ? recalled_ : tls_->judge().dates()});
}

}  // namespace oobm::uplink
