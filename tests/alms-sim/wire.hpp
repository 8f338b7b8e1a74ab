// The AirVantage MQTT API's JSON forms, seen from the platform's side: data and acks come in, tasks
// go out. Data has three documented forms: {"<ms>": {id: value}}, {id: value} (stamped on receipt)
// and the older list form.
// https://source.sierrawireless.com/airvantage/av/reference/hardware/protocols/mqtt-av
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/alms-sim/clock.hpp"
#include "tests/alms-sim/error.hpp"
#include "tests/alms-sim/jose.hpp"

namespace oobm::alms_sim {

struct Datum {
  std::string id;
  Json value;
  std::int64_t at_ms = 0;
};

struct Ack {
  std::string uid;
  std::string status;  // "OK" or "ERROR"
  std::string message;
};

enum class Channel : std::uint8_t { messages, acks, tasks };

struct Topic {
  std::string serial;
  Channel channel = Channel::messages;
};

// Errors: TOPIC.
Result<Topic> parse_topic(std::string_view topic);
std::string tasks_topic(const std::string& serial);

// Errors: PAYLOAD, for anything that is no JSON, too large or of another form.
Result<std::vector<Datum>> parse_data(std::string_view payload, Millis received);
Result<std::vector<Ack>> parse_acks(std::string_view payload);

// {"uid","timestamp",<verb>: body}; published as a list of one.
Json task_object(const std::string& uid, Millis now, const std::string& verb, Json body);

}  // namespace oobm::alms_sim
