#include "agent/store/json_writer.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace oobm::store {
namespace {

using nlohmann::json;

bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

}  // namespace

void JsonObject::name(std::string_view key) {
  if (!first_) out_ += ',';
  first_ = false;
  out_ += '"';
  out_ += key;
  out_ += "\":";
}

// Almost every text is plain; the library knows how to write the others.
void JsonObject::quote(std::string_view value) {
  if (!std::ranges::all_of(value, is_plain)) {
    out_ += json(value).dump(-1, ' ', false, json::error_handler_t::replace);
    return;
  }
  out_ += '"';
  out_ += value;
  out_ += '"';
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
  name(key);
  quote(value);
  return *this;
}

JsonObject& JsonObject::boolean(std::string_view key, bool value) {
  name(key);
  out_ += value ? "true" : "false";
  return *this;
}

JsonObject& JsonObject::real(std::string_view key, const std::optional<double>& value) {
  if (!value) return *this;
  name(key);
  out_ += json(*value).dump();
  return *this;
}

}  // namespace oobm::store
