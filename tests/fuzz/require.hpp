// What a fuzz target asserts. Unlike assert() it stands in every build, and it says what was broken
// before the program stops for libFuzzer to keep the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace oobm::fuzz {

inline void require(bool held, const char* rule) {
  if (held) return;
  std::fprintf(stderr, "broken: %s\n", rule);
  std::abort();
}

}  // namespace oobm::fuzz
