#include "agent/alms/decode.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "agent/alms/commands.hpp"
#include "agent/alms/json_text.hpp"
#include "agent/alms/limits.hpp"
#include "agent/alms/task_reader.hpp"
#include "agent/alms/words.hpp"

namespace oobm::alms {
namespace {

using core::Reason;
using core::TaskBody;

DecodedTask unreadable(std::string detail) {
  return std::unexpected(core::Refusal{Reason::malformed, std::move(detail)});
}

bool is_uid_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// The uid by which ALMS can be answered, or nothing.
std::optional<std::string> usable_uid(const Json& element) {
  if (!element.is_object()) return std::nullopt;
  const auto found = element.find("uid");
  if (found == element.end()) return std::nullopt;
  const auto* uid = found->get_ptr<const std::string*>();
  if (uid == nullptr || uid->empty() || uid->size() > max_uid_chars) return std::nullopt;
  if (!std::ranges::all_of(*uid, is_uid_character)) return std::nullopt;
  return *uid;
}

struct Verb {
  std::string_view name;
  TaskBody (*decode)(const Json& value, const Verifier& verifier);
};

constexpr std::array verbs{
    Verb{"read", [](const Json& value, const Verifier&) { return decode_read(value); }},
    Verb{"write", [](const Json& value, const Verifier&) { return decode_write(value); }},
    Verb{"command", decode_command},
    Verb{"swinstall", [](const Json& value, const Verifier&) { return decode_install(value); }},
};

TaskBody decode_body(const Json& element, const Verifier& verifier) {
  const auto size = print_json(element).size();
  if (size > max_task_bytes)
    return bad_task(Reason::malformed, "It has " + std::to_string(size) + " bytes, at most " +
                                           std::to_string(max_task_bytes) + " are read.");
  const auto present = [&element](const Verb& verb) { return element.contains(verb.name); };
  const auto count = std::ranges::count_if(verbs, present);
  if (count == 0)
    return bad_task(Reason::unknown_task, "It has none of read, write, command and swinstall.");
  if (count > 1) return bad_task(Reason::malformed, "It has more than one verb.");
  const auto* verb = std::ranges::find_if(verbs, present);
  return verb->decode(*element.find(verb->name), verifier);
}

// Milliseconds since 1970; 0 where it gives none that can be read.
std::uint64_t issued_ms(const Json& element) {
  const auto found = element.find("timestamp");
  if (found == element.end() || !found->is_number_unsigned()) return 0;
  return found->get<std::uint64_t>();
}

DecodedTask decode_task(const Json& element, const Verifier& verifier) {
  auto uid = usable_uid(element);
  if (!uid) return unreadable("A task bears no usable uid.");
  auto body = decode_body(element, verifier);
  return core::Task{std::move(*uid), std::move(body), issued_ms(element)};
}

// A task outside a list: it can be answered, if not obeyed.
DecodedTask lone_element(const Json& element) {
  auto uid = usable_uid(element);
  if (!uid) return unreadable("The message is not a list of tasks.");
  return core::Task{std::move(*uid),
                    bad_task(Reason::malformed, "The message is not a list of tasks."),
                    issued_ms(element)};
}

}  // namespace

std::vector<DecodedTask> decode_tasks(std::string_view text, const Verifier& verifier) {
  std::vector<DecodedTask> tasks;
  const auto json = parse_json(text, max_message_bytes);
  if (!json) {
    tasks.push_back(unreadable("The message " + json.error() + "."));
  } else if (!json->is_array()) {
    tasks.push_back(lone_element(*json));
  } else if (json->size() > max_tasks) {
    tasks.push_back(unreadable("The message holds " + std::to_string(json->size()) +
                               " tasks, at most " + std::to_string(max_tasks) + " are read."));
  } else {
    for (const auto& element : *json) tasks.push_back(decode_task(element, verifier));
  }
  return tasks;
}

}  // namespace oobm::alms
