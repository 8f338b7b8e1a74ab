# mbedTLS 3.6: the one TLS stack of the agent, and its ES256 verification.
#
# Debug builds take Debian's archives. What ships is compiled from Debian's source package, which ./dev mounts, with
# what the agent uses and nothing else (toolchains/mbedtls/oobm_mbedtls_config.h): 400 kB less. Without that package
# Debian's archives serve, and the limits of ./dev size may be missed.
include_guard(GLOBAL)
set(OOBM_SOURCE_PACKAGES /sysroot/source CACHE PATH "Folder with Debian source packages")
file(GLOB mbedtls_package "${OOBM_SOURCE_PACKAGES}/mbedtls_*.dsc")

if(OOBM_SHIPPED AND mbedtls_package)
  set(mbedtls_folder "${CMAKE_BINARY_DIR}/source/mbedtls")
  if(NOT EXISTS "${mbedtls_folder}/debian/changelog")
    file(REMOVE_RECURSE "${mbedtls_folder}")
    file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/source")
    execute_process(COMMAND dpkg-source --no-check --extract "${mbedtls_package}" "${mbedtls_folder}"
      OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  endif()
  file(GLOB mbedtls_sources "${mbedtls_folder}/library/*.c")
  add_library(oobm_mbedtls STATIC ${mbedtls_sources})
  target_include_directories(oobm_mbedtls SYSTEM
    PUBLIC "${mbedtls_folder}/include" "${CMAKE_SOURCE_DIR}/toolchains/mbedtls" PRIVATE "${mbedtls_folder}/library")
  target_compile_definitions(oobm_mbedtls PUBLIC MBEDTLS_USER_CONFIG_FILE=<oobm_mbedtls_config.h>)
  target_compile_options(oobm_mbedtls PRIVATE -ffunction-sections -fdata-sections -fstack-protector-strong
    -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")
  # No exception passes through C, so that it needs no tables for that. Link-time optimisation is known to break it
  # (https://github.com/Mbed-TLS/mbedtls/issues/5906).
  target_compile_options(oobm_mbedtls PRIVATE -w -fno-lto -fno-asynchronous-unwind-tables -fno-unwind-tables)
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
