# What the board helpers of this folder share; sourced, not run. Only what BusyBox has is used.
#
# Policy routing of the bearer (docs/board.md, rule 2): a routing table of its own, chosen by sockets bound to the
# bearer's interface and by packets from its address. So the main default route stays as it is, nothing else can leave
# through the OOBM link, and strict reverse-path filtering holds. When the link is down the table refuses.

rule_of_interface=1000 # preferences of the two routing rules
rule_of_address=1001

# fail SENTENCE [STATUS]: ends the verb.
fail() {
  echo "error=$1"
  exit "${2:-1}"
}

show() { [ -z "$2" ] || echo "$1=$2"; }
each() { for item in $2; do echo "$1=$item"; done; }

# get FILE KEY: the value of KEY in a file of lines key=value.
get() { sed -n "s/^$2=//p" "$1" 2>/dev/null | head -n 1; }

is_up() { ip -o link show dev "$1" up 2>/dev/null | grep -q .; }

# The interface's global IPv4 addresses. Some ip programs ignore "scope" here, so it is looked at twice.
addresses() {
  ip -4 -o addr show dev "$1" scope global 2>/dev/null |
    sed -n '/ scope global/s/.* inet \([0-9.]*\).*/\1/p'
}

# describe INTERFACE DNS: the lines of wan-status, and the first ones of bearer-status.
describe() {
  found=$([ -z "$1" ] || addresses "$1")
  if [ -n "$found" ] && is_up "$1"; then
    echo "up=1"
    each address "$found"
    each dns "$2"
  else
    echo "up=0"
  fi
  show interface "$1"
}

mtu_of() { ip -o link show dev "$1" 2>/dev/null | sed -n 's/.* mtu \([0-9]*\).*/\1/p'; }

# The whole APN reaches chat scripts and configuration files, so it is checked here too.
check_apn() {
  case "$1" in
    *[!A-Za-z0-9.-]*) fail "the APN may hold letters, digits, '.' and '-' only" ;;
  esac
}

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
  ip -4 rule show | sed -n "s/^$1:.* $2 \([^ ]*\) .*/\1/p" | while read -r value; do
    [ "$value" = "$3" ] || [ "$value" = all ] || ip -4 rule del pref "$1" "$2" "$value" lookup "$4" 2>/dev/null
  done
}

# policy_up INTERFACE ADDRESS GATEWAY TABLE; no gateway on a point-to-point link.
policy_up() {
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
}
