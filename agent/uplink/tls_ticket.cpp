#include "agent/uplink/tls_ticket.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <mbedtls/sha256.h>

namespace oobm::uplink {
namespace {

using std::chrono::milliseconds;

std::string hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 0x0FU];
  }
  return text;
}

bool outside(const ChainDates& dates, std::int64_t now) {
  return now < dates.not_before || now > dates.not_after;
}

milliseconds life_of(const TlsTicket& ticket) {
  const bool said = ticket.lifetime > std::chrono::seconds(0);
  return said ? std::min(ticket.lifetime, longest_ticket_life) : longest_ticket_life;
}

bool within(milliseconds age, milliseconds limit) { return age.count() >= 0 && age <= limit; }

}  // namespace

std::optional<milliseconds> elapsed(const Moment& from, const Moment& to) {
  if (from.boot_ms && to.boot_ms) return milliseconds(*to.boot_ms - *from.boot_ms);
  if (from.unix_s && to.unix_s) return milliseconds((*to.unix_s - *from.unix_s) * 1000);
  return std::nullopt;
}

std::string ticket_name(std::string_view instance, std::string_view host, std::uint16_t port) {
  return std::string(instance) + " " + std::string(host) + ":" + std::to_string(port);
}

std::string ticket_binding(std::span<const std::string_view> parts) {
  std::string all;
  for (const auto part : parts) all.append(std::to_string(part.size())).append(" ").append(part);
  std::array<unsigned char, 32> digest{};
  const auto* bytes = reinterpret_cast<const unsigned char*>(all.data());
  // Fails with a wrong argument alone; no binding at all would match nothing.
  if (mbedtls_sha256(bytes, all.size(), digest.data(), 0) != 0) return {};
  return hex(digest);
}

TicketUse judge_ticket(const TlsTicket& ticket, std::string_view binding, const Moment& now,
                       bool dates_required) {
  using enum TicketUse;
  if (binding.empty() || ticket.binding != binding) return drop;
  if (now.unix_s && outside(ticket.dates, *now.unix_s)) return drop;
  const auto age = elapsed(ticket.received, now);
  const auto proof_age = elapsed(ticket.proved, now);
  if (age && !within(*age, life_of(ticket))) return drop;
  if (proof_age && !within(*proof_age, longest_without_proof)) return drop;
  const bool known = age && proof_age && (now.unix_s || !dates_required);
  return known ? offer : hold;
}

const TlsTicket* TlsTickets::to_offer(std::string_view server, std::string_view binding,
                                      const Moment& now, bool dates_required) {
  const auto* ticket = find(server);
  if (ticket == nullptr) return nullptr;
  const auto use = judge_ticket(*ticket, binding, now, dates_required);
  if (use == TicketUse::drop) forget(server);
  return use == TicketUse::offer ? ticket : nullptr;
}

const TlsTicket* TlsTickets::find(std::string_view server) const {
  const auto found = std::ranges::find(tickets_, server, &TlsTicket::server);
  return found == tickets_.end() ? nullptr : &*found;
}

void TlsTickets::keep(TlsTicket ticket) {
  const auto* known = find(ticket.server);
  if (known != nullptr && *known == ticket) return;
  std::erase_if(tickets_, [&](const auto& other) { return other.server == ticket.server; });
  if (ticket.session.size() <= max_session_bytes) tickets_.push_back(std::move(ticket));
  if (tickets_.size() > max_tickets) tickets_.erase(tickets_.begin());
  changed();
}

void TlsTickets::forget(std::string_view server) {
  // `server` may be a member of the ticket that goes.
  const auto gone = std::ranges::find(tickets_, server, &TlsTicket::server);
  if (gone == tickets_.end()) return;
  tickets_.erase(gone);
  changed();
}

void TlsTickets::changed() const {
  if (changed_) changed_();
}

}  // namespace oobm::uplink
