// Strict reading of configuration files. Every object is read member by member; at its end, a
// member that nobody asked for is refused by name. "note" may stand anywhere, for people. The first
// error stands, and names its place ("radio.poll_s").
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/daemon/config.hpp"

namespace oobm::daemon {

// The file as JSON, at most `max_config_bytes`. Refuses an object that names a member twice.
ConfigResult<nlohmann::json> read_json_file(const std::string& path);

// The file's text, without white space at its ends.
ConfigResult<std::string> read_text_file(const std::string& path, std::size_t max_bytes);

// `path` as it is when it begins with '/', else relative to the folder of `file`.
std::string resolve(const std::string& file, const std::string& path);

class ConfigReader {
 public:
  struct Context {
    std::string file;
    std::optional<ConfigError> error;
  };

  // `node` and `context` outlive the reader.
  ConfigReader(const nlohmann::json& node, std::string where, Context& context);

  void fail(std::string_view key, std::string sentence) const;
  [[nodiscard]] bool failed() const { return context_->error.has_value(); }
  [[nodiscard]] const std::string& file() const { return context_->file; }

  // Each leaves its value as it was when the member is absent.
  void text(const char* key, std::string& value, std::size_t max_bytes = 256);
  void path(const char* key, std::string& value);  // resolved; not empty
  void boolean(const char* key, bool& value);
  void number(const char* key, std::int64_t& value, std::int64_t least, std::int64_t most);
  void texts(const char* key, std::vector<std::string>& values, std::size_t most);
  // Whole numbers, none of them twice.
  void numbers(const char* key, std::vector<int>& values, int least, int most, std::size_t count);
  // One of `names`; its index.
  std::optional<std::size_t> choice(const char* key, std::span<const std::string_view> names);
  // The raw value; null when absent.
  const nlohmann::json* raw(const char* key);

  // Calls `read` with a reader of the object under `key`, and closes it with finish().
  void object(const char* key, auto read) {
    if (const auto* node = raw(key)) {
      ConfigReader inner(*node, place(key), *context_);
      read(inner);
      inner.finish();
    }
  }
  // The same for each object in the list under `key`.
  void objects(const char* key, std::size_t most, auto read) {
    const auto* list = array(key, most);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      ConfigReader inner((*list)[i], place(key) + "[" + std::to_string(i) + "]", *context_);
      read(inner);
      inner.finish();
    }
  }

  // Refuses members that were not asked for.
  void finish() const;

 private:
  const nlohmann::json* array(const char* key, std::size_t most);
  [[nodiscard]] std::string place(std::string_view key) const;

  const nlohmann::json* node_;
  std::string where_;
  Context* context_;
  std::vector<std::string_view> asked_;
};

}  // namespace oobm::daemon
