#!/bin/sh
# build_transfer.sh PROGRAM VERSION OUT-FOLDER: packs PROGRAM (the transfer helper, stripped) as oobm-agent-transfer. It depends on
# the package of libcurl only if the program was linked with a shared one.
set -eu
umask 022

program=$1 version=$2 out=$3
here=$(cd "$(dirname "$0")" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

chmod 0755 "$stage"
install -D -m 0755 "$program" "$stage/data/usr/libexec/oobm/oobm-transfer"
cp -r "$here/transfer" "$stage/control"
libcurl=$(readelf -d "$program" 2>/dev/null | sed -n 's/.*(NEEDED).*\[libcurl\.so\.4\]/libcurl4, /p')
sed -i "s/@LIBCURL@/$libcurl/" "$stage/control/control.in"
sh "$here/pack.sh" oobm-agent-transfer "$version" "$stage/data" "$stage/control" "$out"
