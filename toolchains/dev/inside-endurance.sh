# Long runs on a bad network: ./dev endurance reconnects|flaps|recovery [OPTION...].

run_endurance() {
  local name=${1:-}
  (($#)) && shift
  case $name in
    reconnects | flaps | recovery) ;;
    *) fail "there is no long run '$name'" "known: reconnects, flaps, recovery" ;;
  esac
  build_preset debug programs
  PYTHONPATH=tests/net:tests/system PYTHONDONTWRITEBYTECODE=1 exec python3 "tests/net/$name.py" --build-dir build/debug "$@"
}
