# What `./dev --help` and `./dev COMMAND --help` print.

general_help() {
  cat <<'TEXT'
usage: ./dev COMMAND [ARGUMENTS]

  demo     build, then play a router's whole life against real brokers
  test     every test: native, under sanitizers, for aarch64, and of the package
  vm       a router's life in a virtual machine, from its packages; or losses of its power
  vm-test  the tests in a virtual machine
  fuzz     run one fuzz target for as long as wanted
  sim      years of simulated routers, with every fault, watched by an oracle
  mutate   put deliberate defects in, one by one; the tests must notice
  bench    measure what something costs: bytes, wake-ups, processor time
  endurance  long runs on a bad network
  build    compile
  ipk      make the OpenWrt packages for aarch64 in dist/
  size     what the packages take, file by file and library by library, against their limits
  lint     formatting, clang-tidy and shell syntax
  fmt      format the sources
  shell    a shell, or one command, in the Debian 13 root
  in-demo  a command inside the demo that runs with --keep in another terminal
  clean    remove what was built

./dev COMMAND --help says more. Needs git and a Debian or Ubuntu machine with root, sudo or unprivileged user
namespaces; everything else is put into a Debian 13 root under ~/.cache/oobm-dev, once.
TEXT
}

command_help() {
  case $1 in
    demo) cat <<'TEXT'
usage: ./dev demo [--keep] [ARGUMENTS OF tests/system/demo.py]

Builds, then runs the demonstration in namespaces of its own. Exit status 0 only if everything held.
  --keep   leave it running until Ctrl-C; `./dev in-demo CMD` in another terminal reaches into it
TEXT
      ;;
    test) cat <<'TEXT'
usage: ./dev test [--quick] [-R REGEX]

Runs, in this order: the system tests with the debug build; the unit tests under ASan and UBSan; simulated
routers; the unit tests for aarch64 under qemu-user; the checks of the package; the tests in a virtual machine. What failed
is repeated at the end; the last line is "N passed, N failed" over all of them.
  --quick    only the unit tests of the debug build
  -R REGEX   only tests whose name matches
TEXT
      ;;
    vm) cat <<'TEXT'
usage: ./dev vm
       ./dev vm --cuts N [--seed S]

Compiles for aarch64 and makes the packages. Then an emulated machine with a flash of its own installs them by their own
scripts and lives: cold boot to Active, suspension, renewal, loss of power, upgrade ordered by ALMS. Broker and ALMS are
outside. Exit status 0 only if everything held.
  --cuts N   N losses of power at random moments of activation, renewal, suspension and upgrade; the router has to
             recover by itself from each
  --seed S   of the random choices; 1 unless told otherwise
TEXT
      ;;
    vm-test) cat <<'TEXT'
usage: ./dev vm-test [NAME]

Compiles for aarch64 and runs the tests of tests/vm: the programs as shipped, under Debian's arm64 kernel, in an emulated
machine. NAME (a regular expression, for example ppp) picks some. Consoles are kept in build/aarch64/vm.
TEXT
      ;;
    fuzz) cat <<'TEXT'
usage: ./dev fuzz TARGET [--runs N | --seconds S]

Compiles TARGET with ASan, UBSan and libFuzzer, optimised, and feeds it; 60 seconds unless told otherwise. It starts
from tests/fuzz/corpus/TARGET and from what earlier runs left in build/fuzz/inputs. An input that breaks a rule is kept
in build/fuzz/findings/TARGET; give it to build/fuzz/tests/fuzz/TARGET_fuzz to see it again. Targets are listed at the
end of tests/fuzz/CMakeLists.txt.
TEXT
      ;;
    sim) cat <<'TEXT'
usage: ./dev sim [--seeds N] [--seed FIRST] [--years Y] [--jobs J] [--story] [--every-poll] [--coverage] [--quiet]

Compiles the simulation optimised and lets N routers live Y years each in virtual time, seeds FIRST and up (1, 1 and 1
unless told otherwise). A seed whose router breaks a rule is named with the command that replays it; then the exit
status is 1. The last line gives router-years, years per second of processor time and violations.
  --jobs        so many lives beside each other; one a processor unless told otherwise
  --story       tell what happens, line by line
  --every-poll  play every poll of the radio byte by byte, also those that cannot differ from the last one
  --coverage    fail where a fault, an act of an operator, a state or a transition never came
