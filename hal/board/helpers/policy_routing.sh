# Policy routing of the bearer (docs/board.md, rule 2): a routing table of its own, chosen by sockets bound to the
# bearer's interface and by packets from its address. So the main default route stays as it is, nothing else can leave
# through the OOBM link, and strict reverse-path filtering holds. When the link is down the table refuses. Sourced after
# shared.sh.

rule_of_interface=1000 # preferences of the two routing rules
rule_of_address=1001

# An existing rule stays in place: sockets in use must not lose their route for a moment.
add_rule() {
  message=$(ip -4 rule add "$@" 2>&1) && return 0
  case "$message" in
    *"File exists"*) ;;
    *) return 1 ;;
  esac
}

# drop_others PREFERENCE SELECTOR VALUE TABLE: removes the bearer's rules for any other interface or address.
drop_others() {
  ip -4 rule show | sed -n "s/^$1:.*[[:space:]]$2 \([^ ]*\) .*/\1/p" | while read -r value; do
    [ "$value" = "$3" ] || [ "$value" = all ] || ip -4 rule del pref "$1" "$2" "$value" lookup "$4" 2>/dev/null
  done
}

# What comes in and belongs to no socket is answered by the kernel itself, with a packet that is bound to no interface: it
# would leave by the main WAN while the rules are missing, after a change of address for instance. Strict reverse-path
# filtering (Documentation/networking/ip-sysctl.rst, rp_filter) then lets nothing in that could be answered so.
answer_here_or_nowhere() {
  switch=/proc/sys/net/ipv4/conf/$1/rp_filter
  [ ! -w "$switch" ] || echo 1 >"$switch"
}

# Each segment carries 12 bytes of timestamps (RFC 7323) where the first one, our SYN, offers them: a sixth of what an idle
# month costs (docs/performance.md). Where nftables or its kernel cannot take the offer out, it stays.
# leave_out_timestamps INTERFACE TABLE
leave_out_timestamps() {
  nft -f - 2>/dev/null <<RULES || true
add table inet oobm_$2
delete table inet oobm_$2
table inet oobm_$2 {
  chain output {
    type filter hook output priority 0;
    oifname "$1" tcp flags & (syn | ack) == syn reset tcp option timestamp
  }
}
RULES
}

# policy_up INTERFACE ADDRESS GATEWAY TABLE; no gateway on a point-to-point link.
policy_up() {
  answer_here_or_nowhere "$1"
  leave_out_timestamps "$1" "$4"
  ip -4 route replace default ${3:+via "$3"} dev "$1" table "$4" || fail "the bearer's default route was refused"
  ip -4 route replace unreachable default metric 4278198272 table "$4" || fail "the bearer's last route was refused"
  # BusyBox's ip has no oif rules. A point-to-point link works without: the kernel sends what is bound to it on the link.
  add_rule pref "$rule_of_interface" oif "$1" lookup "$4" || [ -z "$3" ] ||
    fail "a routing rule for the interface was refused; is ip that of iproute2? $message"
  add_rule pref "$rule_of_address" from "$2" lookup "$4" || fail "a routing rule of the bearer was refused: $message"
  drop_others "$rule_of_interface" oif "$1" "$4"
  drop_others "$rule_of_address" from "$2" "$4"
}

policy_down() {
  while ip -4 rule del lookup "$1" 2>/dev/null; do :; done
  ip -4 route flush table "$1" 2>/dev/null
  nft delete table inet "oobm_$1" 2>/dev/null || true
}

# policy_holds INTERFACE ADDRESS TABLE: whether what is bound to the bearer gets out by it. A link that went down and up
# again by itself has lost its route.
policy_holds() {
  ip -4 route show table "$3" 2>/dev/null | grep -q "^default.* dev $1" &&
    ip -4 rule show | grep -q "^$rule_of_address:.*from $2 "
}

# describe_bearer INTERFACE DNS TABLE: the lines of bearer-status but for the APN.
describe_bearer() {
  for own in $([ -z "$1" ] || addresses "$1"); do
    policy_holds "$1" "$own" "$3" || continue
    describe "$1" "$2"
    show mtu "$(mtu_of "$1")"
    return
  done
  echo "up=0"
  show interface "$1"
}
