#include "agent/ctl/view.hpp"

#include <limits>
#include <utility>

namespace oobm::ctl {
namespace {

// C0 and DEL, and the C1 controls in UTF-8 (C2 80..C2 9F), which some terminals obey as well.
std::string safe(const std::string& text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0u;
    const bool c1 = byte == 0xc2 && next >= 0x80 && next <= 0x9f;
    if (c1) ++i;
    shown += c1 || byte < 0x20 || byte == 0x7f ? '?' : text[i];
  }
  return shown;
}

}  // namespace

const nlohmann::json* View::find(const char* key) const {
  if (!node_->is_object()) return nullptr;
  const auto found = node_->find(key);
  return found == node_->end() ? nullptr : &*found;
}

View View::at(const char* key) const {
  static const nlohmann::json nothing = nlohmann::json::object();
  const auto* found = find(key);
  return View(found != nullptr && found->is_object() ? *found : nothing);
}

std::string View::text(const char* key) const {
  const auto* found = find(key);
  const auto* string = found == nullptr ? nullptr : found->get_ptr<const std::string*>();
  return string == nullptr ? std::string() : safe(*string);
}

std::vector<std::string> View::texts(const char* key) const {
  std::vector<std::string> result;
  const auto* found = find(key);
  if (found == nullptr || !found->is_array()) return result;
  for (const auto& node : *found)
    if (const auto* string = node.get_ptr<const std::string*>()) result.push_back(safe(*string));
  return result;
}

std::optional<std::int64_t> View::integer(const char* key) const {
  const auto* found = find(key);
  if (found == nullptr || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && !std::in_range<std::int64_t>(found->get<std::uint64_t>()))
    return std::numeric_limits<std::int64_t>::max();
  return found->get<std::int64_t>();
}

std::optional<double> View::number(const char* key) const {
  const auto* found = find(key);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

bool View::flag(const char* key) const {
  const auto* found = find(key);
  const auto* value = found == nullptr ? nullptr : found->get_ptr<const bool*>();
  return value != nullptr && *value;
}

}  // namespace oobm::ctl
