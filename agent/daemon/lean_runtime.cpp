// The shipped program carries none of iostream's objects (docs/dependencies.md). Two references of
// the statically linked C++ runtime would bring them, or as much again, into a program that uses
// neither; this file answers both. Who writes to std::cout after all gets a linker's error about a
// second definition of the first.
#include <cstdlib>
#include <cstring>
#include <typeinfo>

#include <cxxabi.h>
#include <unistd.h>

namespace {

void say(const char* text) { (void)!write(STDERR_FILENO, text, std::strlen(text)); }

}  // namespace

// libstdc++'s mark that a source included <iostream>, of which Paho's sources remain: there is
// nothing to initialise.
void no_iostream_to_initialise() __asm__("_ZSt21ios_base_library_initv");
void no_iostream_to_initialise() {}

namespace __gnu_cxx {

// libstdc++'s own prints the type's name as it stands in the source, by 60 kB of demangler.
void __verbose_terminate_handler() {
  const auto* type = abi::__cxa_current_exception_type();
  say("terminate: ");
  say(type == nullptr ? "no exception" : type->name());
  say("\n");
  std::abort();
}

}  // namespace __gnu_cxx
