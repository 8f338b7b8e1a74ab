// The arguments of an operator's verb, read with the type that the verb needs. Reading throws
// BadArgument; OperatorDesk::perform turns it into an Error.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "tests/alms-sim/jose.hpp"
#include "tests/alms-sim/subscription.hpp"

namespace oobm::alms_sim {

struct BadArgument : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Arguments {
 public:
  explicit Arguments(const Json& json) : json_(json) {}

  std::string text(const char* name) const { return get<std::string>(name); }
  std::string text_or(const char* name, const std::string& other) const {
    return maybe<std::string>(name).value_or(other);
  }
  bool flag(const char* name) const { return maybe<bool>(name).value_or(false); }
  Json json_or(const char* name, Json other) const { return maybe<Json>(name).value_or(other); }

  template <typename T>
  std::optional<T> maybe(const char* name) const {
    if (!json_.is_object() || !json_.contains(name)) return std::nullopt;
    return get<T>(name);
  }

  template <typename T>
  T get(const char* name) const {
    try {
      return json_.at(name).get<T>();
    } catch (const Json::exception&) {
      throw BadArgument(std::string("The argument \"") + name +
                        "\" is missing or of a wrong type.");
    }
  }

  // months, term_seconds, grace_seconds, data_limit_bytes, upfront
  Term term() const {
    Term term;
    term.months = maybe<int>("months");
    if (const auto value = maybe<std::int64_t>("term_seconds")) {
      term.seconds = std::chrono::seconds{*value};
    }
    if (const auto value = maybe<std::int64_t>("grace_seconds")) {
      term.grace = std::chrono::seconds{*value};
    }
    term.data_limit_bytes = maybe<std::int64_t>("data_limit_bytes");
    term.upfront = flag("upfront");
    return term;
  }

 private:
  const Json& json_;
};

}  // namespace oobm::alms_sim
