// limits_docs check|write DOCS-FOLDER: docs/limits.md, made from the constants themselves. A row
// cannot name another number than the one that the program was built with.
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/alms/limits.hpp"
#include "agent/alms/package_manifest.hpp"
#include "agent/confinement/privileges.hpp"
#include "agent/core/agent_impl.hpp"
#include "agent/core/keepalive.hpp"
#include "agent/core/notice.hpp"
#include "agent/core/package.hpp"
#include "agent/core/reboot_budget.hpp"
#include "agent/core/schedule.hpp"
#include "agent/core/state.hpp"
#include "agent/core/statement.hpp"
#include "agent/core/text.hpp"
#include "agent/core/trusted_clock.hpp"
#include "agent/core/usage.hpp"
#include "agent/core/version.hpp"
#include "agent/ctl/client.hpp"
#include "agent/ctl/verdict.hpp"
#include "agent/daemon/config.hpp"
#include "agent/daemon/confined_start.hpp"
#include "agent/daemon/control_protocol.hpp"
#include "agent/daemon/control_socket.hpp"
#include "agent/daemon/daemon.hpp"
#include "agent/daemon/event_log.hpp"
#include "agent/daemon/exit_record.hpp"
#include "agent/daemon/hand_over.hpp"
#include "agent/daemon/identity_store.hpp"
#include "agent/daemon/identity_trial.hpp"
#include "agent/daemon/install_plan.hpp"
#include "agent/daemon/link_memory.hpp"
#include "agent/daemon/log.hpp"
#include "agent/daemon/monitor.hpp"
#include "agent/daemon/monitor_protocol.hpp"
#include "agent/daemon/records.hpp"
#include "agent/daemon/redaction.hpp"
#include "agent/daemon/ticket_memory.hpp"
#include "agent/daemon/transfer_check.hpp"
#include "agent/daemon/transfer_helper.hpp"
#include "agent/daemon/transfer_limits.hpp"
#include "agent/daemon/transfer_runner.hpp"
#include "agent/store/slots.hpp"
#include "agent/transfer/confinement.hpp"
#include "agent/transfer/protocol.hpp"
#include "agent/transfer/upload.hpp"
#include "agent/uplink/limits.hpp"
#include "agent/uplink/packet_follower.hpp"
#include "agent/uplink/paho_connect_wrap.hpp"
#include "agent/uplink/session.hpp"
#include "agent/uplink/tls_ticket.hpp"
#include "agent/uplink/use_follower.hpp"
#include "hal/at/channel.hpp"
#include "hal/at/clock.hpp"
#include "hal/at/fields.hpp"
#include "hal/at/line_splitter.hpp"
#include "hal/at/text.hpp"
#include "hal/board/direct_spawner.hpp"
#include "hal/board/helper_board.hpp"
#include "hal/board/helper_process.hpp"
#include "hal/board/key_values.hpp"
#include "hal/board/verbs.hpp"
#include "hal/modem/modem_service.hpp"
#include "hal/modem/settings.hpp"
#include "hal/modem/time_limits.hpp"
#include "hal/recovery/budget.hpp"
#include "hal/recovery/ladder.hpp"
#include "hal/recovery/policy.hpp"
#include "hal/recovery/recovery.hpp"
#include "tests/support/made_page.hpp"
#include <oobm/hal/radio.hpp>

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
  return grouped(static_cast<std::uint64_t>(number)) + (unit.empty() ? "" : " ") +
         std::string(unit);
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
    LIMIT(core::bundles_a_day, "bundles", "support bundles by command in a day, in one run", "`BUSY`, and when again"),
    LIMIT(core::bundle_span, "", "... which is given back after", "by uptime"),
    LIMIT(core::most_doubted_asks, "announcements", "asked in a row for signed time that two clocks contradict", "monthly, as without a doubt"),
    LIMIT(core::usage_store_bytes, "bytes", "counted bytes that a loss of power may forget", "stored at the latest then"),
    LIMIT(core::usage_store_interval, "", "... and for how long they may wait", "stored at the latest then"),
    LIMIT(daemon::max_remembered_hosts, "hosts", "servers whose addresses are remembered", "the one used longest ago is forgotten"),
    LIMIT(daemon::max_remembered_addresses, "addresses", "... of each", "the oldest is forgotten"),
    LIMIT(daemon::max_learnt_ways, "ways", "uplinks and APNs whose keepalive is learnt", "the one used longest ago is forgotten"),
    LIMIT(store::last_generation, "", "commits of a router's whole life", "never reached; a document that claims more is not believed"),
    LIMIT(core::usage_store_share, "shares", "... of a smaller allowance instead: one of so many", "stored at the latest then"),
    LIMIT(core::usage_store_least_bytes, "bytes", "... and never fewer", ""),
    LIMIT(core::max_version_number, "", "a number of a version", "the version is refused"),
    LIMIT(core::version_numbers, "numbers", "numbers of a version", "the version is refused"),
    LIMIT(daemon::max_name_bytes, "bytes", "a host's name or an APN that is remembered", "not remembered"),
    LIMIT(daemon::address_lives, "", "an address that was not seen again", "forgotten"),
    LIMIT(daemon::address_refresh, "", "between writes because an address still holds", "waits"),
    LIMIT(daemon::link_write_interval, "", "between writes of what links have taught", "waits"),
    LIMIT(daemon::flash_interval, "", "between copies of TLS tickets to flash", "waits"),
    LIMIT(uplink::max_tickets, "servers", "TLS tickets kept", "the one used longest ago is forgotten"),
    LIMIT(uplink::max_session_bytes, "bytes", "... each", "not kept"),
    LIMIT(uplink::longest_ticket_life, "", "... and used", "forgotten, whatever the server says"),
    LIMIT(uplink::longest_without_proof, "", "without a full handshake", "one is made"),
    LIMIT(daemon::max_exit_record_bytes, "bytes", "the record of an abnormal end", "not believed"),
    LIMIT(hal::Budget::checkpoint_interval, "", "between writes because time has passed, while a cap of recovery is partly used", "waits"),
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
    LIMIT(alms::max_statement_bytes, "bytes", "... as the codec takes it", "`STATEMENT_TOO_LARGE`"),
    LIMIT(alms::max_code_bytes, "bytes", "a code of ALMS's", "`BAD_PARAMETER`"),
    LIMIT(alms::max_package_type_bytes, "bytes", "the type of a package", "`BAD_PARAMETER`"),
    LIMIT(alms::max_revision_bytes, "bytes", "its revision", "`BAD_PARAMETER`"),
    LIMIT(alms::max_issuer_bytes, "bytes", "issuer, audience and serial number in a statement", "`STATEMENT_MALFORMED`"),
    LIMIT(alms::max_claim_id_bytes, "bytes", "an id in a statement", "`STATEMENT_MALFORMED`"),
    LIMIT(alms::max_claim_name_bytes, "bytes", "a name in a statement", "`STATEMENT_MALFORMED`"),
    LIMIT(alms::max_list_item_bytes, "bytes", "an entry of a list in a statement", "`STATEMENT_MALFORMED`"),
    LIMIT(alms::max_sequence, "", "a sequence", "`STATEMENT_MALFORMED`"),
    LIMIT(alms::max_numeric_date, "s", "an instant in a statement, since 1970", "`STATEMENT_MALFORMED`"),
    LIMIT(alms::max_json_integer, "", "a whole number in a statement", "`STATEMENT_MALFORMED`"),
    LIMIT(alms::min_root_keys, "keys", "pinned root keys at least", "the instance data is refused"),
    LIMIT(alms::max_manifest_bytes, "bytes", "the manifest of a package", "`PACKAGE_MANIFEST`"),
    LIMIT(alms::max_package_keys, "keys", "package keys of an instance", "the instance data is refused"),
    LIMIT(core::max_package_bytes, "bytes", "a package", "`PACKAGE_SIZE`"),
    LIMIT(core::default_grace, "", "grace where no statement names one", ""),
    LIMIT(core::farthest_future, "", "a clock later than the build by", "not believed"),
    LIMIT(uplink::max_inbound_packet_bytes, "bytes", "one MQTT packet, by its own length", "refused unread; the session ends, the next is a fresh one"),
    LIMIT(uplink::inbound_chunk_bytes, "bytes", "inbound bytes between TLS and application", "the rest waits in the kernel"),
    LIMIT(uplink::dns_tries, "rounds", "rounds through the name servers", "the name is not found"),
    LIMIT(uplink::dns_try_timeout, "", "... each server in each", "the next one"),
    LIMIT(uplink::max_tls12_servers, "servers", "servers remembered to need TLS 1.2", "not remembered, and found out each time"),
    LIMIT(uplink::least_mtu, "bytes", "an MTU that a bearer may claim", "the default stands"),
    LIMIT(uplink::most_mtu, "bytes", "... and at most", "the default stands"),
    LIMIT(uplink::default_mtu, "bytes", "... where it claims none", ""),
};

