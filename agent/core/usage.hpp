// What the link has cost in this billing period: bytes by uplink and by what they were spent on.
// The data allowance of an entitlement is what the OOBM SIM's plan includes in a calendar month, so
// it is measured by what passes the OOBM uplink on the wire, in both directions; the main WAN is
// counted and charged to nobody.
//
// A period ends by signed time alone: what ALMS has attested in this boot, or a floor that has
// passed the period's end. Clocks that whoever runs the network can turn, however many agree, give
// nothing back, neither when they are turned nor when they are right again. Until time is signed,
// which each announcement's answer does, counting goes on in the period that was known last.
//
// Connectivity with an allowance (250 MB, 500 MB, 1 GB a month): AirLink Connectivity, as the
// offers of an AVC account name it; that the month is the calendar's, in UTC, is this agent's
// reading.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/core/capability.hpp"
#include "agent/core/statement.hpp"
#include "agent/core/time.hpp"

namespace oobm::core {

// What bytes were spent on.
enum class Use : std::uint8_t {
  dns,
  handshake,  // TLS, until it stands
  upkeep,     // MQTT's own packets: CONNECT, SUBSCRIBE, PING and their answers
  lifecycle,  // announcements, reports of lifecycle and activation
  tasks,      // tasks of ALMS, signed statements included, and their acknowledgements
  heartbeat,
  telemetry,
  transfer,  // files
  other,     // passed the interface beside all that: repeated segments, pings, other programs
};
inline constexpr std::size_t use_count = 9;
inline constexpr std::size_t uplink_count = 2;
// "dns", "tls_handshake", ...: a name for programs.
std::string_view to_text(Use use);

// Which row of the table of rights decides over these bytes; nothing where no state and no
// allowance holds them back once a session is permitted.
std::optional<Capability> capability_of(Use use);

// Bytes; saturating.
struct Bytes {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  [[nodiscard]] std::uint64_t total() const;
  Bytes& operator+=(const Bytes& more);
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

struct Spent {
  Bytes payload;  // what was said
  Bytes wire;     // what it took to say it, down to the IP header
  friend bool operator==(const Spent&, const Spent&) = default;
};
using SpentByUse = std::array<Spent, use_count>;

// A calendar month in UTC.
struct Month {
  std::int32_t year = 0;    // 1970 .. 9999
  std::int32_t number = 0;  // 1 .. 12
  friend auto operator<=>(const Month&, const Month&) = default;
};
// Instants beyond the years 1970 .. 9999 count as the nearest one within.
Month month_of(UnixTime time);
UnixTime begin_of(Month month);
Month after(Month month);

struct UsageLedger {
  std::optional<Month> period;    // nothing until time was first attested
  std::optional<UnixTime> since;  // when counting in it began, by that time
  std::array<SpentByUse, uplink_count> spent{};
  int notice_percent = 0;  // the last notice that this period has seen; 0: none
  friend bool operator==(const UsageLedger&, const UsageLedger&) = default;
};

// All uses of one uplink.
Spent total(const UsageLedger& ledger, Uplink uplink);

void count(UsageLedger& ledger, Uplink uplink, const SpentByUse& spent);

// Moves the ledger to the month of `time`; true when it changed. A later month begins at zero. An
// earlier one, and the first that is ever known, take the counts over as they are: what was counted
// under a wrong date was spent all the same. `both_ways` false: time is a lower bound (nothing but
// the floor is signed), so that it can only move the ledger on.
bool keep_period(UsageLedger& ledger, UnixTime time, bool both_ways);

// ---- the allowance

// The word of an entitlement for the only period that is known; an allowance for any other is shown
// and not enforced.
inline constexpr std::string_view monthly = "month";
// Bytes that may pass; nothing where there is no limit.
std::optional<std::uint64_t> limit_of(const Entitlement& held);

// How much of the limit is used, in whole percent; 100 and more when all of it is, at most 999. A
// limit of zero is used up from the start.
int percent_used(const UsageLedger& ledger, std::uint64_t limit);

// A notice is given when this much is used, each once in a period. The last one is the end.
inline constexpr std::array usage_notices{80, 95, 100};
// The highest notice that `percent` has reached; 0: none.
int reached_notice(int percent);

// ---- how rarely it is stored

// Beside any other commit the ledger is stored when so many bytes of wire have been counted since
// the last one (a mebibyte; with an allowance a 32nd of it where that is less, yet never so few
// that an idle link would keep the flash busy), or after so long. An idle month costs about 0.6 MB:
// at most 300 writes in an idle year, and half as many with a usual allowance. A loss of power
// loses at most as much, to the customer's benefit: bytes are forgotten, never invented, so that no
// router that pays is held back for bytes that it has not spent.
inline constexpr std::uint64_t usage_store_bytes = 1024 * 1024;
inline constexpr std::uint64_t usage_store_share = 32;
inline constexpr std::uint64_t usage_store_least_bytes = 64 * 1024;
inline constexpr Duration usage_store_interval = std::chrono::hours(48);
std::uint64_t store_after(std::optional<std::uint64_t> limit);

}  // namespace oobm::core
