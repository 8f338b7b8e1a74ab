#include "agent/daemon/redaction.hpp"

#include <algorithm>
#include <array>

namespace oobm::daemon {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view withheld = "(withheld)";
constexpr std::array<std::string_view, 8> secret_members{
    "nonce", "password", "pin", "puk", "key_pem", "private_key", "csr", "claim_token"};
constexpr std::array<std::string_view, 2> card_members{"iccid", "imsi"};
// A compact JWS begins with the base64url form of '{"'; RFC 7515 section 3.1.
constexpr std::string_view signed_mark = "eyJ";
constexpr std::string_view pem_mark = "-----BEGIN";

std::string masked(std::string_view digits) {
  const auto keep = std::min(digits.size(), digits_kept);
  return "..." + std::string(digits.substr(digits.size() - keep));
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

bool is_signed_text(std::string_view text) {
  return text.starts_with(signed_mark) && std::ranges::count(text, '.') == 2;
}

std::string redacted_text(std::string text, const Secrets& secrets) {
  if (is_signed_text(text)) return "(signed text of " + std::to_string(text.size()) + " bytes)";
  if (text.contains(pem_mark)) return std::string(withheld);
  for (const auto& card : secrets.cards)
    if (card.size() >= least_secret_chars) replace_all(text, card, masked(card));
  for (const auto& word : secrets.words)
    if (word.size() >= least_secret_chars) replace_all(text, word, withheld);
  return text;
}

Json redacted_member(const std::string& name, const Json& value, const Secrets& secrets) {
  if (std::ranges::contains(secret_members, name)) return withheld;
  if (std::ranges::contains(card_members, name) && value.is_string())
    return masked(value.get_ref<const std::string&>());
  return redacted(value, secrets);
}

}  // namespace

Json redacted(const Json& document, const Secrets& secrets) {
  if (const auto* text = document.get_ptr<const std::string*>())
    return redacted_text(*text, secrets);
  if (!document.is_structured()) return document;
  Json result = document.is_array() ? Json::array() : Json::object();
  if (document.is_array())
    for (const auto& item : document) result.push_back(redacted(item, secrets));
  else
    for (const auto& [name, value] : document.items())
      result[name] = redacted_member(name, value, secrets);
  return result;
}

}  // namespace oobm::daemon
