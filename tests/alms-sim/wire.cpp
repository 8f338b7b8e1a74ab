#include "tests/alms-sim/wire.hpp"

#include <algorithm>
#include <charconv>

#include "tests/alms-sim/model.hpp"

namespace oobm::alms_sim {
namespace {

constexpr std::string_view messages_suffix = "/messages/json";
constexpr std::string_view acks_suffix = "/acks/json";
constexpr std::string_view tasks_suffix = "/tasks/json";

Result<Json> parse_bounded(std::string_view payload) {
  if (payload.size() > max_message_bytes) return fail("PAYLOAD", "The message is too large.");
  Json json = Json::parse(payload, nullptr, false);
  if (json.is_discarded()) return fail("PAYLOAD", "The message is no JSON.");
  return json;
}

bool is_milliseconds(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t to_milliseconds(std::string_view key) {
  std::int64_t value = 0;
  std::from_chars(key.data(), key.data() + key.size(), value);
  return value;
}

void add_values(std::vector<Datum>& data, const Json& values, std::int64_t at_ms) {
  for (const auto& [id, value] : values.items()) data.push_back({id, value, at_ms});
}

std::vector<Datum> from_object(const Json& object, std::int64_t received_ms) {
  std::vector<Datum> data;
  for (const auto& [key, value] : object.items()) {
    if (is_milliseconds(key) && value.is_object()) {
      add_values(data, value, to_milliseconds(key));
    } else {
      data.push_back({key, value, received_ms});
    }
  }
  return data;
}

Result<std::vector<Datum>> from_list(const Json& list, std::int64_t received_ms) {
  std::vector<Datum> data;
  for (const Json& entry : list) {
    if (!entry.is_object()) return fail("PAYLOAD", "A list of data holds something else.");
    for (const auto& [id, points] : entry.items()) {
      if (!points.is_array()) return fail("PAYLOAD", "A datum has no list of points.");
      for (const Json& point : points) {
        if (!point.is_object() || !point.contains("value")) {
          return fail("PAYLOAD", "A point has no value.");
        }
        const Json stamp = point.value("timestamp", Json());
        const bool stamped = stamp.is_number_integer();
        data.push_back({id, point["value"], stamped ? stamp.get<std::int64_t>() : received_ms});
      }
    }
  }
  return data;
}

std::string text_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Result<Topic> parse_topic(std::string_view topic) {
  constexpr std::pair<std::string_view, Channel> suffixes[] = {
      {messages_suffix, Channel::messages},
      {acks_suffix, Channel::acks},
      {tasks_suffix, Channel::tasks},
  };
  for (const auto& [suffix, channel] : suffixes) {
    if (!topic.ends_with(suffix)) continue;
    const auto serial = topic.substr(0, topic.size() - suffix.size());
    if (serial.empty() || serial.contains('/')) break;
    return Topic{std::string(serial), channel};
  }
  return fail("TOPIC", "No reserved topic: " + std::string(topic.substr(0, 100)));
}

std::string tasks_topic(const std::string& serial) { return serial + std::string(tasks_suffix); }

Result<std::vector<Datum>> parse_data(std::string_view payload, Millis received) {
  const auto json = parse_bounded(payload);
  if (!json) return std::unexpected(json.error());
  if (json->is_object()) return from_object(*json, millis_count(received));
  if (json->is_array()) return from_list(*json, millis_count(received));
  return fail("PAYLOAD", "Data is neither an object nor a list.");
}

Result<std::vector<Ack>> parse_acks(std::string_view payload) {
  const auto json = parse_bounded(payload);
  if (!json) return std::unexpected(json.error());
  if (!json->is_array()) return fail("PAYLOAD", "Acks are no list.");
  std::vector<Ack> acks;
  for (const Json& entry : *json) {
    if (!entry.is_object()) return fail("PAYLOAD", "An ack is no object.");
    Ack ack{text_member(entry, "uid"), text_member(entry, "status"), text_member(entry, "message")};
    if (ack.uid.empty() || (ack.status != "OK" && ack.status != "ERROR")) {
      return fail("PAYLOAD", "An ack needs a uid, and a status OK or ERROR.");
    }
    acks.push_back(std::move(ack));
  }
  return acks;
}

Json task_object(const std::string& uid, Millis now, const std::string& verb, Json body) {
  return {{"uid", uid}, {"timestamp", millis_count(now)}, {verb, std::move(body)}};
}

}  // namespace oobm::alms_sim