constexpr std::array sent{
    LIMIT(core::publish_window, "messages", "durable messages on their way at once", "the rest waits in its order"),
    LIMIT(alms::max_ack_message_bytes, "bytes", "the words of an acknowledgement", "cut at the end of a character"),
    LIMIT(core::max_detail, "bytes", "the particular case of a refusal", "cut at the end of a character"),
    LIMIT(uplink::outbound_chunk_bytes, "bytes", "one TLS record sent", "split"),
    LIMIT(alms::max_detail_bytes, "bytes", "... as the codec gives it", "cut at the end of a character"),
    LIMIT(uplink::publish_window_messages, "messages", "messages without PUBACK in the session", "the rest waits"),
    LIMIT(uplink::publish_window_bytes, "bytes", "... and their payload", "the rest waits"),
    LIMIT(uplink::publish_queue_messages, "messages", "messages behind them", "refused; what is durable waits in the outbox"),
    LIMIT(uplink::publish_queue_bytes, "bytes", "... and their payload", "refused likewise"),
    LIMIT(uplink::publish_payload_bytes, "bytes", "one payload", "refused"),
    LIMIT(uplink::paho_send_buffer_bytes, "bytes", "buffer between MQTT library and gate", "the kernel may grant less; the library waits"),
    LIMIT(uplink::max_expected_uses, "messages", "messages whose kind is known before they pass", "counted as tasks"),
    LIMIT(daemon::digits_kept, "digits", "digits of an ICCID or IMSI in a dump", "masked"),
    LIMIT(daemon::least_secret_chars, "characters", "a secret that is looked for in other texts", "shorter ones are found by their place alone"),
};

