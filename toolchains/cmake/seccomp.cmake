# libseccomp: tests that kill a process which opens a forbidden socket. The product uses its headers alone, which know the
# numbers of system calls, also of those that an architecture does not have.
include_guard(GLOBAL)
oobm_header_library(oobm::seccomp_headers seccomp.h libseccomp-dev)
if(OOBM_TESTS)
  oobm_static_archive(oobm::seccomp libseccomp.a libseccomp-dev)
  oobm_headers(oobm::seccomp seccomp.h libseccomp-dev)
endif()
