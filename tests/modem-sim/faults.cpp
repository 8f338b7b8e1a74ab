#include "tests/modem-sim/faults.hpp"

#include <algorithm>

namespace oobm::modem_sim {
namespace {

constexpr std::array<FaultRow, fault_count> all_faults{{
    {FaultId::garbage, "garbage", "bytes", 1, 4096, 300, 64, false, "random bytes now"},
    {FaultId::boot_garbage, "boot-garbage", "bytes", 0, 4096, 200, 40, true,
     "before everything else at each start: NULs, random bytes, half a line"},
    {FaultId::fragment, "fragment", "bytes", 0, 64, 6, 4, true,
     "output comes in pieces of at most so many bytes, a millisecond apart"},
    {FaultId::interleave, "interleave", "percent", 0, 100, 100, 100, true,
     "unrelated reports before, inside and behind answers"},
    {FaultId::flood, "flood", "ms", 0, 60'000, 5'000, 17'000, true,
     "a report that nobody knows, each so many milliseconds (20 at least)"},
    {FaultId::reboot, "reboot", "quiet", 0, 1, 1, 0, false,
     "restarts by itself; 1, or quiet: without its boot report"},
    {FaultId::reboot_mid, "reboot-mid", "bytes", 1, 200, 40, 5, true,
     "restarts inside the next answer, after so many bytes of it"},
    {FaultId::forget, "forget", "none", 0, 0, 0, 0, false,
     "all volatile settings are lost, the echo is back, nothing is said about it"},
    {FaultId::early_report, "early-report", "on", 0, 1, 1, 1, true,
     "at each start +CEREG: 2 comes before the boot report"},
    {FaultId::endless, "endless", "commands", 0, 100, 5, 1, true,
     "the next commands are answered without a final code"},
    {FaultId::ignore, "ignore", "commands", 0, 100, 12, 1, true,
     "the next commands are never answered"},
    {FaultId::silent, "silent", "on", 0, 1, 1, 1, true, "hears and says nothing"},
    {FaultId::hang, "hang", "on", 0, 1, 1, 1, true, "as silent, until power is cut"},
    {FaultId::late, "late", "ms", 0, 3'600'000, 40'000, std::nullopt, true,
     "the next answer comes that much later"},
    {FaultId::doubled, "doubled", "kind", 0, 2, 2, 1, true,
     "an OK follows every error (1), every final code comes twice (2)"},
    {FaultId::stray, "stray", "on", 0, 1, 1, 1, true, "an OK at once when a command has come in"},
    {FaultId::vanish, "vanish", "ms", 0, 3'600'000, 60'000, 0, false,
     "the port goes, and comes back after so long; 0: when told to return"},
    {FaultId::comes_back, "return", "none", 0, 0, 0, 0, false,
     "the port comes back as another device, the module restarted"},
    {FaultId::renumber, "renumber", "on", 0, 1, 1, 1, true,
     "a port that comes back has the next number in its link's name"},
    {FaultId::hold, "hold", "ms", 0, 3'600'000, 30'000, 10'000, false,
     "another process holds the port for so long; 0: lets go of it"},
    {FaultId::refuse, "refuse", "index", 0, 12, 12, 1, true,
     "an optional command answers +CME ERROR: 100"},
    {FaultId::bad_status, "bad-status", "on", 0, 1, 1, 1, true,
     "reading the card ends with OK under status words that say it failed"},
    {FaultId::card, "card", "state", 0, 6, 6, std::nullopt, true,
     "0 ready, 1 absent, 2 PIN, 3 PUK, 4 network lock, 5 failure, 6 busy"},
    {FaultId::deny, "deny", "cause", 1, 127, 30, std::nullopt, true,
     "the network refuses with this EMM cause"},
    {FaultId::deny_searching, "deny-searching", "cause", 0, 127, 30, 11, true,
     "likewise, the module says searching all the while"},
    {FaultId::no_coverage, "no-coverage", "on", 0, 1, 1, 1, true, "no cell; the module searches"},
    {FaultId::roaming, "roaming", "on", 0, 1, 1, 1, true, "registered as roaming"},
    {FaultId::stuck, "stuck", "cure", 0, 5, 5, 3, true,
     "searches for ever, until the step of recovery with this number (below)"},
    {FaultId::creg, "creg", "status", 0, 11, 11, 3, true,
     "what +CREG claims; 0: registration denied, as on data-only subscriptions"},
    {FaultId::sleep, "sleep", "ms", 0, 3'600'000, 60'000, 30'000, false,
     "power saving: deaf and mute for so long, nothing is lost"},
    {FaultId::doze, "doze", "ms", 0, 3'600'000, 20'000, 10'000, true,
     "after so long without a command the next one only wakes it"},
    {FaultId::psm, "psm", "on", 0, 1, 1, 1, true,
     "the network grants power saving whatever the module is told, and +CEREG says so"},
    {FaultId::fields, "fields", "form", 0, 3, 3, 1, true,
     "answers with empty fields (1), extra fields (2), no quotes (3)"},
    {FaultId::clock, "clock", "form", 0, 6, 6, 1, true,
     "+CCLK says 1980 (1), 2004 (2), 2080 (3), no zone (4), letters (5), OK alone (6)"},
    {FaultId::imei, "imei", "form", 0, 5, 5, 1, true,
     "+CGSN says IMEISV (1), 17 digits (2), 10 digits (3), wrong check digit (4), name and quotes "
     "(5)"},
    {FaultId::activation, "activation", "form", 0, 2, 2, 1, true,
     "+CGACT is an error when nothing would change (1), is OK without effect (2)"},
    {FaultId::ppp_noise, "ppp-noise", "bytes", 1, 4096, 400, 60, false,
     "PPP frames on the command port now"},
    {FaultId::half_dead, "half-dead", "cure", 0, 5, 5, 1, true,
     "registered, with an address, no traffic, until the step of recovery with this number"},
}};

constexpr std::array<std::string_view, 12> optional_names{
    "+CESQ",   "+CCLK",  "+COPS",      "+CGCONTRDP", "+CTZU", "+CPSMS",
    "+CEDRXS", "+KSREP", "+KCELLMEAS", "+CGPADDR",   "+CIMI", "+KSLEEP"};

}  // namespace

std::span<const FaultRow> fault_table() { return all_faults; }

const FaultRow& fault_row(FaultId id) { return all_faults[static_cast<std::size_t>(id)]; }

const FaultRow* find_fault(std::string_view name) {
  const auto* found = std::ranges::find(all_faults, name, &FaultRow::name);
  return found == all_faults.end() ? nullptr : found;
}

std::string to_text(const Fault& fault) {
  return std::string(fault_row(fault.id).name).append(" ").append(std::to_string(fault.value));
}

Fault draw_fault(std::mt19937_64& random) {
  const auto& row = all_faults[random() % all_faults.size()];
  const auto choices = static_cast<std::uint64_t>(row.drawn - row.lowest) + 1;
  return {row.id, row.lowest + static_cast<std::int64_t>(random() % choices)};
}

std::span<const std::string_view> optional_commands() { return optional_names; }

}  // namespace oobm::modem_sim
