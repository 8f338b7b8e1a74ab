# What the script conformance looks with: snapshots of the main WAN, one run of a helper as the agent would run it, and what
# a verb's output must hold. Sourced, not run; expect and complain are the script's, which report a rule that is broken.

# ---- what must stay as it is

bearer=''  # the bearer's interface, as soon as the helper has named it
baseline='' # routing rules while the bearer is down

# Link routes of the bearer's own address and of link-local addresses are the kernel's, and harmless. Ages are no changes.
main_table() {
  {
    ip -4 route show table main
    ip -6 route show table main
  } 2>/dev/null | sed -e 's/ expires [0-9a-z]*//' -e 's/ *$//' |
    awk -v bearer="$bearer" '{ own = bearer != "" && index($0 " ", " dev " bearer " ") && !/^default/ && !/ via / }
      own && / scope link / && / src / || /^fe80::/ || /^(multicast )?ff00::/ { next } { print }'
}
default_routes() { main_table | grep '^default'; }
resolvers() { while read -r file; do [ ! -e "$file" ] || { echo "$file" && cat "$file"; }; done <"$work/resolvers"; }
wan_interface() {
  [ -z "$wan" ] || {
    ip -o link show dev "$wan"
    ip -o addr show dev "$wan"
  } 2>&1 | sed -e '/ inet6 fe80:/d' -e 's/valid_lft.*//' -e 's/ qlen.*//'
}
# Where the customer's packets go; 198.51.100.0/24 is nobody's (RFC 5737).
customer_path() { ip -4 route get 198.51.100.77 2>&1 | sed -n '1s/.* dev \([^ ]*\).*/\1/p'; }
rules() { ip -4 rule show 2>/dev/null | sed 's/ *\[detached\]//; s/[ \t]*$//'; }

parts='default_routes main_table resolvers wan_interface customer_path'
bearer_before=''
snapshot() {
  for part in $parts; do "$part" >"$work/$1.$part"; done
}
forget_snapshots() { rm -f "$work"/after.*; }
unchanged() { cmp -s "$work/before.$1" "$work/after.$1"; }
difference() { # difference BEFORE AFTER: the first line that is not in both
  {
    grep -vxFf "$1" "$2" | sed 's/^/now: /'
    grep -vxFf "$2" "$1" | sed 's/^/gone: /'
  } | printable
}
detail() { difference "$work/before.$1" "$work/after.$1"; }

check_surroundings() {
  snapshot after
  if ! unchanged default_routes; then
    complain "the main default route was changed: $(detail default_routes)" \
      "never touch a default route of the main table; give the bearer a routing table of its own (rule 2)"
  elif ! unchanged main_table; then
    complain "the main routing table was changed: $(detail main_table)" \
      "put routes for the bearer into a table of its own (rule 2)"
  fi
  unchanged customer_path ||
    complain "the customer's packets take another interface than before: $(detail customer_path)" \
      "rules may choose the bearer for its own interface and address only (rule 2)"
  unchanged resolvers || complain "a resolv.conf was changed: $(detail resolvers)" \
    "print name servers as dns=, do not install them (rule 1; pppd: scripts of your own, netifd: peerdns 0)"
  unchanged wan_interface || complain "the main WAN's interface $wan was changed: $(detail wan_interface)" \
    "leave the main WAN alone (rule 1)"
}

# ---- one run of the helper, as the agent runs it

limit_of() {
  case "$1" in
    bearer-up | modem-power-cycle) limit=60 ;;
    bearer-down | install) limit=30 ;;
    led) limit=5 ;;
    *) limit=10 ;;
  esac
  [ "$limit" -le "$shortest" ] || limit=$shortest
}

launch() {
  set -- "$helper" "$@"
  while read -r line; do set -- "$line" "$@"; done <"$work/environment"
  exec setsid env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$mark" "$@" \
    </dev/null >"$work/out.pipe" 2>"$work/err.pipe"
}

