# mbedTLS 3.6: the one TLS stack of the agent, and its ES256 verification.
include_guard(GLOBAL)
oobm_static_archive(oobm::mbedcrypto libmbedcrypto.a libmbedtls-dev)
oobm_static_archive(oobm::mbedx509 libmbedx509.a libmbedtls-dev)
oobm_static_archive(oobm::mbedtls libmbedtls.a libmbedtls-dev)
oobm_headers(oobm::mbedcrypto mbedtls/ssl.h libmbedtls-dev)
target_link_libraries(oobm::mbedcrypto INTERFACE Threads::Threads)
target_link_libraries(oobm::mbedx509 INTERFACE oobm::mbedcrypto)
target_link_libraries(oobm::mbedtls INTERFACE oobm::mbedx509)
