#include "agent/daemon/ticket_memory.hpp"

#include <filesystem>
#include <utility>

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/daemon/private_folder.hpp"
#include "agent/store/json_reader.hpp"

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;
using store::JsonReader;
using uplink::ChainDates;
using uplink::Moment;
using uplink::TlsTicket;

constexpr std::int64_t largest_number = 1LL << 53;  // beyond any date and any clock
constexpr store::Range<std::int64_t> numbers{.least = -largest_number, .most = largest_number};
constexpr store::Range<std::int64_t> lifetimes{.least = 0, .most = largest_number};
constexpr std::size_t max_name_bytes = 512;

// ---- writing

Json node(const Moment& moment) {
  Json json = Json::object();
  if (moment.boot_ms) json["boot_ms"] = *moment.boot_ms;
  if (moment.unix_s) json["unix_s"] = *moment.unix_s;
  return json;
}

Json node(const TlsTicket& ticket) {
  return {{"server", ticket.server},
          {"binding", ticket.binding},
          {"session", store::hex(ticket.session)},
          {"tls13", ticket.tls13},
          {"lifetime_s", ticket.lifetime.count()},
          {"received", node(ticket.received)},
          {"proved", node(ticket.proved)},
          {"not_before", ticket.dates.not_before},
          {"not_after", ticket.dates.not_after},
          {"server_not_after", ticket.dates.server_not_after}};
}

// ---- reading

Moment moment(const JsonReader& in) {
  Moment moment;
  in.number("boot_ms", moment.boot_ms, numbers);
  in.number("unix_s", moment.unix_s, numbers);
  return moment;
}

TlsTicket ticket(const JsonReader& in) {
  TlsTicket ticket;
  std::int64_t lifetime = 0;
  in.require({"server", "binding", "session", "tls13", "lifetime_s", "not_before", "not_after",
              "server_not_after"});
  in.text("server", ticket.server, max_name_bytes);
  in.text("binding", ticket.binding, max_name_bytes);
  in.bytes("session", ticket.session, uplink::max_session_bytes);
  in.boolean("tls13", ticket.tls13);
  in.number("lifetime_s", lifetime, lifetimes);
  ticket.lifetime = std::chrono::seconds(lifetime);
  ticket.received = moment(in.member("received"));
  ticket.proved = moment(in.member("proved"));
  in.number("not_before", ticket.dates.not_before, numbers);
  in.number("not_after", ticket.dates.not_after, numbers);
  in.number("server_not_after", ticket.dates.server_not_after, numbers);
  return ticket;
}

void read(const JsonReader& in, StoredTickets& stored) {
  in.require({"boot_id", "tickets"});
  in.text("boot_id", stored.boot_id, max_name_bytes);
  if (in.has("copied")) stored.copied = moment(in.member("copied"));
  in.each("tickets", uplink::max_tickets,
          [&](const JsonReader& row) { stored.tickets.push_back(ticket(row)); });
}

// ---- files

// A file that somebody else could read or write holds no secret any more.
bool is_ours_alone(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return true;  // none: nothing to give away
  return S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0 &&
         status.st_uid == ::geteuid();
}

}  // namespace

std::string to_json(const StoredTickets& stored) {
  Json tickets = Json::array();
  for (const auto& ticket : stored.tickets) tickets.push_back(node(ticket));
  Json json{{"boot_id", stored.boot_id}, {"tickets", std::move(tickets)}};
  if (stored.copied) json["copied"] = node(*stored.copied);
  return store::one_line(json);
}

std::optional<StoredTickets> tickets_from_json(std::string_view json) {
  return store::document_from<StoredTickets>(
      json, [](const JsonReader& in, StoredTickets& stored) { read(in, stored); });
}

StoredTickets in_boot(StoredTickets stored, const std::string& boot_id) {
  if (!boot_id.empty() && stored.boot_id == boot_id) return stored;
  stored.boot_id = boot_id;
  if (stored.copied) stored.copied->boot_ms.reset();
  for (auto& ticket : stored.tickets) {
    ticket.received.boot_ms.reset();
    ticket.proved.boot_ms.reset();
  }
  return stored;
}

TicketMemory::TicketMemory(const std::string& run_folder, const std::string& state_folder,
                           std::string boot_id, Now now, Report report)
    : ram_folder_(private_folder(run_folder, ticket_folder)),
      flash_folder_(private_folder(state_folder, ticket_folder)),
      boot_id_(std::move(boot_id)),
      now_(std::move(now)),
      report_(std::move(report)),
      ram_(ram_folder_, ticket_schema),
      flash_(flash_folder_, ticket_schema),
      tickets_([this] { changed(); }) {
  auto in_ram = load(ram_, ram_folder_);
  auto in_flash = load(flash_, flash_folder_);
  auto& stored = in_ram ? in_ram : in_flash;
  if (!stored) return;
  uncopied_ = in_ram && (!in_flash || in_ram->tickets != in_flash->tickets);
  copied_ = stored->copied;
  tickets_.restore(std::move(stored->tickets));
}

std::optional<StoredTickets> TicketMemory::load(store::TwoSlotStore& slots,
                                                const std::string& folder) {
  for (const char* name : {"state-a.json", "state-b.json"}) {
    const auto path = folder + "/" + name;
    if (is_ours_alone(path)) continue;
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    report_("TLS tickets in " + path + " could be used by others: removed");
  }
  const auto loaded = slots.load();
  for (const auto& remark : loaded.remarks) report_(remark);
  if (loaded.outcome == store::LoadOutcome::newer_schema) slots.begin_anew();
  if (loaded.payload.empty()) return std::nullopt;
  auto stored = tickets_from_json(loaded.payload);
  if (!stored) {
    report_("TLS tickets in " + folder + " cannot be understood: not used");
    return std::nullopt;
  }
  return in_boot(*std::move(stored), boot_id_);
}

StoredTickets TicketMemory::stored() const {
  const auto all = tickets_.all();
  return {.boot_id = boot_id_, .copied = copied_, .tickets = {all.begin(), all.end()}};
}

void TicketMemory::changed() {
  uncopied_ = true;
  // The RAM's document says when flash was last written, so flash comes first.
  if (copy_is_due()) copy();
  save(ram_, stored());
}

bool TicketMemory::copy_is_due() const {
  if (!copied_) return true;
  const auto now = now_();
  // In another boot, and no time known since: by this boot's own clock.
  const auto age =
      uplink::elapsed(*copied_, now).value_or(std::chrono::milliseconds(now.boot_ms.value_or(0)));
  return age.count() < 0 || age >= flash_interval;
}

void TicketMemory::copy() {
  copied_ = now_();
  uncopied_ = false;
  save(flash_, stored());
}

void TicketMemory::leave() {
  if (!uncopied_ || !copy_is_due()) return;
  copy();
  save(ram_, stored());
}

void TicketMemory::save(store::TwoSlotStore& slots, const StoredTickets& stored) {
  const auto saved = slots.commit(to_json(stored));
  // Said once: each connection brings a new ticket.
  if (!saved && !failing_) report_("TLS tickets are not kept: " + saved.error().sentence);
  failing_ = !saved;
}

}  // namespace oobm::daemon
