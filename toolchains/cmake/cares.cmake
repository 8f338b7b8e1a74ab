# c-ares: host names are resolved by the bearer's own DNS servers, never by the system's resolver.
include_guard(GLOBAL)
oobm_static_archive(oobm::cares libcares.a libc-ares-dev)
oobm_headers(oobm::cares ares.h libc-ares-dev)
