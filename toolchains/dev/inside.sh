# The half of ./dev that runs inside the Debian 13 root, in the clone: inside.sh COMMAND ARGUMENTS...
set -euo pipefail

. toolchains/dev/say.sh
for part in build test lint fuzz sim mutate bench endurance vm; do . "toolchains/dev/inside-$part.sh"; done

# The network namespace is fresh: without this not even 127.0.0.1 answers.
ip link set lo up

command=$1
shift
case $command in
  build) run_build "$@" ;;
  test) run_test "$@" ;;
  vm) run_vm "$@" ;;
  vm-test) run_vm_test "$@" ;;
  fuzz) run_fuzz "$@" ;;
  sim) run_sim "$@" ;;
  mutate) run_mutate "$@" ;;
  bench) run_bench "$@" ;;
  endurance) run_endurance "$@" ;;
  lint) run_lint "$@" ;;
  fmt) run_fmt "$@" ;;
  ipk) run_ipk ;;
  size) run_size ;;
  demo)
    build_preset debug programs
    exec python3 tests/system/demo.py --build-dir build/debug "$@"
    ;;
  shell)
    if [[ ${1:-} == -- ]]; then shift; fi
    if (($#)); then exec "$@"; fi
    exec bash --rcfile <(echo 'PS1="(oobm) \w# "')
    ;;
esac
