#include "agent/alms/commands.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "agent/alms/data_ids.hpp"
#include "agent/alms/fields.hpp"
#include "agent/alms/limits.hpp"
#include "agent/alms/task_reader.hpp"
#include "agent/alms/words.hpp"

namespace oobm::alms {
namespace {

using core::Reason;
using core::StatementResult;
using core::TaskBody;
using Outcome = core::RegisterResult::Outcome;

struct Parameters {
  Fields& fields;
  const Verifier& verifier;
};

struct OutcomeName {
  std::string_view text;
  Outcome outcome;
};
constexpr std::array outcome_names{OutcomeName{"ACCEPTED", Outcome::accepted},
                                   OutcomeName{"PENDING", Outcome::pending},
                                   OutcomeName{"REFUSED", Outcome::refused}};

// A statement of the kind that this command carries; another kind, however true, is refused.
template <class Claims>
std::optional<StatementResult> read_statement(const Parameters& parameters, std::string_view name) {
  std::optional<std::string> text;
  parameters.fields.any_text(name, text);
  if (!text) return std::nullopt;
  auto result = parameters.verifier(*text);
  if (result && !std::holds_alternative<Claims>(result->claims))
    return std::unexpected(
        core::Refusal{Reason::statement_type, "The command carries a statement of another type."});
  return result;
}

template <class Body, class Claims>
TaskBody decode_statement(const Parameters& parameters, std::string_view name) {
  auto result = read_statement<Claims>(parameters, name);
  if (!result) {
    parameters.fields.fail(name, "is missing");
    return core::BadTask{};
  }
  return Body{std::move(*result)};
}

// Words for people: too long is no reason to lose the verdict they explain.
std::string read_words(Fields& fields, std::string_view name) {
  std::optional<std::string> text;
  fields.any_text(name, text);
  return text ? clean(*text, max_text_bytes) : std::string{};
}

TaskBody decode_register_result(const Parameters& parameters) {
  auto& fields = parameters.fields;
  core::RegisterResult result;
  std::string outcome;
  std::optional<std::string> code;
  fields.text("result", max_code_bytes, outcome);
  fields.text("code", max_code_bytes, code);
  fields.text("nonce", max_nonce_bytes, result.nonce);
  result.code = code.value_or("");
  result.text = read_words(fields, "text");
  const auto* known = std::ranges::find(outcome_names, outcome, &OutcomeName::text);
  if (known == outcome_names.end())
    fields.fail("result", "is neither ACCEPTED nor PENDING nor REFUSED");
  else
    result.outcome = known->outcome;
  if (!fields.failed())
    result.entitlement = read_statement<core::Entitlement>(parameters, "entitlement");
  return result;
}

TaskBody decode_send_bundle(const Parameters& parameters) {
  core::SendSupportBundle order;
  parameters.fields.text("url", max_url_bytes, order.url);
  if (!is_visible_ascii(order.url))
    parameters.fields.fail("url", "holds a character that is not visible ASCII");
  return order;
}

template <class Body>
TaskBody decode_bare(const Parameters&) {
  return Body{};
}

// In the order of command_table.
constexpr std::array<TaskBody (*)(const Parameters&), command_table.size()> decoders{
    decode_register_result,
    [](const Parameters& parameters) {
      return decode_statement<core::Entitle, core::Entitlement>(parameters, "entitlement");
    },
    [](const Parameters& parameters) {
      return decode_statement<core::Deregister, core::Deregistration>(parameters, "statement");
    },
    [](const Parameters& parameters) {
      return decode_statement<core::TrustUpdate, core::TrustSet>(parameters, "statement");
    },
    decode_bare<core::SyncTask>,
    decode_bare<core::Reboot>,
    decode_bare<core::ResetRadio>,
    decode_bare<core::Diagnose>,
    decode_send_bundle,
};

const Json& parameters_of(const Json& command) {
  static const Json none = Json::object();
  const auto found = command.find("params");
  return found == command.end() || found->is_null() ? none : *found;
}

}  // namespace

TaskBody decode_command(const Json& value, const Verifier& verifier) {
  std::string error;
  std::string id;
  Fields(value, error, "command.").text("id", max_id_bytes, id);
  if (!error.empty()) return bad_task(Reason::malformed, error + ".");
  const auto* known = std::ranges::find(command_table, id, &CommandRow::wire);
  if (known == command_table.end())
    return bad_task(Reason::unknown_task, "There is no command " + in_quotes(id) + ".");
  Fields fields(parameters_of(value), error, "params.");
  const auto decode = decoders[static_cast<std::size_t>(known - command_table.begin())];
  auto body = fields.failed() ? TaskBody{core::BadTask{}} : decode({fields, verifier});
  if (fields.failed()) return bad_task(Reason::bad_parameter, error + ".");
  return body;
}

}  // namespace oobm::alms
