# mbedTLS 3.6: the one TLS stack of the agent, and its ES256 verification.
#
# Debug builds take Debian's archives. What ships is compiled from Debian's source package, which ./dev mounts, with
# what the agent uses and nothing else (toolchains/mbedtls/oobm_mbedtls_config.h): 400 kB less. Without that package
# Debian's archives serve, and the limits of ./dev size may be missed.
include_guard(GLOBAL)
oobm_source_package(mbedtls mbedtls_folder)

if(mbedtls_folder)
  file(GLOB mbedtls_sources "${mbedtls_folder}/library/*.c")
  oobm_source_library(oobm_mbedtls ${mbedtls_sources})
  target_include_directories(oobm_mbedtls SYSTEM
    PUBLIC "${mbedtls_folder}/include" "${CMAKE_SOURCE_DIR}/toolchains/mbedtls" PRIVATE "${mbedtls_folder}/library")
  target_compile_definitions(oobm_mbedtls PUBLIC MBEDTLS_USER_CONFIG_FILE=<oobm_mbedtls_config.h>)
  # Link-time optimisation is known to break it (https://github.com/Mbed-TLS/mbedtls/issues/5906).
  target_compile_options(oobm_mbedtls PRIVATE -fno-lto)
  target_link_libraries(oobm_mbedtls PUBLIC Threads::Threads)
  foreach(name IN ITEMS mbedcrypto mbedx509 mbedtls)
    add_library(oobm::${name} ALIAS oobm_mbedtls)
  endforeach()
  return()
endif()

oobm_static_archive(oobm::mbedcrypto libmbedcrypto.a libmbedtls-dev)
oobm_static_archive(oobm::mbedx509 libmbedx509.a libmbedtls-dev)
oobm_static_archive(oobm::mbedtls libmbedtls.a libmbedtls-dev)
oobm_headers(oobm::mbedcrypto mbedtls/ssl.h libmbedtls-dev)
target_link_libraries(oobm::mbedcrypto INTERFACE Threads::Threads)
target_link_libraries(oobm::mbedx509 INTERFACE oobm::mbedcrypto)
target_link_libraries(oobm::mbedtls INTERFACE oobm::mbedx509)
