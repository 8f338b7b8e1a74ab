# Lives of simulated routers: ./dev sim [OPTION...].

run_sim() {
  build_preset sim oobm-sim
  exec build/sim/tests/sim/oobm-sim "$@"
}
