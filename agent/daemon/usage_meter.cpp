#include "agent/daemon/usage_meter.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/daemon/system.hpp"

namespace oobm::daemon {
namespace {

// The columns after the name: bytes received first, bytes sent ninth.
constexpr std::size_t sent_column = 8;

static_assert(uplink::use_count + 1 == core::use_count, "the core knows one more: other");
static_assert(static_cast<int>(uplink::Use::transfer) == static_cast<int>(core::Use::transfer));

std::uint64_t beyond(std::uint64_t now, std::uint64_t before) {
  return now > before ? now - before : 0;
}

std::uint64_t grown(std::uint64_t now, std::uint64_t last) { return now < last ? now : now - last; }

std::string_view next_word(std::string_view& line) {
  const auto from = line.find_first_not_of(' ');
  if (from == std::string_view::npos) return {};
  line.remove_prefix(from);
  const auto word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::optional<uplink::ByteCount> parse_columns(std::string_view line) {
  uplink::ByteCount count;
  for (std::size_t column = 0; column <= sent_column; ++column) {
    const auto word = next_word(line);
    std::uint64_t value = 0;
    const auto* end = word.data() + word.size();
    const auto [stopped, error] = std::from_chars(word.data(), end, value);
    if (word.empty() || error != std::errc{} || stopped != end) return std::nullopt;
    if (column == 0) count.received = value;
    if (column == sent_column) count.sent = value;
  }
  return count;
}

}  // namespace

std::optional<uplink::ByteCount> parse_interface_counters(std::string_view text,
                                                          std::string_view interface) {
  while (!text.empty() && !interface.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.substr(0, colon) != interface) continue;
    return parse_columns(line.substr(colon + 1));
  }
  return std::nullopt;
}

std::optional<uplink::ByteCount> interface_counters(std::string_view interface) {
  constexpr std::size_t most = 64 * 1024;  // some 500 interfaces
  return parse_interface_counters(read_head("/proc/self/net/dev", most), interface);
}

void UsageMeter::begin(std::string interface, const std::optional<uplink::ByteCount>& counters) {
  if (interface == interface_ && last_) return;
  interface_ = std::move(interface);
  last_ = counters;
  passed_ = {};
  told_ = {};
}

core::SpentByUse UsageMeter::collect(const uplink::TrafficByUse& taken,
                                     const std::optional<uplink::ByteCount>& counters) {
  core::SpentByUse spent{};
  for (std::size_t use = 0; use < taken.size(); ++use) {
    const auto& [payload, wire, headers] = taken[use];
    spent[use] = {{payload.sent, payload.received},
                  {wire.sent + headers.sent, wire.received + headers.received}};
    told_.sent += spent[use].wire.sent;
    told_.received += spent[use].wire.received;
  }
  if (counters && last_) {
    passed_.sent += grown(counters->sent, last_->sent);
    passed_.received += grown(counters->received, last_->received);
    auto& other = spent[static_cast<std::size_t>(core::Use::other)].wire;
    other = {beyond(passed_.sent, told_.sent), beyond(passed_.received, told_.received)};
    told_.sent += other.sent;
    told_.received += other.received;
  }
  if (counters && !last_) passed_ = told_ = {};
  if (counters) last_ = counters;
  return spent;
}

}  // namespace oobm::daemon
