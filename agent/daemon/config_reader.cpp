#include "agent/daemon/config_reader.hpp"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "agent/store/file_system.hpp"

namespace oobm::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t max_depth = 16;  // of nested objects and lists

std::string line_of(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, std::min(byte, text.size()));
  return std::to_string(std::ranges::count(before, '\n') + 1);
}

// Tells names that stand twice in one object, of which a JSON parser would silently take one.
class Duplicates {
 public:
  bool operator()(int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start)
      open_.emplace_back();
    if (event == json::parse_event_t::object_end || event == json::parse_event_t::array_end)
      open_.pop_back();
    deepest_ = std::max(deepest_, open_.size());
    if (event == json::parse_event_t::key && !open_.back().insert(parsed.get<std::string>()).second)
      found_ = parsed.get<std::string>();
    return true;
  }
  [[nodiscard]] const std::optional<std::string>& found() const { return found_; }
  [[nodiscard]] bool too_deep() const { return deepest_ > max_depth; }

 private:
  std::vector<std::set<std::string>> open_;
  std::optional<std::string> found_;
  std::size_t deepest_ = 0;
};

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string list_of(const auto& names) {
  std::string text;
  for (const auto& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

}  // namespace

std::string resolve(const std::string& file, const std::string& path) {
  if (path.starts_with('/')) return path;
  const auto slash = file.rfind('/');
  return slash == std::string::npos ? path : file.substr(0, slash + 1) + path;
}

ConfigResult<std::string> read_text_file(const std::string& path, std::size_t max_bytes) {
  const auto text = store::posix_file_system().read(path, max_bytes);
  if (text) return std::string(trim(*text));
  return std::unexpected(ConfigError{
      path, "", "cannot be read: " + std::generic_category().message(text.error().number)});
}

ConfigResult<json> read_json_file(const std::string& path) {
  const auto text = read_text_file(path, max_config_bytes);
  if (!text) return std::unexpected(text.error());
  // The parser would take it for the end of the file, and ignore the keys behind it.
  if (const auto nul = text->find('\0'); nul != std::string::npos)
    return std::unexpected(
        ConfigError{path, "", "is not JSON: NUL byte in line " + line_of(*text, nul)});
  Duplicates duplicates;
  // The parser tells the place of a mistake by exception alone.
  try {
    auto document = json::parse(*text, std::ref(duplicates));
    if (duplicates.too_deep()) return std::unexpected(ConfigError{path, "", "is nested too deep"});
    if (duplicates.found())
      return std::unexpected(ConfigError{path, *duplicates.found(), "stands twice"});
    return document;
  } catch (const json::parse_error& error) {
    return std::unexpected(
        ConfigError{path, "", "is not JSON: mistake in line " + line_of(*text, error.byte)});
  }
}

ConfigReader::ConfigReader(const json& node, std::string where, Context& context)
    : node_(&node), where_(std::move(where)), context_(&context) {
  if (!node.is_object()) fail("", "must be an object, { ... }");
}

std::string ConfigReader::place(std::string_view key) const {
  if (where_.empty() || key.empty()) return where_ + std::string(key);
  return where_ + "." + std::string(key);
}

void ConfigReader::fail(std::string_view key, std::string sentence) const {
  if (!failed()) context_->error = ConfigError{context_->file, place(key), std::move(sentence)};
}

const json* ConfigReader::raw(const char* key) {
  asked_.emplace_back(key);
  if (!node_->is_object()) return nullptr;
  const auto found = node_->find(key);
  return found == node_->end() ? nullptr : &*found;
}

void ConfigReader::text(const char* key, std::string& value, std::size_t max_bytes) {
  const auto* node = raw(key);
  if (node == nullptr) return;
  const auto* string = node->get_ptr<const std::string*>();
  if (string == nullptr || string->empty() || string->size() > max_bytes)
    fail(key, "must be a text of 1 to " + std::to_string(max_bytes) + " characters");
  else
    value = *string;
}

void ConfigReader::path(const char* key, std::string& value) {
  constexpr std::size_t max_path_bytes = 1024;
  std::string given;
  text(key, given, max_path_bytes);
  if (!given.empty()) value = resolve(file(), given);
}

void ConfigReader::boolean(const char* key, bool& value) {
  const auto* node = raw(key);
  if (node == nullptr) return;
  if (node->is_boolean())
    value = node->get<bool>();
  else
    fail(key, "must be true or false");
}

void ConfigReader::number(const char* key, std::int64_t& value, std::int64_t least,
                          std::int64_t most) {
  const auto* node = raw(key);
  if (node == nullptr) return;
  const std::string allowed = std::to_string(least) + " to " + std::to_string(most);
  if (!node->is_number_integer()) return fail(key, "must be a whole number from " + allowed);
  const bool huge =
      node->is_number_unsigned() && !std::in_range<std::int64_t>(node->get<std::uint64_t>());
  if (huge || node->get<std::int64_t>() < least || node->get<std::int64_t>() > most)
    return fail(key, node->dump() + " is out of range, allowed is " + allowed);
  value = node->get<std::int64_t>();
}

const json* ConfigReader::array(const char* key, std::size_t most) {
  const auto* node = raw(key);
  if (node == nullptr) return nullptr;
  if (node->is_array() && node->size() <= most) return node;
  fail(key, "must be a list of at most " + std::to_string(most) + " entries, [ ... ]");
  return nullptr;
}

void ConfigReader::texts(const char* key, std::vector<std::string>& values, std::size_t most) {
  constexpr std::size_t max_bytes = 1024;
  const auto* list = array(key, most);
  if (list == nullptr) return;
  values.clear();
  for (const auto& node : *list) {
    const auto* string = node.get_ptr<const std::string*>();
    if (string == nullptr || string->empty() || string->size() > max_bytes)
      return fail(key, "must hold texts of 1 to " + std::to_string(max_bytes) + " characters");
    values.push_back(*string);
  }
}

void ConfigReader::numbers(const char* key, std::vector<int>& values, int least, int most,
                           std::size_t count) {
  const auto* list = array(key, count);
  if (list == nullptr) return;
  values.clear();
  for (const auto& node : *list) {
    const auto* number = node.get_ptr<const std::uint64_t*>();
    const bool allowed = number != nullptr && std::cmp_greater_equal(*number, least) &&
                         std::cmp_less_equal(*number, most);
    if (!allowed || std::ranges::contains(values, static_cast<int>(*number)))
      return fail(key, "must hold whole numbers from " + std::to_string(least) + " to " +
                           std::to_string(most) + ", each once");
    values.push_back(static_cast<int>(*number));
  }
}

std::optional<std::size_t> ConfigReader::choice(const char* key,
                                                std::span<const std::string_view> names) {
  std::string name;
  text(key, name);
  if (name.empty()) return std::nullopt;
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  fail(key, "\"" + name + "\" is none of: " + list_of(names));
  return std::nullopt;
}

void ConfigReader::finish() const {
  if (!node_->is_object()) return;
  for (const auto& [key, value] : node_->items())
    if (key != "note" && !std::ranges::contains(asked_, std::string_view(key)))
      return fail(key, "is no key here; there are: " + list_of(asked_));
}

}  // namespace oobm::daemon
