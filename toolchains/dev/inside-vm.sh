# The virtual machine: ./dev vm, ./dev vm-test.

# The machine runs what was compiled for aarch64; the world around it is of this machine.
build_vm() {
  build_preset debug alms-sim
  build_preset aarch64 vm_programs
}

# vm_python PROGRAM ARGUMENT...
vm_python() {
  OOBM_BUILD_DIR=$PWD/build/debug OOBM_TARGET_BUILD_DIR=$PWD/build/aarch64 PYTHONPATH=tests/vm:tests/system \
    PYTHONDONTWRITEBYTECODE=1 exec python3 "$@"
}

run_vm() {
  local cuts=''
  case ${1:-} in
    '') ;;
    --cuts | --cuts=* | --seed | --seed=*) cuts=yes ;;
    *) fail "vm does not know '$1'" "./dev vm --help lists what it knows" ;;
  esac
  build_vm
  if [[ $cuts ]]; then vm_python tests/vm/cuts.py "$@"; else vm_python tests/vm/story.py; fi
}

run_vm_test() {
  local match=()
  if (($#)); then match=(-R "$1"); fi
  build_vm
  ctest --test-dir build/aarch64 -L vm "${match[@]}" --parallel "$jobs" --verbose --no-tests=error
}
