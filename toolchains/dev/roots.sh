# Debian 13 roots, made once by mmdebstrap and shared by all clones of the user.
#
# A root's name ends in a hash of what went into it, so a change of a package list makes a new root and leaves the old
# one to the clones that still want it. It is made under a temporary name, behind a lock, and renamed when complete.

readonly suite=trixie
readonly recipe=3  # raise it when the way a root is made changes

# package_list FILE: the names in it, sorted, separated by commas.
package_list() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1" | LC_ALL=C sort -u | paste -sd, -; }

root_path() { # KIND ARCHITECTURE PACKAGES
  local hash
  hash=$(printf '%s\n' "$recipe" "$suite" "$2" "$3" "$([[ $mode == mapped ]] && echo mapped)" | sha256sum)
  printf '%s/%s-%s-%s-%s\n' "$cache" "$1" "$suite" "$2" "${hash:0:12}"
}

host_is_enough() {
  local id='' version=0
  [[ -r /etc/os-release ]] && id=$(. /etc/os-release && echo "$ID") && version=$(. /etc/os-release && echo "${VERSION_ID:-99}")
  [[ $id == debian ]] && ((${version%%.*} >= 13)) || return 1
  local wanted missing
  wanted=$(package_list "$top/toolchains/dev/native.packages")
  missing=$(dpkg-query -W -f '${db:Status-Status}\n' ${wanted//,/ } 2>/dev/null | grep -cvx installed) || true
  ((missing == 0)) && dpkg-query -W ${wanted//,/ } >/dev/null 2>&1
}

# Sets $native to the root that commands run in: a folder, or "host".
ensure_native_root() {
  if host_is_enough; then
    native=host
    return
  fi
  local packages architecture
  packages=$(package_list "$top/toolchains/dev/native.packages")
  architecture=$(dpkg --print-architecture)
  native=$(root_path root "$architecture" "$packages")
  [[ -d $native ]] || make_root "$native" "Debian 13 root" --variant=minbase --include="$packages" \
    --customize-hook='printf "127.0.0.1 localhost\n::1 localhost\n" >"$1/etc/hosts"' \
    --customize-hook='rm -rf "$1"/usr/share/doc/* "$1"/usr/share/man/*'
}

# Sets $sysroot to the folder with the target's headers and libraries, and what each package says of its licence and version.
ensure_sysroot() {
  local packages
  packages=$(package_list "$top/toolchains/dev/sysroot.packages")
  sysroot=$(root_path sysroot arm64 "$packages with notices")
  # The packages are unpacked, not installed: what base-files would link is linked by hand, and absolute links,
  # which would point into the build machine, are made relative. No /dev: the emulator would take its files for the machine's.
  [[ -d $sysroot ]] || without="dev etc tmp var" make_root "$sysroot" "arm64 sysroot" --variant=extract --architectures=arm64 --include="$packages" \
    --setup-hook='mkdir -p "$1/usr/lib" && ln -s usr/lib "$1/lib"' \
    --extract-hook='cd "$1" && find . -type l -lname "/*" | while read -r link; do
        to=$(readlink "$link"); ln -sfn "$(realpath -ms --relative-to="$(dirname "$link")" ".$to")" "$link"; done' \
    --extract-hook='rm -rf "$1"/usr/share/man; cd "$1/usr/share/doc" && find . -type f ! -name copyright ! -name "changelog.Debian*.gz" -delete'
}

# Sets $sysroot when it is there already; making it can wait until somebody builds for the target.
find_sysroot() {
  sysroot=$(root_path sysroot arm64 "$(package_list "$top/toolchains/dev/sysroot.packages") with notices")
  [[ -d $sysroot ]] || sysroot=
}

# Sets $vm to the folder with the virtual machine's kernel and programs; nothing in it runs on this machine.
ensure_vm() {
  local packages
  packages=$(package_list "$top/toolchains/dev/vm.packages")
  vm=$(root_path vm arm64 "$packages")
  [[ -d $vm ]] || without="dev tmp var" make_root "$vm" "arm64 virtual machine" --variant=extract --architectures=arm64 --include="$packages" \
    --setup-hook='for name in bin sbin lib; do mkdir -p "$1/usr/$name" && ln -s "usr/$name" "$1/$name"; done' \
    --extract-hook='cd "$1" && rm -rf usr/share usr/include usr/lib/udev usr/lib/modules/*/kernel/sound boot/System.map-*'
}

# Sets $vm when it is there already.
find_vm() {
  vm=$(root_path vm arm64 "$(package_list "$top/toolchains/dev/vm.packages")")
  [[ -d $vm ]] || vm=
}

# Sets $source_packages to the folder with the source packages, as Debian publishes and signs them: of each the newest
# version. A mirror may list a security update before it has it; then that of the last point release serves until the
# folder is made anew.
ensure_source_packages() {
  local packages
  packages=$(package_list "$top/toolchains/dev/source.packages")
  source_packages=$(root_path source all "$packages")
  [[ -d $source_packages ]] || without="dev etc tmp var usr run" make_root "$source_packages" "folder of source packages" --variant=custom \
    --customize-hook='export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"; sed "s/^deb /deb-src /" "$1/etc/apt/sources.list" >"$1/etc/apt/sources.list.d/sources.list" &&
      apt-get update && cd "$1" && for package in '"${packages//,/ }"'; do
        apt-get source --download-only "$package" && continue
        echo "I: the newest version of $package that the mirror lists cannot be had; taking that of the last point release"
        rm -f "${package}"_*.dsc && apt-get source --download-only "$package/'"$suite"'" || exit 1
      done'
}

# Sets $source_packages when it is there already.
find_source_packages() {
  source_packages=$(root_path source all "$(package_list "$top/toolchains/dev/source.packages")")
  [[ -d $source_packages ]] || source_packages=
}

# Folders named in $without are left out in the end; mmdebstrap itself needs them.
make_root() { # PATH WHAT MMDEBSTRAP-OPTION...
  local path=$1 what=$2 log="$1.log" lock
  shift 2
  exec {lock}>"$cache/lock"
  if ! flock --nonblock "$lock"; then
    step "another clone is making a root; waiting for it"
    flock "$lock"
  fi
  if [[ ! -d $path ]]; then
    ensure_mmdebstrap
    step "making the $what, once (about a minute; log: $log)"
    as_root rm -rf "$path.new"
    find_sources
    if ! as_root unshare --mount --propagation private --pid --fork --kill-child "${mmdebstrap[@]}" --mode=root --format=directory --skip=check/qemu \
      --dpkgopt=force-unsafe-io --aptopt='APT::Sandbox::User "root"' --aptopt='Acquire::Retries "3"' --keyring="$keyring" \
      "$@" "$suite" "$path.new" "${sources[@]}" > >(show_progress "$log") 2>&1; then
      tail -n 15 "$log" >&2
      as_root rm -rf "$path.new"
      fail "mmdebstrap could not make the $what" "its last lines are above, all of them are in $log" \
        "most often the network or the package mirror is the reason: check that apt works here, then repeat the command"
    fi
    as_root bash -c 'cd "$0" && rm -rf -- "$@"' "$path.new" ${without:-}
    mv "$path.new" "$path"
    step "made the $what ($(as_root du -sm "$path" | cut -f1) MB)"
  fi
  exec {lock}>&-
}

# mmdebstrap's messages, whole into the log, its own steps ("I: ...") to the reader.
show_progress() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line" >&3
    [[ $line != "I: "* || $line == *hook* ]] || step "  ${line#I: }"
  done 3>"$1"
}

# Sets the array $sources: on a Debian machine the mirrors that its apt uses, elsewhere none, and mmdebstrap takes its own.
find_sources() {
  local main='' security='' label uri
  sources=()
  while IFS='|' read -r label uri; do
    case $label in
      Debian) main=${main:-$uri} ;;
      Debian-Security) security=${security:-$uri} ;;
    esac
  done < <(apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 'Component: main' 2>/dev/null)
  [[ -n $main ]] || return 0
  sources=("deb $main $suite main")
  [[ -z $security ]] || sources+=("deb $security $suite-security main")
}