TEXT
      ;;
    mutate) cat <<'TEXT'
usage: ./dev mutate [--list] [WORD...]

Puts the defects of tests/mutation/defects.py one by one into a copy of the tree (build/mutation) and runs the tests that
should notice. Exit status 0 only if each was noticed. WORD picks those with it in their name.
TEXT
      ;;
    bench) cat <<'TEXT'
usage: ./dev bench uplink [--json] [--records] [--timestamps]
       ./dev bench idle [--json] [--minutes N] [--poll SECONDS]
       ./dev bench target [--json] [--minutes N]
       ./dev bench NAME [OPTIONS OF GOOGLE BENCHMARK]

Compiles what is measured as shipped, and measures it; docs/performance.md keeps the figures.
  uplink  bytes on the wire and round trips, beside the MQTT library with TLS of its own; about a minute
  idle    wake-ups of each thread and memory of a daemon in service, while nothing happens; --minutes 6 unless told otherwise
  target  memory, processor time, wake-ups and flash writes of what ships, in the virtual machine; ten idle minutes unless told otherwise
  NAME    a microbenchmark; they are listed in tests/bench/CMakeLists.txt
TEXT
      ;;
    endurance) cat <<'TEXT'
usage: ./dev endurance reconnects [--count N] [--clients N] [--seed N]
       ./dev endurance flaps [--helped] [--seeds FIRST-LAST] [--parallel N]
       ./dev endurance recovery [--helped]

Long runs of what the tests of tests/net do for a short while: 10,000 sessions on a bad link; 200 random lives of a link;
every way in which a network or a server fails. Each ends by itself; docs/testing.md has the results.
  --helped  short, with a technician who asks for a connection again and again, as the tests have it
TEXT
      ;;
    build) cat <<'TEXT'
usage: ./dev build [--preset debug|release|asan|sim|tsan|gcc13] [--target aarch64] [CMAKE-TARGET...]

Compiles into build/PRESET; debug unless told otherwise. --target aarch64 compiles for the router into build/aarch64.
TEXT
      ;;
    ipk) cat <<'TEXT'
usage: ./dev ipk

Compiles for aarch64 and makes dist/oobm-agent_VERSION_aarch64_cortex-a53.ipk and oobm-agent-transfer_..., then checks
them. The same commit makes the same bytes.
TEXT
      ;;
    size) cat <<'TEXT'
usage: ./dev size

Compiles for aarch64, makes the packages, and prints what they take: bytes of each file, of each library, of each part of
the program. Exit status 1 when a limit (toolchains/dev/sizes.py) is passed; ./dev test has the same limits.
TEXT
      ;;
    lint) cat <<'TEXT'
usage: ./dev lint [--quick | --all | FILE...]

Checks all tracked sources, or just the files given: clang-format, clang-tidy, and the syntax of shell and Python.
clang-tidy leaves out the unit tests, which are as many again, unless told --all; --quick leaves out clang-tidy.
A file that clang-tidy passed is not looked at again until it, a header it reads, or the rules change.
TEXT
      ;;
    fmt) cat <<'TEXT'
usage: ./dev fmt [FILE...]

Formats all tracked C++ sources, or just the files given, in place.
TEXT
      ;;
    shell) cat <<'TEXT'
usage: ./dev shell [-- CMD [ARGUMENTS]]

A shell, or one command, in the Debian 13 root, in the clone (/src there). The root has a network of its own with
nothing but a loopback; what is written outside of /src is gone afterwards.
TEXT
      ;;
    in-demo) cat <<'TEXT'
usage: ./dev in-demo [CMD [ARGUMENTS]]

Runs CMD (a shell if none is given) inside the namespaces of the `./dev demo --keep` of this clone.
TEXT
      ;;
    clean) cat <<'TEXT'
usage: ./dev clean [--root]

Removes build/ and dist/. With --root also the cached Debian roots and the compiler cache, which all clones share.
TEXT
      ;;
    *) return 1 ;;
  esac
}
