#!/bin/sh
# Installations by the OpenWrt board helper with a script that stands in for opkg: install_opkg_test.sh HELPER.
set -u
helper=$1
helpers=$(dirname "$helper")
. "$(dirname "$0")/helper_world.sh"
stand_ins=$(cd "$(dirname "$0")" && pwd)/openwrt
# What the helper finds on a router: of BusyBox the applets that OpenWrt's Config-defaults.in switches on and the scripts use
# or might, without setsid; sleep is as without FLOAT_DURATION.
mkdir "$work/busybox"
for applet in awk basename cat chmod chown cmp cp cut date dd df dirname du env expr find grep gunzip gzip head id kill ln ls md5sum \
  mkdir mktemp mv printf ps readlink rm rmdir sed seq sh sha256sum sort start-stop-daemon sync tail tar tee touch tr uniq wc xargs; do
  ln -s "$(command -v busybox)" "$work/busybox/$applet"
done
cat >"$work/busybox/sleep" <<SLEEP
#!/bin/sh
case "\$1" in *[!0-9]*) echo "sleep: invalid number '\$1'" >&2 && exit 1 ;; esac
exec $(command -v sleep) "\$1"
SLEEP
chmod +x "$work/busybox/sleep"
router_path=$stand_ins:$work/busybox
on_router() { env PATH="$router_path" "$helper" "$@"; }
mkdir "$work/tar" && ln -s "$(command -v busybox)" "$work/tar/tar"
export PATH="$stand_ins:$work/tar:$PATH" OOBM_OPKG_ROOT="$work/root" OOBM_INSTALL="$work/records"
export OOBM_INSTALL_RESTART="$work/restart" OOBM_INSTALL_TRIES=2 OOBM_INSTALL_WAIT_S=1
printf '#!/bin/sh\necho "$1" >>%s/restarts\n' "$work" >"$work/restart"
chmod +x "$work/restart"
# A package of one program, a script of opkg's, a table and a helper, of which each version has files that no other has.
package() { # FILE NAME VERSION CONTENTS
  rm -rf "$work/tree" "$work/control"
  mkdir -p "$work/tree/usr/sbin" "$work/tree/usr/lib/oobm/board" "$work/control"
  echo "$4" >"$work/tree/usr/sbin/oobmd"
  echo "$4" >"$work/tree/usr/lib/oobm/table-$4"
  for part in shared policy_routing power install install_opkg; do cp "$helpers/$part.sh" "$work/tree/usr/lib/oobm/board/"; done
  echo "# of version $4" >"$work/tree/usr/lib/oobm/board/part-$4.sh"
  sed "/^\\. .*power.sh/a . \"\$here/part-$4.sh\"" "$helper" >"$work/tree/usr/lib/oobm/board/openwrt"
  chmod +x "$work/tree/usr/lib/oobm/board/openwrt"
  echo "exit 0 # $4" >"$work/control/script-$4"
  printf 'Package: %s\nVersion: %s\n' "$2" "$3" >"$work/control/control"
  tar -czf "$work/data.tar.gz" -C "$work/tree" . && tar -czf "$work/control.tar.gz" -C "$work/control" . &&
    tar -czf "$work/$1" -C "$work" ./data.tar.gz ./control.tar.gz
}
package good.ipk oobm-agent 0.2.0-r1 new
package broken.ipk oobm-agent 0.2.0-r1 broken
package third.ipk oobm-agent 0.3.0-r1 third
package other.ipk another-program 0.2.0-r1 new

