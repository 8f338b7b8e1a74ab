# Fuzz targets, for as long as wanted: ./dev fuzz TARGET [--runs N | --seconds S].

fuzz_targets() {
  sed -n 's/^oobm_fuzz_target(\([a-z0-9_]*\).*/\1/p' tests/fuzz/CMakeLists.txt
}

run_fuzz() {
  local target=${1:-} limit=(-max_total_time=60)
  (($#)) && shift
  while (($#)); do
    case $1 in
      --runs) limit=("-runs=${2:?--runs wants a number}"); shift ;;
      --seconds) limit=("-max_total_time=${2:?--seconds wants a number}"); shift ;;
      *) fail "fuzz does not know '$1'" "./dev fuzz --help lists what it knows" ;;
    esac
    shift
  done
  # shellcheck disable=SC2046
  fuzz_targets | grep -qxF -- "$target" || fail "there is no fuzz target '$target'" "known: $(echo $(fuzz_targets))"
  build_preset fuzz "${target}_fuzz"
  fuzz "$target" "${limit[@]}"
}

# What is found goes to build/fuzz/findings, new inputs to build/fuzz/inputs: the next run goes on from there. The stack
# check that is switched off costs half the speed; the short runs of ./dev test have it on.
fuzz() { # TARGET LIBFUZZER-OPTION...
  local target=$1 folder=build/fuzz dictionary=()
  shift
  mkdir -p "$folder/findings/$target" "$folder/inputs/$target"
  if [[ -f tests/fuzz/$target.dict ]]; then dictionary=("-dict=tests/fuzz/$target.dict"); fi
  ASAN_OPTIONS=detect_stack_use_after_return=0:malloc_context_size=2:quarantine_size_mb=16 \
    "$folder/tests/fuzz/${target}_fuzz" "$@" "${dictionary[@]}" -print_final_stats=1 -reload=0 -timeout=60 \
    "-artifact_prefix=$folder/findings/$target/" "$folder/inputs/$target" "tests/fuzz/corpus/$target"
  step "no finding; inputs that reach more than the kept ones are in $folder/inputs/$target"
}
