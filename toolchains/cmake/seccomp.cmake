# libseccomp: tests that kill a process which opens a forbidden socket, and the confinement of the daemon.
include_guard(GLOBAL)
oobm_static_archive(oobm::seccomp libseccomp.a libseccomp-dev)
oobm_headers(oobm::seccomp seccomp.h libseccomp-dev)
