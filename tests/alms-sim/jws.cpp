#include "tests/alms-sim/jws.hpp"

namespace oobm::alms_sim {

std::string compact_jws(const Json& header, const Json& claims, const KeyPair& key) {
  const std::string input = base64url_encode(header.dump()) + "." + base64url_encode(claims.dump());
  const bool bare = header.value("alg", "") == "none";
  return input + "." + (bare ? "" : base64url_encode(key.sign(input)));
}

Json jws_claims(std::string_view text) {
  const auto first = text.find('.');
  const auto second = text.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return nullptr;
  const auto payload = base64url_decode(text.substr(first + 1, second - first - 1));
  if (!payload) return nullptr;
  Json claims = Json::parse(*payload, nullptr, false);
  return claims.is_object() ? claims : Json(nullptr);
}

}  // namespace oobm::alms_sim
