#!/bin/sh
# The OpenWrt board helper with scripts that stand in for ubus, uci and jsonfilter: openwrt_helper_test.sh HELPER.
set -u
helper=$1
. "$(dirname "$0")/helper_world.sh"
make_world
OPENWRT_STATE=$work PATH=$(cd "$(dirname "$0")" && pwd)/openwrt:$PATH OOBM_WAIT_S=2
export OPENWRT_STATE PATH OOBM_WAIT_S
: >"$work/uci"
main_before=$(ip -4 route show table main)
resolv_before=$(cat "$work/resolv.conf")

# Failures first.
check "without OpenWrt's programs" says "$(PATH=/usr/sbin:/usr/bin:/sbin:/bin "$helper" identity)" "there is no ubus"
check "unknown verb" holds "$(outcome "$helper" fly)" status=3
check "no such interface" says "$(outcome "$helper" bearer-up)" "there is no interface oobm"
check "status of no such interface" holds "$("$helper" bearer-status)" up=0
echo network.oobm.proto=dhcp >"$work/uci"
for setting in defaultroute=0 peerdns=0 ipv6=0 ip4table=100; do
  check "without $setting" says "$(outcome "$helper" bearer-up)" "error=network.oobm must have ${setting%=*} '${setting#*=}'"
  check "without $setting" same "$(ip -4 route show table main)" "$main_before"
  echo "network.oobm.$setting" >>"$work/uci"
done
sed -i 's/defaultroute=0/defaultroute=1/' "$work/uci"
check "with a default route for everybody" says "$(outcome "$helper" bearer-up)" "the main default route would change"
sed -i 's/defaultroute=1/defaultroute=0/' "$work/uci"
for case in "no-device:netifd says NO_DEVICE about oobm" "silent:oobm did not come up in time"; do
  echo "${case%%:*}" >"$work/mood"
  check "netifd is ${case%%:*}" says "$(outcome "$helper" bearer-up)" "error=${case#*:}"
  check "netifd is ${case%%:*}" same "$(ip rule show | grep -c 'lookup 100')" 0
done
rm "$work/mood"
check "an APN with foreign characters" says "$(outcome "$helper" bearer-up 'apn=a;b')" "the APN may hold"
check "no light" holds "$(outcome "$helper" led on)" status=3
check "no power switch" holds "$(outcome "$helper" modem-power-cycle)" status=3

up=$("$helper" bearer-up apn=iot.example)
for line in up=1 interface=oobm0 address=10.64.0.2 dns=10.64.0.1 dns=10.64.0.3 mtu=1500 apn=iot.example; do
  check "bearer-up says it" holds "$up" "$line"
done
"$helper" bearer-up apn=iot.example >/dev/null
check "the same APN is written once" same "$(cat "$work/commits")" "$(printf 'network\nreload')"
check "bound traffic takes the bearer" says "$(ip route get 198.51.100.1 oif oobm0)" "via 10.64.0.1 dev oobm0"
ip route flush table 100
check "status sees that the routes are gone" holds "$("$helper" bearer-status)" up=0
check "bearer-up puts them back" holds "$("$helper" bearer-up)" up=1
check "bearer-down" holds "$("$helper" bearer-down)" up=0
check "the main table is as before" same "$(ip -4 route show table main)" "$main_before"
check "resolv.conf is as before" same "$(cat "$work/resolv.conf")" "$resolv_before"

check "the board fills in the model" holds "$("$helper" identity)" "model=Sample Router"
check "the board fills in the firmware" holds "$("$helper" identity)" firmware=24.10.1
check "no serial is invented" holds_not "$("$helper" identity)" 'serial=.*'
sed 's/^/oobm.factory./' "$work/factory" >>"$work/uci"
check "factory data comes first" holds "$("$helper" identity)" model=XR80
check "factory data" holds "$("$helper" identity)" imei=359459090001236
for line in up=1 interface=wan0 address=192.0.2.2 dns=192.0.2.53; do
  check "wan-status says $line" holds "$("$helper" wan-status)" "$line"
done
"$helper" reboot
check "procd was asked to reboot" test -e "$work/reboot"
exit "$failures"
