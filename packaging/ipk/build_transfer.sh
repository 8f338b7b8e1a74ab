#!/bin/sh
# build_transfer.sh PROGRAM VERSION OUT-FOLDER: packs PROGRAM (the transfer helper, stripped) as oobm-agent-transfer.
set -eu
umask 022

program=$1 version=$2 out=$3
here=$(cd "$(dirname "$0")" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

chmod 0755 "$stage"
install -D -m 0755 "$program" "$stage/usr/libexec/oobm/oobm-transfer"
sh "$here/pack.sh" oobm-agent-transfer "$version" "$stage" "$here/transfer" "$out"
