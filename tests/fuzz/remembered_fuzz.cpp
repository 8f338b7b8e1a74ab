// What the daemon remembers beside its state, as a file says it: the first byte chooses the
// document, the rest is its text. Whatever stands there, reading is total and bounded, and a
// document that is taken comes back from what is written of it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/daemon/identity_store.hpp"
#include "agent/daemon/link_memory.hpp"
#include "agent/daemon/recovery_memory.hpp"
#include "agent/daemon/ticket_memory.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace oobm::daemon;
using oobm::fuzz::require;

// What is taken, after it has been written and read again.
auto reread(auto read, std::string_view text) {
  const auto document = read(text);
  if (!document) return document;
  const auto written = to_json(*document);
  require(std::ranges::all_of(written, [](char c) { return c >= ' ' && c < 0x7f; }),
          "one line of ASCII");
  require(read(written) == document, "a document comes back as written");
  return document;
}

void tickets(std::string_view text) {
  const auto stored = reread(tickets_from_json, text);
  if (!stored) return;
  require(stored->tickets.size() <= oobm::uplink::max_tickets, "tickets are bounded");
  for (const auto& ticket : stored->tickets) {
    require(ticket.session.size() <= oobm::uplink::max_session_bytes, "a session is bounded");
    require(ticket.lifetime.count() >= 0, "a lifetime is no debt");
  }
  for (const auto& ticket : in_boot(*stored, stored->boot_id + "x").tickets)
    require(!ticket.received.boot_ms && !ticket.proved.boot_ms,
            "another boot's clock is forgotten");
}

void link(std::string_view text) {
  const auto document = reread(link_from_json, text);
  if (!document) return;
  require(document->hosts.size() <= max_remembered_hosts, "hosts are bounded");
  require(document->ways.size() <= max_learnt_ways, "ways are bounded");
  for (const auto& host : document->hosts)
    require(host.addresses.size() <= max_remembered_addresses, "addresses are bounded");
  const LinkMoment now{.boot = {oobm::core::Duration(1)}, .time = oobm::core::UnixTime{1}};
  (void)may_write(*document, document->boot_id, now);
  (void)may_write(*document, {}, now);
}

void identity(std::string_view text) {
  const auto record = reread(identity_from_json, text);
  for (const auto* one : {record ? &record->installed : nullptr, record ? &record->fresh : nullptr})
    if (one != nullptr && *one)
      require((*one)->certificate.size() <= max_certificate_bytes, "a certificate is bounded");
}

// Numbers without sense are the budget's part: it must not give more than it has.
void recovery(std::string_view text) {
  const auto memory = reread(recovery_from_json, text);
  const oobm::core::BootTime now{std::chrono::hours(30)};
  oobm::hal::Budget budget("a boot", now, memory);
  for (const auto& row : oobm::hal::step_rules()) {
    require(budget.left(row.step, now) <= oobm::hal::most_steps_per_day, "a budget has an end");
    require(budget.earliest(row.step, {}, now) >= now, "nothing is due before now");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr void (*documents[])(std::string_view) = {tickets, link, identity, recovery};
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  documents[data[0] % std::size(documents)](bytes.substr(1));
  return 0;
}
