# A router made of interfaces for tests of board helpers: wan0 with the main default route, oobm0 for the bearer, each the
# end of a pair. Sourced inside a network namespace of the test's own. Failures are printed and counted.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

check() { # check TEXT COMMAND...
  text=$1
  shift
  "$@" || {
    echo "FAILED: $text"
    failures=$((failures + 1))
  }
}
same() { [ "$1" = "$2" ] || { echo "have: $1"; echo "want: $2"; return 1; }; }
holds() { printf '%s\n' "$1" | grep -qx "$2" || { echo "'$2' is not in:"; echo "$1"; return 1; }; }
says() { printf '%s\n' "$1" | grep -qF "$2" || { echo "'$2' is not in:"; echo "$1"; return 1; }; }
holds_not() { ! printf '%s\n' "$1" | grep -qx "$2"; }
fails() { ! "$@" >/dev/null 2>&1; }
# outcome COMMAND...: its output, then status=N.
outcome() {
  "$@" 2>&1
  echo "status=$?"
}

make_world() {
  ip link set lo up
  ip link del wan0 2>/dev/null
  ip link del oobm0 2>/dev/null
  ip link add wan0 type veth peer name wan1
  ip link add oobm0 type veth peer name oobm1
  for name in wan0 wan1 oobm1; do ip link set "$name" up; done
  ip addr add 192.0.2.2/24 dev wan0
  ip route add default via 192.0.2.1 dev wan0
  while ip rule del lookup 100 2>/dev/null; do :; done
  ip rule del pref 900 2>/dev/null
  ip route flush table 100 2>/dev/null
  echo "nameserver 192.0.2.53" >"$work/resolv.conf"
  cat >"$work/factory" <<FACTORY
serial=XR80TEST0001
sku=XR80-NA-SAMPLE
model=XR80
firmware=5.2.0
imei=359459090001236
FACTORY
  cat "$work/factory" - >"$work/board" <<BOARD
oobm_interface=oobm0
oobm_address=10.64.0.2/30
oobm_gateway=10.64.0.1
oobm_dns=10.64.0.1 10.64.0.3
oobm_mtu=1358
wan_interface=wan0
wan_dns=192.0.2.53
led_file=$work/led
reboot_marker=$work/reboot
install_root=$work/installed
install_folder=$work/records
agent_pid_file=$work/agent
BOARD
}
