#!/bin/sh
# The board helper for plain Linux with real interfaces and made-up sysfs: linux_helper_test.sh HELPER.
set -u
helper=$1
. "$(dirname "$0")/helper_world.sh"
make_world
sys=$work/sys
OOBM_SYSFS=$sys OOBM_RUN=$work/run OOBM_RESOLV_CONF=$work/resolv.conf OOBM_WAIT_S=1 OOBM_MODEM_POWER_OFF_S=0
export OOBM_SYSFS OOBM_RUN OOBM_RESOLV_CONF OOBM_WAIT_S OOBM_MODEM_POWER_OFF_S
with() { env "$@" "$helper" "$verb"; }
main_before=$(ip -4 route show table main)

# Bearer: what is configured wrongly is said, and nothing is touched.
verb=bearer-up
check "no interface" says "$(with OOBM_ADDRESS=auto)" "error=OOBM_INTERFACE, the module's network interface, is not set"
check "no address" says "$(with OOBM_INTERFACE=oobm0)" "error=OOBM_ADDRESS is not set"
check "no such address" says "$(with OOBM_INTERFACE=oobm0 OOBM_ADDRESS=dhcp)" "neither a.b.c.d/LENGTH nor auto"
check "the main WAN as bearer" says "$(with OOBM_INTERFACE=wan0 OOBM_ADDRESS=auto)" "is the main WAN's interface"
check "no such interface" says "$(with OOBM_INTERFACE=usb9 OOBM_ADDRESS=auto)" "the interface usb9 did not appear"
check "nobody sets an address" says "$(with OOBM_INTERFACE=oobm0 OOBM_ADDRESS=auto)" "the interface oobm0 got no address"
check "unknown kind of bearer" says "$(with OOBM_BEARER=pigeon)" "OOBM_BEARER is neither netdev nor ppp"
verb=bearer-down
check "the main WAN as bearer goes not down" fails with OOBM_INTERFACE=wan0
check "the main table is untouched" same "$(ip -4 route show table main)" "$main_before"

# An address that somebody else sets, then another one.
export OOBM_INTERFACE=oobm0 OOBM_ADDRESS=auto OOBM_GATEWAY=10.64.0.1
ip addr add 10.64.0.2/30 dev oobm0
check "address by somebody else" holds "$("$helper" bearer-up)" address=10.64.0.2
ip addr flush dev oobm0
ip addr add 10.64.0.3/29 dev oobm0
check "the rule for the old address does not count" holds "$("$helper" bearer-status)" up=0
check "the new address" holds "$("$helper" bearer-up)" address=10.64.0.3
check "one rule for the address" same "$(ip rule show | grep -c '^1001:')" 1
check "IPv6 is off on the bearer" same "$(cat /proc/sys/net/ipv6/conf/oobm0/disable_ipv6)" 1
ip link set oobm0 down
ip link set oobm0 up
check "a link that lost its route is down" holds "$("$helper" bearer-status)" up=0
check "bearer-up repairs it" holds "$("$helper" bearer-up)" up=1
check "bearer-down" holds "$("$helper" bearer-down)" up=0

# Identity.
verb=identity
check "no identity configured" says "$(with OOBM_FACTORY=/none)" "error=the factory file /none cannot be read"
check "factory file" holds "$(with OOBM_FACTORY="$work/factory")" serial=XR80TEST0001
mkdir -p "$sys/firmware/devicetree/base" "$sys/class/dmi/id"
printf 'DT123\0' >"$sys/firmware/devicetree/base/serial-number"
printf 'Sample Board\0' >"$sys/firmware/devicetree/base/model"
echo DMI123 >"$sys/class/dmi/id/product_serial"
echo DMI-SKU >"$sys/class/dmi/id/product_sku"
printf 'NAME=x\nVERSION_ID="13.2"\n' >"$work/os-release"
export OOBM_OS_RELEASE="$work/os-release"
check "device tree" same "$(with OOBM_FACTORY=/none OOBM_IDENTITY=device-tree)" "$(printf 'serial=DT123\nmodel=Sample Board\nfirmware=13.2')"
check "DMI" same "$(with OOBM_FACTORY=/none OOBM_IDENTITY=dmi)" "$(printf 'serial=DMI123\nsku=DMI-SKU\nfirmware=13.2')"
check "the factory file comes first" holds "$(with OOBM_FACTORY="$work/factory" OOBM_IDENTITY=dmi)" serial=XR80TEST0001

