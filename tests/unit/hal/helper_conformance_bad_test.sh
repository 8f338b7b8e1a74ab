#!/bin/sh
# The conformance check must find each fault of helpers that are bad on purpose and name it:
# helper_conformance_bad_test.sh HELPERS CONFORMANCE SECTION. Each is the bench helper with one verb spoiled.
set -u
helpers=$1 conformance=$2 wanted=$3
. "$(dirname "$0")/helper_world.sh"

# bad SECTION VERB MESSAGE CODE [OPTION...]: with CODE in the place of VERB the check fails with MESSAGE. In CODE, proper
# is the verb as it should be.
bad() {
  [ "$1" = "$wanted" ] || return 0
  section=$1 verb=$2 message=$3 code=$4
  [ "$section" != down ] || section=bearer # half of that section's faults, so that no test takes long
  shift 4
  make_world
  cat >"$work/helper" <<HELPER
#!/bin/sh
work=$work
proper() { $helpers/bench "\$@"; }
case "\$1" in
  $verb) $code ;;
  *) proper "\$@" ;;
esac
HELPER
  chmod 0755 "$work/helper"
  said=$("$conformance" --only "$section" --env OOBM_BENCH_BOARD="$work/board" --resolv-conf "$work/resolv.conf" "$@" \
    "$work/helper" 2>&1)
  check "a helper with \"$code\" as $verb fails" same $? 1
  check "a helper with \"$code\" as $verb" says "$said" "why: $message"
}

bad words fly-to-the-moon "exit status 0, expected 3" 'exit 0'
bad words identity "identity differs when it is given an argument" 'proper identity; [ $# = 1 ] || echo colour=red'

bad identity identity "it did not end within 2 s and was killed" 'exec sleep 300' --limit 2
bad identity identity "it did not end within 2 s and was killed" 'trap "" TERM; while :; do sleep 1; done' --limit 2
bad identity identity "it was ended by signal 11" 'kill -SEGV $$'
bad identity identity "it could not run" 'exec no-such-program'
bad identity identity "exit status 1, expected 0 (the fuse is blown)" 'echo "error=the fuse is blown"; exit 1'
bad identity identity "its output is refused: line 1 is not of the form key=value" 'echo Serial: 1'
bad identity identity "its output is refused: line 1 has a malformed key" 'echo Serial=1'
bad identity identity "its output is refused: line 1 has a malformed key" 'echo abcdefghijklmnopqrstuvwxyz0123456=1'
bad identity identity "its output is refused: line 6 repeats the key serial" 'proper identity; echo serial=XR80TEST0002'
bad identity identity "its output is refused: line 1 has a value of more than 256" 'printf "serial=%0257d\n" 1'
bad identity identity "its output is refused: line 65 is one too many" 'seq 65 | sed s/.*/k\&=1/'
bad identity identity "its output is refused: a value is not printable ASCII" 'printf "serial=\303\204\n"'
bad identity identity "its output is refused: it printed more than 8192 bytes" 'yes serial=1'
bad identity identity "its output is refused: it printed more than 64 KiB" 'yes oh dear | head -c 100000 >&2; proper identity'
bad identity identity "it left a process in its group: sleep" 'sleep 300 & proper identity'
bad identity identity "call 2 gave another identity" 'proper identity; echo nonce=$$'
bad identity identity "it prints no sku" 'proper identity | grep -v sku'

bad wan wan-status "it names 'wan1', the main WAN is wan0" 'echo up=0; echo interface=wan1'
bad wan wan-status "wan0 does not have the address 192.0.2.9" 'printf "up=1\ninterface=wan0\naddress=192.0.2.9\n"'
bad wan wan-status "dns is no IP address: one.example" 'proper wan-status; echo dns=one.example'
bad wan wan-status "up is 'yes' while the link should be either" 'echo up=yes; echo interface=wan0'
bad wan wan-status "the main default route was changed" 'ip route del default; proper wan-status'