fresh_router() {
  rm -rf "$work/root" "$work/records" "$work/restarts"
  mkdir -p "$work/root/usr/sbin" "$work/root/usr/lib/opkg/info"
  : >"$work/restarts"
  package former.ipk oobm-agent 0.1.0-r1 former
  opkg install "$work/former.ipk"
  contents >"$work/former"
}
contents() { (cd "$work/root" && find . ! -type d | sort | xargs md5sum); }
is_former() { contents | diff "$work/former" -; }
is_version() { same "$(cat "$work/root/usr/sbin/oobmd") $(opkg status oobm-agent | sed -n 's/^Version: //p')" "$1 $2"; }
comes_to() {
  left=200
  while [ "$left" -gt 0 ]; do
    now=$(on_router install-status | sed -n 's/^state=//p')
    [ "$now" != "$1" ] || return 0
    sleep 0.1
    left=$((left - 1))
  done
  echo "it is $now"
  return 1
}

fresh_router
check "without OpenWrt's programs" fails env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$helper" install "$work/good.ipk" 0.2.0
echo oobm-agent >"$work/text.ipk"
check "no package" fails on_router install "$work/text.ipk" 0.2.0
check "another package" fails on_router install "$work/other.ipk" 0.2.0
check "nothing was recorded" holds "$(on_router install-status)" state=none

# A router that cannot start a process in a session of its own.
cp -a "$work/busybox" "$work/poor" && rm "$work/poor/start-stop-daemon"
check "what cannot begin" fails timeout 10 env PATH="$stand_ins:$work/poor" "$helper" install "$work/good.ipk" 0.2.0
check "has failed" holds "$(on_router install-status)" state=failed
check "why is told" holds "$(on_router install-status)" 'reason=the installation did not begin'
check "nothing was changed" is_former

on_router install "$work/broken.ipk" 0.2.0
check "what opkg refuses fails" comes_to failed
check "opkg's words are told" says "$(on_router install-status)" "no room"
check "the former one is in place" is_version former 0.1.0-r1
check "and nothing else" is_former
left=50
until [ -s "$work/restarts" ] || [ "$left" -eq 0 ]; do sleep 0.1 && left=$((left - 1)); done
check "the agent is started again, whichever version it was of" same "$(cat "$work/restarts")" restart

ln -s "$(command -v setsid)" "$work/poor/setsid"
env PATH="$stand_ins:$work/poor" "$helper" install "$work/good.ipk" 0.2.0
check "what is not confirmed is taken back" comes_to rolled-back
check "the former one is in place, for opkg too" is_version former 0.1.0-r1
check "nothing of the new one is left" is_former
check "nobody else's record was touched" holds "$(opkg status other)" 'Version: 7'

# Somebody else puts another version in place while one is tried.
export OOBM_INSTALL_WAIT_S=5 OOBM_INSTALL_TRIES=1
on_router install "$work/good.ipk" 0.2.0
check "it is tried" comes_to trial
opkg install "$work/third.ipk"
contents >"$work/third"
check "that ends the trial" comes_to failed
check "why is told" holds "$(on_router install-status)" 'reason=another version was put in place meanwhile'
is_third() { contents | diff "$work/third" -; }
check "the other version is left alone" is_third

fresh_router
export OOBM_INSTALL_WAIT_S=60 OOBM_INSTALL_TRIES=2
on_router install "$work/good.ipk" 0.2.0
check "it is tried" comes_to trial
check "it is confirmed" on_router install-commit 0.2.0
check "it stays" is_version new 0.2.0-r1
check "done" comes_to done

