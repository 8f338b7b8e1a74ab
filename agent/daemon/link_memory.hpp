// What the uplinks have taught, across restarts: the addresses at which a host was last reached,
// for the day on which no name server answers, and how long each way lets a session be silent.
//
// An address counts as reached when TLS has shown the host's name there, and is trusted no more for
// being remembered: whoever wrote this file could at most make the router knock where nobody can
// show that name. It is a hint, as is a learnt interval, so whatever cannot be read is nothing, and
// what is lost is learnt again.
//
// Flash wears: the document is written on change alone and at most once a day, also across
// restarts as far as the time is known; what was learnt in between may be lost with the power.
// Read and written as docs/store.md says for the state, in a folder of its own beside it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/capability.hpp"
#include "agent/core/keepalive.hpp"
#include "agent/core/time.hpp"
#include "agent/store/slots.hpp"

namespace oobm::daemon {

inline constexpr const char* link_folder = "link";
inline constexpr int link_schema = 1;
inline constexpr std::size_t max_remembered_hosts = 8;      // hosts by uplink
inline constexpr std::size_t max_remembered_addresses = 4;  // of each
inline constexpr std::size_t max_learnt_ways = 8;           // uplinks by APN
inline constexpr std::size_t max_name_bytes = 253;          // of a host, or an APN
// An address that has not been seen for so long is tried no more.
inline constexpr std::chrono::hours address_lives{24 * 90};
// That an address still holds is worth a write only so often.
inline constexpr std::chrono::hours address_refresh{24 * 7};
inline constexpr std::chrono::hours link_write_interval{24};

// Now, on the boot clock and as far as the time is trusted.
struct LinkMoment {
  core::BootTime boot;
  std::optional<core::UnixTime> time;
  friend bool operator==(const LinkMoment&, const LinkMoment&) = default;
};

struct SeenAddress {
  std::string address;
  core::UnixTime at;  // last; 1970 where no time was trusted
  friend bool operator==(const SeenAddress&, const SeenAddress&) = default;
};

struct RememberedHost {
  std::string host;
  core::Uplink uplink = core::Uplink::oobm;
  std::vector<SeenAddress> addresses;  // newest first
  friend bool operator==(const RememberedHost&, const RememberedHost&) = default;
};

struct LearntWay {
  core::Uplink uplink = core::Uplink::oobm;
  std::string apn;  // empty: not known, or none
  core::Keepalive keepalive;
  friend bool operator==(const LearntWay&, const LearntWay&) = default;
};

struct LinkDocument {
  std::string boot_id;                // whose clock `written.boot` is
  std::optional<LinkMoment> written;  // last
  std::vector<RememberedHost> hosts;  // most recently used first
  std::vector<LearntWay> ways;        // likewise
  friend bool operator==(const LinkDocument&, const LinkDocument&) = default;
};

// One line of JSON.
std::string to_json(const LinkDocument& document);
// Nothing: it is no such document, or beyond a bound.
std::optional<LinkDocument> link_from_json(std::string_view json);

// Whether a day has passed since `written`, as far as anybody can tell: by the boot clock in the
// same boot, else by trusted time; where neither is known, it has.
bool may_write(const LinkDocument& document, const std::string& boot_id, const LinkMoment& now);

// Blocks while the flash works. Loop thread only.
class LinkMemory {
 public:
  using Now = std::function<LinkMoment()>;
  using Report = std::function<void(std::string)>;  // a sentence for log and technician

  // `state_folder` must exist. Loads at once.
  LinkMemory(const std::string& state_folder, std::string boot_id, Now now, Report report);

  // At which `host` was last reached over `uplink`, newest first; those that are too old left out.
  [[nodiscard]] std::vector<std::string> addresses(const std::string& host,
                                                   core::Uplink uplink) const;
  // What is known of the way; `start` where nothing is.
  [[nodiscard]] core::Keepalive keepalive(core::Uplink uplink, const std::string& apn,
                                          std::chrono::seconds start) const;

  // TLS has shown `host` at `address`.
  void reached(const std::string& host, core::Uplink uplink, const std::string& address);
  void learn(core::Uplink uplink, const std::string& apn, const core::Keepalive& learnt);
  // Writes what is not written yet, if its day has come.
  void save();

 private:
  Now now_;
  Report report_;
  std::string boot_id_;
  store::TwoSlotStore slots_;
  LinkDocument document_;
  bool changed_ = false;
  bool failing_ = false;
};

}  // namespace oobm::daemon
