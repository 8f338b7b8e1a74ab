#include "agent/daemon/ticket_memory.hpp"

#include <filesystem>
#include <utility>

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/daemon/private_folder.hpp"

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;
using uplink::ChainDates;
using uplink::Moment;
using uplink::TlsTicket;

constexpr std::int64_t largest_number = 1LL << 53;  // beyond any date and any clock
constexpr std::size_t max_name_bytes = 512;

// ---- writing

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 0x0FU];
  }
  return text;
}

Json node(const Moment& moment) {
  Json json = Json::object();
  if (moment.boot_ms) json["boot_ms"] = *moment.boot_ms;
  if (moment.unix_s) json["unix_s"] = *moment.unix_s;
  return json;
}

Json node(const TlsTicket& ticket) {
  return {{"server", ticket.server},
          {"binding", ticket.binding},
          {"session", hex(ticket.session)},
          {"tls13", ticket.tls13},
          {"lifetime_s", ticket.lifetime.count()},
          {"received", node(ticket.received)},
          {"proved", node(ticket.proved)},
          {"not_before", ticket.dates.not_before},
          {"not_after", ticket.dates.not_after},
          {"server_not_after", ticket.dates.server_not_after}};
}

// ---- reading: each gives what stands there, or says in `good` that it does not

struct Reader {
  const Json& object;
  bool good = object.is_object();

  const Json* find(const char* key) {
    const auto found = good ? object.find(key) : object.end();
    return found == object.end() ? nullptr : &*found;
  }
  std::optional<std::int64_t> number_if_there(const char* key) {
    const auto* there = find(key);
    if (there == nullptr) return std::nullopt;
    const bool fits =
        there->is_number_integer() &&
        !(there->is_number_unsigned() && there->get<std::uint64_t>() > largest_number) &&
        there->get<std::int64_t>() >= -largest_number &&
        there->get<std::int64_t>() <= largest_number;
    good = good && fits;
    return fits ? std::optional(there->get<std::int64_t>()) : std::nullopt;
  }
  std::int64_t number(const char* key) {
    const auto value = number_if_there(key);
    good = good && value;
    return value.value_or(0);
  }
  std::string text(const char* key, std::size_t max_bytes) {
    const auto* there = find(key);
    const auto* value = there == nullptr ? nullptr : there->get_ptr<const std::string*>();
    good = good && value != nullptr && value->size() <= max_bytes;
    return good ? *value : std::string();
  }
  std::string bytes(const char* key, std::size_t max_bytes);
  bool boolean(const char* key) {
    const auto* there = find(key);
    good = good && there != nullptr && there->is_boolean();
    return good && there->get<bool>();
  }
  Moment moment(const char* key) {
    const auto* there = find(key);
    good = good && there != nullptr;
    if (!good) return {};
    Reader inner{*there};
    const Moment read{.boot_ms = inner.number_if_there("boot_ms"),
                      .unix_s = inner.number_if_there("unix_s")};
    good = inner.good;
    return read;
  }
};

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string Reader::bytes(const char* key, std::size_t max_bytes) {
  const auto digits = text(key, 2 * max_bytes);
  std::string read;
  for (std::size_t i = 0; good && i + 1 < digits.size(); i += 2) {
    const int high = digit(digits[i]);
    const int low = digit(digits[i + 1]);
    good = high >= 0 && low >= 0;
    if (good) read += static_cast<char>(high * 16 + low);
  }
  good = good && digits.size() % 2 == 0 && !digits.empty();
  return read;
}

std::optional<TlsTicket> ticket_from(const Json& json) {
  Reader in{json};
  TlsTicket ticket{
      .server = in.text("server", max_name_bytes),
      .binding = in.text("binding", max_name_bytes),
      .session = in.bytes("session", uplink::max_session_bytes),
      .tls13 = in.boolean("tls13"),
      .lifetime = std::chrono::seconds(in.number("lifetime_s")),
      .received = in.moment("received"),
      .proved = in.moment("proved"),
      .dates = ChainDates{.not_before = in.number("not_before"),
                          .not_after = in.number("not_after"),
                          .server_not_after = in.number("server_not_after")},
  };
  const bool sensible = in.good && ticket.lifetime.count() >= 0;
  return sensible ? std::optional(std::move(ticket)) : std::nullopt;
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
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::optional<StoredTickets> tickets_from_json(std::string_view json) {
  const auto root = Json::parse(json, nullptr, false);
  Reader in{root};
  StoredTickets stored{.boot_id = in.text("boot_id", max_name_bytes), .copied = {}, .tickets = {}};
  if (in.find("copied") != nullptr) stored.copied = in.moment("copied");
  const auto* tickets = in.find("tickets");
  if (!in.good || tickets == nullptr || !tickets->is_array() ||
      tickets->size() > uplink::max_tickets)
    return std::nullopt;
  for (const auto& entry : *tickets) {
    auto ticket = ticket_from(entry);
    if (!ticket) return std::nullopt;
    stored.tickets.push_back(*std::move(ticket));
  }
  return stored;
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
