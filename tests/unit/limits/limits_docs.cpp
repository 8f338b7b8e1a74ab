// limits_docs check|write DOCS-FOLDER: docs/limits.md, made from the constants themselves. A row
// cannot name another number than the one that the program was built with.
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/alms/limits.hpp"
#include "agent/core/agent_impl.hpp"
#include "agent/core/keepalive.hpp"
#include "agent/core/notice.hpp"
#include "agent/core/reboot_budget.hpp"
#include "agent/core/schedule.hpp"
#include "agent/core/state.hpp"
#include "agent/core/statement.hpp"
#include "agent/core/text.hpp"
#include "agent/core/trusted_clock.hpp"
#include "agent/core/usage.hpp"
#include "agent/ctl/client.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/control_protocol.hpp"
#include "agent/daemon/control_socket.hpp"
#include "agent/daemon/event_log.hpp"
#include "agent/daemon/identity_store.hpp"
#include "agent/daemon/link_memory.hpp"
#include "agent/daemon/log.hpp"
#include "agent/daemon/records.hpp"
#include "agent/daemon/transfer_helper.hpp"
#include "agent/daemon/transfer_runner.hpp"
#include "agent/store/slots.hpp"
#include "agent/transfer/confinement.hpp"
#include "agent/transfer/protocol.hpp"
#include "agent/uplink/limits.hpp"
#include "tests/support/made_page.hpp"