# The main WAN.
for line in up=1 interface=wan0 address=192.0.2.2 dns=192.0.2.53; do
  check "wan-status says $line" holds "$("$helper" wan-status)" "$line"
done
ip route del default
check "no main WAN" same "$("$helper" wan-status)" up=0

# Light.
light=$sys/class/leds/oobm
check "no light" holds "$(outcome "$helper" led on)" status=3
mkdir -p "$light"
for file in trigger brightness delay_on delay_off; do : >"$light/$file"; done
echo 255 >"$light/max_brightness"
export OOBM_LED=oobm
"$helper" led on
check "on" same "$(cat "$light/trigger" "$light/brightness")" "$(printf 'none\n255')"
"$helper" led fast
check "fast" same "$(cat "$light/trigger" "$light/delay_on" "$light/delay_off")" "$(printf 'timer\n125\n125')"
check "unknown light" holds "$(outcome "$helper" led purple)" status=2

# Power of the module.
verb=modem-power-cycle
check "no power switch" holds "$(outcome "$helper" "$verb")" status=3
check "unknown switch" says "$(with OOBM_MODEM_POWER=hammer)" "is not of the form"
check "off for too long" says "$(with OOBM_MODEM_POWER=gpio:4 OOBM_MODEM_POWER_OFF_S=50)" "is more than 40"
check "no such GPIO line" says "$(with OOBM_MODEM_POWER=gpio:4)" "the GPIO line 4 cannot be had"
check "no such USB device" says "$(with OOBM_MODEM_POWER=usb:1199:c001)" "there is no USB device 1199:c001"
mkdir -p "$sys/class/gpio/gpio4" "$sys/bus/usb/devices/1-1"
echo in >"$sys/class/gpio/gpio4/direction"
: >"$sys/class/gpio/gpio4/value"
echo 1199 >"$sys/bus/usb/devices/1-1/idVendor"
echo c001 >"$sys/bus/usb/devices/1-1/idProduct"
echo 1 >"$sys/bus/usb/devices/1-1/authorized"
check "GPIO" same "$(with OOBM_MODEM_POWER=gpio-low:4)" ""
check "GPIO becomes an output at the level that means power" same "$(cat "$sys/class/gpio/gpio4/direction")" low
check "GPIO ends with power" same "$(cat "$sys/class/gpio/gpio4/value")" 0
check "USB" same "$(with OOBM_MODEM_POWER=usb:1199:c001)" ""
check "USB ends authorized" same "$(cat "$sys/bus/usb/devices/1-1/authorized")" 1
OOBM_MODEM_POWER=usb:1199:c001 OOBM_MODEM_POWER_OFF_S=30 "$helper" "$verb" >/dev/null 2>&1 &
cycle=$!
until [ "$(cat "$sys/bus/usb/devices/1-1/authorized")" = 0 ]; do sleep 0.1; done
kill -TERM "$cycle"
# As in the agent, which signals the whole group: the shell runs its trap when the program it waits for has ended.
for stat in /proc/[0-9]*/stat; do
  read -r line 2>/dev/null <"$stat" && set -- ${line##*) } && [ "$2" = "$cycle" ] && number=${stat#/proc/} && kill "${number%/stat}"
done
wait "$cycle"
check "broken off it has power again" same "$(cat "$sys/bus/usb/devices/1-1/authorized")" 1

# Reboot.
check "no program to reboot with" holds "$(OOBM_REBOOT=/none outcome "$helper" reboot)" status=3
exit "$failures"
