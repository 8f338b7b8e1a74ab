#include "agent/alms/jws.hpp"

#include <algorithm>
#include <optional>

#include "agent/alms/base64url.hpp"
#include "agent/alms/json_text.hpp"
#include "agent/alms/limits.hpp"
#include "agent/alms/words.hpp"

namespace oobm::alms {
namespace {

using core::Reason;

constexpr std::array<std::string_view, 4> type_names{"oobm-entitlement", "oobm-deregistration",
                                                     "oobm-trust", "oobm-package"};

std::unexpected<core::Refusal> refuse(Reason reason, std::string detail) {
  return std::unexpected(core::Refusal{reason, std::move(detail)});
}

struct Parts {
  std::string_view header, payload, signature;
};

// Exactly two dots; a part may be empty here, as the signature of an unsecured JWS is.
std::optional<Parts> split(std::string_view text) {
  const auto first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  if (text.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1),
               text.substr(second + 1)};
}

// A header member that is a string; empty when it is missing or something else.
std::string_view member(const Json& header, std::string_view name) {
  const auto found = header.find(name);
  if (found == header.end()) return {};
  const auto* text = found->get_ptr<const std::string*>();
  return text == nullptr ? std::string_view{} : std::string_view(*text);
}

std::expected<Json, core::Refusal> parse_header(std::string_view encoded) {
  const auto bytes = decode_base64url(encoded);
  if (!bytes) return refuse(Reason::statement_malformed, "Its header is not base64url.");
  auto header = parse_json(*bytes, max_statement_bytes);
  if (!header) return refuse(Reason::statement_malformed, "Its header " + header.error() + ".");
  if (!header->is_object())
    return refuse(Reason::statement_malformed, "Its header is not an object.");
  if (header->contains("crit"))
    return refuse(Reason::statement_malformed, "Its header has critical extensions.");
  return std::move(*header);
}

// Algorithm, type and key, in that order: what cannot be verified at all comes first.
std::expected<Jws, core::Refusal> read_header(const Json& header) {
  if (const auto algorithm = member(header, "alg"); algorithm != "ES256")
    return refuse(Reason::statement_algorithm, "It says " + in_quotes(algorithm) + ".");
  const auto type = member(header, "typ");
  const auto* found = std::ranges::find(type_names, type);
  if (found == type_names.end())
    return refuse(Reason::statement_type, "It says " + in_quotes(type) + ".");
  const auto key_id = member(header, "kid");
  if (key_id.empty() || key_id.size() > max_claim_id_bytes || !is_printable(key_id))
    return refuse(Reason::statement_key, "It names no key.");
  Jws jws;
  jws.type = static_cast<StatementType>(found - type_names.begin());
  jws.key_id = key_id;
  return jws;
}

std::expected<Es256Signature, core::Refusal> parse_signature(std::string_view encoded) {
  const auto bytes = decode_base64url(encoded);
  if (!bytes) return refuse(Reason::statement_malformed, "Its signature is not base64url.");
  Es256Signature signature{};
  if (bytes->size() != signature.size())
    return refuse(Reason::statement_signature,
                  "It has " + std::to_string(bytes->size()) + " bytes instead of 64.");
  std::ranges::transform(*bytes, signature.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return signature;
}

}  // namespace

std::string_view to_text(StatementType type) { return type_names[static_cast<std::size_t>(type)]; }

std::expected<Jws, core::Refusal> parse_jws(std::string_view text) {
  if (text.size() > max_statement_bytes)
    return refuse(Reason::statement_too_large, "It has " + std::to_string(text.size()) +
                                                   " bytes, at most " +
                                                   std::to_string(max_statement_bytes) + ".");
  const auto parts = split(text);
  if (!parts) return refuse(Reason::statement_malformed, "It is no compact JWS of three parts.");
  const auto header = parse_header(parts->header);
  if (!header) return std::unexpected(header.error());
  auto jws = read_header(*header);
  if (!jws) return jws;
  auto payload = decode_base64url(parts->payload);
  if (!payload) return refuse(Reason::statement_malformed, "Its payload is not base64url.");
  const auto signature = parse_signature(parts->signature);
  if (!signature) return std::unexpected(signature.error());
  jws->signing_input = text.substr(0, parts->header.size() + 1 + parts->payload.size());
  jws->payload = std::move(*payload);
  jws->signature = *signature;
  return jws;
}

}  // namespace oobm::alms
