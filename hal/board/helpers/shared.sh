# What the board helpers of this folder share: output, questions to ip, lights in sysfs. Sourced, not run. Only what
# BusyBox has is used.

sysfs=${OOBM_SYSFS:-/sys}

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

# Blinking is the kernel's, so that a light does not stop with the agent (Documentation/leds/leds-class.rst).
led() {
  folder=$sysfs/class/leds/${OOBM_LED:-}
  [ -n "${OOBM_LED:-}" ] && [ -d "$folder" ] || fail "this board has no light" 3
  case "${1:-}" in
    off) set -- none 0 ;;
    on) set -- none "$(cat "$folder/max_brightness" 2>/dev/null || echo 1)" ;;
    slow) set -- timer 1000 ;;
    fast) set -- timer 125 ;;
    *) fail "unknown state of the light" 2 ;;
  esac
  echo "$1" >"$folder/trigger" || fail "the light cannot be set"
  if [ "$1" = none ]; then
    echo "$2" >"$folder/brightness" || fail "the light cannot be set"
  else
    echo "$2" >"$folder/delay_on" && echo "$2" >"$folder/delay_off" || fail "the light cannot blink"
  fi
}
