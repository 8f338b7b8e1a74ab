#include "agent/alms/package_manifest.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "agent/alms/base64url.hpp"
#include "agent/alms/es256.hpp"
#include "agent/alms/fields.hpp"
#include "agent/alms/jws.hpp"
#include "agent/alms/limits.hpp"
#include "agent/alms/words.hpp"

namespace oobm::alms {
namespace {

using core::PackageManifest;
using core::Reason;
using core::Refusal;

constexpr std::size_t max_architecture_bytes = 32;
constexpr std::size_t sha256_digits = 64;
constexpr std::string_view audience = "oobm-agent";

std::unexpected<Refusal> refuse(Reason reason, std::string detail) {
  return std::unexpected(Refusal{reason, std::move(detail)});
}

// The envelope's own refusals speak of statements; this is the same rule in a package's words.
Refusal as_package(const Refusal& refusal) {
  switch (refusal.reason) {
    case Reason::statement_key:
      return {Reason::package_key, refusal.detail};
    case Reason::statement_signature:
      return {Reason::package_signature, refusal.detail};
    default:
      return {Reason::package_manifest, refusal.detail.empty()
                                            ? std::string(core::row(refusal.reason).sentence)
                                            : refusal.detail};
  }
}

void read_version(Fields& fields, std::string_view name, core::Version& into) {
  std::string text;
  fields.text(name, max_revision_bytes, text);
  if (fields.failed()) return;
  const auto version = core::Version::parse(text);
  if (!version) return fields.fail(name, "is no version of one to four numbers with dots");
  into = *version;
}

void read_sha256(Fields& fields, std::string& into) {
  fields.text("sha256", sha256_digits, into);
  const bool good = into.size() == sha256_digits && std::ranges::all_of(into, [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                    });
  if (!good) fields.fail("sha256", "is not of 64 hexadecimal digits in lower case");
}

void read_downgrade(Fields& fields, bool& into) {
  const auto* value = fields.optional("downgrade");
  if (value == nullptr) return;
  const auto* flag = value->get_ptr<const bool*>();
  if (flag == nullptr) return fields.fail("downgrade", "is neither true nor false");
  into = *flag;
}

std::expected<PackageManifest, Refusal> read_claims(std::string_view payload) {
  const auto json = parse_json(payload, max_manifest_bytes);
  if (!json) return refuse(Reason::package_manifest, "Its payload " + json.error() + ".");
  std::string error;
  Fields fields(*json, error);
  PackageManifest manifest;
  std::string said_audience;
  std::int64_t size = 0;
  fields.text("iss", max_issuer_bytes, manifest.issuer);
  fields.text("aud", max_issuer_bytes, said_audience);
  fields.text("name", max_package_type_bytes, manifest.name);
  read_version(fields, "version", manifest.version);
  fields.text("arch", max_architecture_bytes, manifest.architecture);
  fields.integer("size", {1, max_json_integer}, size);
  read_sha256(fields, manifest.sha256);
  read_version(fields, "min_agent", manifest.least_agent);
  fields.integer("iat", {0, max_numeric_date}, manifest.issued_at.seconds);
  read_downgrade(fields, manifest.downgrade);
  if (!fields.failed() && said_audience != audience) fields.fail("aud", "is not oobm-agent");
  if (fields.failed()) return refuse(Reason::package_manifest, error + ".");
  manifest.size = static_cast<std::uint64_t>(size);
  return manifest;
}

}  // namespace

std::expected<PackageManifest, Refusal> verify_package_manifest(
    std::string_view text, std::string_view instance, std::span<const core::SigningKey> keys) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto jws = parse_jws(text);
  if (!jws) return std::unexpected(as_package(jws.error()));
  if (jws->type != StatementType::package)
    return refuse(Reason::package_manifest,
                  "It is of type " + std::string(to_text(jws->type)) + ".");
  const auto key = std::ranges::find(keys, jws->key_id, &core::SigningKey::id);
  if (key == keys.end())
    return refuse(Reason::package_key, "It names " + in_quotes(jws->key_id) + ".");
  if (!verify_es256(*key, jws->signing_input, jws->signature))
    return refuse(Reason::package_signature, "Key " + in_quotes(jws->key_id) + " did not sign it.");
  auto manifest = read_claims(jws->payload);
  if (manifest && manifest->issuer != instance)
    return refuse(Reason::package_issuer, "It was issued by " + in_quotes(manifest->issuer) +
                                              ", this router belongs to " + std::string(instance) +
                                              ".");
  return manifest;
}

bool is_signed_by_one_of(std::string_view text, std::span<const core::SigningKey> keys) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto dot = text.rfind('.');
  if (text.size() > max_manifest_bytes || dot == std::string_view::npos) return false;
  const auto bytes = decode_base64url(text.substr(dot + 1));
  Es256Signature signature{};
  if (!bytes || bytes->size() != signature.size()) return false;
  std::ranges::transform(*bytes, signature.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return std::ranges::any_of(keys, [&](const core::SigningKey& key) {
    return verify_es256(key, text.substr(0, dot), signature);
  });
}

}  // namespace oobm::alms
