#!/bin/sh
# The bench board helper with real interfaces and routes, in a network namespace of its own:
# bench_helper_test.sh HELPER. Prints what failed; the exit status counts the failures.
set -u
helper=$1
. "$(dirname "$0")/helper_world.sh"
make_world

# Failures first.
unset OOBM_BENCH_BOARD
check "no board file named" fails "$helper" identity
export OOBM_BENCH_BOARD="$work/another"
check "board file missing" fails "$helper" identity
: >"$OOBM_BENCH_BOARD"
check "no OOBM interface named" fails "$helper" bearer-up
check "a board without a light says so" same "$("$helper" led on >/dev/null; echo $?)" 3
check "unknown verb is unsupported" same "$("$helper" fly >/dev/null; echo $?)" 3
sed s/oobm0/oobm9/ "$work/board" >"$OOBM_BENCH_BOARD"
check "no such interface" fails "$helper" bearer-up
check "status while there is no interface" holds "$("$helper" bearer-status)" up=0

export OOBM_BENCH_BOARD="$work/board"
main_before=$(ip -4 route show table main | grep default)

check "bearer is down at first" holds "$("$helper" bearer-status)" up=0
mkdir "$work/bin" && printf '#!/bin/sh\nexit 1\n' >"$work/bin/nft" && chmod +x "$work/bin/nft"
check "a firewall that cannot leave out timestamps is no hindrance" holds "$(PATH="$work/bin:$PATH" "$helper" bearer-up)" up=1
check "it has no rule then" fails nft list table inet oobm_100
for round in first second; do
  up=$("$helper" bearer-up)
  check "$round bearer-up succeeds" same $? 0
  for line in up=1 interface=oobm0 address=10.64.0.2 dns=10.64.0.1 dns=10.64.0.3 mtu=1358; do
    check "$round bearer-up says $line" holds "$up" "$line"
  done
done
check "two rules, not four" same "$(ip -4 rule show | grep -c 'lookup 100')" 2
rule='oifname "oobm0" tcp flags & (syn | ack) == syn reset tcp option timestamp'
check "TCP offers no timestamps on the bearer" same "$(nft list table inet oobm_100 | grep -cF "$rule")" 1
check "main default route is as before" same "$(ip -4 route show table main | grep default)" "$main_before"
check "unbound traffic takes the WAN" same "$(ip route get 198.51.100.1 | grep -c 'dev wan0')" 1
check "bound traffic takes the bearer" same "$(ip route get 198.51.100.1 oif oobm0 | grep -c 'via 10.64.0.1 dev oobm0')" 1
check "the bearer's address takes the bearer" same "$(ip route get 198.51.100.1 from 10.64.0.2 | grep -c 'dev oobm0')" 1
ip link set oobm0 down
check "nothing leaks to the WAN when the link is down" fails ip route get 198.51.100.1 from 10.64.0.2
check "status sees that the link is down" holds "$("$helper" bearer-status)" up=0
check "bearer-up repairs it" holds "$("$helper" bearer-up)" up=1
ip route del default
check "bearer works without a main default route" same "$(ip route get 198.51.100.1 oif oobm0 | grep -c 'dev oobm0')" 1
ip route add default via 192.0.2.1 dev wan0

for round in first second; do
  check "$round bearer-down" holds "$("$helper" bearer-down)" up=0
done
check "no rule is left" same "$(ip -4 rule show | grep -c 'lookup 100')" 0
check "no firewall rule is left" fails nft list table inet oobm_100
check "no route is left" same "$(ip -4 route show table 100 2>/dev/null | wc -l)" 0
check "main default route is still as before" same "$(ip -4 route show table main | grep default)" "$main_before"

wan=$("$helper" wan-status)
for line in up=1 interface=wan0 address=192.0.2.2 dns=192.0.2.53; do
  check "wan-status says $line" holds "$wan" "$line"
done
check "identity hands over the serial" holds "$("$helper" identity)" serial=XR80TEST0001
check "identity is silent about what the board lacks" holds_not "$("$helper" identity)" 'region=.*'
"$helper" led fast
check "light" same "$(cat "$work/led")" fast
check "unknown light" fails "$helper" led purple
"$helper" reboot
check "reboot" same "$(cat "$work/reboot")" reboot
exit "$failures"