constexpr std::array local{
    LIMIT(daemon::max_control_clients, "clients", "clients of the control socket", "`TOO_MANY_CLIENTS`"),
    LIMIT(daemon::max_control_line_bytes, "bytes", "one request", "`LINE_TOO_LONG`"),
    LIMIT(daemon::control_idle_limit, "", "a client that says and takes nothing", "dropped"),
    LIMIT(daemon::event_log_capacity, "events", "events kept in memory", "the oldest is dropped and counted"),
    LIMIT(daemon::max_event_text_bytes, "bytes", "an event's text", "cut"),
    LIMIT(daemon::bundle_events, "events", "events in a support bundle", "the oldest are left out and counted"),
    LIMIT(daemon::max_bundle_bytes, "bytes", "a support bundle", "older events are left out, then the stored state"),
    LIMIT(ctl::reply_limit, "", "a reply that oobmctl waits for", "given up: no daemon"),
    LIMIT(ctl::max_reply_bytes, "bytes", "a reply that oobmctl takes", "refused"),
    LIMIT(daemon::max_config_bytes, "bytes", "a configuration or data file", "refused with its name"),
    LIMIT(daemon::max_catalogue_entries, "entries", "the catalogue of SKUs", "refused"),
    LIMIT(daemon::max_instances, "instances", "the instance data", "refused"),
    LIMIT(daemon::max_certificate_bytes, "bytes", "a certificate to be installed", "refused"),
    LIMIT(daemon::max_log_line_bytes, "bytes", "a line of the log", "cut"),
    LIMIT(daemon::control_batch_events, "events", "events in one piece to a client", "the rest follows"),
    LIMIT(daemon::max_log_value_bytes, "bytes", "a value in a line of the log", "cut"),
    LIMIT(daemon::max_instance_addresses, "addresses", "fixed addresses of a host in the instance data", "refused"),
    LIMIT(daemon::max_roots, "keys", "root keys of an instance", "refused"),
    LIMIT(daemon::max_package_keys, "keys", "package keys of an instance", "refused"),
    LIMIT(daemon::max_file_servers, "servers", "file servers of an instance", "refused"),
    LIMIT(daemon::rounds_of_doubt, "rounds", "rounds in which a new certificate is in doubt", "it is refused"),
    LIMIT(daemon::attempts_without_answer, "attempts", "attempts in a row at which nobody answers the new certificate", "the old one has a turn"),
    LIMIT(daemon::max_install_starts, "starts", "starts of the agent over which an installation is pursued", "`INSTALL_FAILED`"),
    LIMIT(daemon::max_install_looks, "looks", "looks at a board that installs", "`INSTALL_FAILED`"),
};

