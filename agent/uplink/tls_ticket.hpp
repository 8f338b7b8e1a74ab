// A ticket spares a connection its certificates, which are most of the bytes of a handshake; and
// with them the check of who the server is. It is therefore offered only while everything that was
// checked when the server last proved itself would be found the same today: same instance, host,
// anchors, revocation list, own certificate and choice of version, the chain's dates still right by
// trusted time, and the proof itself not too long ago. Whatever no longer holds costs the ticket,
// and the next handshake is a full one. docs/adr/0010-tickets-outlive-the-process.md
//
// A ticket with its key is a secret of this router alone: whoever has both can be this router
// towards the server for as long as the server accepts them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oobm::uplink {

// No ticket is used for longer, whatever the server says (RFC 8446 section 4.6.1).
inline constexpr std::chrono::seconds longest_ticket_life{7 * 86'400};
// A full handshake is made at least so often, though each resumed one brings a new ticket
// (RFC 8446 section 4.6.1 asks for such a limit).
inline constexpr std::chrono::seconds longest_without_proof{7 * 86'400};
// Servers of which a ticket is kept, and the size of one as mbedTLS writes it.
inline constexpr std::size_t max_tickets = 4;
inline constexpr std::size_t max_session_bytes = 6 * 1024;

// A moment by both clocks: the boot clock counts within one boot alone, trusted time across boots
// where it is known.
struct Moment {
  std::optional<std::int64_t> boot_ms;  // mbedtls_ms_time()
  std::optional<std::int64_t> unix_s;   // trusted seconds since 1970
  bool operator==(const Moment&) const = default;
};

// From `from` until `to`, by the boot clock where both are of this boot. Nothing: not to be known.
std::optional<std::chrono::milliseconds> elapsed(const Moment& from, const Moment& to);

// The dates of a verified chain, seconds since 1970.
struct ChainDates {
  std::int64_t not_before = 0;        // the latest of the chain
  std::int64_t not_after = 0;         // the earliest of the chain
  std::int64_t server_not_after = 0;  // of the server's own certificate
  bool operator==(const ChainDates&) const = default;
};

struct TlsTicket {
  std::string server;   // ticket_name(): for whom it is
  std::string binding;  // ticket_binding(): what it was made under
  std::string session;  // as mbedtls_ssl_session_save() writes it; secret
  bool tls13 = false;
  std::chrono::seconds lifetime{0};  // as the server said; 0: it did not say
  Moment received;
  Moment proved;  // the last full handshake
  ChainDates dates;
  bool operator==(const TlsTicket&) const = default;
};

// "na broker.example:8883".
std::string ticket_name(std::string_view instance, std::string_view host, std::uint16_t port);
// SHA-256 over all `parts`, each with its length, as hex digits.
std::string ticket_binding(std::span<const std::string_view> parts);

enum class TicketUse : std::uint8_t {
  offer,
  hold,  // it cannot be judged today, by lack of a clock
  drop,
};
// `dates_required`: the caller refuses a server whose dates cannot be judged.
TicketUse judge_ticket(const TlsTicket& ticket, std::string_view binding, const Moment& now,
                       bool dates_required);

// The tickets that a gate has, one for each server. Loop thread only.
class TlsTickets {
 public:
  // `changed` is called after each change, from inside it.
  explicit TlsTickets(std::function<void()> changed = {}) : changed_(std::move(changed)) {}

  // The ticket to offer now, after dropping it where judge_ticket() says so. Valid until the next
  // change.
  const TlsTicket* to_offer(std::string_view server, std::string_view binding, const Moment& now,
                            bool dates_required);
  const TlsTicket* find(std::string_view server) const;

  // Replaces the one of the same server; of too many, the one that has been there longest goes. One
  // that is too large is dropped.
  void keep(TlsTicket ticket);
  void forget(std::string_view server);
  // Puts back what was kept before, without a call of `changed`.
  void restore(std::vector<TlsTicket> tickets) { tickets_ = std::move(tickets); }

  std::span<const TlsTicket> all() const { return tickets_; }

 private:
  void changed() const;

  std::function<void()> changed_;
  std::vector<TlsTicket> tickets_;  // the oldest first
};

}  // namespace oobm::uplink
