# Microbenchmarks, as shipped: ./dev bench NAME [GOOGLE-BENCHMARK-OPTION...].

run_bench() {
  local name=${1:-} known
  (($#)) && shift
  known=$(sed -n 's/^oobm_benchmark(\([a-z0-9_]*\).*/\1/p' tests/bench/CMakeLists.txt)
  grep -qxF -- "$name" <<<"$known" || fail "there is no benchmark '$name'" "known: ${known//$'\n'/ }"
  build_preset release "${name}_bench"
  "build/release/tests/bench/${name}_bench" --benchmark_counters_tabular=true "$@"
}
