#!/bin/sh
# The board helper for plain Linux in PPP mode, with a script in the place of pppd that makes a link of a pair of
# interfaces: linux_ppp_helper_test.sh HELPER. Real pppd needs a kernel with PPP and is tried in a virtual machine.
set -u
helper=$1
. "$(dirname "$0")/helper_world.sh"
make_world
mkdir "$work/bin"
: >"$work/port"
cat >"$work/bin/pppd" <<PPPD
#!/bin/sh
[ ! -e $work/status ] || { echo "Failed (NO CARRIER)"; exit "\$(cat $work/status)"; }
[ ! -e $work/stuck ] || { trap "" TERM; while :; do sleep 1; done; }
echo dialled >>$work/calls
cp "\$2" $work/options-seen
cp $work/run/ppp.dial $work/dial-seen
cp $work/run/ppp.hangup $work/hangup-seen
ip addr add 10.64.0.2 peer 10.64.0.1/32 dev oobm0
ip link set oobm0 up
trap 'ip addr flush dev oobm0; ip link set oobm0 down; exit 5' TERM
DNS1=10.64.0.1 DNS2=10.64.0.3 $work/run/ppp.ip-up oobm0 $work/port 115200 10.64.0.2 10.64.0.1
while :; do sleep 0.1; done
PPPD
printf '#!/bin/sh\n' >"$work/bin/chat"
chmod 0755 "$work/bin/pppd" "$work/bin/chat"
export PATH="$work/bin:$PATH" OOBM_BEARER=ppp OOBM_RUN="$work/run" OOBM_WAIT_S=20
main_before=$(ip -4 route show table main)

check "no port named" says "$(outcome "$helper" bearer-up)" "error=OOBM_PPP_PORT, the module's data port, is not set"
check "port is not there" says "$(OOBM_PPP_PORT=/none outcome "$helper" bearer-up)" "the data port /none is not there"
export OOBM_PPP_PORT="$work/port"
check "an APN that would end the quotes" says "$(outcome "$helper" bearer-up "apn=a'b")" "the APN may hold"
for case in "4:the kernel has no PPP" "7:is held by another process" "8:the module did not connect: Failed (NO CARRIER)" \
  "16:the module hung up" "19:the network refused user or password" "77:pppd ended with status 77"; do
  echo "${case%%:*}" >"$work/status"
  said=$(outcome "$helper" bearer-up)
  check "pppd ends with ${case%%:*}" says "$said" "${case#*:}"
  check "pppd ends with ${case%%:*}" holds "$said" status=1
  check "a failed call leaves no options behind" fails test -e "$work/run/ppp.options"
done
rm "$work/status"
check "down while down" holds "$(outcome "$helper" bearer-down)" status=0

for round in first second; do
  up=$("$helper" bearer-up apn=iot.example)
  for line in up=1 interface=oobm0 address=10.64.0.2 dns=10.64.0.1 dns=10.64.0.3 apn=iot.example; do
    check "$round bearer-up says $line" holds "$up" "$line"
  done
done
check "one call, not two" same "$(cat "$work/calls")" dialled
check "the main table is as before, but for the link's own route" \
  same "$(ip -4 route show table main | grep -v 'dev oobm0.*scope link')" "$main_before"
check "bound traffic takes the link" says "$(ip route get 198.51.100.1 oif oobm0)" "dev oobm0"
for option in nodefaultroute nopersist usepeerdns lcp-echo-interval lcp-echo-failure lcp-echo-adaptive; do
  check "pppd is told $option" says "$(cat "$work/options-seen")" "$option"
done
check "dial with the APN" says "$(cat "$work/dial-seen")" "OK 'AT+CGDCONT=1,\"IP\",\"iot.example\"'"
check "dial the context" says "$(cat "$work/dial-seen")" "'ATD*99***1#'"
check "back from data mode first" says "$(cat "$work/dial-seen")" 'OK-\d+++\d\c-OK-AT-OK-AT-OK ATH'
check "a call that has ended is not hung up for seconds" says "$(cat "$work/hangup-seen")" "ABORT 'NO CARRIER'"
pid=$(cat "$work/run/ppp.pid")
kill -KILL "$pid"
check "a dead pppd is no bearer" holds "$("$helper" bearer-status)" up=0
check "bearer-up dials again" holds "$("$helper" bearer-up)" up=1
pid=$(cat "$work/run/ppp.pid")
for round in first second; do
  check "$round bearer-down" holds "$(outcome "$helper" bearer-down)" status=0
done
check "pppd has ended" fails grep -q "^$pid (pppd) [^ZX]" "/proc/$pid/stat"
check "no rule is left" same "$(ip -4 rule show | grep -c 'lookup 100')" 0
check "the main table is as before" same "$(ip -4 route show table main)" "$main_before"
echo $$ >"$work/run/ppp.pid"
check "a number that is another process's by now" holds "$(outcome "$helper" bearer-down)" status=0
exit "$failures"
