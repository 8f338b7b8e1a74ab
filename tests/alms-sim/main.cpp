#include <cstdio>
#include <exception>

#include "tests/alms-sim/cli.hpp"

int main(int argc, char** argv) {
  try {
    return oobm::alms_sim::run_cli(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "alms-sim: %s\n", error.what());
    return 1;
  }
}
