#include "agent/core/usage.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

namespace oobm::core {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t last_second = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::int32_t december = 12;
constexpr std::uint64_t most_percent = 999;

std::uint64_t sum(std::uint64_t a, std::uint64_t b) { return a > most - b ? most : a + b; }

// clang-format off
struct UseRow {
  std::string_view name;
  std::optional<Capability> capability;
};
constexpr std::array<UseRow, use_count> uses{{
    /* dns       */ {"dns",           std::nullopt},
    /* handshake */ {"tls_handshake", std::nullopt},
    /* upkeep    */ {"mqtt_upkeep",   std::nullopt},
    /* lifecycle */ {"lifecycle",     std::nullopt},
    /* tasks     */ {"tasks",         std::nullopt},
    /* heartbeat */ {"heartbeat",     Capability::heartbeat},
    /* telemetry */ {"telemetry",     Capability::telemetry},
    /* transfer  */ {"file_transfer", Capability::file_transfer},
    /* other     */ {"other",         std::nullopt},
}};
// clang-format on

void add(Spent& to, const Spent& more) {
  to.payload += more.payload;
  to.wire += more.wire;
}

}  // namespace

std::string_view to_text(Use use) { return uses[static_cast<std::size_t>(use)].name; }
std::optional<Capability> capability_of(Use use) {
  return uses[static_cast<std::size_t>(use)].capability;
}

std::uint64_t Bytes::total() const { return sum(sent, received); }

Bytes& Bytes::operator+=(const Bytes& more) {
  sent = sum(sent, more.sent);
  received = sum(received, more.received);
  return *this;
}

Month month_of(UnixTime time) {
  using namespace std::chrono;
  const sys_seconds instant{seconds(std::clamp<std::int64_t>(time.seconds, 0, last_second))};
  const year_month_day date{floor<days>(instant)};
  return {static_cast<int>(date.year()),
          static_cast<std::int32_t>(static_cast<unsigned>(date.month()))};
}

UnixTime begin_of(Month month) {
  using namespace std::chrono;
  const year_month_day first{year(month.year),
                             std::chrono::month(static_cast<unsigned>(month.number)), day(1)};
  return {sys_seconds(sys_days(first)).time_since_epoch().count()};
}

Month after(Month month) {
  if (month.number == december) return {month.year + 1, 1};
  return {month.year, month.number + 1};
}

Spent total(const UsageLedger& ledger, Uplink uplink) {
  Spent all;
  for (const auto& spent : ledger.spent[static_cast<std::size_t>(uplink)]) add(all, spent);
  return all;
}

void count(UsageLedger& ledger, Uplink uplink, const SpentByUse& spent) {
  auto& row = ledger.spent[static_cast<std::size_t>(uplink)];
  for (std::size_t use = 0; use < use_count; ++use) add(row[use], spent[use]);
}

bool keep_period(UsageLedger& ledger, UnixTime time, bool both_ways) {
  const Month month = month_of(time);
  if (ledger.period == month) return false;
  const bool later = ledger.period && month > *ledger.period;
  if (!later && !both_ways) return false;
  if (later) ledger = {};
  ledger.period = month;
  if (later || !ledger.since || *ledger.since > time) ledger.since = time;
  return true;
}

std::optional<std::uint64_t> limit_of(const Entitlement& held) {
  if (!held.data || held.data->period != monthly) return std::nullopt;
  return held.data->limit_bytes;
}

int percent_used(const UsageLedger& ledger, std::uint64_t limit) {
  const auto used = total(ledger, Uplink::oobm).wire.total();
  if (used >= limit && limit <= used / most_percent) return static_cast<int>(most_percent);
  // Here `used` is below 1,000 times the limit, but a hundred times it may be beyond the type.
  const auto percent = used <= most / 100 ? used * 100 / limit : used / (limit / 100);
  return static_cast<int>(std::min(percent, used < limit ? 99 : most_percent));
}

int reached_notice(int percent) {
  int reached = 0;
  for (const int notice : usage_notices)
    if (percent >= notice) reached = notice;
  return reached;
}

std::uint64_t store_after(std::optional<std::uint64_t> limit) {
  if (!limit) return usage_store_bytes;
  return std::clamp(*limit / usage_store_share, usage_store_least_bytes, usage_store_bytes);
}

}  // namespace oobm::core
