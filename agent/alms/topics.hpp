// The three topics that a system may use on AirVantage: data out, tasks in, acknowledgements out;
// each begins with the serial number, and a router touches no other.
// Source: AirVantage MQTT API,
// https://source.sierrawireless.com/airvantage/av/reference/hardware/protocols/mqtt-av
#pragma once

#include <cstdint>
#include <string>

#include "agent/core/identity.hpp"

namespace oobm::alms {

enum class Topic : std::uint8_t { messages, tasks, acks };

// "{serial}/messages/json", "{serial}/tasks/json" or "{serial}/acks/json". A serial number cannot
// hold '/', '+' or '#', so the result never is a wildcard.
std::string topic_name(const core::Serial& serial, Topic topic);

}  // namespace oobm::alms
