// What the router says, in AirVantage's JSON: data as timestamp -> values where trusted time is
// known, else bare values that ALMS stamps on receipt; acknowledgements as a list. A value that is
// not known is left out, never invented.
// Source: AirVantage MQTT API,
// https://source.sierrawireless.com/airvantage/av/reference/hardware/protocols/mqtt-av
#pragma once

#include <string>

#include "agent/alms/topics.hpp"
#include "agent/core/message.hpp"

namespace oobm::alms {

struct Encoded {
  Topic topic = Topic::messages;
  std::string payload;  // JSON, UTF-8; empty when there is nothing to say (a read of unknown ids)
};

// Pure and total: text that is not UTF-8 is repaired with U+FFFD, a number that is not finite is
// left out, words longer than their bound are cut at a character. Any thread.
Encoded encode(const core::Outgoing& outgoing);

// Payload of the MQTT last will on {serial}/messages/json: the broker says "offline" for us.
std::string last_will();

}  // namespace oobm::alms
