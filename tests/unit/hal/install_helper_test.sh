#!/bin/sh
# Installations by the bench board helper, with a package, a root folder and an agent of the test's own:
# install_helper_test.sh HELPER. Prints what failed; the exit status counts the failures.
set -u
helper=$1
. "$(dirname "$0")/helper_world.sh"

root=$work/root
records=$work/records
export OOBM_BENCH_BOARD="$work/board" OOBM_INSTALL_TRIES=2 OOBM_INSTALL_WAIT_S=1

# package NAME CONTENT: an ipk with two programs, of which the second is new, and a file that is the owner's.
package() {
  rm -rf "$work/tree"
  mkdir -p "$work/tree/data/usr/sbin" "$work/tree/data/etc" "$work/tree/control" "$work/tree/outer"
  echo "$2" >"$work/tree/data/usr/sbin/oobmd"
  echo "$2" >"$work/tree/data/usr/sbin/extra"
  echo "$2" >"$work/tree/data/etc/oobm.json"
  [ -z "${3:-}" ] || { rm "$work/tree/data/$3" && mkdir "$work/tree/data/$3" && echo "$2" >"$work/tree/data/$3/file"; }
  echo /etc/oobm.json >"$work/tree/control/conffiles"
  tar -czf "$work/tree/outer/data.tar.gz" -C "$work/tree/data" .
  tar -czf "$work/tree/outer/control.tar.gz" -C "$work/tree/control" .
  echo 2.0 >"$work/tree/outer/debian-binary"
  tar -czf "$work/$1" -C "$work/tree/outer" ./debian-binary ./data.tar.gz ./control.tar.gz
}

# An agent that can be ended: each time that it is, another one takes its place.
agent() {
  while :; do
    sleep 1000 &
    echo $! >"$work/pid"
    wait $! 2>/dev/null
    echo started >>"$work/starts"
  done
}
agent_starts() { wc -l <"$work/starts"; }

fresh_router() {
  worker=$(cat "$records/worker" 2>/dev/null) && grep -q install-work "/proc/$worker/cmdline" 2>/dev/null && kill -KILL "$worker"
  rm -rf "$root" "$records"
  mkdir -p "$root/usr/sbin" "$root/etc"
  for file in usr/sbin/oobmd etc/oobm.json; do echo former >"$root/$file"; done
  : >"$work/starts"
}
is_former() {
  same "$(cat "$root/usr/sbin/oobmd")" former && same "$(cat "$root/etc/oobm.json")" former &&
    [ ! -e "$root/usr/sbin/extra" ]
}
is_new() {
  same "$(cat "$root/usr/sbin/oobmd" "$root/usr/sbin/extra")" "$(printf 'new\nnew')" &&
    same "$(cat "$root/etc/oobm.json")" former
}
state() { "$helper" install-status | sed -n 's/^state=//p'; }
comes_to() { # comes_to STATE...: within 20 s
  left=200
  while [ "$left" -gt 0 ]; do
    now=$(state)
    for wanted in "$@"; do [ "$now" != "$wanted" ] || return 0; done
    sleep 0.1
    left=$((left - 1))
  done
  echo "it is $now"
  return 1
}

# What this machine has written to its medium is no matter here, and takes its time.
mkdir "$work/quiet"
printf '#!/bin/sh\n' >"$work/quiet/sync"
chmod +x "$work/quiet/sync"
PATH=$work/quiet:$PATH

package good.ipk new
echo "this is no package" >"$work/bad.ipk"
package blocked.ipk new usr/sbin/oobmd # a folder in the place of a file
cat >"$work/board" <<BOARD
install_root=$root
install_folder=$records
agent_pid_file=$work/pid
BOARD
: >"$work/empty"
: >"$work/starts"
agent &
agent_loop=$!
trap 'kill "$agent_loop" "$(cat "$work/pid")" 2>/dev/null; rm -rf "$work"' EXIT

# Failures first.
for verb in install install-status install-commit; do
  check "a board that cannot install says so: $verb" same "$(OOBM_BENCH_BOARD=$work/empty "$helper" $verb >/dev/null; echo $?)" 3
done
fresh_router
check "nothing was ever installed" holds "$("$helper" install-status)" state=none
check "a package that is not there" fails "$helper" install "$work/none.ipk" 0.2.0
check "a package that is none" fails "$helper" install "$work/bad.ipk" 0.2.0
check "a version that is none" fails "$helper" install "$work/good.ipk" '0.2.0; reboot'
check "no version" fails "$helper" install "$work/good.ipk"
check "a version that nobody installs cannot be confirmed" fails "$helper" install-commit 0.2.0
check "nothing was recorded" holds "$("$helper" install-status)" state=none
check "nothing was changed" is_former

# A folder whose parent is another user's can be exchanged by that user, with what root would run in it.
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$work/foreign/install"
  sed "s|^install_folder=.*|install_folder=$work/foreign/install|" "$work/board" >"$work/foreign_board"
  in_foreign() { OOBM_BENCH_BOARD=$work/foreign_board "$helper" "$@"; }
  for way in "chown 65534" "chmod 775" "chmod 757"; do
    $way "$work/foreign"
    check "a folder that others can exchange: $way" says "$(in_foreign install "$work/good.ipk" 0.2.0)" "is not root's alone"
    echo version=0.2.0 >"$work/foreign/install/record.accepted"
    in_foreign install-work
    check "nor is what stands there gone on with: $way" holds "$(ls "$work/foreign/install")" record.accepted
    rm "$work/foreign/install/record.accepted"
    chown 0 "$work/foreign" && chmod 755 "$work/foreign"
  done
  # A link is as safe as what it leads to.
  ln -s "$work/foreign" "$work/link"
  sed "s|^install_folder=.*|install_folder=$work/link/install|" "$work/board" >"$work/foreign_board"
  chown 65534 "$work/foreign"
  check "a link to a folder that others can exchange" says "$(in_foreign install "$work/good.ipk" 0.2.0)" "is not root's alone"
  chown 0 "$work/foreign"
  check "a link to a folder of root's" holds_not "$(in_foreign install "$work/bad.ipk" 0.2.0)" "error=.*root's alone"
  check "nothing was changed" is_former
