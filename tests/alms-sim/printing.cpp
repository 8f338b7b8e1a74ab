#include "tests/alms-sim/printing.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <span>
#include <vector>

namespace oobm::alms_sim {
namespace {

struct Column {
  std::string_view key;
  std::string_view title;
};

constexpr Column system_columns[] = {
    {"serial", "SERIAL"}, {"state", "STATE"}, {"account", "ACCOUNT"},           {"offer", "OFFER"},
    {"imei", "IMEI"},     {"seq", "SEQ"},     {"valid_until_s", "VALID UNTIL"},
};
constexpr Column account_columns[] = {
    {"id", "ID"}, {"name", "NAME"}, {"account_class", "CLASS"}, {"billing", "BILLING"}};
constexpr Column offer_columns[] = {
    {"name", "NAME"}, {"devices", "DEVICES"}, {"services", "SERVICES"}, {"term_months", "MONTHS"}};
constexpr Column task_columns[] = {{"created_ms", "SENT"},
                                   {"serial", "SERIAL"},
                                   {"name", "TASK"},
                                   {"uid", "UID"},
                                   {"acks", "ACK"}};
constexpr Column journal_columns[] = {{"at_ms", "AT"}, {"kind", "WHAT"}, {"text", ""}};

struct TableRow {
  std::string_view verb;
  std::span<const Column> columns;
};

constexpr TableRow tables[] = {{"list", system_columns},
                               {"account-list", account_columns},
                               {"offer-list", offer_columns},
                               {"tasks", task_columns}};

std::string instant(std::int64_t seconds) {
  if (seconds == 0) return "-";
  const std::time_t at = seconds;
  std::tm parts{};
  gmtime_r(&at, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &parts);
  return {text, size};
}

std::string joined(const Json& list) {
  std::string text;
  for (const Json& item : list) {
    const std::string word = item.is_object()
                                 ? item.value("status", "") + " " + item.value("message", "")
                                 : (item.is_string() ? item.get<std::string>() : item.dump());
    text += (text.empty() ? "" : ", ") + word;
  }
  return text.empty() ? "-" : text;
}

std::string cell(std::string_view key, const Json& value) {
  if (value.is_number() && key.ends_with("_ms")) return instant(value.get<std::int64_t>() / 1000);
  if (value.is_number() && (key.ends_with("_at_s") || key.ends_with("until_s"))) {
    return instant(value.get<std::int64_t>());
  }
  if (value.is_array()) return joined(value);
  if (value.is_string()) return value.get_ref<const std::string&>().empty() ? "-" : value;
  return value.dump();
}

std::string table(const Json& rows, std::span<const Column> columns) {
  if (rows.empty()) return "(none)\n";
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : columns) lines[0].emplace_back(column.title);
  for (const Json& row : rows) {
    auto& line = lines.emplace_back();
    for (const Column& column : columns) {
      line.push_back(cell(column.key, row.value(std::string(column.key), Json())));
    }
  }
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t at = 0; at < line.size(); ++at) {
      std::size_t width = 0;
      for (const auto& other : lines) width = std::max(width, other[at].size());
      const bool last = at + 1 == line.size();
      text += line[at] + (last ? "\n" : std::string(width - line[at].size() + 2, ' '));
    }
  }
  return text;
}

std::string fields(const Json& object, std::string_view indent) {
  std::size_t width = 0;
  for (const auto& [key, value] : object.items()) width = std::max(width, key.size());
  std::string text;
  for (const auto& [key, value] : object.items()) {
    text += std::string(indent) + key + std::string(width - key.size() + 2, ' ') +
            cell(key, value) + "\n";
  }
  return text.empty() ? std::string(indent) + "(none)\n" : text;
}

std::string data_lines(const Json& data) {
  Json values = Json::object();
  for (const auto& [id, datum] : data.items()) {
    values[id] = cell("", datum["value"]) + "   " + cell("at_ms", datum["at_ms"]);
  }
  return fields(values, "  ");
}

std::string router_text(const Json& router) {
  return "Announcements: " + router.value("announcements", Json(0)).dump() + ", the last at " +
         cell("announced_ms", router.value("announced_ms", Json(0))) + ", answered " +
         router.value("last_answer", "-") + ":\n" +
         fields(router.value("identity", Json::object()), "  ") + "Data:\n" +
         data_lines(router.value("data", Json::object())) + "Journal:\n" +
         table(router.value("journal", Json::array()), journal_columns);
}

std::string show_text(const Json& shown) {
  std::string text = "Serial " + shown.value("serial", "") + "\n";
  text += shown.contains("system") ? "System:\n" + fields(shown["system"], "  ")
                                   : "System: not registered\n";
  if (shown.contains("refused_registration")) {
    text += "Registration refused:\n" + fields(shown["refused_registration"], "  ");
  }
  text += shown.contains("router") ? router_text(shown["router"]) : "Never heard of.\n";
  return text + "Tasks:\n" + table(shown.value("tasks", Json::array()), task_columns);
}

}  // namespace

std::string printed(std::string_view verb, const Json& result) {
  const auto row = std::ranges::find(tables, verb, &TableRow::verb);
  if (row != std::end(tables)) return table(result, row->columns);
  if (verb == "show") return show_text(result);
  if (verb == "sign") return result.value("statement", "") + "\n";
  if (verb == "public-keys") return result.dump(2) + "\n";
  return fields(result, "");
}

}  // namespace oobm::alms_sim
