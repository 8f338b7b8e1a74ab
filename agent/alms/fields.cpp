#include "agent/alms/fields.hpp"

#include <utility>

#include "agent/alms/words.hpp"

namespace oobm::alms {
namespace {

const Json& no_members() {
  static const Json empty = Json::object();
  return empty;
}

std::string span_of(std::int64_t least, std::int64_t most) {
  return std::to_string(least) + " to " + std::to_string(most);
}

}  // namespace

Fields::Fields(const Json& object, std::string& error, std::string path)
    : object_(object.is_object() ? object : no_members()), error_(error), path_(std::move(path)) {
  if (!object.is_object()) fail("", "is not an object");
}

void Fields::fail(std::string_view name, std::string_view why) {
  if (failed()) return;
  const std::string where = path_ + std::string(name);
  error_ = (where.empty() ? std::string("The text") : where) + " " + std::string(why);
}

const Json* Fields::optional(std::string_view name) {
  if (failed()) return nullptr;
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

const Json* Fields::required(std::string_view name) {
  const auto* value = optional(name);
  if (value == nullptr) fail(name, "is missing");
  return value;
}

Fields Fields::object(std::string_view name) {
  const auto* value = required(name);
  if (value == nullptr) return {no_members(), error_, path_};
  if (!value->is_object()) fail(name, "is not an object");
  return {value->is_object() ? *value : no_members(), error_, path_ + std::string(name) + "."};
}

bool Fields::read_text(std::string_view name, const Json& value, std::size_t most,
                       std::string& into) {
  const auto* text = value.get_ptr<const std::string*>();
  if (text == nullptr) return fail(name, "is not a string"), false;
  if (text->empty() || text->size() > most)
    return fail(name, "must have " + span_of(1, static_cast<std::int64_t>(most)) + " bytes"), false;
  if (!is_printable(*text)) return fail(name, "holds a control character"), false;
  into = *text;
  return true;
}

bool Fields::read_integer(std::string_view name, const Json& value, IntegerRange range,
                          std::int64_t& into) {
  if (!value.is_number_integer()) return fail(name, "is not an integer"), false;
  const auto* wide = value.get_ptr<const Json::number_unsigned_t*>();
  const bool fits = wide == nullptr || std::in_range<std::int64_t>(*wide);
  const auto number = fits ? value.get<std::int64_t>() : range.most;
  if (!fits || number < range.least || number > range.most)
    return fail(name, "must be " + span_of(range.least, range.most)), false;
  into = number;
  return true;
}

void Fields::text(std::string_view name, std::size_t most, std::string& into) {
  if (const auto* value = required(name)) read_text(name, *value, most, into);
}

void Fields::text(std::string_view name, std::size_t most, std::optional<std::string>& into) {
  std::string read;
  if (const auto* value = optional(name); value != nullptr && read_text(name, *value, most, read))
    into = std::move(read);
}

void Fields::any_text(std::string_view name, std::optional<std::string>& into) {
  const auto* value = optional(name);
  if (value == nullptr) return;
  const auto* text = value->get_ptr<const std::string*>();
  if (text == nullptr) return fail(name, "is not a string");
  into = *text;
}

void Fields::integer(std::string_view name, IntegerRange range, std::int64_t& into) {
  if (const auto* value = required(name)) read_integer(name, *value, range, into);
}

void Fields::integer(std::string_view name, IntegerRange range, std::optional<std::int64_t>& into) {
  std::int64_t read = 0;
  if (const auto* value = optional(name);
      value != nullptr && read_integer(name, *value, range, read))
    into = read;
}

void Fields::texts(std::string_view name, std::size_t most_items, std::size_t most,
                   std::vector<std::string>& into) {
  const auto* list = required(name);
  if (list == nullptr) return;
  if (!list->is_array()) return fail(name, "is not a list");
  if (list->size() > most_items) return fail(name, "holds too many items");
  std::vector<std::string> read(list->size());
  for (std::size_t at = 0; at < read.size(); ++at)
    if (!read_text(name, (*list)[at], most, read[at])) return;
  into = std::move(read);
}

}  // namespace oobm::alms
