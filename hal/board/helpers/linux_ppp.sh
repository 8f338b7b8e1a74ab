# Bearer over PPP: pppd dials on the module's data port and stays in a session of its own. Sourced by the helper linux.
#
# pppd reads its options from a file in the run folder. Scripts of our own take the place of /etc/ppp/ip-up and ip-down,
# which on many systems would install the peer's name servers; nodefaultroute keeps the main table untouched. The link
# counts as up when ip-up has written the link file.

ppp_options=$run/ppp.options
ppp_dial=$run/ppp.dial
ppp_hangup=$run/ppp.hangup
ppp_ip_up=$run/ppp.ip-up
ppp_ip_down=$run/ppp.ip-down
ppp_pid=$run/ppp.pid
ppp_link=$run/ppp.link # interface, address, dns of the link that is up
ppp_log=$run/ppp.log   # pppd's and chat's words about the last dialling
ppp_stop_s=15          # for pppd to end the link and hang up

# A peer that answers nothing is found within a minute. The peer is the module itself (3GPP TS 27.060, where PPP ends in
# the mobile termination), so that the echoes pass the serial line and not the air; a module that carried them on would
# spend some 24 bytes each way with the frame, under 0.3 MB a day, and only while nothing else comes in.
ppp_echo_s=15
ppp_echoes=3

# Exit status of pppd (pppd(8)) -> what happened and what to do.
ppp_reason() {
  case "$1" in
    3 | 6) echo "pppd may not be used; the helper must run as root" ;;
    4) echo "the kernel has no PPP; load ppp_async" ;;
    7) echo "the data port $OOBM_PPP_PORT cannot be opened or is held by another process" ;;
    8) echo "the module did not connect: $(ppp_last_words)" ;;
    10) echo "PPP found no common ground; the APN, user or password may be wrong" ;;
    15) echo "the peer stopped answering" ;;
    16) echo "the module hung up" ;;
    19 | 20) echo "the network refused user or password" ;;
    *) echo "pppd ended with status $1: $(ppp_last_words)" ;;
  esac
}

# One printable line, short enough for error=.
ppp_last_words() {
  grep -v '^ *$' "$ppp_log" 2>/dev/null | grep -v '^Connect script failed' | tail -n 1 | tr -cd ' -~' | cut -c 1-120
}

# echo would take the backslashes of chat scripts for its own in some shells.
lines() { printf '%s\n' "$@"; }

# The module may still be in data mode, left there by a pppd that was killed: +++ between pauses brings it back. A module
# that was not takes +++AT for one wrong command, and answers the AT behind it. ATH leaves no half-open call. After ATH a
# NO CARRIER may follow, so it counts as a refusal only once we dial.
ppp_write_dial() {
  {
    lines 'TIMEOUT 3' "'' AT" 'OK-\d+++\d\c-OK-AT-OK-AT-OK ATH' 'OK-AT-OK ATE0' 'TIMEOUT 10'
    [ -z "$apn" ] || lines "OK 'AT+CGDCONT=$cid,\"IP\",\"$apn\"'"
    lines 'OK \c'
    for word in ERROR 'NO CARRIER' BUSY 'NO ANSWER' 'NO DIALTONE' 'NO DIAL TONE'; do lines "ABORT '$word'"; done
    lines "TIMEOUT ${OOBM_PPP_DIAL_S:-40}" "'' '${OOBM_PPP_DIAL:-ATD*99***$cid#}'" 'CONNECT \c'
  } >"$ppp_dial"
}

# Some modules (HL7802 among them) stay in data mode when pppd has ended the link. One that says NO CARRIER meanwhile has
# ended the call itself.
ppp_write_hangup() {
  lines "ABORT 'NO CARRIER'" 'TIMEOUT 2' "'' AT" 'OK-\d+++\d\c-OK-\d+++\d\c-OK ATH' 'OK \c' >"$ppp_hangup"
}

ppp_write_scripts() {
  cat >"$ppp_ip_up" <<SCRIPT
#!/bin/sh
# pppd's arguments: interface, port, speed, local address, remote address.
{
  echo "interface=\$1"
  echo "address=\$4"
  [ "\${DNS1:-0.0.0.0}" = 0.0.0.0 ] || echo "dns=\$DNS1"
  [ "\${DNS2:-\${DNS1:-0.0.0.0}}" = "\${DNS1:-0.0.0.0}" ] || echo "dns=\$DNS2"
} >"$ppp_link.new" && mv "$ppp_link.new" "$ppp_link"
SCRIPT
  printf '#!/bin/sh\nrm -f "%s"\n' "$ppp_link" >"$ppp_ip_down"
  chmod 0700 "$ppp_ip_up" "$ppp_ip_down"
}

ppp_quoted() { printf '%s "%s"\n' "$1" "$(printf '%s' "$2" | sed 's/[\\"]/\\&/g')"; }

