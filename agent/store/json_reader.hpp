// Reading a stored JSON object member by member into typed values, without exceptions. A member
// that is absent leaves the value as it was, so that an older document fills in defaults; a member
// of the wrong type or out of range is an error that names its place. The first error stands.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/store/json_text.hpp"
#include "agent/store/state_codec.hpp"

namespace oobm::store {

// Both ends belong to it; nothing said: all that the type holds.
template <std::integral T>
struct Range {
  T least = std::numeric_limits<T>::min();
  T most = std::numeric_limits<T>::max();
  [[nodiscard]] bool holds(T value) const { return value >= least && value <= most; }
};

class JsonReader {
 public:
  // `node` and `error` outlive the reader and all that it gives out.
  JsonReader(const nlohmann::json& node, std::string where, std::optional<CodecError>& error)
      : node_(&node), where_(std::move(where)), error_(&error) {
    if (!node.is_object()) fail("", "not an object");
  }

  void fail(std::string_view key, std::string sentence) const {
    if (!*error_) *error_ = CodecError{place(key), std::move(sentence)};
  }

  [[nodiscard]] bool has(const char* key) const { return find(key) != nullptr; }

  // Each of these must be there.
  void require(std::initializer_list<const char*> keys) const {
    for (const char* key : keys)
      if (!has(key)) fail(key, "missing");
  }

  // The object under `key`; an absent one is an error.
  [[nodiscard]] JsonReader member(const char* key) const {
    static const nlohmann::json nothing;
    const auto* found = find(key);
    return {found != nullptr ? *found : nothing, place(key), *error_};
  }

  // At most `most` bytes.
  void text(const char* key, std::string& value,
            std::size_t most = std::numeric_limits<std::size_t>::max()) const {
    const auto* found = find(key);
    if (found == nullptr) return;
    const auto* string = found->get_ptr<const std::string*>();
    if (string == nullptr)
      fail(key, "not a text");
    else if (string->size() > most)
      fail(key, "longer than " + std::to_string(most) + " bytes");
    else
      value = *string;
  }

  // Written by hex(); at least one byte, at most `most`.
  void bytes(const char* key, std::string& value, std::size_t most) const {
    std::string digits;
    text(key, digits, 2 * most);
    if (!has(key) || *error_) return;
    auto read = from_hex(digits);
    if (read && !read->empty())
      value = *std::move(read);
    else
      fail(key, "no bytes in hexadecimal digits");
  }

  void text(const char* key, std::optional<std::string>& value) const {
    if (has(key)) text(key, value.emplace());
  }

  void boolean(const char* key, bool& value) const {
    const auto* found = find(key);
    if (found == nullptr) return;
    if (const auto* flag = found->get_ptr<const bool*>())
      value = *flag;
    else
      fail(key, "neither true nor false");
  }

  template <std::integral T>
  void number(const char* key, T& value, Range<T> range = {}) const {
    const auto* found = find(key);
    if (found == nullptr) return;
    if (const auto read = whole<T>(*found); read && range.holds(*read))
      value = *read;
    else
      fail(key, found->is_number_integer() ? "out of range" : "not a whole number");
  }

  template <std::integral T>
  void number(const char* key, std::optional<T>& value, Range<T> range = {}) const {
    if (has(key)) number(key, value.emplace(), range);
  }

  // The whole numbers of the list under `key`; an absent one is an error.
  template <std::integral T>
  void numbers(const char* key, std::size_t bound, std::vector<T>& values,
               Range<T> range = {}) const {
    require({key});
    const auto* array = find_array(key, bound);
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto read = whole<T>((*array)[i]);
      if (!read || !range.holds(*read)) return fail(element(key, i), "no whole number in range");
      values.push_back(*read);
    }
  }

  void real(const char* key, std::optional<double>& value) const {
    const auto* found = find(key);
    if (found == nullptr) return;
    if (found->is_number())
      value = found->get<double>();
    else
      fail(key, "not a number");
  }

  // Calls `handle` with a reader of each object in the array under `key`.
  void each(const char* key, std::size_t bound, auto handle) const {
    const auto* array = find_array(key, bound);
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i)
      handle(JsonReader((*array)[i], place(element(key, i)), *error_));
  }

  void texts(const char* key, std::size_t bound, std::vector<std::string>& values) const {
    const auto* array = find_array(key, bound);
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto* string = (*array)[i].get_ptr<const std::string*>();
      if (string == nullptr) return fail(element(key, i), "not a text");
      values.push_back(*string);
    }
  }

 private:
  [[nodiscard]] const nlohmann::json* find(const char* key) const {
    if (!node_->is_object()) return nullptr;
    const auto found = node_->find(key);
    return found == node_->end() ? nullptr : &*found;
  }

  [[nodiscard]] const nlohmann::json* find_array(const char* key, std::size_t bound) const {
    const auto* found = find(key);
    if (found == nullptr) return nullptr;
    if (!found->is_array())
      fail(key, "not a list");
    else if (found->size() > bound)
      fail(key, "more than " + std::to_string(bound) + " entries");
    else
      return found;
    return nullptr;
  }

  template <std::integral T>
  static std::optional<T> whole(const nlohmann::json& node) {
    if (const auto* natural = node.get_ptr<const std::uint64_t*>())
      return std::in_range<T>(*natural) ? std::optional(static_cast<T>(*natural)) : std::nullopt;
    if (const auto* integer = node.get_ptr<const std::int64_t*>())
      return std::in_range<T>(*integer) ? std::optional(static_cast<T>(*integer)) : std::nullopt;
    return std::nullopt;
  }

  static std::string element(const char* key, std::size_t index) {
    return std::string(key) + "[" + std::to_string(index) + "]";
  }

  [[nodiscard]] std::string place(std::string_view key) const {
    if (where_.empty() || key.empty()) return where_ + std::string(key);
    return where_ + "." + std::string(key);
  }

  const nlohmann::json* node_;
  std::string where_;
  std::optional<CodecError>* error_;
};

// What `read(reader, document)` makes of the text. Nothing: it is no JSON object, or breaks a rule.
template <class Document>
std::optional<Document> document_from(std::string_view text, auto read) {
  // The parser takes a NUL for the end of its input, and would believe what stands before it.
  if (text.contains('\0')) return std::nullopt;
  const auto root = nlohmann::json::parse(text, nullptr, false);
  std::optional<CodecError> error;
  Document document;
  read(JsonReader(root, "", error), document);
  return error ? std::nullopt : std::optional(std::move(document));
}

}  // namespace oobm::store