fi

"$helper" install "$work/blocked.ipk" 0.2.0
check "a package that cannot be put in place fails" comes_to failed
check "the reason is told" says "$("$helper" install-status)" "reason=the package could not be put in place"
check "what was put is taken away again" is_former
restarted() { # restarted TIMES: within 20 s
  left=200
  while [ "$(agent_starts)" -lt "$1" ] && [ "$left" -gt 0 ]; do
    sleep 0.1
    left=$((left - 1))
  done
  same "$(agent_starts)" "$1"
}
check "the agent is started again, whichever version it was of" restarted 1

# One that is never confirmed.
fresh_router
check "it is taken" same "$(outcome "$helper" install "$work/good.ipk" 0.2.0)" status=0
check "it is taken back" comes_to rolled-back
check "as it was" is_former
check "the version is told" holds "$("$helper" install-status)" version=0.2.0
check "the reason is told" holds "$("$helper" install-status)" 'reason=version 0.2.0 was not confirmed in 2 starts'
check "it cannot be confirmed any more" fails "$helper" install-commit 0.2.0
check "started twice, and the former one once" restarted 3

# One that is confirmed.
fresh_router
export OOBM_INSTALL_WAIT_S=60
"$helper" install "$work/good.ipk" 0.2.0
check "it is tried" comes_to trial
check "another one has to wait" fails "$helper" install "$work/good.ipk" 0.3.0
check "another version cannot be confirmed" fails "$helper" install-commit 0.3.0
for round in first second; do check "$round confirmation" "$helper" install-commit 0.2.0; done
check "it is done" holds "$("$helper" install-status)" state=done
check "it is in place, and the owner's file is the owner's" is_new
check "what is not needed any more is gone" fails ls "$records/previous"

# The power goes when the package is in place, but not yet on trial: its version was started with the router.
fresh_router
"$helper" install "$work/good.ipk" 0.2.0
check "it is tried" comes_to trial
restarted 1
kill -KILL "$(cat "$records/worker")"
rm "$records/tries" && mv "$records/record.trial" "$records/record.putting"
check "what was cut short is taken back" comes_to failed
check "by the former version" is_former
check "which is started" restarted 2

# The power goes after the K-th step of the installation, for every K. A step is a program that changes what is stored;
# it ends the whole session, as a power cut would, when its number comes. The next start of the agent asks for the status.
mkdir "$work/bin"
for program in mv cp mkdir sync; do
  cat >"$work/bin/$program" <<STEP
#!/bin/sh
real=$(command -v $program)
echo step >>"$work/steps"
"\$real" "\$@"
status=\$?
[ "\$(wc -l <"$work/steps")" -ne "\$(cat "$work/cut")" ] || kill -KILL 0
exit \$status
STEP
  chmod +x "$work/bin/$program"
done
export OOBM_INSTALL_WAIT_S=60 OOBM_INSTALL_TRIES=1
cut=0
while :; do
  cut=$((cut + 1))
  fresh_router
  echo "$cut" >"$work/cut"
  : >"$work/steps"
  PATH="$work/bin:$PATH" setsid -w "$helper" install "$work/good.ipk" 0.2.0 >/dev/null 2>&1
  patience=100
  while [ "$patience" -gt 0 ] && [ "$(wc -l <"$work/steps")" -lt "$cut" ] && [ ! -e "$records/record.trial" ]; do
    sleep 0.05
    patience=$((patience - 1))
  done
  [ "$(wc -l <"$work/steps")" -ge "$cut" ] || break
  check "after a cut at step $cut: it comes to an end" comes_to none trial failed rolled-back
  case "$(state)" in
    trial) check "cut $cut: a new version is confirmed" "$helper" install-commit 0.2.0 && check "cut $cut: it is whole" is_new ;;
    *) check "cut $cut: the former version is whole" is_former ;;
  esac
  comes_to none done failed rolled-back >/dev/null
done
check "cuts were tried" test "$cut" -gt 12

# The same to a confirmation, which the agent repeats.
cut=0
while :; do
  cut=$((cut + 1))
  fresh_router
  "$helper" install "$work/good.ipk" 0.2.0
  comes_to trial >/dev/null
  echo "$cut" >"$work/cut"
  : >"$work/steps"
  PATH="$work/bin:$PATH" setsid -w "$helper" install-commit 0.2.0 >/dev/null 2>&1 && break
  check "a confirmation cut at step $cut has been made or not" comes_to trial done
  check "it can be repeated after a cut at step $cut" "$helper" install-commit 0.2.0
  check "it is made after a cut at step $cut" comes_to done
  check "the new version is whole after a cut at step $cut" is_new
done
check "cuts of a confirmation were tried" test "$cut" -gt 3
exit "$failures"
