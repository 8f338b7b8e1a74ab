// As much of JSON Schema (draft 2020-12) as the schemas in docs/protocol use, so that they can be
// held against the code without a further library. A keyword that it does not know is an error, so
// that no schema is believed which is not checked.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <regex.h>

namespace oobm::alms::testing {

class JsonSchema {
 public:
  using Json = nlohmann::json;

  explicit JsonSchema(Json root) : root_(std::move(root)) {}

  // Empty when `value` is valid, else where and which keyword refuses it.
  [[nodiscard]] std::string why_invalid(const Json& value) const { return check(root_, value, ""); }

  [[nodiscard]] const Json& root() const { return root_; }

 private:
  using Check = std::string (JsonSchema::*)(const Json& rule, const Json& schema, const Json& value,
                                            const std::string& at) const;

  std::string check(const Json& schema, const Json& value, const std::string& at) const {
    if (schema.is_boolean()) return schema.get<bool>() ? "" : at + ": nothing is allowed here";
    for (const auto& [keyword, rule] : schema.items()) {
      const auto found = checks().find(keyword);
      if (found == checks().end()) throw std::logic_error("unknown keyword " + keyword);
      if (found->second == nullptr) continue;
      if (auto why = (this->*found->second)(rule, schema, value, at); !why.empty()) return why;
    }
    return "";
  }

  static const std::map<std::string, Check>& checks() {
    static const std::map<std::string, Check> table{
        {"$schema", nullptr},
        {"$defs", nullptr},
        {"title", nullptr},
        {"description", nullptr},
        {"$ref", &JsonSchema::ref},
        {"type", &JsonSchema::type},
        {"const", &JsonSchema::constant},
        {"enum", &JsonSchema::enumeration},
        {"required", &JsonSchema::required},
        {"properties", &JsonSchema::properties},
        {"patternProperties", &JsonSchema::pattern_properties},
        {"additionalProperties", &JsonSchema::additional_properties},
        {"items", &JsonSchema::items},
        {"minItems", &JsonSchema::size_limit<&Json::is_array, true>},
        {"maxItems", &JsonSchema::size_limit<&Json::is_array, false>},
        {"minProperties", &JsonSchema::size_limit<&Json::is_object, true>},
        {"maxProperties", &JsonSchema::size_limit<&Json::is_object, false>},
        {"minLength", &JsonSchema::min_length},
        {"maxLength", &JsonSchema::max_length},
        {"minimum", &JsonSchema::minimum},
        {"maximum", &JsonSchema::maximum},
        {"pattern", &JsonSchema::pattern},
        {"anyOf", &JsonSchema::any_of},
        {"oneOf", &JsonSchema::one_of},
        {"not", &JsonSchema::negation},
    };
    return table;
  }

  static std::string refuse(bool wrong, const std::string& at, const char* keyword) {
    return wrong ? (at.empty() ? "/" : at) + ": " + keyword : "";
  }

  std::string ref(const Json& rule, const Json&, const Json& value, const std::string& at) const {
    const auto target = rule.get<std::string>();
    if (!target.starts_with("#/")) throw std::logic_error("only local references: " + target);
    return check(root_.at(Json::json_pointer(target.substr(1))), value, at);
  }

  static bool is_type(const std::string& name, const Json& value) {
    if (name == "object") return value.is_object();
    if (name == "array") return value.is_array();
    if (name == "string") return value.is_string();
    if (name == "boolean") return value.is_boolean();
    if (name == "null") return value.is_null();
    if (name == "number") return value.is_number();
    if (name == "integer") return value.is_number_integer();
    throw std::logic_error("unknown type " + name);
  }

  std::string type(const Json& rule, const Json&, const Json& value, const std::string& at) const {
    const auto names = rule.is_array() ? rule : Json::array({rule});
    const bool fits = std::ranges::any_of(
        names, [&value](const Json& name) { return is_type(name.get<std::string>(), value); });
    return refuse(!fits, at, "type");
  }

  std::string constant(const Json& rule, const Json&, const Json& value,
                       const std::string& at) const {
    return refuse(rule != value, at, "const");
  }

  std::string enumeration(const Json& rule, const Json&, const Json& value,
                          const std::string& at) const {
    return refuse(std::ranges::find(rule, value) == rule.end(), at, "enum");
  }

