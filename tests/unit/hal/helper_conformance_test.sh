#!/bin/sh
# The project's own helpers pass the conformance check: helper_conformance_test.sh HELPERS CONFORMANCE WHICH [SHELL...],
# with the shell that runs the check.
set -u
helpers=$1 conformance=$2 which=$3
shift 3
. "$(dirname "$0")/helper_world.sh"
make_world

passes() { # passes HELPER OPTION...
  helper=$1
  shift
  said=$("$@" --resolv-conf "$work/resolv.conf" --allow-reboot "$helpers/$helper" 2>&1)
  result=$?
  printf '%s\n' "$said" | grep -q ' 0 failed' && [ "$result" = 0 ] || { printf '%s\n' "$said" && return 1; }
  [ "$(printf '%s\n' "$said" | grep -c '^skipped')" = 0 ] || { printf '%s\n' "$said" && return 1; }
}

power=$work/regulator # a regulator's switch
echo enabled >"$power"
mkdir -p "$work/sys/class/leds/oobm"
for file in trigger brightness delay_on delay_off; do : >"$work/sys/class/leds/oobm/$file"; done
printf '#!/bin/sh\ntouch %s/reboot\n' "$work" >"$work/reboot-now"
chmod 0755 "$work/reboot-now"
set -- "$@" "$conformance" --env "OOBM_MODEM_POWER=regulator:$power" --env OOBM_MODEM_POWER_OFF_S=1 \
  --env "OOBM_SYSFS=$work/sys" --env OOBM_LED=oobm --env OOBM_WAIT_S=3

case "$which" in
  bench)
    # It has no power switch, so one row is skipped.
    check "bench" says "$("$@" --env OOBM_BENCH_BOARD="$work/board" --break "mv $work/board $work/away" \
      --mend "mv $work/away $work/board" --allow-reboot "$helpers/bench" 2>&1)" "21 ok, 0 failed, 1 skipped"
    ;;
  linux)
    check "linux" passes linux "$@" --env OOBM_FACTORY="$work/factory" --env OOBM_RUN="$work/run" \
      --env OOBM_INTERFACE=oobm0 --env OOBM_ADDRESS=10.64.0.2/30 --env OOBM_GATEWAY=10.64.0.1 --env OOBM_MTU=1358 \
      --env "OOBM_DNS=10.64.0.1 10.64.0.3" --env OOBM_RESOLV_CONF="$work/resolv.conf" \
      --env OOBM_REBOOT="$work/reboot-now" --env OOBM_INSTALL="$work/records" --env OOBM_INSTALL_ROOT="$work/installed" \
      --env OOBM_INSTALL_RESTART=true --apn iot.example \
      --break "ip link set oobm0 name away" --mend "ip link set away down name oobm0"
    ;;
  openwrt)
    {
      printf 'network.oobm.%s\n' proto=dhcp defaultroute=0 peerdns=0 ipv6=0 ip4table=100
      sed 's/^/oobm.factory./' "$work/factory"
    } >"$work/uci"
    stand_ins=$(cd "$(dirname "$0")" && pwd)/openwrt
    check "openwrt" passes openwrt "$@" --env OPENWRT_STATE="$work" --env OOBM_INSTALL="$work/records" --env "PATH=$stand_ins:/usr/sbin:/usr/bin:/sbin:/bin" \
      --apn iot.example --break "echo silent >$work/mood" --mend "rm $work/mood"
    ;;
esac
check "the module has power again" same "$(cat "$power")" enabled
exit "$failures"
