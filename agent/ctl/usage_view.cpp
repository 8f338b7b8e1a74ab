#include "agent/ctl/usage_view.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "agent/ctl/words.hpp"

namespace oobm::ctl {
namespace {

struct Row {
  const char* key;
  std::string_view label;
};
constexpr Row uplinks[] = {{"oobm", "OOBM link"}, {"main_wan", "Main WAN (not charged)"}};
constexpr Row uses[] = {
    {"telemetry", "telemetry"},
    {"heartbeat", "heartbeats"},
    {"tasks", "tasks and acks"},
    {"lifecycle", "lifecycle"},
    {"file_transfer", "files"},
    {"mqtt_upkeep", "MQTT upkeep"},
    {"tls_handshake", "TLS handshakes"},
    {"dns", "DNS"},
    {"other", "other"},
};
constexpr const char* columns[] = {"payload_sent", "payload_received", "wire_sent",
                                   "wire_received"};
constexpr std::size_t label_width = 24;
constexpr std::size_t column_width = 12;

std::string left(std::string_view text) {
  std::string cell(text);
  cell.resize(std::max(label_width, cell.size()), ' ');
  return cell;
}

std::string right(const std::string& text) {
  return std::string(column_width - std::min(column_width, text.size()), ' ') + text;
}

std::uint64_t bytes(const View& view, const char* key) {
  return static_cast<std::uint64_t>(std::max(view.number(key).value_or(0), 0.0));
}

std::string table_line(std::string_view label, const View& spent) {
  std::string line = left(label);
  for (const char* column : columns) line += right(byte_words(bytes(spent, column)));
  return line + "\n";
}

std::string table(const Row& row, const View& uplink) {
  std::string text = "\n" + left(row.label) + right("said") + right("heard") + right("sent") +
                     right("received") + "\n";
  for (const auto& use : uses)
    if (uplink.at("uses").has(use.key))
      text += table_line(std::string("  ").append(use.label), uplink.at("uses").at(use.key));
  return text + table_line("  total", uplink.at("total"));
}

std::string period_line(const View& usage) {
  const auto begin = usage.text("period_begin");
  std::string line = begin.empty() ? "The month is not known yet: no time source is trusted"
                                   : "Month from " + std::string(date_of(begin)) + " until " +
                                         std::string(date_of(usage.text("period_end"))) + " (UTC)";
  const auto since = usage.text("since");
  return line + (since.empty() ? "" : ", counted since " + since) + "\n";
}

std::string allowance_line(const View& usage) {
  const auto used = byte_words(bytes(usage, "bytes_sent") + bytes(usage, "bytes_received"));
  if (!usage.has("allowance_bytes")) return "No allowance is set; " + used + " used.\n";
  const auto percent = std::to_string(usage.integer("percent").value_or(0));
  return "Allowance " + byte_words(bytes(usage, "allowance_bytes")) + ": " + percent + " % used (" +
         used + ")" + (usage.flag("used_up") ? ". Telemetry and files wait.\n" : ".\n");
}

}  // namespace

std::string render_usage(const View& usage) {
  std::string text = allowance_line(usage) + period_line(usage);
  for (const auto& row : uplinks) text += table(row, usage.at("uplinks").at(row.key));
  return text + "\nSaid and heard: the messages themselves. Sent and received: on the wire, " +
         (usage.flag("wire_measured") ? "as the OOBM interface counts it.\n"
                                      : "with headers estimated.\n");
}

}  // namespace oobm::ctl