constexpr std::array files{
    LIMIT(daemon::max_waiting_transfers, "files", "files that wait for the one under way", "`BUSY`"),
    LIMIT(daemon::kept_transfer_results, "files", "files that have ended and are still shown", "the oldest is forgotten"),
    LIMIT(daemon::TransferLimits{}.max_bytes, "bytes", "a file that is fetched", "`TOO_LARGE`"),
    LIMIT(daemon::TransferLimits{}.reserve_bytes, "bytes", "... and what it leaves free", "`NO_SPACE`"),
    LIMIT(daemon::TransferLimits{}.min_bytes_per_s, "bytes/s", "its least rate", "`STALLED` after"),
    LIMIT(daemon::TransferLimits{}.stall, "", "... for so long", "another attempt"),
    LIMIT(daemon::TransferLimits{}.attempts, "attempts", "attempts at it", "given up; the part is kept"),
    LIMIT(daemon::TransferLimits{}.fruitless_attempts, "attempts", "... in a row that brought it no further", "given up; the part is kept"),
    LIMIT(daemon::TransferLimits{}.time, "", "all attempts together", "`TIME_OVER`"),
    LIMIT(daemon::TransferLimits{}.first_pause, "", "first pause between two, at most", "doubles, with full jitter"),
    LIMIT(daemon::TransferLimits{}.longest_pause, "", "longest pause", ""),
    LIMIT(daemon::TransferLimits{}.redirects, "redirects", "redirects of one attempt", "`TOO_MANY_REDIRECTS`"),
    LIMIT(daemon::TransferLimits{}.report_every, "", "between two reports of the helper", "waits"),
    LIMIT(daemon::TransferLimits{}.note_every, "", "between two notes in the event log", "waits"),
    LIMIT(daemon::max_upload_bytes, "bytes", "a file that is sent", "`TOO_LARGE`"),
    LIMIT(daemon::upload_attempts, "attempts", "attempts at it, each from its first byte on", "given up"),
    LIMIT(daemon::upload_time, "", "all of them together", "`TIME_OVER`"),
    LIMIT(daemon::upload_stall, "", "... slower than the least rate", "another attempt"),
    LIMIT(daemon::first_upload_pause, "", "first pause between two, at most", "doubles, with full jitter"),
    LIMIT(transfer::expect_wait_ms, "ms", "a server that does not say whether it wants the file", "it is sent"),
    LIMIT(transfer::link_buffer_bytes, "bytes", "what the link holds of it", "the rest waits"),
    LIMIT(daemon::check_piece_bytes, "bytes", "what is hashed at once", "the loop has its turn"),
    LIMIT(transfer::sync_step, "bytes", "bytes of which a loss of power may leave zeros", "fetched again"),
    LIMIT(transfer::max_host_bytes, "bytes", "host and port", "`URL_MALFORMED`"),
    LIMIT(transfer::max_target_bytes, "bytes", "path and query", "`URL_MALFORMED`"),
    LIMIT(transfer::max_validator_bytes, "bytes", "ETag or date of a version", "none is remembered: a broken file begins anew"),
    LIMIT(transfer::max_agent_bytes, "bytes", "the name of this agent in a request", "the job is refused"),
    LIMIT(transfer::max_type_bytes, "bytes", "a media type", "the job is refused"),
    LIMIT(transfer::max_job_bytes, "bytes", "a job for the helper", "refused"),
    LIMIT(transfer::max_report_bytes, "bytes", "a line of the helper's", "it is ended"),
    LIMIT(daemon::max_helper_output_bytes, "bytes", "all its lines", "it is ended"),
    LIMIT(transfer::max_address_space_bytes, "bytes", "its memory", "it is ended by the kernel"),
    LIMIT(transfer::max_cpu_seconds, "s", "its CPU time", "it is ended by the kernel"),
    LIMIT(transfer::max_descriptors, "descriptors", "its descriptors", "refused by the kernel"),
    LIMIT(uplink::ask_again_bytes, "bytes", "bytes of a file for which permission was given", "it is asked for again"),
};

