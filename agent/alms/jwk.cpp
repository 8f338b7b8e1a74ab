#include "agent/alms/jwk.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "agent/alms/base64url.hpp"
#include "agent/alms/es256.hpp"
#include "agent/alms/fields.hpp"
#include "agent/alms/keys.hpp"
#include "agent/alms/limits.hpp"
#include "agent/alms/words.hpp"

namespace oobm::alms {
namespace {

using Coordinate = std::array<std::uint8_t, 32>;
constexpr std::size_t coordinate_text_bytes = 43;
constexpr std::size_t word_bytes = 16;  // kty, crv

void read_coordinate(Fields& fields, std::string_view name, Coordinate& into) {
  std::string text;
  fields.text(name, coordinate_text_bytes, text);
  if (fields.failed()) return;
  const auto bytes = decode_base64url(text);
  if (!bytes || bytes->size() != into.size())
    return fields.fail(name, "is not 32 bytes of base64url");
  std::ranges::transform(*bytes, into.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
}

void read_word(Fields& fields, std::string_view name, std::string_view expected) {
  std::string text;
  fields.text(name, word_bytes, text);
  if (text != expected) fields.fail(name, "is not \"" + std::string(expected) + "\"");
}

}  // namespace

std::expected<core::SigningKey, std::string> read_jwk(const Json& json) {
  std::string error;
  Fields fields(json, error);
  core::SigningKey key;
  fields.text("kid", max_claim_id_bytes, key.id);
  read_word(fields, "kty", "EC");
  read_word(fields, "crv", "P-256");
  read_coordinate(fields, "x", key.x);
  read_coordinate(fields, "y", key.y);
  // A private key has no business here, and whoever wrote it must learn that it leaked.
  if (fields.optional("d") != nullptr) fields.fail("d", "is the private part of a key");
  if (!fields.failed() && !is_p256_point(key)) fields.fail("x, y", "name no point of P-256");
  if (fields.failed()) return std::unexpected(std::move(error));
  return key;
}

std::expected<std::vector<core::SigningKey>, std::string> read_jwk_list(const Json& json,
                                                                        std::size_t most) {
  if (!json.is_array() || json.empty() || json.size() > most)
    return std::unexpected("keys must be a list of 1 to " + std::to_string(most) + " keys");
  std::vector<core::SigningKey> keys;
  for (const auto& item : json) {
    auto key = read_jwk(item);
    if (!key) return std::unexpected(std::move(key.error()));
    if (std::ranges::find(keys, key->id, &core::SigningKey::id) != keys.end())
      return std::unexpected("kid " + in_quotes(key->id) + " is given twice");
    keys.push_back(std::move(*key));
  }
  return keys;
}

std::expected<core::SigningKey, std::string> parse_jwk(std::string_view json) {
  const auto parsed = parse_json(json, max_message_bytes);
  if (!parsed) return std::unexpected("The key " + parsed.error());
  return read_jwk(*parsed);
}

std::expected<std::vector<core::SigningKey>, std::string> parse_jwks(std::string_view json) {
  const auto parsed = parse_json(json, max_message_bytes);
  if (!parsed) return std::unexpected("The set of keys " + parsed.error());
  if (!parsed->is_object()) return read_jwk_list(*parsed, max_root_keys);
  const auto keys = parsed->find("keys");
  if (keys == parsed->end()) return std::unexpected("keys is missing");
  return read_jwk_list(*keys, max_root_keys);
}

}  // namespace oobm::alms
