#!/bin/sh
# build.sh PROGRAM VERSION DATA-FOLDER OUT-FOLDER: packs PROGRAM (the agent's executable, stripped) as the
# package oobm-agent, with the tables of DATA-FOLDER.
set -eu
umask 022

program=$1 version=$2 data_folder=$3 out=$4
here=$(cd "$(dirname "$0")" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

cp -R "$here/files/." "$stage/"
install -D -m 0755 "$program" "$stage/usr/sbin/oobm"
mkdir -p "$stage/usr/bin"
ln -s oobm "$stage/usr/sbin/oobmd"
ln -s ../sbin/oobm "$stage/usr/bin/oobmctl"
for file in instances.json catalogue.json; do
  install -D -m 0644 "$data_folder/$file" "$stage/usr/share/oobm/$file"
done
board=$here/../../hal/board
for script in conformance helpers/linux helpers/openwrt; do
  install -D -m 0755 "$board/$script" "$stage/usr/lib/oobm/board/${script#helpers/}"
done
install -m 0644 "$board"/*.sh "$board"/helpers/*.sh "$stage/usr/lib/oobm/board/"
find "$stage" -type d -exec chmod 0755 {} +
find "$stage/etc" "$stage/lib" -type f -exec chmod 0644 {} +
chmod 0755 "$stage/etc/init.d/oobm" "$stage/usr/lib/oobm/account" "$stage/usr/lib/oobm/configure" "$stage/usr/lib/oobm/nudge"
chmod 0644 "$stage/usr/lib/oobm/settings"

sh "$here/pack.sh" oobm-agent "$version" "$stage" "$here/control" "$out"
