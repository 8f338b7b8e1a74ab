#include "agent/core/notice.hpp"

#include <array>

namespace oobm::core {
namespace {

constexpr std::array thresholds{90, 60, 30, 14, 7, 3, 1};  // days, descending
constexpr std::int64_t day = 86'400;

bool counts_down(const Entitlement& entitlement) {
  return entitlement.valid_until && entitlement.billing == Billing::prepaid;
}

}  // namespace

int days_left(UnixTime end, UnixTime now) {
  if (now >= end) return 0;
  return static_cast<int>((end.seconds - now.seconds + day - 1) / day);
}

std::optional<int> due_notice(const Entitlement& entitlement, UnixTime now, int last_given) {
  if (!counts_down(entitlement) || now >= *entitlement.valid_until) return std::nullopt;
  const int left = days_left(*entitlement.valid_until, now);
  std::optional<int> due;
  for (int threshold : thresholds)
    if (left <= threshold) due = threshold;
  if (!due || (last_given != 0 && *due >= last_given)) return std::nullopt;
  return due;
}

std::optional<UnixTime> late_from(const Entitlement& entitlement) {
  if (!entitlement.valid_until || entitlement.billing != Billing::direct) return std::nullopt;
  return *entitlement.valid_until +
         std::min(latest_extension, entitlement.grace / late_share_of_grace);
}

bool extension_is_late(const Entitlement& entitlement, UnixTime now) {
  const auto from = late_from(entitlement);
  return from && now >= *from;
}

std::optional<UnixTime> next_notice(const Entitlement& entitlement, UnixTime now) {
  if (!counts_down(entitlement)) return std::nullopt;
  for (int threshold : thresholds) {
    const UnixTime at = *entitlement.valid_until - std::chrono::seconds(threshold * day);
    if (at > now) return at;
  }
  return std::nullopt;
}

}  // namespace oobm::core
