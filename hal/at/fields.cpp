#include "hal/at/fields.hpp"

#include <algorithm>

namespace oobm::hal::at {
namespace {

constexpr std::size_t max_name_chars = 16;

bool name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

Field make_field(std::string_view raw) {
  raw = trim(raw);
  if (raw.size() >= 2 && raw.front() == '"' && raw.back() == '"')
    return {.text = trim(raw.substr(1, raw.size() - 2)), .quoted = true};
  return {.text = raw, .quoted = false};
}

// The position of the comma that ends the first value, or the size of the text.
std::size_t end_of_value(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == ',' && !quoted) return i;
  }
  return text.size();
}

}  // namespace

Fields Fields::split(std::string_view list) {
  Fields fields;
  while (fields.size_ < max_fields) {
    const auto end = end_of_value(list);
    fields.fields_[fields.size_++] = make_field(list.substr(0, end));
    if (end == list.size()) break;
    list.remove_prefix(end + 1);
  }
  return fields;
}

bool is_name_mark(char c) { return std::string_view("+%#!^*$").contains(c); }

bool names_an_answer(std::string_view line) {
  line = trim(line);
  if (line.empty() || !is_name_mark(line.front())) return false;
  const auto name = line.substr(1, max_name_chars + 1);
  const auto end = std::ranges::find_if_not(name, name_character);
  return end != name.begin() && end != name.end() && *end == ':';
}

bool has_name(std::string_view line, std::string_view name) {
  if (!starts_with_text(line, name)) return false;
  return trim(line.substr(name.size())).starts_with(':');
}

std::expected<std::string_view, ParseError> payload(std::string_view line, std::string_view name) {
  line = trim(line);
  if (!has_name(line, name))
    return parse_error("answer", line, std::string("does not begin with ").append(name));
  return trim(line.substr(line.find(':', name.size()) + 1));
}

std::expected<Fields, ParseError> fields_of(std::string_view line, std::string_view name) {
  return payload(line, name).transform(Fields::split);
}

std::expected<int, ParseError> parse_number(std::string_view line, std::string_view name, int low,
                                            int high) {
  const auto fields = fields_of(line, name);
  if (!fields) return std::unexpected(fields.error());
  const auto value = (*fields)[0].number();
  if (!value || *value < low || *value > high)
    return parse_error("answer", line, "holds no number that is known here");
  return *value;
}

}  // namespace oobm::hal::at
