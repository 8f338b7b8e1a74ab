// Whatever a local client writes as one line: it is a request within its bounds or refused in
// words, and neither its text nor what a module answers can break a reply in two.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "agent/daemon/control_protocol.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace oobm::daemon;
using oobm::fuzz::require;

constexpr std::size_t longest_sentence = 300;

void is_one_line(std::string_view reply) {
  require(reply.ends_with('\n') && std::ranges::count(reply, '\n') == 1, "a reply is one line");
  require(nlohmann::json::parse(reply, nullptr, false).is_object(), "a reply is one object");
}

void check(const EventsRequest& events) {
  require(events.last <= event_log_capacity, "events are bounded");
}
void check(const IdentityRequest& identity) {
  require(identity.action == IdentityRequest::Action::install || identity.certificate.empty(),
          "a certificate comes to be installed alone");
}
void check(const RecordRequest& record) {
  const bool import = record.action == RecordRequest::Action::entitlement_import ||
                      record.action == RecordRequest::Action::trust_import;
  require(import || record.statement.empty(), "a statement comes to be imported alone");
}
void check(const auto&) {}  // anything may stand in these; it is checked where it is used

void check_error(const ControlError& error) {
  require(error.code == "BAD_REQUEST" || error.code == "UNKNOWN_COMMAND", "codes are stable");
  require(!error.sentence.empty() && error.sentence.size() <= longest_sentence,
          "an error is a bounded sentence");
  is_one_line(error_reply(error));
}

// What a client sent may come back to it, and so may any bytes of a module.
void echo(std::string_view bytes) {
  const std::string text(bytes);
  is_one_line(error_reply({"CODE", text}));
  is_one_line(at_reply({.ok = true, .result = text, .lines = {text, text}}));
  is_one_line(version_reply(text));
  is_one_line(
      event_line({.sequence = 1, .at = {}, .time = {}, .event = text, .reason = {}, .text = text}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto request = parse_request(bytes);
  if (request) {
    require(!bytes.contains('\0'), "nothing follows a request");
    std::visit([](const auto& body) { check(body); }, *request);
  } else {
    check_error(request.error());
  }
  echo(bytes);
  return 0;
}