# Names and values as in pppd(8). What is given twice counts as given last, so OOBM_PPP_OPTIONS may overrule.
ppp_write_options() {
  chat=$(command -v chat) || fail "there is no chat; install it with pppd"
  {
    echo "$OOBM_PPP_PORT"
    echo "${OOBM_PPP_SPEED:-115200}"
    echo "nodetach nopersist maxfail 1 noauth"
    echo "crtscts local"
    echo "noipv6 noipdefault ipcp-accept-local ipcp-accept-remote usepeerdns nodefaultroute"
    echo "novj noccp lcp-echo-interval $ppp_echo_s lcp-echo-failure $ppp_echoes lcp-echo-adaptive"
    if [ -d /var/lock ] && [ -w /var/lock ]; then echo lock; else echo nolock; fi
    ppp_quoted connect "$chat -s -S -f $ppp_dial"
    ppp_quoted disconnect "$chat -s -S -f $ppp_hangup"
    ppp_quoted ip-up-script "$ppp_ip_up"
    ppp_quoted ip-down-script "$ppp_ip_down"
    [ -z "${OOBM_INTERFACE:-}" ] || echo "ifname $OOBM_INTERFACE"
    [ -z "${OOBM_MTU:-}" ] || echo "mtu $OOBM_MTU"
    [ -z "${OOBM_PPP_USER:-}" ] || ppp_quoted user "$OOBM_PPP_USER"
    [ -z "${OOBM_PPP_PASSWORD:-}" ] || ppp_quoted password "$OOBM_PPP_PASSWORD"
    [ -z "${OOBM_PPP_OPTIONS:-}" ] || echo "$OOBM_PPP_OPTIONS"
  } >"$ppp_options"
}

# The number may be another process's by now, or that of a dead one that nobody has collected.
ppp_running() {
  pid=$(cat "$ppp_pid" 2>/dev/null) && [ -n "$pid" ] && grep -q "^$pid (pppd) [^ZX]" "/proc/$pid/stat" 2>/dev/null
}

ppp_stop() {
  if ppp_running; then
    kill -TERM "$pid" 2>/dev/null
    left=$ppp_stop_s
    while ppp_running && [ "$left" -gt 0 ]; do
      sleep 1
      left=$((left - 1))
    done
    ! ppp_running || kill -KILL "$pid" 2>/dev/null
  fi
  rm -f "$ppp_pid" "$ppp_link" "$ppp_options" "$ppp_dial" "$ppp_hangup" "$ppp_ip_up" "$ppp_ip_down"
}

ppp_give_up() {
  reason=$1
  ppp_stop
  policy_down "$table"
  fail "$reason"
}

ppp_start() {
  umask 077
  mkdir -p "$run" || fail "the folder $run cannot be made"
  ppp_write_dial
  ppp_write_hangup
  ppp_write_scripts
  ppp_write_options
  rm -f "$ppp_link"
  setsid pppd file "$ppp_options" </dev/null >"$ppp_log" 2>&1 &
  echo $! >"$ppp_pid"
}

# pppd is a child of this shell here, so that its exit status can be had.
ppp_wait() {
  left=${OOBM_WAIT_S:-52}
  while [ ! -s "$ppp_link" ]; do
    [ "$left" -gt 0 ] || ppp_give_up "the link did not come up in time: $(ppp_last_words)"
    sleep 1
    left=$((left - 1))
    job=$(cat "$ppp_pid")
    kill -0 "$job" 2>/dev/null && continue
    wait "$job"
    ppp_give_up "$(ppp_reason $?)"
  done
}

ppp_is_up() { ppp_running && [ -s "$ppp_link" ] && [ -n "$(addresses "$(get "$ppp_link" interface)")" ]; }

ppp_up() {
  [ -n "${OOBM_PPP_PORT:-}" ] || fail "OOBM_PPP_PORT, the module's data port, is not set"
  cid=${OOBM_PPP_CID:-1}
  check_apn "$apn"
  if ! ppp_is_up; then
    ppp_stop
    [ -e "$OOBM_PPP_PORT" ] || fail "the data port $OOBM_PPP_PORT is not there"
    command -v pppd >/dev/null || fail "pppd is not installed"
    trap 'ppp_give_up "the verb was broken off"' TERM INT HUP
    ppp_start
    ppp_wait
  fi
  # A verb that is broken off from here on leaves a link that works.
  trap - TERM INT HUP
  interface=$(get "$ppp_link" interface)
  policy_up "$interface" "$(addresses "$interface" | head -n 1)" "" "$table"
  ppp_status
}

ppp_down() {
  ppp_stop
  policy_down "$table"
  echo "up=0"
}

ppp_status() {
  if ppp_is_up; then
    interface=$(get "$ppp_link" interface)
    describe_bearer "$interface" "$(sed -n 's/^dns=//p' "$ppp_link")" "$table"
    show apn "$apn"
  else
    echo "up=0"
    show interface "${OOBM_INTERFACE:-}"
  fi
}
