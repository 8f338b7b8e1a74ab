# Running the tests of all builds, and adding them up.

passed=0
failed=0
report=
failures=    # what failed, with the end of what it said
ahead=()     # preset and targets to compile beside the tests of the next phase
ahead_job=

run_test() {
  local quick='' match=()
  while (($#)); do
    case $1 in
      --quick) quick=yes ;;
      -R) match=(-R "${2:?-R wants a regular expression}" --no-tests=ignore); shift ;;
      *) fail "test does not know '$1'" "./dev test --help lists what it knows" ;;
    esac
    shift
  done
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1
  export ASAN_SYMBOLIZER_PATH=/usr/bin/addr2line

  if [[ $quick ]]; then
    test_phase "unit tests" debug "unit_tests" -L 'unit|source' "${match[@]}"
  else
    ahead=(asan unit_tests fuzz_targets)
    test_phase "system tests" debug "programs" -L 'system|package|source' "${match[@]}"
    test_phase "unit and fuzz, ASan and UBSan" asan "unit_tests fuzz_targets" -L 'unit|fuzz' "${match[@]}"
    test_phase "simulated routers" sim "sim_programs" -L sim "${match[@]}"
    ((${#match[@]})) || compile_phase "the oldest compiler" gcc13 "oobm oobm-transfer oobm_lean_runtime oobm_lean_terminate"
    test_phase "unit tests, aarch64" aarch64 "unit_tests" -L unit "${match[@]}"
    test_phase "package" aarch64 "ipk" -L package "${match[@]}"
    test_phase "virtual machine" aarch64 "vm_programs" -L vm "${match[@]}"
  fi
  printf '%s\n%s\n%d passed, %d failed\n' "$failures" "$report" "$passed" "$failed"
  ((failed == 0))
}

# Tests of whole systems mostly wait: what comes next is compiled with what they leave of the processor. Whatever goes
# wrong shows when the next phase compiles it again.
compile_ahead() {
  ((${#ahead[@]})) || return 0
  { renice -n 19 -p "$BASHPID" >/dev/null && build_preset "${ahead[@]}"; } >build/ahead.log 2>&1 &
  ahead_job=$!
  ahead=()
}

end_compile_ahead() {
  [[ $ahead_job ]] || return 0
  step "compiling on what was begun beside the tests (log: build/ahead.log)"
  wait "$ahead_job" || true
  ahead_job=
}

# test_phase NAME PRESET "CMAKE-TARGET..." CTEST-OPTION...: what does not compile counts as one failure.
test_phase() {
  local name=$1 preset=$2 targets log=build/ctest-$2.log began=$SECONDS p=0 f=0
  read -ra targets <<<"$3"
  shift 3
  end_compile_ahead
  if build_preset "$preset" "${targets[@]}"; then
    step "$name"
    compile_ahead
    ctest --test-dir "build/$preset" --parallel "$jobs" --output-on-failure --no-tests=error "$@" 2>&1 | tee "$log" || true
    count_tests "$log"
    ((f == 0)) || failures+=$(tell_failures "$name" <"$log")$'\n'
  else
    step "$name: $preset did not compile"
    failures+=$'\n'"$name: $preset did not compile"$'\n'
    f=1
  fi
  ((passed += p, failed += f)) || true
  report+=$(printf '  %-28s %5d passed %5d failed %5d s' "$name" "$p" "$f" $((SECONDS - began)))$'\n'
}

# compile_phase NAME PRESET "CMAKE-TARGET...": what is shown by compiling is one success, or one failure.
compile_phase() {
  local name=$1 preset=$2 targets began=$SECONDS p=1 f=0
  read -ra targets <<<"$3"
  build_preset "$preset" "${targets[@]}" || { p=0 f=1; failures+=$'\n'"$name: $preset did not compile"$'\n'; }
  ((passed += p, failed += f)) || true
  report+=$(printf '  %-28s %5d passed %5d failed %5d s' "$name" "$p" "$f" $((SECONDS - began)))$'\n'
}

# tell_failures NAME: from a log of ctest, each test that failed and the last lines of what it said.
tell_failures() {
  awk -v name="$1" -v most=40 '
    function tell(  i) {
      if (test == "") return
      printf "\n%s: %s\n", name, test
      for (i = n > most ? n - most + 1 : 1; i <= n; i++) print "  " said[i]
      test = ""; n = 0
    }
    /^ *[0-9]+\/[0-9]+ Test +#|^ +Start +[0-9]+:|^[0-9]+% tests passed/ { tell() }
    /^ *[0-9]+\/[0-9]+ Test +#.*\*\*\*/ { test = $0; sub(/^.*#[0-9]+: /, "", test); gsub(/ *\.\.\.+/, " ", test); next }
    test != "" && NF { said[++n] = $0 }'
}

# Sets p and f from the closing line of ctest; a run without one (it found no test, or died) is a failure, unless tests of
# this name were asked for and this phase has none.
count_tests() {
  local line total
  line=$(grep -E '^[0-9]+% tests passed, [0-9]+ tests? failed out of [0-9]+' "$1" | tail -n 1) || true
  if [[ $line =~ passed,\ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]; then
    f=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
    p=$((total - f))
  elif [[ ! ${match[*]:-} ]] || grep -qE '^ +Start +[0-9]+:' "$1"; then
    f=1
  fi
}

run_ipk() {
  build_preset aarch64 ipk
  ctest --test-dir build/aarch64 -L package --output-on-failure --no-tests=error
  mkdir -p dist
  rm -f dist/oobm-*
  cp build/aarch64/packaging/ipk/*.ipk build/aarch64/packaging/ipk/*.cdx.json build/aarch64/packaging/ipk/*.NOTICES.txt \
    build/aarch64/packaging/ipk/oobm-static_* dist/
  python3 packaging/airvantage/make_model.py zip dist/oobm-airvantage-model.zip
  ls -l dist/
}

run_size() {
  build_preset aarch64 ipk
  python3 toolchains/dev/sizes.py --check --ipk build/aarch64/packaging/ipk/oobm-agent_*.ipk \
    --transfer-ipk build/aarch64/packaging/ipk/oobm-agent-transfer_*.ipk --static build/aarch64/packaging/ipk/oobm-static_* \
    --program build/aarch64/agent/daemon/oobm
}