# Names of the living processes of a process group.
group_members() {
  for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$stat" || continue
    name=${line#*\(}
    set -- "$1" ${line##*) }
    [ "$4" != "$1" ] || [ "$2" = Z ] || printf '%s ' "${name%\)*}"
  done 2>/dev/null
}

# A process that left the group may hold the pipes open: it is not waited for.
collect() {
  patience=20
  while [ "$patience" -gt 0 ] && { kill -0 "$1" || kill -0 "$2"; } 2>/dev/null; do
    sleep "$pause"
    patience=$((patience - 1))
  done
  kill "$1" "$2" 2>/dev/null
}

# run VERB ARGUMENT...: sets status (124: too slow) and leftover; output is in out and err.
run() {
  limit=${forced_limit:-}
  [ -n "$limit" ] || limit_of "$1"
  rm -f "$work/out.pipe" "$work/err.pipe" "$work/late"
  mkfifo "$work/out.pipe" "$work/err.pipe" || quit "cannot make pipes"
  # Nobody runs between two verbs but this script, unless it breaks or mends something.
  if [ -e "$work/after.main_table" ] && [ "$bearer" = "$bearer_before" ]; then
    for part in $parts; do mv "$work/after.$part" "$work/before.$part"; done
  else
    snapshot before
  fi
  bearer_before=$bearer
  dd bs=1 count=8193 <"$work/out.pipe" >"$work/out" 2>/dev/null &
  out_reader=$!
  head -c 65537 <"$work/err.pipe" >"$work/err" &
  err_reader=$!
  launch "$@" &
  pid=$!
  setsid sh -c 'sleep "$1"; : >"$2"; kill -TERM "-$3"; sleep 1; kill -KILL "-$3"' sh \
    "$limit" "$work/late" "$pid" </dev/null >/dev/null 2>&1 &
  watchdog=$!
  wait "$pid" 2>/dev/null
  status=$?
  { kill -KILL "$watchdog"; kill -KILL "-$watchdog"; wait "$watchdog"; } 2>/dev/null
  [ ! -e "$work/late" ] || status=124
  leftover=$(group_members "$pid")
  kill -KILL "-$pid" 2>/dev/null
  collect "$out_reader" "$err_reader"
}

# What is wrong with the form of the output; nothing for a good one.
form_fault() {
  [ "$(wc -c <"$work/out")" -le 8192 ] || { echo "it printed more than 8192 bytes" && return; }
  [ "$(wc -c <"$work/err")" -le 65536 ] || { echo "it printed more than 64 KiB on standard error" && return; }
  [ "$(tr -d '\n -~' <"$work/out" | wc -c)" -eq 0 ] || { echo "a value is not printable ASCII" && return; }
  awk 'function bad(why) { print "line " NR " " why; exit }
    NR > 64 { bad("is one too many, 64 are allowed") }
    $0 == "" { next }
    { at = index($0, "="); key = substr($0, 1, at - 1) }
    at == 0 { bad("is not of the form key=value") }
    key !~ /^[a-z0-9_-]+$/ || length(key) > 32 { bad("has a malformed key; allowed are a-z 0-9 _ - and 32 characters") }
    length($0) - at > 256 { bad("has a value of more than 256 characters") }
    { seen[key]++ }
    (key == "address" || key == "dns") && seen[key] > 8 { bad("repeats " key " more than eight times") }
    key != "address" && key != "dns" && seen[key] > 1 { bad("repeats the key " key) }' "$work/out"
}

values() { sed -n "s/^$1=//p" "$work/out"; }
value() { values "$1" | head -n 1; }
last_words() { # the helper's own, for a status that was not expected
  words=$(value error | printable)
  [ -n "$words" ] || words=$(tail -n 1 "$work/err" | printable)
  [ -z "$words" ] || echo " ($words)"
}

# What holds for every run.
check_run() {
  expect "it did not end within $limit s and was killed" "make it faster, or fail in time with error=" differs "$status" 124
  case "$status" in
    12[67]) complain "it could not run$(last_words)" "check the first line of the helper and what it calls" ;;
    13[0-9] | 14[0-9]) complain "it was ended by signal $((status - 128))" "a helper must end by itself" ;;
  esac
  fault=$(form_fault)
  expect "its output is refused: $fault" "print lines key=value as in docs/board.md, nothing else" none "$fault"
  expect "it left a process in its group: $leftover" \
    "wait for it; what must stay behind needs a session of its own (setsid)" none "$leftover"
  check_surroundings
}

# try STATUS VERB ARGUMENT...: runs it and checks what every run must keep to, and that it ends with STATUS.
try() {
  wanted=$1
  shift
  run "$@"
  [ -z "$(value interface)" ] || [ "$1" = wan-status ] || bearer=$(value interface | printable)
  check_run
  [ "$status" = 124 ] || expect "exit status $status, expected $wanted$(last_words)" \
    "0 is done, 3 is for what the board cannot do or does not know, any other has failed" same "$status" "$wanted"
}

# As try, where the board may have no such function: false then.
try_optional() {
  run "$@"
  check_run
  [ "$status" != 3 ] || return 1
  [ "$status" = 124 ] || expect "exit status $status, expected 0, or 3 if the board cannot$(last_words)" \
    "end with 0 when it is done" same "$status" 0
}

# ---- what the verbs must print

ipv4='[0-9]{1,3}(\.[0-9]{1,3}){3}'
not_an_address() { values "$1" | grep -Evx "$ipv4(/[0-9]+)?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/[0-9]+)?" | printable; }
on_interface() { ip -o addr show dev "$1" 2>/dev/null | grep -Fq -e " $2/" -e " $2 "; }

