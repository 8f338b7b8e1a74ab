# Packages of opkg; sourced after install.sh. What is put back are the files of the version before, as opkg lists them, with
# opkg's own record of them: the package they came from may be part of the firmware, and is nowhere else.

# Not below /etc/oobm, which a sysupgrade keeps: what is put back belongs to the firmware that it was taken from.
install_folder=${OOBM_INSTALL:-/usr/lib/oobm-install}
opkg_package=${OOBM_PACKAGE:-oobm-agent}
opkg_root=${OOBM_OPKG_ROOT:-}
opkg_status=$opkg_root/usr/lib/opkg/status
opkg_stage=$opkg_root/usr/lib/oobm-stage # the file system of what a package replaces

# opkg's own "info" knows packages by name only.
control_of() { ipk_part "$1" control.tar.gz | tar -xzOf - ./control 2>/dev/null; }
version_in() { sed -n 's/^Version: //p' | head -n 1; }

package_check() {
  command -v opkg >/dev/null || fail "there is no opkg" 3
  control_of "$1" | grep -qx "Package: $opkg_package" || fail "the file is no ipk of $opkg_package"
}

opkg_version() { opkg status "$opkg_package" | version_in; }
opkg_files() {
  opkg files "$opkg_package" | grep '^/'
  (cd "$opkg_root/" && ls usr/lib/opkg/info/"$opkg_package".* 2>/dev/null | sed 's|^|/|')
}

package_keep() {
  opkg_version >"$1/version" && [ -s "$1/version" ] || return 1
  { cat "$1/version" && control_of "$2" | version_in; } >"$1/versions"
  opkg_files | while read -r file; do
    if [ -e "$opkg_root$file" ] || [ -L "$opkg_root$file" ]; then echo "${file#/}"; fi
  done >"$1/list"
  files_of "$2" | while read -r file; do
    [ -e "$opkg_root/$file" ] || [ -L "$opkg_root/$file" ] || echo "$file"
  done >"$1/added"
  # Not every BusyBox's tar reads names from a file. A package's names are few, and have no blanks.
  [ -s "$1/list" ] && tar -czf "$1/files.tar.gz" -C "$opkg_root/" $(cat "$1/list")
}

# Never as a reinstallation, which would remove the program, and the script that starts it, before it has another.
package_put() { opkg install --force-downgrade "$1"; }

# All of it is on the flash before the first file is renamed into its place, so that a loss of power leaves each one whole, of one
# version or the other. The helper's own scripts come last, what they source before them, and only then goes what the former
# version does not have: at any time there is a helper that takes this up again.
package_put_back() {
  rm -rf "$opkg_stage" && mkdir -p "$opkg_stage" && tar -xzf "$1/files.tar.gz" -C "$opkg_stage" && sync || return 1
  (cd "$opkg_stage" && find . ! -type d) |
    sed -e 's|^|1 |' -e '/\/oobm\/board\//s/^1/3/' -e '/\.sh$/s/^3/2/' | sort | while read -r _ file; do
    mkdir -p "$opkg_root/${file%/*}" && mv -f "$opkg_stage/$file" "$opkg_root/$file" || exit 1
  done || return 1
  [ ! -e "$1/added" ] || while read -r file; do rm -f "$opkg_root/$file"; done <"$1/added"
  for file in "$opkg_root/usr/lib/opkg/info/$opkg_package".*; do
    grep -qxF "${file#"$opkg_root"/}" "$1/list" || rm -f "$file"
  done
  sed "/^Package: $opkg_package\$/,/^\$/s/^Version: .*/Version: $(cat "$1/version")/" "$opkg_status" >"$opkg_status.oobm-new" &&
    sync && mv "$opkg_status.oobm-new" "$opkg_status" && rm -rf "$opkg_stage"
}

# A status without the package, of which opkg still has the rest, was lost in a loss of power.
package_replaced() {
  present=$(opkg_version)
  if [ -z "$present" ]; then
    [ ! -e "$opkg_root/usr/lib/opkg/info/$opkg_package.control" ]
  else
    ! grep -qxF "$present" "$1/versions"
  fi
}

agent_restart() { "${OOBM_INSTALL_RESTART:-/etc/init.d/oobm}" restart; }
