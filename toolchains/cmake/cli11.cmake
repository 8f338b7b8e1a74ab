# CLI11, the command-line parser of the programs. Headers only.
include_guard(GLOBAL)
oobm_header_library(oobm::cli11 CLI/CLI.hpp libcli11-dev)