bad led led "a state that does not exist ended with status 0" 'exit 0'
bad led led "exit status 5, expected 0, or 3" 'exit 5'
bad power modem-power-cycle "it prints something" 'echo done=1'
bad install install-status "its state is 'perhaps'" 'echo state=perhaps; echo version=0.0.1'
bad install install-status "it prints no version" 'echo state=done'
bad install install "it ended with status 0" 'exit 0'
bad install install "a refused package changed the record" \
  'mkdir -p $work/records; echo version=0.0.1 >$work/records/record.failed; exit 1'
bad install install-commit "a version that nobody installs was confirmed" 'exit 0'
bad reboot reboot "exit status 1, expected 0, or 3" 'exit 1' --allow-reboot

bad up bearer-up "the main default route was changed" 'proper "$@"; ip route replace default via 10.64.0.1'
bad up bearer-up "the main default route was changed" 'proper "$@"; ip route add default via 10.64.0.1 metric 4000'
bad up bearer-up "the main routing table was changed" 'proper "$@"; ip route add 203.0.113.0/24 via 10.64.0.1'
bad up bearer-up "the customer's packets take another interface" 'proper "$@"; ip rule add pref 900 lookup 100'
bad up bearer-up "a resolv.conf was changed" 'echo nameserver 10.64.0.1 >$work/resolv.conf; proper "$@"'
bad up bearer-up "the main WAN's interface wan0 was changed" 'ip link set wan0 mtu 1400; proper "$@"'
bad bearer bearer-up "the bearer was interrupted" 'ip link set oobm0 down; proper "$@"'
bad bearer bearer-up "the bearer was interrupted" 'ip link del oobm0; ip link add oobm0 type veth peer name oobm1; proper "$@"'
bad bearer bearer-up "the second call says something else" 'proper "$@"; echo nonce=$$'
bad up bearer-up "packets from the bearer's address 10.64.0.2 do not leave" 'proper "$@"; ip rule del pref 1001'
bad up bearer-up "a socket bound to oobm0 gets no route" 'proper "$@"; ip rule del pref 1000'
bad up bearer-up "when the link is down, packets from its address would leave" \
  'proper "$@"; ip route del unreachable default metric 4278198272 table 100'
bad up bearer-up "it is up and prints no address" 'proper "$@" | grep -v address'
bad up bearer-up "it is up and names no interface" 'proper "$@" | grep -v interface'
bad up bearer-up "the bearer is on the main WAN's interface" 'echo up=1; echo interface=wan0; echo address=192.0.2.2'
bad up bearer-up "mtu is 100" 'proper "$@" | sed s/mtu=.*/mtu=100/'
bad up bearer-up "up is '0' while the link should be up" 'echo up=0'
bad bearer bearer-up "a process of the helper still runs" 'setsid sh -c "sleep 30 &" >/dev/null 2>&1; proper "$@"'
bad down bearer-status "it names another interface or address" 'proper "$@" | sed s/oobm0/oobm1/'
bad down bearer-status "up is '1' while the link should be down" 'echo up=1; echo interface=oobm1; echo address=10.64.0.1'
bad down bearer-down "a routing rule is still there" 'ip link set oobm0 down; ip addr flush dev oobm0'
bad down bearer-down "an address is still on oobm0" 'ip link set oobm0 down; ip rule del pref 1000; ip rule del pref 1001; true'
bad down bearer-down "exit status 2, expected 0" 'proper "$@"; rmdir $work/up 2>/dev/null || exit 2'

bad failure bearer-up "a process of the helper still runs" 'setsid sh -c "sleep 30 &" >/dev/null 2>&1; sleep 20'
bad failure bearer-up "it ended with status 0 while the bearer cannot work" 'proper "$@"' --break true --mend true
bad failure bearer-up "it fails without a word" '[ ! -e $work/broken ] || exit 1; proper "$@"' \
  --break "touch $work/broken" --mend "rm $work/broken"
bad failure bearer-up "exit status 1, expected 0 (still broken)" '[ ! -e $work/broken ] || { echo error=still broken; exit 1; }
  proper "$@"' --break "touch $work/broken" --mend true

exit "$failures"
