// One connection through the gate, from permission to the last byte: resolve, connect, TLS, carry,
// leave. Each wait is bounded, each direction holds at most one chunk (a slow reader slows the
// writer, on either side), and the first cause of failure is the one reported.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "agent/uplink/addresses.hpp"
#include "agent/uplink/approach.hpp"
#include "agent/uplink/gate.hpp"
#include "agent/uplink/interface_watch.hpp"
#include "agent/uplink/meter.hpp"
#include "agent/uplink/packet_follower.hpp"
#include "agent/uplink/tls_channel.hpp"
#include "agent/uplink/use_follower.hpp"

namespace oobm::uplink {

// What every link of one gate shares.
struct GateContext {
  asio::io_context& loop;
  Permit& permit;
  TrustedTime trusted_time;
  TlsTickets* tickets = nullptr;
  // "host:port" of servers to which TLS 1.2 has to be offered alone; learnt, and kept while the
  // program runs, so that only the first connection pays for the lesson.
  std::set<std::string> tls12_servers{};
  // Servers that refuse TLS 1.2, likewise.
  std::set<std::string> tls13_servers{};
};

class Link::Impl : public std::enable_shared_from_this<Link::Impl> {
 public:
  Impl(std::shared_ptr<GateContext> gate, std::shared_ptr<InterfaceTraffic> interface_traffic,
       LinkRequest request, LinkHandlers handlers);

  void start();
  void abort(Failure reason);
  // No handler is called from here on.
  void forget();

  const std::optional<Failure>& end_reason() const { return end_reason_; }
  Traffic traffic() const { return traffic_; }
  void expect(Use use);
  std::optional<Failure> refusal(Use use) const;
  std::chrono::milliseconds since_last_received() const;
  std::uint32_t silences() const { return silences_; }
  std::optional<std::uint8_t> connack_code() const { return follower_.connack_code(); }

 private:
  using Clock = std::chrono::steady_clock;
  using WaitType = asio::posix::descriptor_base::wait_type;
  using Outcome = std::expected<void, Failure>;

  static asio::awaitable<void> run(std::shared_ptr<Impl> self);
  static asio::awaitable<void> run_outbound(std::shared_ptr<Impl> self);

  std::function<void(std::exception_ptr)> guard();

  // Phases; each returns an error, or nothing when it has succeeded.
  asio::awaitable<Outcome> establish();
  asio::awaitable<Outcome> connect();
  asio::awaitable<Outcome> connect_and_secure();
  void take(Approach::Reached& reached);
  Outcome open_channel();
  asio::awaitable<Outcome> secure();
  // After a failure: whether the server can be offered something else, which is then what
  // open_channel() does. Not for ever: each change is made once.
  bool change_offer(const Failure& why);
  TlsOffer usual_offer() const;
  TlsOptions tls_options(const Moment& now);
  void keep_ticket(TlsSession session);
  Moment moment() const;
  std::string binding() const;
  std::string server_name() const;
  Outcome hand_over();

  asio::awaitable<void> inbound();
  void note_received();
  asio::awaitable<bool> accept_inbound(std::span<const std::uint8_t> bytes);
  asio::awaitable<void> deliver(std::span<const std::uint8_t> bytes);
  asio::awaitable<void> outbound();
  asio::awaitable<bool> send(std::span<const std::uint8_t> bytes);
  asio::awaitable<void> leave();

  // Waits; false when the link was closed or its deadline passed meanwhile.
  asio::awaitable<bool> ready(asio::posix::stream_descriptor& descriptor, WaitType type);
  asio::awaitable<bool> satisfy(TlsStep::Kind want);

  // link_count.cpp
  void spend_on(Use use);
  void begin_to_carry();
  void count_outbound(std::span<const std::uint8_t> bytes);
  void spread_outbound();
  void count_inbound(std::span<const std::uint8_t> bytes);
  void ask_again(std::size_t bytes);
  void count_headers(Use use);
  void count_the_rest();  // before the socket closes

  void arm_deadline(std::chrono::milliseconds limit);
  void disarm_deadline();
  void describe_socket();
  void watch_interface(const asio::ip::address& local);
  void end(Failure failure);

  std::shared_ptr<GateContext> gate_;
  std::shared_ptr<InterfaceTraffic> interface_traffic_;
  Traffic traffic_;
  Spending spending_;
  UseFollower outbound_uses_{UseFollower::Way::outbound};
  UseFollower inbound_uses_{UseFollower::Way::inbound};
  Shares outbound_shares_{};     // of the bytes that are being sent
  std::size_t since_asked_ = 0;  // bytes
  Meter meter_;
  LinkRequest request_;
  LinkHandlers handlers_;
  LinkInfo info_;

  Approach* approach_ = nullptr;  // while it is under way
  asio::ip::tcp::endpoint remote_;
  asio::posix::stream_descriptor wire_;
  asio::posix::stream_descriptor plain_;
  std::optional<InterfaceWatch> watch_;
  asio::steady_timer deadline_;
  std::uint64_t deadline_number_ = 0;
  bool expired_ = false;
  std::shared_ptr<TlsIdentity> identity_;
  std::unique_ptr<TlsChannel> tls_;
  std::string ticket_name_;
  bool ticket_offered_ = false;
  Moment proved_;        // of the ticket offered
  ChainDates recalled_;  // likewise
  PacketFollower follower_;
  Clock::time_point last_received_{};
  std::uint32_t silences_ = 0;
  bool leaving_ = false;  // the application has closed its end
  bool closed_ = false;
  std::optional<Failure> end_reason_;  // once closed
};

}  // namespace oobm::uplink
