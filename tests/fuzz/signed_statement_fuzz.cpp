// Whatever claims to be signed by ALMS: nothing is believed that the right key has not signed, and
// what a true key has signed is read within the bounds of its claims. With a leading 'E', 'D' or
// 'T' the rest are claims, which are signed first as an entitlement, a deregistration or a set of
// keys; with 'H' the first line is the header and the rest the claims; anything else stands for
// itself.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/alms/limits.hpp"
#include "agent/alms/statement.hpp"
#include "agent/alms/words.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/unit/alms/signer.hpp"

namespace {

using namespace oobm;
using fuzz::require;

constexpr const char* our_nonce = "9f86d081884c7d659a2feaa0c55ad015";

const alms::testing::Authority& authority() {
  static const alms::testing::Authority one("na");
  return one;
}

const alms::KeyRing& ring() {
  static const alms::KeyRing one = authority().ring();
  return one;
}

core::StatementResult verify(std::string_view text) {
  auto result = alms::verify_statement(text, ring());
  if (!result) require(result.error().detail.size() <= alms::max_detail_bytes, "words are bounded");
  return result;
}

void is_text(std::string_view text, std::size_t most) {
  require(!text.empty() && text.size() <= most, "texts are bounded");
  require(alms::is_printable(text), "texts are printable");
}

void is_date(core::UnixTime time) {
  require(time.seconds >= 0 && time.seconds <= alms::max_numeric_date, "dates can be written");
}

// A statement that starts a registration must answer us.
void check_base(const core::StatementBase& base) {
  require(base.issuer == "na", "the issuer is the router's own instance");
  for (const auto& id : {base.registration, base.id}) is_text(id, alms::max_claim_id_bytes);
  for (const auto& who : {base.subject, base.imei}) is_text(who, alms::max_list_item_bytes);
  require(base.sequence >= 1 && base.sequence <= alms::max_sequence, "sequences are counted");
  is_date(base.issued_at);
  if (base.nonce) is_text(*base.nonce, alms::max_nonce_bytes);
  const std::optional<core::RegistrationMemory> none;
  const std::vector<std::string> nothing;
  const auto order = core::check_order(
      base,
      {.memory = none, .superseded = nothing, .outstanding_nonce = our_nonce, .retired = false});
  require(!order || base.nonce == our_nonce, "no registration begins without our nonce");
}

void check(const core::Entitlement& claims) {
  check_base(claims.base);
  require(claims.grace >= std::chrono::seconds(0) && claims.grace <= core::max_grace,
          "grace is bounded");
  is_text(claims.account.id, alms::max_claim_id_bytes);
  is_text(claims.account.name, alms::max_claim_name_bytes);
  is_text(claims.offer.name, alms::max_claim_name_bytes);
  for (const auto* list : {&claims.offer.devices, &claims.offer.services}) {
    require(list->size() <= alms::max_claim_list, "lists are bounded");
    for (const auto& item : *list) is_text(item, alms::max_list_item_bytes);
  }
  for (const auto& date : {claims.valid_until, claims.support_until, claims.warranty_until})
    if (date) is_date(*date);
}

void check(const core::Deregistration& claims) { check_base(claims.base); }

void check(const core::TrustSet& claims) {
  require(claims.issuer == "na", "the issuer is the router's own instance");
  require(claims.version >= 1 && claims.version <= alms::max_sequence, "versions are counted");
  require(!claims.keys.empty() && claims.keys.size() <= alms::max_trust_keys, "keys are bounded");
  std::set<std::string> ids;
  for (const auto& key : claims.keys) {
    is_text(key.id, alms::max_claim_id_bytes);
    require(ids.insert(key.id).second, "each key has an id of its own");
  }
}

// One character of it changed to another; which one, the text itself decides.
std::string changed(std::string text) {
  std::size_t sum = 0;
  for (const char c : text) sum = sum * 31 + static_cast<unsigned char>(c);
  auto& c = text[sum % text.size()];
  c = c == 'A' ? 'B' : 'A';
  return text;
}

void judge(const std::string& text, std::string_view type) {
  const auto result = verify(text);
  if (!result) return;
  require(result->text == text, "a statement is kept as it was given");
  const auto kind = result->claims.index();
  require(type.empty() || (kind == 0 && type == "oobm-entitlement") ||
              (kind == 1 && type == "oobm-deregistration") || (kind == 2 && type == "oobm-trust"),
          "a statement is of the type that was signed");
  std::visit([](const auto& claims) { check(claims); }, result->claims);
  require(!verify(changed(text)), "what was changed is not believed");
}

struct Role {
  char letter;
  const char* type;
  const alms::testing::Signer& right;
  const alms::testing::Signer& wrong;
};

void judge_claims(const Role& role, std::string_view claims) {
  judge(role.right.sign_text(role.right.header(role.type).dump(), claims), role.type);
  require(!verify(role.wrong.sign_text(role.wrong.header(role.type).dump(), claims)),
          "a key signs in its own role only");
}

void judge_header(std::string_view text) {
  const auto line = std::min(text.find('\n'), text.size());
  const auto claims = text.substr(std::min(line + 1, text.size()));
  judge(authority().key_1.sign_text(text.substr(0, line), claims), {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto& one = authority();
  const Role roles[] = {{'E', "oobm-entitlement", one.key_1, one.root_1},
                        {'D', "oobm-deregistration", one.key_2, one.root_2},
                        {'T', "oobm-trust", one.root_1, one.key_1}};
  require(!verify(bytes), "nobody guesses a signature");
  if (bytes.starts_with('H')) judge_header(bytes.substr(1));
  for (const auto& role : roles)
    if (bytes.starts_with(role.letter)) judge_claims(role, bytes.substr(1));
  return 0;
}
