// Reading a stored JSON object member by member into typed values, without exceptions. A member
// that is absent leaves the value as it was, so that an older document fills in defaults; a member
// of the wrong type or out of range is an error that names its place. The first error stands.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "agent/store/state_codec.hpp"

namespace oobm::store {

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

  // The object under `key`; an absent one is an error.
  [[nodiscard]] JsonReader member(const char* key) const {
    static const nlohmann::json nothing;
    const auto* found = find(key);
    return {found != nullptr ? *found : nothing, place(key), *error_};
  }

  void text(const char* key, std::string& value) const {
    const auto* found = find(key);
    if (found == nullptr) return;
    if (const auto* string = found->get_ptr<const std::string*>())
      value = *string;
    else
      fail(key, "not a text");
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
  void number(const char* key, T& value) const {
    const auto* found = find(key);
    if (found == nullptr) return;
    if (const auto* natural = found->get_ptr<const std::uint64_t*>())
      store(key, *natural, value);
    else if (const auto* integer = found->get_ptr<const std::int64_t*>())
      store(key, *integer, value);
    else
      fail(key, "not a whole number");
  }

  template <std::integral T>
  void number(const char* key, std::optional<T>& value) const {
    if (has(key)) number(key, value.emplace());
  }

  // The whole numbers of the list under `key`; an absent one is an error.
  template <std::integral T>
  void numbers(const char* key, std::size_t bound, std::vector<T>& values) const {
    if (!has(key)) return fail(key, "missing");
    const auto* array = find_array(key, bound);
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto& item = (*array)[i];
      const auto* natural = item.get_ptr<const std::uint64_t*>();
      if (natural == nullptr || !std::in_range<T>(*natural))
        return fail(element(key, i), "no whole number in range");
      values.push_back(static_cast<T>(*natural));
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

  template <class From, class To>
  void store(const char* key, From from, To& to) const {
    if (std::in_range<To>(from))
      to = static_cast<To>(from);
    else
      fail(key, "out of range");
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

}  // namespace oobm::store
