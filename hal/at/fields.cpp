#include "hal/at/fields.hpp"

namespace oobm::hal::at {
namespace {

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

}  // namespace oobm::hal::at
