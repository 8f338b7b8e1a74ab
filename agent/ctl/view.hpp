// Looking into the status without trusting its form: a member that is absent or of another type
// reads as unknown, never as a value. Text is made safe for a terminal, since a network's name or
// an account's name was written by somebody else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace oobm::ctl {

class View {
 public:
  // `node` outlives the view.
  explicit View(const nlohmann::json& node) : node_(&node) {}

  // The object under `key`; an empty one when there is none.
  [[nodiscard]] View at(const char* key) const;
  [[nodiscard]] bool has(const char* key) const { return find(key) != nullptr; }

  // Empty when unknown. Control characters are shown as '?'.
  [[nodiscard]] std::string text(const char* key) const;
  // The texts of the list under `key`, made safe likewise; what is no text is left out.
  [[nodiscard]] std::vector<std::string> texts(const char* key) const;
  [[nodiscard]] std::optional<std::int64_t> integer(const char* key) const;
  [[nodiscard]] std::optional<double> number(const char* key) const;
  // False when unknown.
  [[nodiscard]] bool flag(const char* key) const;

 private:
  [[nodiscard]] const nlohmann::json* find(const char* key) const;
  const nlohmann::json* node_;
};

}  // namespace oobm::ctl
