// References of statically linked libraries that would bring into the shipped program what it never
// uses; this file answers them (docs/adr/0013-no-iostream-in-what-ships.md). Who writes to
// std::cout after all gets a linker's error about a second definition of the first.
#include <mbedtls/ssl.h>

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
