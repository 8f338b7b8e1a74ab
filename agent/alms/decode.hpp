// What ALMS asks, out of AirVantage's task list. Each task has exactly one verb: read, write,
// command or swinstall. A task with a usable uid always gives a Task, if only one whose body is a
// BadTask with the reason, so that ALMS hears an ERROR; without a uid nobody can be answered and a
// refusal is left to be counted and logged.
// Source: AirVantage MQTT API,
// https://source.sierrawireless.com/airvantage/av/reference/hardware/protocols/mqtt-av
#pragma once

#include <expected>
#include <functional>
#include <string_view>
#include <vector>

#include "agent/core/task.hpp"

namespace oobm::alms {

// Verifies one signed statement that a command carries; see agent/alms/statement.hpp. Must be
// total. Called on the caller's thread, at most once per statement.
using Verifier = std::function<core::StatementResult(std::string_view compact_jws)>;

// A task, or the refusal of an element that bears no usable uid.
using DecodedTask = std::expected<core::Task, core::Refusal>;

// Pure and total: any bytes. Never empty for a text that could not be read: then it holds one
// refusal (core::Reason::malformed). An empty list of tasks gives an empty vector. Bounds:
// agent/alms/limits.hpp.
std::vector<DecodedTask> decode_tasks(std::string_view text, const Verifier& verifier);

}  // namespace oobm::alms
