// What the bench may do to the module while it runs: one line of text at a time.
#include <algorithm>
#include <charconv>
#include <utility>

#include "tests/modem-sim/sim_modem.hpp"
#include "tests/modem-sim/sim_text.hpp"

namespace oobm::modem_sim {
namespace {

constexpr std::int64_t longest_time_ms = 7LL * 86'400'000;  // in scripts
constexpr int most_repetitions = 1000;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "500ms", "10s", "2m", "1h"; a number alone is seconds.
std::optional<core::Duration> parse_span(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
  std::int64_t factor = 1000;
  for (const auto& [unit, milliseconds] : units) {
    if (!text.ends_with(unit)) continue;
    factor = milliseconds;
    text.remove_suffix(unit.size());
    break;
  }
  const auto value = parse_number<std::int64_t>(text);
  if (!value || *value < 0 || *value > longest_time_ms / factor) return std::nullopt;
  return core::Duration(*value * factor);
}

std::string_view card_name(Card card) {
  constexpr std::array<std::string_view, 7> names{"ready",  "absent",  "pin", "puk",
                                                  "locked", "failure", "busy"};
  return names[static_cast<std::size_t>(card)];
}

// The fault's value that the text means. Nothing: none that its row accepts.
std::optional<std::int64_t> value_of(const FaultRow& row, std::string_view text) {
  if (text == "off" && row.lasting) return 0;
  if (text == "quiet" && row.id == FaultId::reboot) return 1;
  if (text.empty()) return row.usual;
  const auto value = parse_number<std::int64_t>(text);
  return value && *value >= row.lowest && *value <= row.highest ? value : std::nullopt;
}

// Whether a command for later is one at all; its numbers show when its time comes.
bool known_verb(std::string_view verb) {
  constexpr std::array<std::string_view, 14> verbs{
      "status",  "register", "signal", "time",        "sim",  "no-sim", "sim-pin",
      "sim-puk", "urc",      "behave", "power-cycle", "seed", "at",     "draw"};
  return find_fault(verb) != nullptr || std::ranges::contains(verbs, verb);
}

}  // namespace

std::string SimModem::control(std::string_view text, core::BootTime now) {
  now_ = now;
  const auto [verb, argument] = first_word(text);
  if (verb == "status") return control_status();
  for (auto reply : {control_network(verb, argument, now), control_card(verb, now),
                     control_plan(verb, argument, now), control_fault(verb, argument, now)})
    if (!reply.empty()) return reply;
  return "error unknown command";
}

std::optional<std::string> SimModem::play(std::string_view script, core::BootTime now) {
  while (!script.empty()) {
    const auto end = std::min(script.find('\n'), script.size());
    const auto text = script.substr(0, end);
    script.remove_prefix(std::min(end + 1, script.size()));
    const auto verb = first_word(text).first;
    if (verb.empty() || verb.starts_with('#')) continue;
    if (!control(text, now).starts_with("ok")) return std::string(text);
  }
  return std::nullopt;
}

std::string SimModem::control_status() const {
  return "ok registration=" + std::to_string(standing_.status) +
         " card=" + std::string(card_name(card())) + " power=" + std::to_string(powered_) +
         " subscription=" + (subscription_active_ ? "active" : "inactive") +
         " restarts=" + std::to_string(restarts_) + " port=" + (port_present_ ? "1" : "0") +
         " traffic=" + (traffic_passes() ? "1" : "0") +
         " call=" + (lines_[0].call || lines_[1].call ? "1" : "0") +
         " pin-attempts=" + std::to_string(pin_attempts_);
}

// Empty: not one of these.
std::string SimModem::control_network(std::string_view verb, std::string_view argument,
                                      core::BootTime now) {
  if (verb == "register") {
    for (const auto id : {FaultId::deny, FaultId::deny_searching, FaultId::no_coverage})
      faults_[static_cast<std::size_t>(id)] = 0;
  } else if (verb == "signal") {
    const auto rsrp = parse_number<int>(argument);
    if (!rsrp || *rsrp < -141 || *rsrp > -44) return "error signal needs an RSRP in dBm";
    rsrp_dbm_ = *rsrp;
  } else if (verb == "time") {
    const auto seconds = argument == "none" ? 0 : parse_number<std::int64_t>(argument);
    if (!seconds) return "error time needs Unix seconds or none";
    time_base_ = {*seconds};
    time_base_at_ = now;
  } else {
    return {};
  }
  reconsider(now);
  return "ok";
}

std::string SimModem::control_card(std::string_view verb, core::BootTime now) {
  constexpr std::array<std::pair<std::string_view, Card>, 4> verbs{{{"sim", Card::ready},
                                                                    {"no-sim", Card::absent},
                                                                    {"sim-pin", Card::pin},
                                                                    {"sim-puk", Card::puk}}};
  for (const auto& [name, state] : verbs) {
    if (name != verb) continue;
    card_unlocked_ = false;
    apply({FaultId::card, static_cast<std::int64_t>(state)}, now);
    return "ok";
  }
  return {};
}

std::string SimModem::control_plan(std::string_view verb, std::string_view argument,
                                   core::BootTime now) {
  if (verb == "seed") {
    const auto seed = parse_number<std::uint64_t>(argument);
    if (!seed) return "error seed needs a number";
    random_.seed(*seed);
    return "ok";
  }
  if (verb != "at" && verb != "draw") return {};
  const auto [first, rest] = first_word(argument);
  if (verb == "at") {
    const auto span = parse_span(first);
    if (!span || !known_verb(first_word(rest).first)) return "error at needs a time and a command";
    return plan_command(now + *span, std::string(rest));
  }
  // draw COUNT within TIME
  const auto count = parse_number<int>(first);
  const auto [within, time] = first_word(rest);
  const auto span = parse_span(time);
  if (!count || *count < 1 || *count > most_repetitions || within != "within" || !span)
    return "error draw needs COUNT within TIME";
  std::uniform_int_distribution<std::int64_t> moment(0, span->count());
  for (int i = 0; i < *count; ++i) {
    const auto when = now + core::Duration(moment(random_));
    plan_command(when, to_text(draw_fault(random_)));
  }
  return "ok";
}

std::string SimModem::plan_command(core::BootTime when, std::string command) {
  if (timed_.size() >= max_planned) return "error too much is planned";
  plan({when, any_life, [this, command = std::move(command), script = script_](auto now) {
          if (script == script_) control(command, now);
        }});
  return "ok";
}

std::string SimModem::control_fault(std::string_view verb, std::string_view argument,
                                    core::BootTime now) {
  if (verb == "urc") {
    emit_line(argument);
  } else if (verb == "behave") {
    behave(now);
  } else if (verb == "power-cycle") {
    power_cycle(now);
  } else if (const auto* row = find_fault(verb)) {
    const auto value = value_of(*row, argument);
    if (!value)
      return "error " + std::string(verb) + " needs " + std::string(row->parameter) + ", " +
             std::to_string(row->lowest) + " to " + std::to_string(row->highest);
    apply({row->id, *value}, now);
  } else {
    return {};
  }
  return "ok";
}

}  // namespace oobm::modem_sim
