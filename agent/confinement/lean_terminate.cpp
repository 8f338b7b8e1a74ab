// libstdc++'s handler of exceptions that nobody catches prints the type's name as it stands in the
// source, by 60 kB of demangler. A shipped program that has this file among its own sources prints
// it as the compiler wrote it.
#include <cstdlib>
#include <cstring>
#include <typeinfo>

#include <cxxabi.h>
#include <unistd.h>

namespace {

void say(const char* text) { (void)!write(STDERR_FILENO, text, std::strlen(text)); }

}  // namespace

namespace __gnu_cxx {

// libstdc++'s own prints the type's name as it stands in the source, by 60 kB of demangler.
// NOLINTNEXTLINE(readability-identifier-naming): the library's name for it
void __verbose_terminate_handler() {
  const auto* type = abi::__cxa_current_exception_type();
  say("terminate: ");
  say(type == nullptr ? "no exception" : type->name());
  say("\n");
  std::abort();
}

}  // namespace __gnu_cxx
