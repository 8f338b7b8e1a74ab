#include "agent/daemon/link_memory.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "agent/daemon/private_folder.hpp"
#include "agent/store/json_reader.hpp"

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;
using store::JsonReader;

constexpr std::size_t max_address_bytes = 45;  // IPv6 with an IPv4 tail
constexpr std::array<std::string_view, 2> uplink_names{"oobm", "main_wan"};
// No moment of ours is later; keeps sums of what a file says from overflowing.
constexpr store::Range<std::int64_t> moments{.least = 0, .most = (std::int64_t{1} << 50) - 1};

std::string_view name(core::Uplink uplink) {
  return uplink_names[static_cast<std::size_t>(uplink)];
}

// ---- reading

std::int64_t moment(const JsonReader& in, const char* key) {
  std::int64_t moment = 0;
  in.require({key});
  in.number(key, moment, moments);
  return moment;
}

std::string text(const JsonReader& in, const char* key, std::size_t most) {
  std::string text;
  in.require({key});
  in.text(key, text, most);
  return text;
}

core::Uplink uplink(const JsonReader& in) {
  const auto found = std::ranges::find(uplink_names, text(in, "uplink", max_name_bytes));
  if (found != uplink_names.end()) return static_cast<core::Uplink>(found - uplink_names.begin());
  in.fail("uplink", "no uplink of ours");
  return core::Uplink::oobm;
}

RememberedHost host(const JsonReader& in) {
  RememberedHost host{text(in, "host", max_name_bytes), uplink(in), {}};
  in.require({"addresses"});
  in.each("addresses", max_remembered_addresses, [&](const JsonReader& row) {
    host.addresses.push_back({text(row, "address", max_address_bytes), {moment(row, "at")}});
  });
  return host;
}

LearntWay way(const JsonReader& in) {
  return {uplink(in),
          text(in, "apn", max_name_bytes),
          {.interval = std::chrono::seconds(moment(in, "interval_s")),
           .failed = std::chrono::seconds(moment(in, "failed_s"))}};
}

std::optional<LinkMoment> written(const JsonReader& in) {
  if (!in.has("written_ms")) return std::nullopt;
  LinkMoment written{.boot = {core::Duration(moment(in, "written_ms"))}, .time = {}};
  if (in.has("written_at")) written.time = core::UnixTime{moment(in, "written_at")};
  return written;
}

void read(const JsonReader& in, LinkDocument& document) {
  document.boot_id = text(in, "boot_id", max_name_bytes);
  document.written = written(in);
  in.require({"hosts", "ways"});
  in.each("hosts", max_remembered_hosts,
          [&](const JsonReader& row) { document.hosts.push_back(host(row)); });
  in.each("ways", max_learnt_ways,
          [&](const JsonReader& row) { document.ways.push_back(way(row)); });
}

// The row for which `is` holds, brought to the front; a new one in the place of the last where
// there are too many.
template <class Row, class Is>
Row& brought_to_front(std::vector<Row>& rows, std::size_t most, Is is, Row fresh) {
  auto found = std::ranges::find_if(rows, is);
  if (found == rows.end()) {
    if (rows.size() >= most) rows.pop_back();
    found = rows.insert(rows.end(), std::move(fresh));
  }
  std::rotate(rows.begin(), found, found + 1);
  return rows.front();
}

auto is_host(const std::string& host, core::Uplink uplink) {
  return [&host, uplink](const RememberedHost& row) {
    return row.host == host && row.uplink == uplink;
  };
}

auto is_way(core::Uplink uplink, const std::string& apn) {
  return [uplink, &apn](const LearntWay& row) { return row.uplink == uplink && row.apn == apn; };
}

}  // namespace

std::string to_json(const LinkDocument& document) {
  Json hosts = Json::array();
  for (const auto& host : document.hosts) {
    Json addresses = Json::array();
    for (const auto& seen : host.addresses)
      addresses.push_back({{"address", seen.address}, {"at", seen.at.seconds}});
    hosts.push_back(
        {{"host", host.host}, {"uplink", name(host.uplink)}, {"addresses", std::move(addresses)}});
  }
  Json ways = Json::array();
  for (const auto& way : document.ways)
    ways.push_back({{"uplink", name(way.uplink)},
                    {"apn", way.apn},
                    {"interval_s", way.keepalive.interval.count()},
                    {"failed_s", way.keepalive.failed.count()}});
  Json object{{"boot_id", document.boot_id}};
  if (const auto& written = document.written) {
    object["written_ms"] = written->boot.since_boot.count();
    if (written->time) object["written_at"] = written->time->seconds;
  }
  object["hosts"] = std::move(hosts);
  object["ways"] = std::move(ways);
  return store::one_line(object);
}

