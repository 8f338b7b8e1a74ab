#!/bin/sh
# pack.sh NAME VERSION DATA-FOLDER CONTROL-FOLDER OUT-FOLDER: makes the OpenWrt package NAME of what the two folders hold.
#
# An ipk is a gzip'd tar of debian-binary, data.tar.gz and control.tar.gz, in this order. The same input makes the same
# bytes: names sorted, owners zero, one time stamp for all (SOURCE_DATE_EPOCH, else the last commit's), no names or
# times in the gzip headers. CONTROL-FOLDER/control.in is the control file with @VERSION@, @EPOCH@ and @INSTALLED_SIZE@;
# scripts may hold @NEEDED_KB@, what the files take on a flash of blocks of 4 kB, with 64 kB for what scripts and the package
# manager write beside them, and a line @ROOM@ for room.sh.
set -eu
export LC_ALL=C
umask 022

name=$1 version=$2 data=$3 control=$4 out=$5
here=$(cd "$(dirname "$0")" && pwd)
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/control" "$work/outer" "$out"

# pack FOLDER MEMBER...: a tar of the members, in this order, on standard output.
pack() {
  (cd "$1" && shift && tar --format=gnu --numeric-owner --owner=0 --group=0 --sort=name --mtime="@$epoch" -cf - "$@")
}

# Compresses in place. zopfli finds the smallest form that gunzip reads, some 4 % less than gzip's own.
squeeze() {
  if command -v zopfli >/dev/null; then
    zopfli --i5 "$1" && rm "$1"
  else
    gzip -n -9 "$1"
  fi
}

pack "$data" . >"$work/outer/data.tar"
size=$(stat -c %s "$work/outer/data.tar")
needed_kb=$(find "$data" -printf '%y %s\n' | awk '{ kb += $1 == "f" ? int(($2 + 4095) / 4096) * 4 : 4 } END { print kb + 64 }')
for file in "$control"/*; do
  sed -e "/^@ROOM@\$/r $here/room.sh" -e '/^@ROOM@$/d' "$file" |
    sed -e "s/@VERSION@/$version/" -e "s/@EPOCH@/$epoch/" -e "s/@INSTALLED_SIZE@/$size/" \
      -e "s/@NEEDED_KB@/$needed_kb/" >"$work/control/$(basename "${file%.in}")"
done
chmod 0755 "$work/control"/*
for file in control conffiles; do
  [ ! -e "$work/control/$file" ] || chmod 0644 "$work/control/$file"
done

printf '2.0\n' >"$work/outer/debian-binary"
squeeze "$work/outer/data.tar"
pack "$work/control" . | gzip -n -9 >"$work/outer/control.tar.gz"
chmod 0644 "$work/outer"/*
package=$out/${name}_${version}_aarch64_cortex-a53.ipk
pack "$work/outer" ./debian-binary ./data.tar.gz ./control.tar.gz | gzip -n -9 >"$package.new"
mv "$package.new" "$package"
