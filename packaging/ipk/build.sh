#!/bin/sh
# build.sh PROGRAM VERSION DATA-FOLDER OUT-FOLDER: packs PROGRAM (the agent's executable, stripped) as an OpenWrt package.
#
# An ipk is a gzip'd tar of debian-binary, data.tar.gz and control.tar.gz, in this order. The same input makes the same
# bytes: names sorted, owners zero, one time stamp for all (SOURCE_DATE_EPOCH, else the last commit's), no names or
# times in the gzip headers.
set -eu
export LC_ALL=C
umask 022

program=$1 version=$2 data_folder=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/data" "$work/control" "$work/outer" "$out"

cp -R "$here/files/." "$work/data/"
install -D -m 0755 "$program" "$work/data/usr/sbin/oobm"
mkdir -p "$work/data/usr/bin"
ln -s oobm "$work/data/usr/sbin/oobmd"
ln -s ../sbin/oobm "$work/data/usr/bin/oobmctl"
for file in instances.json catalogue.json; do
  install -D -m 0644 "$data_folder/$file" "$work/data/usr/share/oobm/$file"
done
board=$here/../../hal/board
for script in conformance helpers/linux helpers/openwrt; do
  install -D -m 0755 "$board/$script" "$work/data/usr/lib/oobm/board/${script#helpers/}"
done
for part in conformance_probe install install_files install_opkg linux_netdev linux_ppp policy_routing power shared; do
  file=$board/$part.sh
  [ -e "$file" ] || file=$board/helpers/$part.sh
  install -m 0644 "$file" "$work/data/usr/lib/oobm/board/"
done
find "$work/data" -type d -exec chmod 0755 {} +
find "$work/data/etc" "$work/data/lib" -type f -exec chmod 0644 {} +
chmod 0755 "$work/data/etc/init.d/oobm"

# pack FOLDER MEMBER...: a tar of the members, in this order, on standard output.
pack() {
  (cd "$1" && shift && tar --format=gnu --numeric-owner --owner=0 --group=0 --sort=name --mtime="@$epoch" -cf - "$@")
}

pack "$work/data" . >"$work/data.tar"
sed -e "s/@VERSION@/$version/" -e "s/@EPOCH@/$epoch/" -e "s/@INSTALLED_SIZE@/$(stat -c %s "$work/data.tar")/" \
  "$here/control/control.in" >"$work/control/control"
cp "$here/control/conffiles" "$here/control/postinst" "$here/control/prerm" "$work/control/"
chmod 0644 "$work/control/control" "$work/control/conffiles"
chmod 0755 "$work/control/postinst" "$work/control/prerm"

printf '2.0\n' >"$work/outer/debian-binary"
gzip -n -9 <"$work/data.tar" >"$work/outer/data.tar.gz"
pack "$work/control" . | gzip -n -9 >"$work/outer/control.tar.gz"
chmod 0644 "$work/outer"/*
package=$out/oobm-agent_${version}_aarch64_cortex-a53.ipk
pack "$work/outer" ./debian-binary ./data.tar.gz ./control.tar.gz | gzip -n -9 >"$package.new"
mv "$package.new" "$package"
