#include "agent/alms/claims.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/alms/fields.hpp"
#include "agent/alms/jwk.hpp"
#include "agent/alms/limits.hpp"
#include "agent/alms/words.hpp"

namespace oobm::alms {
namespace {

using core::Reason;

constexpr std::size_t word_bytes = 64;  // longest enumerating claim, with room
constexpr std::size_t period_bytes = 16;
constexpr IntegerRange numeric_date{0, max_numeric_date};
constexpr IntegerRange sequence{1, max_sequence};
constexpr IntegerRange byte_count{0, max_json_integer};
constexpr IntegerRange any_integer{-max_json_integer, max_json_integer};

struct ClassName {
  std::string_view text;
  core::AccountClass account_class;
};
// As ALMS shows them under the account's administration, and the short form.
constexpr std::array class_names{
    ClassName{"AVC (Connectivity + Device Management)", core::AccountClass::avc},
    ClassName{"AVC", core::AccountClass::avc},
    ClassName{"Standard", core::AccountClass::standard},
};

std::unexpected<core::Refusal> malformed(std::string error) {
  return std::unexpected(core::Refusal{Reason::statement_malformed, std::move(error) + "."});
}

void read_sequence(Fields& fields, std::string_view name, std::uint64_t& into) {
  std::int64_t number = 0;
  fields.integer(name, sequence, number);
  into = static_cast<std::uint64_t>(number);
}

void read_date(Fields& fields, std::string_view name, core::UnixTime& into) {
  fields.integer(name, numeric_date, into.seconds);
}

void read_date(Fields& fields, std::string_view name, std::optional<core::UnixTime>& into) {
  std::optional<std::int64_t> seconds;
  fields.integer(name, numeric_date, seconds);
  if (seconds) into = core::UnixTime{*seconds};
}

// A word out of a closed list; `from_text` gives nothing for any other.
template <class T, class FromText>
void read_word(Fields& fields, std::string_view name, FromText from_text, T& into) {
  std::string text;
  fields.text(name, word_bytes, text);
  if (fields.failed()) return;
  const std::optional<T> value = from_text(text);
  if (!value) return fields.fail(name, "is " + in_quotes(text) + ", which has no meaning");
  into = *value;
}

std::optional<core::Billing> billing_from_text(std::string_view text) {
  if (text == "prepaid") return core::Billing::prepaid;
  if (text == "direct") return core::Billing::direct;
  return std::nullopt;
}

void read_base(Fields& fields, core::StatementBase& base) {
  fields.text("iss", max_issuer_bytes, base.issuer);
  fields.text("aud", max_issuer_bytes, base.audience);
  fields.text("sub", max_list_item_bytes, base.subject);
  fields.text("imei", max_list_item_bytes, base.imei);
  fields.text("reg", max_claim_id_bytes, base.registration);
  read_sequence(fields, "seq", base.sequence);
  fields.text("jti", max_claim_id_bytes, base.id);
  read_date(fields, "iat", base.issued_at);
  fields.text("nonce", max_nonce_bytes, base.nonce);
}

void read_offer(Fields offer, core::Offer& into) {
  offer.text("name", max_claim_name_bytes, into.name);
  offer.texts("devices", max_claim_list, max_list_item_bytes, into.devices);
  offer.texts("services", max_claim_list, max_list_item_bytes, into.services);
}

void read_grace(Fields& fields, std::chrono::seconds& into) {
  std::optional<std::int64_t> seconds;
  fields.integer("grace_s", any_integer, seconds);
  if (seconds)
    into = std::clamp(std::chrono::seconds(*seconds), std::chrono::seconds(0), core::max_grace);
}

void read_data(Fields& fields, std::optional<core::DataAllowance>& into) {
  if (fields.optional("data") == nullptr) return;
  auto data = fields.object("data");
  core::DataAllowance allowance;
  std::int64_t limit = 0;
  data.integer("limit_bytes", byte_count, limit);
  data.text("period", period_bytes, allowance.period);
  allowance.limit_bytes = static_cast<std::uint64_t>(limit);
  into = std::move(allowance);
}

// The class's own text comes back: an unknown one is refused with a reason of its own.
std::string read_account(Fields account, core::Account& into) {
  std::string text;
  account.text("id", max_claim_id_bytes, into.id);
  account.text("name", max_claim_name_bytes, into.name);
  account.text("class", max_claim_name_bytes, text);
  return text;
}

void read_terms(Fields& fields, core::Entitlement& into) {
  read_word(fields, "state", core::alms_state_from_text, into.state);
  read_word(fields, "region", core::region_from_text, into.region);
  read_offer(fields.object("offer"), into.offer);
  read_word(fields, "billing", billing_from_text, into.billing);
  read_date(fields, "valid_until", into.valid_until);
  read_date(fields, "support_until", into.support_until);
  read_date(fields, "warranty_until", into.warranty_until);
  read_grace(fields, into.grace);
  read_data(fields, into.data);
}

}  // namespace

std::expected<core::Entitlement, core::Refusal> parse_entitlement(std::string_view json) {
  const auto parsed = parse_json(json, max_statement_bytes);
  if (!parsed) return malformed("Its payload " + parsed.error());
  std::string error;
  Fields fields(*parsed, error);
  core::Entitlement claims;
  read_base(fields, claims.base);
  read_terms(fields, claims);
  const auto account_class = read_account(fields.object("account"), claims.account);
  if (fields.failed()) return malformed(std::move(error));
  const auto* known = std::ranges::find(class_names, account_class, &ClassName::text);
  if (known == class_names.end())
    return std::unexpected(core::Refusal{
        Reason::account_class, "The account's class is " + in_quotes(account_class) + "."});
  claims.account.account_class = known->account_class;
  return claims;
}

std::expected<core::Deregistration, core::Refusal> parse_deregistration(std::string_view json) {
  const auto parsed = parse_json(json, max_statement_bytes);
  if (!parsed) return malformed("Its payload " + parsed.error());
  std::string error;
  Fields fields(*parsed, error);
  core::Deregistration claims;
  read_base(fields, claims.base);
  if (fields.failed()) return malformed(std::move(error));
  return claims;
}

std::expected<core::TrustSet, core::Refusal> parse_trust_set(std::string_view json) {
  const auto parsed = parse_json(json, max_statement_bytes);
  if (!parsed) return malformed("Its payload " + parsed.error());
  std::string error;
  Fields fields(*parsed, error);
  core::TrustSet claims;
  fields.text("iss", max_issuer_bytes, claims.issuer);
  read_sequence(fields, "version", claims.version);
  read_date(fields, "iat", claims.issued_at);
  const auto* list = fields.required("keys");
  if (list == nullptr) return malformed(std::move(error));
  auto keys = read_jwk_list(*list, max_trust_keys);
  if (!keys) return malformed(std::move(keys.error()));
  claims.keys = std::move(*keys);
  return claims;
}

}  // namespace oobm::alms
