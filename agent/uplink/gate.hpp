// Everything that leaves the agent for the network leaves here, once: the gate asks for permission,
// makes the socket, binds it to the uplink's interface, resolves the name over that same interface,
// speaks TLS, counts every byte, and refuses an inbound MQTT packet that is too large before
// anybody parses it. Nothing else in the agent makes a network socket.
//
// All of it runs on one asio::io_context, on the thread that runs it; no call blocks and every
// handler is called from the loop, never from inside the call that caused it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <asio/io_context.hpp>

#include "agent/uplink/failure.hpp"
#include "agent/uplink/permit.hpp"
#include "agent/uplink/target.hpp"
#include "agent/uplink/traffic.hpp"
#include "agent/uplink/unique_fd.hpp"

namespace oobm::uplink {

class TlsTickets;

// Seconds since 1970-01-01T00:00:00Z as the agent believes them, or nothing where it believes none.
// The system clock of a router that has just started is no evidence and is never read.
using TrustedTime = std::function<std::optional<std::int64_t>()>;

// What to do when chain and host name of the server are right and only the dates are wrong, or no
// trusted time is known. `flag` connects and says so in LinkInfo, so that a router with a wrong
// clock is not stranded; the caller restricts what it does with such a link. `refuse` fails.
enum class WrongDates : std::uint8_t { flag, refuse };

// Which version of TLS is asked for first. Both accept 1.2 and 1.3 and nothing below. 1.3 hides our
// certificate, and with it the serial number, from whoever listens; 1.2 costs about a kilobyte less
// for each connection.
enum class TlsVersions : std::uint8_t {
  prefer_tls13,
  prefer_tls12,  // 1.2 is offered alone; a server that refuses it is offered 1.3
};

struct TlsSettings {
  std::string anchors_pem;  // the pinned trust anchors, PEM text; nothing else is trusted
  // Certificate revocation lists of the anchors' authorities (RFC 5280 section 5), PEM or DER;
  // none: nothing is known to be revoked. A list that is past its time still revokes what it names,
  // and ends no connection: LinkInfo says so. A router must not be lost to a list that nobody
  // renewed.
  std::optional<std::string> revocations{};
  std::filesystem::path certificate_file;  // PEM: our certificate, then its intermediates
  std::filesystem::path key_file;          // PEM; refused when anybody but its owner may read it
  std::string certificate_pem{};  // our certificate as text; given, it stands in for its file
  WrongDates wrong_dates = WrongDates::flag;
  TlsVersions versions = TlsVersions::prefer_tls13;
  std::string alpn{};  // protocol to name to the server (RFC 7301); empty: none
};

// Upper bounds of each phase, and when the next thing is tried beside the first. A first round trip
// after idle takes 2-5 s on LTE-M and up to 30 s on NB-IoT, so none of them may be short.
struct Timeouts {
  std::chrono::milliseconds dns{20'000};
  std::chrono::milliseconds tcp{30'000};  // for each address
  std::chrono::milliseconds tls{60'000};
  // The next address is tried beside those that have not answered after so long. RFC 8305 section 8
  // recommends 250 ms and at most 2 s. A cellular round trip is longer than 250 ms more often than
  // not, and each attempt that was not needed costs bytes and a connection that the server must
  // drop; so it is the most that is recommended.
  std::chrono::milliseconds attempt_delay{2'000};
  // Remembered addresses are tried beside DNS after so long: one query to the first name server has
  // been given up then, and the second is late.
  std::chrono::milliseconds remembered_after{8'000};
  // Sent data that stays unacknowledged for so long ends a connection (TCP_USER_TIMEOUT): a lost
  // bearer is found without TCP keepalives, which would wake the radio.
  std::chrono::milliseconds unacknowledged{90'000};
};

enum class Carries : std::uint8_t {
  mqtt,    // inbound packet lengths are followed; a packet over 64 KiB ends the link
  opaque,  // anything else
};

struct LinkRequest {
  Target target;
  TlsSettings tls;
  Timeouts timeouts{};
  Carries carries = Carries::mqtt;
  // Times in which no application byte comes for so long are counted; zero: none are.
  std::chrono::milliseconds silence{0};
};

// What is known once TLS stands.
struct LinkInfo {
  std::string tls_version;   // "TLSv1.3" or "TLSv1.2"
  std::string cipher_suite;  // IANA name
  bool resumed = false;      // an earlier session went on: no certificate was shown
  bool dates_ok = false;
  // Where dates_ok is false: tls_expired, tls_not_yet_valid or tls_dates_unknown.
  std::optional<Code> date_problem;
  bool revocations_outdated = false;  // by trusted time a newer list should be there
  std::int64_t server_not_after = 0;  // end of the server certificate, seconds since 1970
  std::string interface;
  std::string local_address;  // "192.0.2.7:40312", "[2001:db8::7]:40312"
  std::string remote_address;
  bool remembered = false;  // DNS gave no address in time; a remembered one led to the server
  std::chrono::milliseconds dns_time{0};
  std::chrono::milliseconds tcp_time{0};  // one round trip, of the address that answered
  std::chrono::milliseconds tls_time{0};
};

struct LinkHandlers {
  // TLS stands. `plain` is one end of a socket pair (non-blocking, close-on-exec) that carries the
  // application's bytes; the handler owns it. Closing it ends the link in good order.
  std::function<void(LinkInfo info, UniqueFd plain)> on_ready;
  // The link is gone and every descriptor of it closed. Exactly once, whatever the phase; after
  // good order on both sides the code is `stopped`.
  std::function<void(Failure)> on_closed;
};

// One connection. Destroying it aborts the connection and no handler is called any more; a handler
// may destroy it. Loop thread only.
class Link {
 public:
  class Impl;
  explicit Link(std::shared_ptr<Impl> impl);
  Link(Link&&) noexcept;
  Link& operator=(Link&&) noexcept;
  ~Link();

  // Ends the connection at once: nothing more is sent, not even what the application has written.
  // When it returns the descriptors are closed; on_closed(reason) follows from the loop.
  void abort(Failure reason);

  // Why the link has ended, as on_closed will say or has said; nothing while it has not.
  std::optional<Failure> end_reason() const;
  Traffic traffic() const;
  // The next MQTT message that is published over this link is for this.
  void expect(Use use);
  // Why bytes may not be spent on this now (Permit::may_spend); nothing where they may.
  std::optional<Failure> refusal(Use use) const;
  // How long ago application bytes last arrived, or TLS stood; zero before that.
  std::chrono::milliseconds since_last_received() const;
  // Silences so far that something has ended: the way was still open after each of them.
  std::uint32_t silences() const;
  // Return code of an MQTT CONNACK that passed through (MQTT 3.1.1 section 3.2.2.3).
  std::optional<std::uint8_t> connack_code() const;

 private:
  std::shared_ptr<Impl> impl_;
};

class Gate {
 public:
  // Makes the environment forget what would redirect connections (environment.hpp): to be made
  // before other threads read it. `loop`, `permit`, `tickets` and whatever `trusted_time` refers to
  // must outlive the gate and its links. `tickets`: what lets connections be resumed; null: none
  // are asked for.
  Gate(asio::io_context& loop, Permit& permit, TrustedTime trusted_time,
       TlsTickets* tickets = nullptr);
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  Link open(LinkRequest request, LinkHandlers handlers);

  // What has passed this interface through the gate since it was made.
  Traffic traffic(std::string_view interface) const;
  // What has passed it since this was last asked, by use.
  TrafficByUse take_by_use(std::string_view interface);

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace oobm::uplink
