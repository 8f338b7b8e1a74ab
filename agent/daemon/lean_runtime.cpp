// References of statically linked libraries that would bring into the shipped program what it never
// uses; this file answers them (docs/adr/0013-no-iostream-in-what-ships.md). Who writes to
// std::cout after all gets a linker's error about a second definition of the first.
#include <cstdlib>
#include <cstring>
#include <typeinfo>

#include <cxxabi.h>
#include <mbedtls/ssl.h>
#include <unistd.h>

namespace {

void say(const char* text) { (void)!write(STDERR_FILENO, text, std::strlen(text)); }

}  // namespace

// libstdc++'s mark that a source included <iostream>, of which Paho's sources remain: there is
// nothing to initialise.
void no_iostream_to_initialise() __asm__("_ZSt21ios_base_library_initv");
void no_iostream_to_initialise() {}

// The agent is never a server of TLS. mbedTLS decides by a variable which half of it to enter, so
// that no linker sees that one half, 50 kB, is never used; the linker is told to wrap its two
// entrances (--wrap).
int no_server_of_tls_12(void*) __asm__("__wrap_mbedtls_ssl_handshake_server_step");
int no_server_of_tls_12(void*) { return MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE; }
int no_server_of_tls_13(void*) __asm__("__wrap_mbedtls_ssl_tls13_handshake_server_step");
int no_server_of_tls_13(void*) { return MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE; }

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
