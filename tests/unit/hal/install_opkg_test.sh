#!/bin/sh
# Installations by the OpenWrt board helper with a script that stands in for opkg: install_opkg_test.sh HELPER.
set -u
helper=$1
. "$(dirname "$0")/helper_world.sh"
mkdir "$work/busybox" && ln -s "$(command -v busybox)" "$work/busybox/tar" # as small as a router's
export PATH="$(cd "$(dirname "$0")" && pwd)/openwrt:$work/busybox:$PATH" OOBM_OPKG_ROOT="$work/root" OOBM_INSTALL="$work/records"
export OOBM_INSTALL_RESTART="$work/restart" OOBM_INSTALL_TRIES=2 OOBM_INSTALL_WAIT_S=1
printf '#!/bin/sh\necho "$1" >>%s/restarts\n' "$work" >"$work/restart"
chmod +x "$work/restart"
package() { # FILE NAME VERSION CONTENTS
  mkdir -p "$work/tree/usr/sbin"
  echo "$4" >"$work/tree/usr/sbin/oobmd"
  printf 'Package: %s\nVersion: %s\n' "$2" "$3" >"$work/control"
  tar -czf "$work/data.tar.gz" -C "$work/tree" . && tar -czf "$work/control.tar.gz" -C "$work" ./control &&
    tar -czf "$work/$1" -C "$work" ./data.tar.gz ./control.tar.gz
}
package good.ipk oobm-agent 0.2.0-r1 new
package broken.ipk oobm-agent 0.2.0-r1 broken
package other.ipk another-program 0.2.0-r1 new

fresh_router() {
  rm -rf "$work/root" "$work/records" "$work/restarts"
  mkdir -p "$work/root/usr/sbin" "$work/root/usr/lib/opkg/info"
  : >"$work/restarts"
  package former.ipk oobm-agent 0.1.0-r1 former
  opkg install "$work/former.ipk"
}
is_version() { same "$(cat "$work/root/usr/sbin/oobmd") $(opkg status oobm-agent | sed -n 's/^Version: //p')" "$1 $2"; }
comes_to() {
  left=200
  while [ "$left" -gt 0 ]; do
    now=$("$helper" install-status | sed -n 's/^state=//p')
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
check "no package" fails "$helper" install "$work/text.ipk" 0.2.0
check "another package" fails "$helper" install "$work/other.ipk" 0.2.0
check "nothing was recorded" holds "$("$helper" install-status)" state=none

"$helper" install "$work/broken.ipk" 0.2.0
check "what opkg refuses fails" comes_to failed
check "opkg's words are told" says "$("$helper" install-status)" "no room"
check "the former one is in place" is_version former 0.1.0-r1
check "the agent was left alone" same "$(wc -l <"$work/restarts")" 0

"$helper" install "$work/good.ipk" 0.2.0
check "what is not confirmed is taken back" comes_to rolled-back
check "the former one is in place, for opkg too" is_version former 0.1.0-r1
check "nobody else's record was touched" holds "$(opkg status other)" 'Version: 7'

export OOBM_INSTALL_WAIT_S=60
"$helper" install "$work/good.ipk" 0.2.0
check "it is tried" comes_to trial
check "it is confirmed" "$helper" install-commit 0.2.0
check "it stays" is_version new 0.2.0-r1
check "done" comes_to done
exit "$failures"
