// One command after another: which handler answers, and what the faults make of the answer.
#include <algorithm>
#include <cctype>
#include <utility>

#include "tests/modem-sim/sim_modem.hpp"

namespace oobm::modem_sim {
namespace {

constexpr int jitter_percent = 30;  // of a latency, upwards
constexpr std::size_t extra_fields = 16;
constexpr std::array<std::string_view, 6> unrelated_reports{
    "%STATUS: 7,\"x\"", "+CEREG: 5", "^RSSI: 17", "+CIEV: 7,1", "#QSS: 1", "*XYZ"};
// Whose answers the fault `fields` bends.
constexpr std::array<std::string_view, 9> bent{"+COPS",      "+CSQ",       "+CESQ",
                                               "+CEREG",     "+CGDCONT",   "+CGPADDR",
                                               "+CGCONTRDP", "+KCELLMEAS", "+CRSM"};

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return result;
}

std::string without_quotes(std::string text) {
  std::erase(text, '"');
  return text;
}

// All fields but the first `kept` become empty.
std::string emptied(const std::string& text, std::size_t kept) {
  std::string result;
  std::size_t field = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    const bool comma = c == ',' && !quoted;
    field += comma ? 1 : 0;
    if (comma || field < kept) result += c;
  }
  return result;
}

}  // namespace

bool SimModem::wakes(core::BootTime now) {
  const auto doze = core::Duration(fault(FaultId::doze));
  const bool asleep = doze.count() > 0 && now - last_heard_ > doze;
  last_heard_ = now;
  return !asleep;
}

void SimModem::run_next(PortId port, core::BootTime now) {
  auto& here = line(port);
  while (auto text = here.take_command()) {
    if (fault(FaultId::stray)) emit_line("OK", port);
    if (swallowed()) continue;
    here.busy = true;
    const auto reply = dispatch(*text, port);
    std::uniform_int_distribution<int> jitter(0, jitter_percent);
    const auto latency = scaled(reply.latency + reply.latency * jitter(random_) / 100);
    const auto late = std::exchange(faults_[static_cast<std::size_t>(FaultId::late)], 0);
    // A delay asked for by name is meant as it stands.
    plan({now + latency + core::Duration(late), life_,
          [this, port, reply](core::BootTime then) { answer(port, reply, then); }});
  }
}

// Whether this command is one of those that are never answered.
bool SimModem::swallowed() {
  auto& left = faults_[static_cast<std::size_t>(FaultId::ignore)];
  if (left == 0) return false;
  --left;
  return true;
}

void SimModem::answer(PortId port, const Reply& reply, core::BootTime now) {
  line(port).busy = false;
  if (const auto cut = std::exchange(faults_[static_cast<std::size_t>(FaultId::reboot_mid)], 0)) {
    std::string whole = "\r\n";
    for (const auto& text : reply.lines) whole += text + "\r\n\r\n";
    const auto said = (whole + reply.final + "\r\n").substr(0, static_cast<std::size_t>(cut));
    restart(now, true);
    return line(port).put(said);
  }
  for (const auto& text : reply.lines) put_answer_line(text, port);
  put_unrelated(port);
  put_final(reply.final, port);
  if (reply.then) reply.then(now);
  run_next(port, now);
}

void SimModem::put_answer_line(std::string_view text, PortId port) {
  put_unrelated(port);
  emit_line(shaped(std::string(text)), port);
}

void SimModem::put_final(const std::string& text, PortId port) {
  auto& endless = faults_[static_cast<std::size_t>(FaultId::endless)];
  if (endless > 0) {
    --endless;
    return;
  }
  emit_line(text, port);
  const auto doubled = fault(FaultId::doubled);
  if (doubled == 1 && text != "OK") emit_line("OK", port);
  if (doubled == 2) emit_line(text, port);
  put_unrelated(port);
}

void SimModem::put_unrelated(PortId port) {
  const auto percent = fault(FaultId::interleave);
  if (percent == 0 || static_cast<std::int64_t>(random_() % 100) >= percent) return;
  emit_line(unrelated_reports[random_() % unrelated_reports.size()], port);
}

std::string SimModem::shaped(const std::string& text) const {
  const auto form = fault(FaultId::fields);
  const bool bends = std::ranges::any_of(bent, [&](auto name) { return text.starts_with(name); });
  if (form == 0 || !bends) return text;
  if (form == 1) return emptied(text, text.starts_with("+CEREG") ? 2 : 1);
  if (form == 3) return without_quotes(text);
  std::string longer = text;
  for (std::size_t i = 0; i < extra_fields; ++i) longer += ",2147483647";
  return longer;
}

SimModem::Request SimModem::parse(std::string_view text) {
  auto body = upper(text.substr(0, 2)) == "AT" ? text.substr(2) : std::string_view();
  if (body.empty()) return {};
  const bool extended = !std::isalpha(static_cast<unsigned char>(body[0])) && body[0] != '&';
  const auto end = extended ? std::min(body.find_first_of("=?"), body.size())
                            : std::min<std::size_t>(body[0] == '&' ? 2 : 1, body.size());
  Request request{upper(body.substr(0, end)), 'x', std::string(body.substr(end))};
  if (!extended) return request;
  if (request.arguments == "?") request.form = '?';
  if (request.arguments == "=?") request.form = 't';
  if (request.form == 'x' && request.arguments.starts_with('=')) request.form = '=';
  if (request.form == '=') request.arguments.erase(0, 1);
  return request;
}

bool SimModem::knows(const Row& row) const {
  const auto& kind = *config_.personality;
  if (row.knower == Knower::own) return row.name == kind.iccid_command;
  if (row.name == "+CESQ") return kind.extended_signal;
  return row.knower == Knower::all || (row.knower == Knower::hl78xx) == kind.hl78xx;
}

bool SimModem::refused(std::string_view name) const {
  const auto index = static_cast<std::size_t>(fault(FaultId::refuse));
  return index > 0 && index <= optional_commands().size() && optional_commands()[index - 1] == name;
}

SimModem::Reply SimModem::dispatch(const std::string& text, PortId port) {
  if (upper(std::string_view(text).substr(0, 2)) != "AT") return {.final = "ERROR"};
  auto request = parse(text);
  request.port = port;
  if (request.name.empty()) return {};
  for (const auto& row : table()) {
    if (row.name != request.name || !knows(row)) continue;
    if (refused(row.name)) return {.final = "+CME ERROR: 100"};
    if (request.form == 't') return {};
    return (this->*row.handler)(request);
  }
  return error(4);
}

}  // namespace oobm::modem_sim
