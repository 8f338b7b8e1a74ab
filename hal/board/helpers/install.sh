# Installation of the agent's own package, in a process that outlives the agent; sourced after shared.sh. docs/install.md
# tells the whole story.
#
# A record stands in one file, record.STATE, and goes from state to state by being renamed: at every instant, and after any
# loss of power, it is in exactly one.
#
#   accepted -> putting -> trial -> done
#       |          |         |
#     failed   taking-back <-+
#                  |-> failed        the new version had no try
#                  |-> rolled-back
#
# What a package is, and how the agent is restarted, is said by the helper that sources this:
#
#   package_check FILE        fail()s where FILE cannot be installed here
#   package_keep FOLDER FILE  puts what FILE would replace into FOLDER
#   package_put FILE
#   package_put_back FOLDER   may be repeated
#   package_replaced FOLDER   whether somebody else has put another version than these two in place, or taken the package away
#   agent_restart

install_folder=${install_folder:-${OOBM_INSTALL:-/etc/oobm/install}}
install_tries=${OOBM_INSTALL_TRIES:-3}      # starts that a new version has
install_wait_s=${OOBM_INSTALL_WAIT_S:-300}  # for each of them to be confirmed
install_put_back_tries=5
# An ipk is a gzip'd tar with data.tar.gz (the files) and control.tar.gz (what it is).
ipk_part() { tar -xzOf "$1" "./$2" 2>/dev/null; }
files_of() { ipk_part "$1" data.tar.gz | tar -tzf - 2>/dev/null | grep -v '/$' | sed 's|^\./||'; }

install_states='accepted putting trial done taking-back failed rolled-back'

install_state() {
  for state in $install_states; do [ ! -e "$install_folder/record.$state" ] || { echo "$state" && return; }; done
  echo none
}
install_version() { get "$install_folder/record.$1" version; }
is_open() { case "$1" in accepted | putting | trial | taking-back) ;; *) return 1 ;; esac; }