  std::string required(const Json& rule, const Json&, const Json& value,
                       const std::string& at) const {
    if (!value.is_object()) return "";
    for (const auto& name : rule)
      if (!value.contains(name.get<std::string>())) return at + ": required " + name.dump();
    return "";
  }

  std::string properties(const Json& rule, const Json&, const Json& value,
                         const std::string& at) const {
    if (!value.is_object()) return "";
    for (const auto& [name, schema] : rule.items())
      if (const auto found = value.find(name); found != value.end())
        if (auto why = check(schema, *found, at + "/" + name); !why.empty()) return why;
    return "";
  }

  std::string pattern_properties(const Json& rule, const Json&, const Json& value,
                                 const std::string& at) const {
    if (!value.is_object()) return "";
    for (const auto& [expression, schema] : rule.items())
      for (const auto& [name, member] : value.items())
        if (matches(expression, name))
          if (auto why = check(schema, member, at + "/" + name); !why.empty()) return why;
    return "";
  }

  std::string additional_properties(const Json& rule, const Json& schema, const Json& value,
                                    const std::string& at) const {
    if (!value.is_object()) return "";
    const auto named = schema.value("properties", Json::object());
    const auto patterns = schema.value("patternProperties", Json::object());
    for (const auto& [name, member] : value.items()) {
      bool covered = named.contains(name);
      for (const auto& [expression, unused] : patterns.items())
        covered = covered || matches(expression, name);
      if (covered) continue;
      if (auto why = check(rule, member, at + "/" + name); !why.empty()) return why;
    }
    return "";
  }

  std::string items(const Json& rule, const Json&, const Json& value, const std::string& at) const {
    if (!value.is_array()) return "";
    for (std::size_t index = 0; index < value.size(); ++index)
      if (auto why = check(rule, value[index], at + "/" + std::to_string(index)); !why.empty())
        return why;
    return "";
  }

  template <bool (Json::*applies)() const noexcept, bool least>
  std::string size_limit(const Json& rule, const Json&, const Json& value,
                         const std::string& at) const {
    if (!(value.*applies)()) return "";
    const auto limit = rule.get<std::size_t>();
    return refuse(least ? value.size() < limit : value.size() > limit, at, "size");
  }

  static std::size_t length(const Json& value) {
    const auto text = value.get<std::string>();
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
  }

  std::string min_length(const Json& rule, const Json&, const Json& value,
                         const std::string& at) const {
    return refuse(value.is_string() && length(value) < rule.get<std::size_t>(), at, "minLength");
  }

  std::string max_length(const Json& rule, const Json&, const Json& value,
                         const std::string& at) const {
    return refuse(value.is_string() && length(value) > rule.get<std::size_t>(), at, "maxLength");
  }

  std::string minimum(const Json& rule, const Json&, const Json& value,
                      const std::string& at) const {
    return refuse(value.is_number() && value < rule, at, "minimum");
  }

  std::string maximum(const Json& rule, const Json&, const Json& value,
                      const std::string& at) const {
    return refuse(value.is_number() && value > rule, at, "maximum");
  }

  std::string pattern(const Json& rule, const Json&, const Json& value,
                      const std::string& at) const {
    return refuse(value.is_string() && !matches(rule.get<std::string>(), value.get<std::string>()),
                  at, "pattern");
  }

  // The patterns in use mean the same to POSIX as to ECMA 262.
  static bool matches(const std::string& expression, const std::string& text) {
    regex_t compiled;
    if (regcomp(&compiled, expression.c_str(), REG_EXTENDED | REG_NOSUB) != 0)
      throw std::logic_error("bad pattern " + expression);
    const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
    regfree(&compiled);
    return found;
  }

  std::string any_of(const Json& rule, const Json&, const Json& value,
                     const std::string& at) const {
    std::string reasons;
    for (const auto& schema : rule) {
      const auto why = check(schema, value, at);
      if (why.empty()) return "";
      reasons += " [" + why + "]";
    }
    return at + ": anyOf" + reasons;
  }

  std::string one_of(const Json& rule, const Json&, const Json& value,
                     const std::string& at) const {
    const auto valid = std::ranges::count_if(
        rule, [&](const Json& schema) { return check(schema, value, at).empty(); });
    return refuse(valid != 1, at, "oneOf");
  }

  std::string negation(const Json& rule, const Json&, const Json& value,
                       const std::string& at) const {
    return refuse(check(rule, value, at).empty(), at, "not");
  }

  Json root_;
};

}  // namespace oobm::alms::testing