check_link() { # check_link up|down|either
  up=$(value up)
  case "$1:$up" in
    up:1 | down:0 | either:0 | either:1) ;;
    *) complain "up is '$(echo "$up" | printable)' while the link should be $1" "print up=1 or up=0, as it is" ;;
  esac
  for key in address dns; do
    expect "$key is no IP address: $(not_an_address "$key")" "print numbers, one address a line" \
      none "$(not_an_address "$key")"
  done
  [ "$up" = 1 ] || return
  name=$(value interface)
  expect "it is up and names no interface" "print interface=NAME while up" some "$name"
  expect "there is no interface '$(echo "$name" | printable)'" "print the Linux name, at most 15 characters" \
    ip link show dev "$name"
  expect "it is up and prints no address" "print address=... while up" some "$(values address)"
  for address in $(values address); do
    expect "$name does not have the address $address" "print the addresses that the interface has" \
      on_interface "$name" "${address%/*}"
  done
}

check_bearer() {
  check_link "$1"
  mtu=$(value mtu)
  case "$mtu" in
    '') ;;
    *[!0-9]* | ?????*) complain "mtu is no number from 576 to 9000" "print the MTU in bytes or leave it out" ;;
    *) expect "mtu is $mtu" "print 576 to 9000 or leave it out" test "$mtu" -ge 576 -a "$mtu" -le 9000 ;;
  esac
  [ -z "$wan" ] || expect "the bearer is on the main WAN's interface" "it needs an interface of its own" \
    differs "$(value interface)" "$wan"
}

path() { ip -4 route get 198.51.100.77 "$@" 2>/dev/null | head -n 1; }
via() { echo "$1" | sed -n 's/.* \(via [^ ]*\).*/\1/p'; }

# Rule 2, for an IPv4 bearer: bound sockets and the bearer's address get out by it, and by nothing else.
check_policy() {
  address=$(values address | grep -Em 1 "^$ipv4")
  address=${address%/*}
  [ -n "$address" ] || return
  from=$(path from "$address")
  bound=$(path oif "$bearer")
  case " $from " in
    *" dev $bearer "*) ;;
    *) complain "packets from the bearer's address $address do not leave by $bearer" "add a rule: from $address (rule 2)" ;;
  esac
  case " $bound " in
    *" dev $bearer "*) expect "a socket bound to $bearer gets no route" "add a rule: oif $bearer (rule 2)" \
      same "$(via "$bound")" "$(via "$from")" ;;
    *) complain "a socket bound to $bearer gets no route" "add a rule: oif $bearer (rule 2)" ;;
  esac
  number=$(rules | sed -n "s/.*from $address .*lookup \([^ ]*\).*/\1/p" | head -n 1)
  expect "when the link is down, packets from its address would leave by the main WAN" \
    "add a last route to the bearer's table: unreachable default metric 4278198272 (rule 2)" \
    eval "ip -4 route show table '${number:-none}' | grep -q '^unreachable default'"
}

# ---- interruptions: what happens to the bearer while bearer-up runs again

monitor=''
monitor_state() { awk -v pid="$monitor" '$2 == 0 && $3 == pid { print $4 != "00000000", $5 }' /proc/net/netlink; }
watch_bearer() {
  index=$(ip -o link show dev "$bearer" 2>/dev/null | cut -d: -f1)
  : >"$work/events"
  ip -o monitor link address route rule >"$work/events" 2>/dev/null &
  monitor=$!
  patience=50
  while kill -0 "$monitor" 2>/dev/null && [ "$patience" -gt 0 ]; do
    case "$(monitor_state)" in 1*) return ;; esac
    sleep "$pause"
    patience=$((patience - 1))
  done
}
# BusyBox's ip has no monitor; then a new interface is all that shows.
interruptions() {
  [ "$(ip -o link show dev "$bearer" 2>/dev/null | cut -d: -f1)" = "$index" ] || echo "$bearer is another interface now"
  patience=50
  while [ "$patience" -gt 0 ]; do
    case "$(monitor_state)" in '' | *' 0') break ;; esac
    sleep "$pause"
    patience=$((patience - 1))
  done
  sleep "$pause"
  { kill "$monitor"; wait "$monitor"; } 2>/dev/null
  grep "^Deleted" "$work/events" | grep -v ' inet6 \|^Deleted fe80\|ff00::' |
    grep -F -e " $bearer" -e "dev $bearer" -e "from ${address:-none} "
  grep "^[0-9]*: $bearer[@:]" "$work/events" | grep -v '[<,]UP[,>]'
}
