# What things cost, as shipped: ./dev bench NAME [OPTION...].

run_bench() {
  local name=${1:-} known
  (($#)) && shift
  case $name in
    uplink | idle)
      build_preset release bench_uplink oobm alms-sim modem-sim
      OOBM_BUILD_DIR=$PWD/build/release PYTHONPATH=tests/bench:tests/system PYTHONDONTWRITEBYTECODE=1 \
        exec python3 "tests/bench/$name.py" "$@"
      ;;
    target)
      build_vm
      PYTHONPATH=tests/bench vm_python tests/bench/target.py "$@"
      ;;
  esac
  known=$(sed -n 's/^oobm_benchmark(\([a-z0-9_]*\).*/\1/p' tests/bench/CMakeLists.txt)
  grep -qxF -- "$name" <<<"$known" || fail "there is no benchmark '$name'" "known: ${known//$'\n'/ } uplink idle target"
  build_preset release "${name}_bench"
  "build/release/tests/bench/${name}_bench" --benchmark_counters_tabular=true "$@"
}