outside_of_what_a_sysupgrade_keeps() {
  folder=$(unset OOBM_INSTALL && . "$helpers/shared.sh" && . "$helpers/install.sh" && . "$helpers/install_opkg.sh" && echo "$install_folder")
  while read -r kept; do
    case "$folder/" in "${kept%/}"/*) echo "$folder is below $kept" && return 1 ;; esac
  done <"$stand_ins/../../../../packaging/ipk/files/lib/upgrade/keep.d/oobm-agent"
}
check "a new firmware has no record of the one before" outside_of_what_a_sysupgrade_keeps

# The power goes after the K-th step of taking back, for every K: a program that changes what is stored. What was written since the
# last sync is lost then, though its name may be there. What the router itself has for a helper takes it up again.
mkdir "$work/bin" "$work/quiet"
cat >"$work/stored" <<'STORED'
cd "$1" && find root records -type f | sort >names && xargs stat -c %i <names >inodes && xargs md5sum <names | paste -d ' ' inodes -
STORED
cat >"$work/step" <<STEP
#!/bin/sh
program=\$(basename "\$0")
[ "\$program" != tar ] || [ ! -e "$work/records/package.ipk" ] || echo package >>"$work/crowded"
PATH=$work/quiet:$PATH
"\$program" "\$@"
status=\$?
[ "\$program" != sync ] || sh "$work/stored" "$work" | cut -d ' ' -f 1,2 >"$work/synced"
echo step >>"$work/steps"
[ "\$(wc -l <"$work/steps")" -eq "\$(cat "$work/cut")" ] || exit \$status
sh "$work/stored" "$work" | while read -r inode sum name; do
  grep -qx "\$inode \$sum" "$work/synced" || : >"$work/\$name"
done
kill -KILL 0
STEP
chmod +x "$work/step"
for program in mv sync tar rm; do ln -s "$work/step" "$work/bin/$program"; done
# What this machine has written to its medium is no matter here, and takes its time.
printf '#!/bin/sh\n' >"$work/quiet/sync"
chmod +x "$work/quiet/sync"

fresh_router
helper=$work/root/usr/lib/oobm/board/openwrt
on_router install "$work/good.ipk" 0.2.0
check "it is tried" comes_to trial
left=50
until [ -e "$work/records/tries" ] || [ "$left" -eq 0 ]; do sleep 0.1 && left=$((left - 1)); done
kill "$(cat "$work/records/worker")"
mv "$work/records/record.trial" "$work/records/record.taking-back"
cp -a "$work/root" "$work/root.trial"
cp -a "$work/records" "$work/records.trial"

# An open record meets a router on which another version was installed since, or none is.
rm -rf "$work/root"/*
mkdir -p "$work/root/usr/lib/opkg/info"
opkg install "$work/third.ipk"
check "nothing is put over a version that was installed since" comes_to failed
check "it is as it was installed" is_third
rm -rf "$work/root"/* "$work/records"
cp -a "$work/records.trial" "$work/records"
mkdir -p "$work/root/usr/lib/opkg"
printf 'Package: other\nVersion: 7\n\n' >"$work/root/usr/lib/opkg/status"
env PATH="$router_path" "$helpers/openwrt" install-work
check "nor where the package was removed" test ! -e "$work/root/usr/sbin"
check "that record is closed too" test -e "$work/records/record.failed"

# What a loss of power made of opkg's status is no reason to keep a version that nobody has confirmed.
rm -rf "$work/root" "$work/records"
cp -a "$work/root.trial" "$work/root"
cp -a "$work/records.trial" "$work/records"
: >"$work/root/usr/lib/opkg/status"
check "without opkg's status it is taken back" comes_to rolled-back
check "and the former program is in place" same "$(cat "$work/root/usr/sbin/oobmd")" former

cut=0
while :; do
  cut=$((cut + 1))
  rm -rf "$work/root" "$work/records" "$work/steps"
  cp -a "$work/root.trial" "$work/root"
  cp -a "$work/records.trial" "$work/records"
  sh "$work/stored" "$work" | cut -d ' ' -f 1,2 >"$work/synced"
  echo "$cut" >"$work/cut"
  setsid -w env PATH="$work/bin:$router_path" "$helper" install-work >/dev/null 2>&1
  [ "$(wc -l <"$work/steps")" -ge "$cut" ] || break
  check "after a cut at step $cut: it is taken back" comes_to rolled-back
  check "after a cut at step $cut: the former one is in place, and nothing else" is_former
done
check "cuts were tried" test "$cut" -gt 20
check "the package was not in the way of what was put back" test ! -e "$work/crowded"
exit "$failures"
