// Whatever the broker delivers as a list of tasks: reading is total and bounded, every element with
// a usable uid can be answered, and nothing in a task is more than its bounds allow. The signature
// of a statement is another target's business: here three words are true statements, one of each
// kind, and all others are forged.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "agent/alms/decode.hpp"
#include "agent/alms/encode.hpp"
#include "agent/alms/limits.hpp"
#include "agent/alms/words.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace oobm;
using fuzz::require;

core::StatementResult verify(std::string_view text) {
  if (text == "entitlement") return core::SignedStatement{std::string(text), core::Entitlement{}};
  if (text == "removal") return core::SignedStatement{std::string(text), core::Deregistration{}};
  if (text == "trust") return core::SignedStatement{std::string(text), core::TrustSet{}};
  return std::unexpected(core::Refusal{core::Reason::statement_signature, {}});
}

void is_id(std::string_view id) {
  require(!id.empty() && id.size() <= alms::max_id_bytes && alms::is_printable(id), "ids are ids");
}

void is_visible(std::string_view text, std::size_t most) {
  require(!text.empty() && text.size() <= most, "texts are bounded");
  require(std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }),
          "an address holds visible ASCII alone");
}

template <class Claims>
void is_kind(const core::StatementResult& result) {
  if (result)
    require(std::holds_alternative<Claims>(result->claims), "a command takes its kind alone");
}

void check(const core::RegisterResult& result) {
  require(result.text.size() <= alms::max_text_bytes && alms::is_printable(result.text),
          "words for people are bounded and steer no terminal");
  require(result.code.size() <= alms::max_code_bytes, "codes are bounded");
  if (result.nonce)
    require(!result.nonce->empty() && result.nonce->size() <= alms::max_nonce_bytes,
            "nonces are bounded");
  if (result.entitlement) is_kind<core::Entitlement>(*result.entitlement);
}
void check(const core::Entitle& body) { is_kind<core::Entitlement>(body.entitlement); }
void check(const core::Deregister& body) { is_kind<core::Deregistration>(body.statement); }
void check(const core::TrustUpdate& body) { is_kind<core::TrustSet>(body.statement); }

void check(const core::ReadData& read) {
  require(!read.ids.empty() && read.ids.size() <= alms::max_read_ids, "ids are counted");
  for (const auto& id : read.ids) is_id(id);
}

void check(const core::WriteSettings& write) {
  require(!write.settings.empty() && write.settings.size() <= alms::max_write_settings,
          "settings are counted");
  for (const auto& [id, value] : write.settings) {
    is_id(id);
    if (const auto* text = std::get_if<std::string>(&value))
      require(text->size() <= alms::max_value_bytes, "values are bounded");
    if (const auto* number = std::get_if<double>(&value))
      require(std::isfinite(*number), "numbers are finite");
  }
}

void check(const core::SoftwareInstall& install) {
  is_visible(install.type, alms::max_package_type_bytes);
  is_visible(install.revision, alms::max_revision_bytes);
  is_visible(install.url, alms::max_url_bytes);
}

void check(const core::SendSupportBundle& bundle) { is_visible(bundle.url, alms::max_url_bytes); }

void check(const core::BadTask& bad) {
  require(bad.refusal.reason != core::Reason::none, "a task that is refused has a reason");
  require(bad.refusal.detail.size() <= alms::max_detail_bytes, "words are bounded");
}
void check(const auto&) {}  // bodies without members

// The longest answer that the core could give.
void check_answer(const core::Task& task) {
  std::string words = "CODE: ";
  if (const auto* bad = std::get_if<core::BadTask>(&task.body)) words += bad->refusal.detail;
  const auto answer = alms::encode({core::Ack{task.uid, false, words}, std::nullopt});
  const auto json = nlohmann::json::parse(answer.payload, nullptr, false);
  require(json.is_array() && json.at(0).at("uid") == task.uid, "every task can be answered");
  require(answer.payload.size() <= alms::max_message_bytes, "an answer is bounded");
}

void check(const core::Task& task) {
  require(!task.uid.empty() && task.uid.size() <= alms::max_uid_chars, "uids are bounded");
  require(std::ranges::all_of(task.uid,
                              [](char c) {
                                return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                                       c == '_' || c == '-';
                              }),
          "uids are plain words");
  std::visit([](const auto& body) { check(body); }, task.body);
  check_answer(task);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t verified = 0;
  const auto tasks = alms::decode_tasks(bytes, [&](std::string_view text) {
    ++verified;
    return verify(text);
  });
  require(tasks.size() <= alms::max_tasks, "tasks are counted");
  require(verified <= tasks.size(), "a task costs one verification at most");
  require(!tasks.empty() || nlohmann::json::accept(bytes), "what is no list is not an empty one");
  for (const auto& task : tasks) {
    if (task)
      check(*task);
    else
      require(!task.error().detail.empty() && task.error().detail.size() <= alms::max_detail_bytes,
              "a refusal is a bounded sentence");
  }
  return 0;
}
