// Writes a document as JSON text (RFC 8259), member by member in the order of the calls: what
// JsonReader reads again. The state is written at every commit, and building a tree of it first
// would cost more than all the rest of a commit.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oobm::store {

// One object. It is open from its construction to its destruction; a member() of it must have ended
// before the next call. Appends to `out`, which outlives it. Keys are plain ASCII without '"' and
// '\'.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  ~JsonObject() { out_ += '}'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  // Bytes that are no UTF-8 become U+FFFD.
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& boolean(std::string_view key, bool value);
  JsonObject& number(std::string_view key, std::integral auto value) {
    name(key);
    append(value);
    return *this;
  }
  // What is missing is left out.
  template <std::integral T>
  JsonObject& number(std::string_view key, const std::optional<T>& value) {
    return value ? number(key, *value) : *this;
  }
  JsonObject& real(std::string_view key, const std::optional<double>& value);

  JsonObject& texts(std::string_view key, const auto& values) {
    list(key, values, [this](const std::string& value) { this->quote(value); });
    return *this;
  }
  JsonObject& numbers(std::string_view key, const auto& values) {
    list(key, values, [this](std::integral auto value) { this->append(value); });
    return *this;
  }

  JsonObject member(std::string_view key) {
    name(key);
    return JsonObject(out_);
  }
  // write(JsonObject&&, item) for each, as an array.
  void each(std::string_view key, const auto& items, auto write) {
    list(key, items, [&](const auto& item) { write(JsonObject(out_), item); });
  }

 private:
  void name(std::string_view key);
  void quote(std::string_view value);
  void append(std::integral auto value) {
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    out_.append(digits, end);
  }
  void list(std::string_view key, const auto& items, auto write) {
    name(key);
    const char* before = "[";
    for (const auto& item : items) {
      out_ += before;
      write(item);
      before = ",";
    }
    out_ += *before == '[' ? "[]" : "]";
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace oobm::store