std::optional<LinkDocument> link_from_json(std::string_view json) {
  return store::document_from<LinkDocument>(
      json, [](const JsonReader& in, LinkDocument& document) { read(in, document); });
}

bool may_write(const LinkDocument& document, const std::string& boot_id, const LinkMoment& now) {
  const auto& last = document.written;
  if (!last) return true;
  if (document.boot_id == boot_id) return now.boot - last->boot >= link_write_interval;
  if (!last->time || !now.time) return true;
  // A clock that ran back says nothing.
  return *now.time < *last->time || *now.time - *last->time >= link_write_interval;
}

LinkMemory::LinkMemory(const std::string& state_folder, std::string boot_id, Now now, Report report)
    : now_(std::move(now)),
      report_(std::move(report)),
      boot_id_(std::move(boot_id)),
      slots_(private_folder(state_folder, link_folder), link_schema) {
  auto stored = slots_.load();
  for (const auto& remark : stored.remarks) report_(remark);
  if (stored.outcome == store::LoadOutcome::newer_schema) slots_.begin_anew();
  if (stored.payload.empty()) return;
  if (auto document = link_from_json(stored.payload))
    document_ = *std::move(document);
  else
    report_("what the uplinks have taught cannot be read, and is learnt again");
}

std::vector<std::string> LinkMemory::addresses(const std::string& host, core::Uplink uplink) const {
  const auto found = std::ranges::find_if(document_.hosts, is_host(host, uplink));
  std::vector<std::string> all;
  if (found == document_.hosts.end()) return all;
  const auto now = now_().time;
  for (const auto& seen : found->addresses) {
    const bool dated = now && seen.at.seconds > 0;
    if (!dated || *now - seen.at < address_lives) all.push_back(seen.address);
  }
  return all;
}

core::Keepalive LinkMemory::keepalive(core::Uplink uplink, const std::string& apn,
                                      std::chrono::seconds start) const {
  const auto found = std::ranges::find_if(document_.ways, is_way(uplink, apn));
  return found == document_.ways.end() ? core::Keepalive{.interval = start} : found->keepalive;
}

void LinkMemory::reached(const std::string& host, core::Uplink uplink, const std::string& address) {
  if (host.size() > max_name_bytes || address.size() > max_address_bytes) return;
  const auto now = now_().time.value_or(core::UnixTime{});
  auto& row = brought_to_front(document_.hosts, max_remembered_hosts, is_host(host, uplink),
                               RememberedHost{host, uplink, {}});
  auto& known = row.addresses;
  const bool is_newest = !known.empty() && known.front().address == address;
  auto& seen = brought_to_front(
      known, max_remembered_addresses,
      [&](const SeenAddress& old) { return old.address == address; }, SeenAddress{address, {}});
  if (!is_newest || now - seen.at >= address_refresh) {
    seen.at = std::max(seen.at, now);
    changed_ = true;
  }
  save();
}

void LinkMemory::learn(core::Uplink uplink, const std::string& apn, const core::Keepalive& learnt) {
  if (apn.size() > max_name_bytes) return;
  auto& row = brought_to_front(document_.ways, max_learnt_ways, is_way(uplink, apn),
                               LearntWay{uplink, apn, {.interval = std::chrono::seconds(0)}});
  if (row.keepalive != learnt) changed_ = true;
  row.keepalive = learnt;
  save();
}

void LinkMemory::save() {
  const auto now = now_();
  if (!changed_ || !may_write(document_, boot_id_, now)) return;
  // A medium that fails is not tried more often than one that works.
  document_.boot_id = boot_id_;
  document_.written = now;
  const auto stored = slots_.commit(to_json(document_));
  changed_ = !stored;
  if (!stored && !failing_)
    report_("what the uplinks have taught is not stored: " + stored.error().sentence);
  failing_ = !stored;
}

}  // namespace oobm::daemon
