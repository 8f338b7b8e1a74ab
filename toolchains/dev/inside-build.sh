# Configuring and compiling one preset.

jobs=$(nproc)
readonly jobs

# build_preset PRESET [CMAKE-TARGET...]
build_preset() {
  local lock status=0
  mkdir -p build
  # Two commands in one clone must not drive one build folder at once.
  exec {lock}>"build/.$1.lock"
  flock --nonblock "$lock" || { step "another ./dev of this clone builds $1; waiting for it"; flock "$lock"; }
  configure_and_compile "$@" || status=$?
  exec {lock}>&-
  return "$status"
}

configure_and_compile() {
  local preset=$1 targets=()
  shift
  ((!$#)) || targets=(--target "$@")
  if [[ ! -f build/$preset/build.ninja ]]; then
    step "configuring $preset"
    run_logged "$preset" cmake --preset "$preset" || return
  fi
  step "compiling $preset${*:+ ($*)}"
  cmake --build "build/$preset" --parallel "$jobs" "${targets[@]}"
}

# Keeps what CMake says in a log, and shows it when CMake failed.
run_logged() { # PRESET CMD...
  local log=build/configure-$1.log
  shift
  "$@" >"$log" 2>&1 || { cat "$log" >&2; return 1; }
}

run_build() {
  local preset=debug targets=()
  while (($#)); do
    case $1 in
      --preset) preset=${2:?--preset wants a name}; shift ;;
      --preset=*) preset=${1#*=} ;;
      --target) target_preset "${2:?--target wants an architecture}"; shift ;;
      --target=*) target_preset "${1#*=}" ;;
      -*) fail "build does not know '$1'" "./dev build --help lists what it knows" ;;
      *) targets+=("$1") ;;
    esac
    shift
  done
  case $preset in
    debug | release | asan | sim | tsan | gcc13 | aarch64) ;;
    *) fail "there is no preset '$preset'" "known: debug release asan sim tsan gcc13" ;;
  esac
  build_preset "$preset" "${targets[@]}"
}

# Sets run_build's preset.
target_preset() {
  [[ $1 == aarch64 ]] || fail "there is no target '$1'" "known: aarch64"
  preset=aarch64
}
