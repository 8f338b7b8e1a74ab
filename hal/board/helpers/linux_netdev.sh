# Bearer over a network interface of the module (CDC-ECM, CDC-NCM, RNDIS). Sourced by the helper linux.
#
# OOBM_ADDRESS says where the address comes from: a.b.c.d/LENGTH is set by this helper; "auto" is waited for, since the
# kernel, the module's driver or another program sets it. No DHCP client is run here: each of them wants to write
# resolv.conf and the main default route in a way of its own.

netdev_wait_s=${OOBM_WAIT_S:-40} # for an interface to appear, and for an address of somebody else

# netdev_await SENTENCE COMMAND...: until the command succeeds.
netdev_await() {
  sentence=$1
  shift
  left=$netdev_wait_s
  until "$@"; do
    [ "$left" -gt 0 ] || fail "$sentence"
    sleep 1
    left=$((left - 1))
  done
}

netdev_exists() { ip link show dev "$interface" >/dev/null 2>&1; }
netdev_has_address() { [ -n "$(addresses "$interface")" ]; }

netdev_prepare() {
  case "$interface" in
    '') fail "OOBM_INTERFACE, the module's network interface, is not set" ;;
    "$(main_interface)") fail "OOBM_INTERFACE is the main WAN's interface" ;;
  esac
  case "${OOBM_ADDRESS:-}" in
    '') fail "OOBM_ADDRESS is not set; allowed are a.b.c.d/LENGTH and auto" ;;
    auto | [0-9]*.[0-9]*.[0-9]*.[0-9]*/[0-9]*) ;;
    *) fail "OOBM_ADDRESS is neither a.b.c.d/LENGTH nor auto" ;;
  esac
  netdev_await "the interface $interface did not appear" netdev_exists
}

# A router advertisement would put a default route into the main table.
netdev_no_ipv6() {
  switch=/proc/sys/net/ipv6/conf/$interface/disable_ipv6
  [ ! -w "$switch" ] || echo 1 >"$switch" 2>/dev/null
}

netdev_up() {
  netdev_prepare
  netdev_no_ipv6
  trap 'netdev_clear; fail "the verb was broken off"' TERM INT HUP
  [ -z "${OOBM_MTU:-}" ] || ip link set dev "$interface" mtu "$OOBM_MTU" || fail "the MTU was refused"
  [ "$OOBM_ADDRESS" = auto ] || ip addr replace "$OOBM_ADDRESS" dev "$interface" || fail "the address was refused"
  ip link set dev "$interface" up || fail "the interface does not come up"
  netdev_await "the interface $interface got no address" netdev_has_address
  own=${OOBM_ADDRESS%/*}
  [ "$own" != auto ] || own=$(addresses "$interface" | head -n 1)
  policy_up "$interface" "$own" "${OOBM_GATEWAY:-}" "$table"
  trap - TERM INT HUP
  netdev_status
}

netdev_clear() {
  policy_down "$table"
  [ -n "$interface" ] && netdev_exists || return 0
  [ "$interface" != "$(main_interface)" ] || fail "OOBM_INTERFACE is the main WAN's interface"
  ip addr flush dev "$interface" scope global
  ip link set dev "$interface" down || fail "the interface does not go down"
}

netdev_down() {
  netdev_clear
  echo "up=0"
}

netdev_status() {
  describe_bearer "$interface" "${OOBM_DNS:-}" "$table"
  show apn "$apn"
}
