#include "agent/daemon/link_memory.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "agent/daemon/private_folder.hpp"

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t max_address_bytes = 45;  // IPv6 with an IPv4 tail
constexpr std::array<std::string_view, 2> uplink_names{"oobm", "main_wan"};
// No moment of ours is later; keeps sums of what a file says from overflowing.
constexpr std::int64_t latest = std::int64_t{1} << 50;

std::string_view name(core::Uplink uplink) {
  return uplink_names[static_cast<std::size_t>(uplink)];
}

// ---- reading; anything unexpected makes `ok` false

class Reader {
 public:
  bool ok = true;

  const Json& member(const Json& object, const char* key) {
    static const Json nothing;
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (object.is_object() && found != object.end()) return *found;
    ok = false;
    return nothing;
  }

  std::string text(const Json& object, const char* key, std::size_t most) {
    const auto& node = member(object, key);
    const auto* string = node.get_ptr<const std::string*>();
    ok = ok && string != nullptr && string->size() <= most;
    return ok ? *string : std::string();
  }

  std::int64_t number(const Json& object, const char* key) {
    const auto& node = member(object, key);
    ok = ok && node.is_number_integer() && node.get<std::int64_t>() >= 0 &&
         node.get<std::int64_t>() < latest;
    return ok ? node.get<std::int64_t>() : 0;
  }

  core::Uplink uplink(const Json& object) {
    const auto text_of = text(object, "uplink", max_name_bytes);
    const auto found = std::ranges::find(uplink_names, text_of);
    ok = ok && found != uplink_names.end();
    return ok ? static_cast<core::Uplink>(found - uplink_names.begin()) : core::Uplink::oobm;
  }

  template <class Row, class Read>
  std::vector<Row> rows(const Json& object, const char* key, std::size_t most, Read read) {
    const auto& list = member(object, key);
    ok = ok && list.is_array() && list.size() <= most;
    std::vector<Row> all;
    if (!ok) return all;
    for (const auto& node : list) all.push_back(read(node));
    return all;
  }

  SeenAddress seen(const Json& node) {
    return {text(node, "address", max_address_bytes), {number(node, "at")}};
  }

  RememberedHost host(const Json& node) {
    return {text(node, "host", max_name_bytes), uplink(node),
            rows<SeenAddress>(node, "addresses", max_remembered_addresses,
                              [this](const Json& row) { return seen(row); })};
  }

  LearntWay way(const Json& node) {
    return {uplink(node),
            text(node, "apn", max_name_bytes),
            {.interval = std::chrono::seconds(number(node, "interval_s")),
             .failed = std::chrono::seconds(number(node, "failed_s"))}};
  }

  std::optional<LinkMoment> moment(const Json& object) {
    if (!object.contains("written_ms")) return std::nullopt;
    LinkMoment written{.boot = {core::Duration(number(object, "written_ms"))}, .time = {}};
    if (object.contains("written_at")) written.time = core::UnixTime{number(object, "written_at")};
    return written;
  }
};

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
  return object.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::optional<LinkDocument> link_from_json(std::string_view json) {
  const auto root = Json::parse(json, nullptr, false);
  Reader in;
  if (!root.is_object()) return std::nullopt;
  LinkDocument document{
      .boot_id = in.text(root, "boot_id", max_name_bytes),
      .written = in.moment(root),
      .hosts = in.rows<RememberedHost>(root, "hosts", max_remembered_hosts,
                                       [&](const Json& node) { return in.host(node); }),
      .ways = in.rows<LearntWay>(root, "ways", max_learnt_ways,
                                 [&](const Json& node) { return in.way(node); })};
  if (!in.ok) return std::nullopt;
  return document;
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
