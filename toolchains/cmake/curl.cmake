# libcurl, for the transfer helper alone.
#
# What ships has it inside, compiled from Debian's source package, which ./dev mounts, with HTTP/1.1 and nothing else
# (toolchains/curl/curl_config.h). Elsewhere, and without that package, it is the shared one: Debian's static archive would bring
# a second TLS stack, LDAP and thirty more libraries into a program that speaks nothing but HTTP.
include_guard(GLOBAL)
oobm_source_package(curl curl_folder)

if(curl_folder)
  file(GLOB curl_sources "${curl_folder}/lib/*.c" "${curl_folder}/lib/*/*.c")
  oobm_source_library(oobm_curl ${curl_sources})
  target_include_directories(oobm_curl SYSTEM
    PUBLIC "${curl_folder}/include" PRIVATE "${curl_folder}/lib" "${CMAKE_SOURCE_DIR}/toolchains/curl")
  target_compile_definitions(oobm_curl PUBLIC CURL_STATICLIB PRIVATE BUILDING_LIBCURL HAVE_CONFIG_H _GNU_SOURCE)
  add_library(oobm::curl ALIAS oobm_curl)
  return()
endif()

find_library(OOBM_LIBCURL NAMES libcurl.so)
mark_as_advanced(OOBM_LIBCURL)
if(NOT OOBM_LIBCURL)
  message(FATAL_ERROR "libcurl.so is missing: install Debian's libcurl4-openssl-dev, or build with ./dev, whose root has it")
endif()
add_library(oobm::curl SHARED IMPORTED GLOBAL)
set_target_properties(oobm::curl PROPERTIES IMPORTED_LOCATION "${OOBM_LIBCURL}")
oobm_headers(oobm::curl curl/curl.h libcurl4-openssl-dev)
