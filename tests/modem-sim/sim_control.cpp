// What the bench may do to the module while it runs.
#include <algorithm>
#include <charconv>
#include <utility>

#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::modem_sim {
namespace {

constexpr std::size_t default_garbage_bytes = 64;
constexpr std::size_t max_garbage_bytes = 4096;
constexpr std::int64_t longest_delay_ms = 3'600'000;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::pair<std::string_view, std::string_view> split(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
  const auto blank = std::min(line.find(' '), line.size());
  return {line.substr(0, blank), line.substr(std::min(blank + 1, line.size()))};
}

std::string_view card_name(Card card) {
  switch (card) {
    case Card::ready:
      return "ready";
    case Card::absent:
      return "absent";
    case Card::pin:
      return "pin";
    case Card::puk:
      return "puk";
  }
  return "unknown";
}

}  // namespace

std::string SimModem::control(std::string_view line, core::BootTime now) {
  now_ = now;
  const auto [verb, argument] = split(line);
  if (verb == "status") return control_status();
  for (auto reply : {control_network(verb, argument, now), control_card(verb, now),
                     control_fault(verb, argument, now)})
    if (!reply.empty()) return reply;
  return "error unknown command";
}

std::string SimModem::control_status() const {
  return "ok registration=" + std::to_string(registration_) +
         " card=" + std::string(card_name(card_)) + " power=" + std::to_string(powered_) +
         " subscription=" + (subscription_active_ ? "active" : "inactive") +
         " restarts=" + std::to_string(restarts_) + " port=" + (port_present_ ? "1" : "0");
}

// Empty: not one of these.
std::string SimModem::control_network(std::string_view verb, std::string_view argument,
                                      core::BootTime now) {
  if (verb == "deny") {
    const auto cause = parse_number<int>(argument);
    if (!cause || *cause < 1 || *cause > 127) return "error deny needs an EMM cause";
    deny_cause_ = cause;
    // The network refuses the next attempt, whatever it said before.
    planned_registration_ = -1;
  } else if (verb == "register") {
    deny_cause_.reset();
    coverage_ = true;
  } else if (verb == "no-coverage") {
    coverage_ = false;
  } else if (verb == "roaming") {
    roaming_ = argument != "off";
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
  if (verb == "no-sim")
    card_ = Card::absent;
  else if (verb == "sim")
    card_ = Card::ready;
  else if (verb == "sim-pin")
    card_ = Card::pin;
  else if (verb == "sim-puk")
    card_ = Card::puk;
  else
    return {};
  reconsider(now);
  return "ok";
}

std::string SimModem::control_fault(std::string_view verb, std::string_view argument,
                                    core::BootTime now) {
  const bool on = argument != "off";
  if (verb == "silent") {
    silent_ = on;
  } else if (verb == "fragment") {
    fragment_ = on;
  } else if (verb == "doubled") {
    doubled_finals_ = on;
  } else if (verb == "ignore") {
    ignore_commands_ = parse_number<int>(argument).value_or(1);
  } else if (verb == "late") {
    const auto delay = parse_number<std::int64_t>(argument);
    if (!delay || *delay < 0 || *delay > longest_delay_ms) return "error late needs milliseconds";
    next_answer_late_ = core::Duration(*delay);
  } else if (verb == "urc") {
    emit_line(argument);
  } else if (verb == "garbage") {
    const auto wanted = parse_number<std::size_t>(argument).value_or(default_garbage_bytes);
    std::uniform_int_distribution<int> byte(0, 255);
    std::string bytes;
    while (bytes.size() < std::min(wanted, max_garbage_bytes))
      bytes += static_cast<char>(byte(random_));
    emit(bytes);
  } else if (verb == "reboot") {
    ++restarts_;
    start(now, argument != "quiet");
  } else if (verb == "vanish") {
    port_present_ = false;
  } else if (verb == "return") {
    if (!port_present_) {
      port_present_ = true;
      ++restarts_;
      start(now, true);
    }
  } else {
    return {};
  }
  return "ok";
}

}  // namespace oobm::modem_sim
