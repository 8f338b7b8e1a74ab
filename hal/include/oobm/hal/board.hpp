// The router's board as the agent sees it: who this router is (factory data), how the OOBM data
// bearer comes up and goes down, what the main WAN looks like, a light, a reboot, the module's
// supply. What a given firmware offers for these is not ours to know, so a board is a set of
// *verbs* with typed results. Identity values are handed over as raw text: the caller checks them
// with the types of agent/core and says what is wrong with them.
//
// Every Board, real or fake, promises:
//  - all calls and all handlers happen on the thread that runs the event loop; no call blocks;
//  - a handler never runs inside the call that it was given to, runs exactly once within the verb's
//    time limit plus the time limits of the verbs queued before it, and never after destruction,
//    which drops waiting requests;
//  - verbs run one at a time, in the order of the calls;
//  - bearer_up and bearer_down may be repeated at will with the same effect as once;
//  - no verb touches the main default route or resolv.conf: the customer's traffic is not ours.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <oobm/hal/error.hpp>

namespace oobm::hal {

// Factory data. Texts are printable ASCII of at most 256 characters, otherwise unchecked.
struct BoardIdentity {
  std::string serial;
  std::string sku;
  std::string model;
  std::string firmware;               // version of the router's firmware
  std::optional<std::string> imei;    // factory IMEI of the OOBM module, where the board stores it
  std::optional<std::string> region;  // factory region, where the board stores it
  friend bool operator==(const BoardIdentity&, const BoardIdentity&) = default;
};

struct BearerRequest {
  std::string apn;  // empty: the board's or the network's default
};

// Addresses and servers are IPv4 or IPv6 text without prefix length, checked to be such.
struct BearerStatus {
  bool up = false;
  std::string interface;  // Linux name, at most 15 characters; not empty while up
  std::vector<std::string> addresses;
  std::vector<std::string> dns_servers;
  std::optional<int> mtu;  // bytes, 576..9000
  std::string apn;         // empty: not known
  friend bool operator==(const BearerStatus&, const BearerStatus&) = default;
};

struct WanStatus {
  bool up = false;
  std::string interface;
  std::vector<std::string> addresses;
  std::vector<std::string> dns_servers;
  friend bool operator==(const WanStatus&, const WanStatus&) = default;
};

// What the OOBM light shows.
enum class Led : std::uint8_t { off, on, slow, fast };

constexpr std::string_view to_string(Led led) {
  switch (led) {
    case Led::off:
      return "off";
    case Led::on:
      return "on";
    case Led::slow:
      return "slow";
    case Led::fast:
      return "fast";
  }
  return "off";
}

// How an installation stands, as the board's own record has it; it survives the agent and a loss of
// power.
struct InstallStatus {
  enum class State : std::uint8_t {
    none,     // nothing was ever installed through this board
    running,  // the package is being put in place, or the former version put back
    trial,    // the new version was started and has not been confirmed
    done,
    failed,       // nothing was changed
    rolled_back,  // the former version is in place again
  };
  State state = State::none;
  std::string version;  // of that installation
  std::string reason;   // why it failed; printable ASCII of at most 256 characters
  friend bool operator==(const InstallStatus&, const InstallStatus&) = default;
};

class Board {
 public:
  template <class T>
  using Handler = std::move_only_function<void(std::expected<T, Error>)>;

  Board() = default;
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;
  virtual ~Board() = default;

  virtual void identity(Handler<BoardIdentity> done) = 0;

  // Done: the bearer is up and its interface has an address; the result describes it.
  virtual void bearer_up(BearerRequest request, Handler<BearerStatus> done) = 0;
  virtual void bearer_down(Handler<void> done) = 0;
  virtual void bearer_status(Handler<BearerStatus> done) = 0;

  virtual void wan_status(Handler<WanStatus> done) = 0;
  virtual void led(Led state, Handler<void> done) = 0;

  // Done: the board has accepted to reboot; it follows within seconds.
  virtual void reboot(Handler<void> done) = 0;

  // Takes the module's supply away and gives it back; the last remedy for a module that does not
  // answer. Done: the supply is on again; the module's ports come back by themselves, later. Error
  // helper_unsupported where this board cannot.
  virtual void modem_power_cycle(Handler<void> done) = 0;

  // Puts a package of the agent in the agent's place. Done: the board has begun; what it does goes
  // on without the agent, which is restarted in its course. The former version comes back where the
  // new one is not confirmed in time. `file`: absolute path; `version`: digits and dots. Error
  // helper_unsupported where this board cannot.
  virtual void install(std::string file, std::string version, Handler<void> done) = 0;
  // Goes on with an installation that a loss of power cut short.
  virtual void install_status(Handler<InstallStatus> done) = 0;
  // The version that runs has proved itself. May be repeated. Error: the board has given it up.
  virtual void install_commit(std::string version, Handler<void> done) = 0;
};

}  // namespace oobm::hal