constexpr std::array processes{
    LIMIT(daemon::memory_ceiling, "bytes", "private memory of the daemon", "it ends and is begun anew"),
    LIMIT(confinement::max_descriptors, "descriptors", "its descriptors", "refused by the kernel"),
    LIMIT(daemon::hang_limit, "", "a daemon that says nothing, from its start on", "it is ended and begun anew"),
    LIMIT(daemon::long_run, "", "a run after which an abnormal end counts as the first", ""),
    LIMIT(daemon::max_monitor_request_bytes, "bytes", "a request to the monitor", "ignored"),
    LIMIT(daemon::max_monitor_texts, "texts", "texts of a request", "ignored"),
    LIMIT(daemon::max_monitor_children, "programs", "programs that the monitor runs at once", "not started"),
    LIMIT(daemon::monitor_answer_bytes, "bytes", "an answer of the monitor", "not believed"),
    LIMIT(daemon::max_handed_over, "entries", "files of the state folder that are given to the daemon's user", "the start fails and says so"),
    LIMIT(daemon::max_handed_over_depth, "folders", "... in each other", "the start fails and says so"),
    LIMIT(daemon::stop_limit, "", "leaving in good order", "left without"),
};

constexpr std::array radio{
    LIMIT(hal::at::LineSplitter::max_line_bytes, "bytes", "a line of the module's", "dropped and counted"),
    LIMIT(hal::at::Fields::max_fields, "fields", "fields of a line", "the rest is not looked at"),
    LIMIT(hal::at::max_text_chars, "characters", "a text of the module's", "cut"),
    LIMIT(hal::at::Channel::max_answer_lines, "lines", "lines of an answer", "the rest is noise"),
    LIMIT(hal::at::Channel::max_outputs, "events", "events that wait to be taken", "further events are lost and counted"),
    LIMIT(hal::at::Channel::max_probes, "probes", "questions whether the module is in step", "it is called silent"),
    LIMIT(hal::RawCommand::max_chars, "characters", "a technician's command", "refused"),
    LIMIT(hal::RawAnswer::max_lines, "lines", "lines of its answer", "dropped"),
    LIMIT(hal::ModemService::max_raw, "commands", "technicians' commands that wait", "refused"),
    LIMIT(hal::ModemService::max_requests, "requests", "power requests that wait", "refused"),
    LIMIT(hal::ModemService::max_allowed_bands, "technologies", "technologies whose bands are told", "the rest is not told"),
    LIMIT(hal::ModemService::timeouts_before_reopen, "commands", "commands in a row without an answer", "the port is opened anew"),
    LIMIT(hal::ModemService::silences_before_reopen, "attempts", "attempts in a row at a silent module", "the port is opened anew"),
    LIMIT(hal::ModemService::start_length, "", "reports that belong to one start", "taken for another start"),
    LIMIT(hal::own_limit, "", "a command that is in no table", "the module is asked whether it is in step"),
    LIMIT(hal::raw_limit, "", "a technician's command that is in no table", "likewise"),
    LIMIT(hal::highest_band, "", "a band", "refused"),
    LIMIT(hal::most_steps_per_day, "steps", "steps of recovery of one kind in a day, whatever the table says", "not compiled"),
    LIMIT(hal::recovery_day, "", "... which no span of this length exceeds", ""),
    LIMIT(hal::longest_step, "", "what a step does to the radio, after it was counted", ""),
    LIMIT(hal::Recovery::part_limit, "", "each part of a step", "the step has failed"),
    LIMIT(hal::Recovery::most_parts, "parts", "parts of a step", "not compiled"),
    LIMIT(hal::Ladder::steady, "", "a link after which the ladder begins anew", ""),
    LIMIT(hal::Ladder::interruption, "", "a trouble that was away", "begins anew"),
    LIMIT(hal::Ladder::late_call, "", "a call that comes late", "slept through; the trouble is looked at anew"),
    LIMIT(hal::HelperBoard::max_waiting, "verbs", "verbs that wait for the board", "refused"),
    LIMIT(hal::HelperProcess::max_output_bytes, "bytes", "a board's answer", "it is ended"),
    LIMIT(hal::HelperProcess::max_error_bytes, "bytes", "its complaints", "it is ended"),
    LIMIT(hal::HelperProcess::kept_error_bytes, "bytes", "... of which are kept", "cut"),
    LIMIT(hal::HelperProcess::term_grace, "", "from SIGTERM to SIGKILL", "killed"),
    LIMIT(hal::HelperProcess::kill_grace, "", "for a killed program to be gone", "left to itself"),
    LIMIT(hal::KeyValues::max_bytes, "bytes", "what is read of an answer", "refused"),
    LIMIT(hal::KeyValues::max_lines, "lines", "its lines", "refused"),
    LIMIT(hal::KeyValues::max_key_chars, "characters", "a key", "refused"),
    LIMIT(hal::KeyValues::max_value_chars, "characters", "a value", "refused"),
    LIMIT(hal::max_apn_chars, "characters", "an APN", "refused"),
    LIMIT(hal::max_version_chars, "characters", "the version of a package for the board", "refused"),
    LIMIT(hal::max_package_path, "bytes", "its path", "refused"),
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
    LIMIT(core::doubted_attest_interval, "", "... where two clocks contradict the one before", "+-6 %"),
    LIMIT(core::agreement_window, "", "two clocks that agree", "beyond it they contradict, and the earlier counts"),
    LIMIT(core::latest_extension, "", "a monthly extension after the end", "a notice: `EXTENSION_LATE`; half the grace, where that is less"),
    LIMIT(core::least_keepalive, "", "shortest keepalive", ""),
    LIMIT(core::most_keepalive, "", "longest keepalive", ""),
    LIMIT(core::default_keepalive, "", "keepalive of a new uplink", "adapts"),
    LIMIT(core::proof, "", "silences that were survived until it grows", "grows by half"),
    LIMIT(core::proof_again, "", "... where it has failed before", "grows by half"),
    LIMIT(core::boot_jitter, "", "first attempt after a start", "uniform in it"),
    LIMIT(core::linger_length, "", "a session opened by schedule", "closed"),
    LIMIT(core::probe_settle, "", "a probe that was answered", "closed"),
    LIMIT(core::stable_after, "", "a session after which the back-off begins anew", ""),
    LIMIT(core::probe_jitter_percent, "%", "spread of probes", ""),
    LIMIT(core::registration_jitter_percent, "%", "spread of attempts to register", ""),
    LIMIT(core::occasion_interval, "", "between attempts because the main WAN came up", "waits"),
    LIMIT(core::radio_occasion_interval, "", "... because the radio registered", "waits"),
    LIMIT(core::least_heartbeat, "", "between heartbeats once the allowance is used up", "waits"),
    LIMIT(core::renewal_window, "", "before the end of the term, for renewals", ""),
    LIMIT(core::longest_term_sleep, "", "between looks at the term", ""),
    LIMIT(daemon::environment_poll, "", "between looks at the system clock, and at a main WAN of which the kernel tells nothing", ""),
    LIMIT(daemon::wan_poll, "", "between looks at a main WAN of which the kernel tells", ""),
    LIMIT(daemon::identity_retry, "", "between questions to a board without an identity", ""),
    LIMIT(daemon::install_look_interval, "", "between questions to a board that installs", ""),
    LIMIT(daemon::control_at_limit, "", "a technician's AT command", "the client is dropped"),
    LIMIT(uplink::linger_limit, "", "the other side's end of a connection", "closed without"),
    LIMIT(uplink::resolution_delay, "", "the preferred family that comes second", "the other one is used"),
    LIMIT(ctl::notice_days, "days", "before the end of a pre-paid term, for `oobmctl` to ask for a renewal", ""),
    LIMIT(hal::at::network_time_window, "", "network time later than 2025 by", "not believed"),
    LIMIT(hal::DirectSpawner::exit_poll, "", "between looks at a program, before Linux 5.3", ""),
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
    oobm::test::MadePart{"limits.md", "files", [] { return table(files); }},
    oobm::test::MadePart{"limits.md", "processes", [] { return table(processes); }},
    oobm::test::MadePart{"limits.md", "radio", [] { return table(radio); }},
    oobm::test::MadePart{"limits.md", "times", [] { return table(times); }},
};

}  // namespace

int main(int argc, char** argv) {
  return oobm::test::made_pages_main(argc, argv, parts, "limits_docs");
}