# Whether somebody else than root can put another folder in the place of this one, in which root finds what it runs: by owning
# it or a folder above it, or by writing to one and renaming in it. Nothing to ask where root has no part.
is_exchangeable() { # is_exchangeable FOLDER
  [ "$(id -u)" = 0 ] || return 1
  above=$1
  while :; do
    if [ -d "$above" ]; then
      # drwxrwxrwt 2 0 0 ...: who may do what, the links, the owner.
      read -r modes _ owner _ <<END_OF_LISTING
$(ls -ldn "$above")
END_OF_LISTING
      [ "$owner" = 0 ] || return 0
      case "$modes" in
        l*) ! (is_exchangeable "$(readlink -f "$above")") || return 0 ;;
        ?????w???[!tT]* | ????????w[!tT]*) return 0 ;;
      esac
    fi
    case "$above" in */?*) above=${above%/*} above=${above:-/} ;; *) return 1 ;; esac
  done
}

# turn FROM TO: fails where another process was faster.
turn() {
  sync
  mv "$install_folder/record.$1" "$install_folder/record.$2" 2>/dev/null || return 1
  sync
}
because() { printf '%s\n' "$1" | tr -c ' -~\n' '?' | head -n 1 | cut -c 1-200 >"$install_folder/reason"; }

worker_lives() {
  pid=$(cat "$install_folder/worker" 2>/dev/null)
  [ -n "$pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q ' install-work '
}

# Whether a worker has begun within five seconds. OpenWrt's sleep knows whole ones only.
worker_began() {
  tenths=50
  while [ "$tenths" -gt 0 ]; do
    ! worker_lives || return 0
    is_open "$(install_state)" || return 0
    if sleep 0.1 2>/dev/null; then tenths=$((tenths - 1)); else sleep 1 && tenths=$((tenths - 10)); fi
  done
  return 1
}

# Away from the agent's process group, and from its control group where systemd would end that with the agent. OpenWrt's BusyBox
# has no setsid.
start_worker() {
  self=$(readlink -f "$0")
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
    set --
    while read -r line; do set -- "$@" "--setenv=$line"; done <<END_OF_ENVIRONMENT
$(env | grep '^OOBM_')
END_OF_ENVIRONMENT
    systemd-run --quiet --collect "$@" "$self" install-work
  elif command -v start-stop-daemon >/dev/null 2>&1; then
    start-stop-daemon -S -b -x "$self" -- install-work
  else
    setsid sh -c '"$1" install-work &' sh "$self" </dev/null
  fi >/dev/null 2>&1 && worker_began && return
  # Nothing was changed yet, and another order shall find the way free.
  ! turn accepted failed || because "the installation did not begin"
  fail "the installation did not begin"
}

# ---- verbs

install() { # install FILE VERSION
  [ -f "${1:-}" ] && [ -r "$1" ] || fail "the package cannot be read"
  case "${2:-}" in '' | *[!0-9.]*) fail "the version is not of digits and dots" ;; esac
  if is_open "$(install_state)"; then
    worker_lives || start_worker
    fail "version $(install_version "$(install_state)") is being installed"
  fi
  ! is_exchangeable "$install_folder" || fail "$install_folder, or a folder above it, is not root's alone"
  package_check "$1"
  # The worker of the one before sees within a second that it has ended.
  for second in 1 2 3 4 5; do ! worker_lives || sleep 1; done
  ! worker_lives || fail "the installation before has not ended"
  mkdir -p "$install_folder" && chmod 700 "$install_folder" || fail "there is no folder for installations"
  rm -rf "$install_folder"/record.* "$install_folder/reason" "$install_folder/tries" "$install_folder/previous"
  cp "$1" "$install_folder/package.ipk" && echo "version=$2" >"$install_folder/record.new" || fail "there is no room for the package"
  turn new accepted || fail "the installation cannot be recorded"
  start_worker
}

install_status() {
  state=$(install_state)
  case "$state" in
    accepted | putting | taking-back) echo "state=running" ;;
    *) echo "state=$state" ;;
  esac
  [ "$state" = none ] || show version "$(install_version "$state")"
  show reason "$(cat "$install_folder/reason" 2>/dev/null)"
  # A loss of power ended it.
  ! is_open "$state" || worker_lives || start_worker >/dev/null
}

install_commit() { # install_commit VERSION
  state=$(install_state)
  [ "$(install_version "$state")" = "${1:-}" ] || fail "no such version is being installed"
  [ "$state" = done ] || turn trial done || fail "the installation is in the state $state"
  rm -rf "$install_folder/previous" "$install_folder/package.ipk"
}

# ---- the worker

put_in_place() {
  rm -rf "$install_folder/previous"
  mkdir "$install_folder/previous" && package_keep "$install_folder/previous" "$install_folder/package.ipk" || {
    because "what runs now could not be kept: no room?"
    turn accepted failed
    return
  }
  turn accepted putting || return
  if words=$(package_put "$install_folder/package.ipk" 2>&1); then
    turn putting trial
  else
    because "the package could not be put in place: $(printf '%s\n' "$words" | tail -n 1)"
    turn putting taking-back
  fi
}

# confirmed: waits; whether the record has left the trial.
confirmed() {
  waited=0
  while [ "$waited" -lt "$install_wait_s" ]; do
    [ -e "$install_folder/record.trial" ] || return 0
    sleep 1
    waited=$((waited + 1))
  done
  return 1
}

# left_alone STATE: ends the record where a version is in place that is none of its own. An owner's choice stands, and files of
# a version before would not fit to it.
left_alone() {
  package_replaced "$install_folder/previous" || return 1
  because "another version was put in place meanwhile"
  turn "$1" failed
}

try_out() {
  tries=$(cat "$install_folder/tries" 2>/dev/null) || :
  tries=${tries:-0} # a loss of power can leave the file without its number
  # After a loss of power the agent was started with the router.
  [ "$tries" -eq 0 ] || ! confirmed || return 0
  while [ "$tries" -lt "$install_tries" ]; do
    ! left_alone trial || return 0
    tries=$((tries + 1))
    echo "$tries" >"$install_folder/tries"
    agent_restart >/dev/null 2>&1
    ! confirmed || return 0
  done
  because "version $(install_version trial) was not confirmed in $tries starts"
  turn trial taking-back
}

take_back() {
  ! left_alone taking-back || return 0
  rm -f "$install_folder/package.ipk" # its room may be needed
  round=0
  until package_put_back "$install_folder/previous" >/dev/null 2>&1; do
    round=$((round + 1))
    [ "$round" -lt "$install_put_back_tries" ] || exit 1
    sleep 1
  done
  outcome=failed
  [ ! -e "$install_folder/tries" ] || outcome=rolled-back
  # Also where the new version had no try: a package starts it itself, and so does a router that the power came back to.
  turn taking-back "$outcome" && agent_restart >/dev/null 2>&1
}

install_work() {
  ! is_exchangeable "$install_folder" || exit 1
  ! worker_lives || exit 0
  echo $$ >"$install_folder/worker"
  if [ -e "$install_folder/record.putting" ]; then
    because "it was cut short while the package was put in place"
    turn putting taking-back
  fi
  while [ "$(cat "$install_folder/worker" 2>/dev/null)" = $$ ] && state=$(install_state) && is_open "$state"; do
    case "$state" in
      accepted) put_in_place ;;
      trial) try_out ;;
      taking-back) take_back ;;
      *) break ;;
    esac
  done
  [ "$(cat "$install_folder/worker" 2>/dev/null)" != $$ ] ||
    rm -rf "$install_folder/previous" "$install_folder/package.ipk" "$install_folder/worker"
}
