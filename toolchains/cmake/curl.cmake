# libcurl, for the transfer helper alone, and shared: Debian's static archive would bring a second TLS stack, LDAP and
# thirty more libraries into a program that speaks nothing but HTTP.
include_guard(GLOBAL)
find_library(OOBM_LIBCURL NAMES libcurl.so)
mark_as_advanced(OOBM_LIBCURL)
if(NOT OOBM_LIBCURL)
  message(FATAL_ERROR "libcurl.so is missing: install Debian's libcurl4-openssl-dev, or build with ./dev, whose root has it")
endif()
add_library(oobm::curl SHARED IMPORTED GLOBAL)
set_target_properties(oobm::curl PROPERTIES IMPORTED_LOCATION "${OOBM_LIBCURL}")
oobm_headers(oobm::curl curl/curl.h libcurl4-openssl-dev)