namespace {

using namespace oobm;

struct Limit {
  std::string_view name;
  std::string (*value)();
  std::string_view bounds;
  std::string_view policy;
};

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string shown(std::integral auto number, std::string_view unit) {
  return grouped(static_cast<std::uint64_t>(number)) + " " + std::string(unit);
}

// In the largest unit that holds it whole.
template <class Rep, class Period>
std::string shown(std::chrono::duration<Rep, Period> time, std::string_view) {
  struct Unit {
    std::int64_t milliseconds;
    std::string_view name;
  };
  constexpr std::array units{Unit{86'400'000, "d"}, Unit{3'600'000, "h"}, Unit{60'000, "min"},
                             Unit{1'000, "s"}};
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  for (const auto& unit : units)
    if (ms >= unit.milliseconds && ms % unit.milliseconds == 0)
      return grouped(static_cast<std::uint64_t>(ms / unit.milliseconds)) + " " +
             std::string(unit.name);
  return grouped(static_cast<std::uint64_t>(ms)) + " ms";
}

#define LIMIT(name, unit, bounds, policy)                   \
  Limit {                                                   \
    #name, [] { return shown(name, unit); }, bounds, policy \
  }

// clang-format off
constexpr std::array stored{
    LIMIT(store::max_document_bytes, "bytes", "the stored state, envelope included", "a larger one is not stored and the technician is told; a state at all its bounds fits"),
    LIMIT(core::max_ledger_records, "tasks", "task uids remembered", "the oldest finished one is forgotten; what is no newer is answered `STALE`"),
    LIMIT(core::max_outbox_items, "messages", "what waits for the broker", "a report that a newer one replaces makes room, and is counted; acknowledgements never do"),
    LIMIT(core::max_superseded, "registrations", "replaced registrations that stay refused", "the oldest is forgotten"),
    LIMIT(core::reboots_a_day, "restarts", "restarts by command in a day", "`REBOOT_BUDGET`"),
    LIMIT(core::reboot_span, "", "... which is given back after", "by uptime, or by time that two sources agree on"),
    LIMIT(core::usage_store_bytes, "bytes", "counted bytes that a loss of power may forget", "stored at the latest then"),
    LIMIT(core::usage_store_interval, "", "... and for how long they may wait", "stored at the latest then"),
    LIMIT(daemon::max_remembered_hosts, "hosts", "servers whose addresses are remembered", "the one used longest ago is forgotten"),
    LIMIT(daemon::max_remembered_addresses, "addresses", "... of each", "the oldest is forgotten"),
    LIMIT(daemon::max_learnt_ways, "ways", "uplinks and APNs whose keepalive is learnt", "the one used longest ago is forgotten"),
};

constexpr std::array received{
    LIMIT(alms::max_message_bytes, "bytes", "one MQTT payload", "refused unread; the session ends, the next is a fresh one"),
    LIMIT(alms::max_task_bytes, "bytes", "one task", "`MALFORMED`"),
    LIMIT(alms::max_tasks, "tasks", "tasks in one message", "the message is dropped and counted"),
    LIMIT(alms::max_json_depth, "levels", "nesting of a message", "the message is dropped and counted"),
    LIMIT(alms::max_json_values, "values", "values of a message", "the message is dropped and counted"),
    LIMIT(alms::max_uid_chars, "characters", "a task's uid", "counted, not answered"),
    LIMIT(alms::max_id_bytes, "bytes", "a data or command id", "`BAD_PARAMETER`"),
    LIMIT(alms::max_read_ids, "ids", "ids of one read", "`BAD_PARAMETER`"),
    LIMIT(alms::max_write_settings, "settings", "settings of one write", "`BAD_PARAMETER`"),
    LIMIT(alms::max_value_bytes, "bytes", "a text as the value of a setting", "`BAD_PARAMETER`"),
    LIMIT(alms::max_url_bytes, "bytes", "an address in a task", "`BAD_PARAMETER`"),
    LIMIT(alms::max_text_bytes, "bytes", "ALMS's words for people", "cut"),
    LIMIT(alms::max_nonce_bytes, "bytes", "a nonce", "`BAD_PARAMETER`"),
    LIMIT(core::statement_max_bytes, "bytes", "a signed statement", "`STATEMENT_TOO_LARGE`"),
    LIMIT(alms::max_claim_list, "entries", "a list in a statement", "`STATEMENT_MALFORMED`"),
    LIMIT(alms::max_trust_keys, "keys", "keys of a signed set", "`STATEMENT_MALFORMED`"),
    LIMIT(alms::max_root_keys, "keys", "pinned root keys", "the instance data is refused"),
    LIMIT(core::max_grace, "", "grace after the term, as a statement may name it", "cut to it"),
    LIMIT(core::max_running_tasks, "tasks", "service tasks at once", "`BUSY`"),
    LIMIT(core::max_early_tasks, "tasks", "tasks that come before their session is ready", "left with the broker, which brings them again"),
    LIMIT(uplink::max_dns_servers, "servers", "name servers asked", "the rest is not asked"),
    LIMIT(uplink::max_addresses, "addresses", "addresses of a server tried", "the rest is not tried"),
    LIMIT(uplink::max_pem_file_bytes, "bytes", "a certificate or key file", "refused"),
};

constexpr std::array sent{
    LIMIT(core::publish_window, "messages", "durable messages on their way at once", "the rest waits in its order"),
    LIMIT(alms::max_ack_message_bytes, "bytes", "the words of an acknowledgement", "cut at the end of a character"),
    LIMIT(core::max_detail, "bytes", "the particular case of a refusal", "cut at the end of a character"),
    LIMIT(uplink::outbound_chunk_bytes, "bytes", "one TLS record sent", "split"),
};

constexpr std::array local{
    LIMIT(daemon::max_control_clients, "clients", "clients of the control socket", "`TOO_MANY_CLIENTS`"),
    LIMIT(daemon::max_control_line_bytes, "bytes", "one request", "`LINE_TOO_LONG`"),
    LIMIT(daemon::control_idle_limit, "", "a client that says and takes nothing", "dropped"),
    LIMIT(daemon::event_log_capacity, "events", "events kept in memory", "the oldest is dropped and counted"),
    LIMIT(daemon::max_event_text_bytes, "bytes", "an event's text", "cut"),
    LIMIT(daemon::bundle_events, "events", "events in a support bundle", "the oldest are left out and counted"),
    LIMIT(daemon::max_bundle_bytes, "bytes", "a support bundle", "older events are left out, then the stored state"),
    LIMIT(ctl::max_reply_bytes, "bytes", "a reply that oobmctl takes", "refused"),
    LIMIT(daemon::max_config_bytes, "bytes", "a configuration or data file", "refused with its name"),
    LIMIT(daemon::max_catalogue_entries, "entries", "the catalogue of SKUs", "refused"),
    LIMIT(daemon::max_instances, "instances", "the instance data", "refused"),
    LIMIT(daemon::max_certificate_bytes, "bytes", "a certificate to be installed", "refused"),
    LIMIT(daemon::max_log_line_bytes, "bytes", "a line of the log", "cut"),
    LIMIT(daemon::max_waiting_transfers, "files", "files that wait for the one under way", "refused"),
    LIMIT(daemon::max_helper_output_bytes, "bytes", "what the transfer helper may say", "it is ended"),
    LIMIT(transfer::max_address_space_bytes, "bytes", "memory of the transfer helper", "it is ended by the kernel"),
    LIMIT(transfer::max_cpu_seconds, "s", "CPU time of the transfer helper", "it is ended by the kernel"),
};

constexpr std::array times{
    LIMIT(core::attempt_length, "", "one attempt to connect", "given up, counted as failed"),
    LIMIT(core::radio_wait_limit, "", "... of it for the radio to register", "the next uplink, or the next attempt"),
    LIMIT(core::reply_limit, "", "ALMS's answer to an announcement", "`NO_REPLY`"),
    LIMIT(core::back_off_first, "", "first pause in service", "doubles, with full jitter"),
    LIMIT(core::back_off_most, "", "longest pause in service", ""),
    LIMIT(core::probe_interval, "", "between the probes of a suspended router", "+-6 %"),
    LIMIT(core::rare_probe_interval, "", "... of a retired one", "+-20 %"),
    LIMIT(core::renewal_interval, "", "between questions for a renewal", "+-10 %, from three days before the end"),
    LIMIT(core::attest_interval, "", "between signed times of a session that stays", "+-10 %"),
    LIMIT(core::agreement_window, "", "two clocks that agree", "beyond it they contradict, and the earlier counts"),
    LIMIT(core::latest_extension, "", "a monthly extension after the end", "a notice: `EXTENSION_LATE`; half the grace, where that is less"),
    LIMIT(core::least_keepalive, "", "shortest keepalive", ""),
    LIMIT(core::most_keepalive, "", "longest keepalive", ""),
};
// clang-format on

std::string table(std::span<const Limit> limits) {
  std::string out = "| constant | value | bounds | beyond it |\n| --- | --- | --- | --- |\n";
  for (const auto& limit : limits) {
    out.append("| `").append(limit.name).append("` | ").append(limit.value()).append(" | ");
    out.append(limit.bounds).append(" | ");
    out.append(limit.policy.empty() ? "-" : limit.policy).append(" |\n");
  }
  return out;
}

constexpr std::array parts{
    oobm::test::MadePart{"limits.md", "stored", [] { return table(stored); }},
    oobm::test::MadePart{"limits.md", "received", [] { return table(received); }},
    oobm::test::MadePart{"limits.md", "sent", [] { return table(sent); }},
    oobm::test::MadePart{"limits.md", "local", [] { return table(local); }},
    oobm::test::MadePart{"limits.md", "times", [] { return table(times); }},
};

}  // namespace

int main(int argc, char** argv) {
  return oobm::test::made_pages_main(argc, argv, parts, "limits_docs");
}
