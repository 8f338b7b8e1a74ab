// What an operator is told when ALMS will not do something: a stable code and a sentence.
#pragma once

#include <expected>
#include <string>

namespace oobm::alms_sim {

struct Error {
  std::string code;  // upper case, for programs
  std::string text;  // for people: what is so, and what to do
  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string code, std::string text) {
  return std::unexpected(Error{std::move(code), std::move(text)});
}

}  // namespace oobm::alms_sim
