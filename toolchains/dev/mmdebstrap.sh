# Getting mmdebstrap and Debian's archive keys: the only things that may come onto the host, and without root they go
# no further than the user's cache.

# Sets the array $mmdebstrap to the command, and $keyring to the keys that Debian 13 is checked with.
ensure_mmdebstrap() {
  local private=$cache/mmdebstrap packages=()
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  mmdebstrap=(mmdebstrap)
  command -v mmdebstrap >/dev/null || packages+=(mmdebstrap)
  keyring_is_recent || packages+=(debian-archive-keyring)
  ((${#packages[@]})) || return 0

  if [[ $mode == root ]]; then
    step "installing ${packages[*]}"
    { apt-get update && apt-get install --yes --no-install-recommends "${packages[@]}"; } >"$cache/apt.log" 2>&1 || {
      tail -n 10 "$cache/apt.log" >&2
      fail "apt could not install ${packages[*]}" "repair apt, or install them by hand, then repeat the command"
    }
    return 0
  fi

  [[ " ${packages[*]} " != *" mmdebstrap "* ]] || mmdebstrap=(perl "$private/usr/bin/mmdebstrap")
  [[ " ${packages[*]} " != *" debian-archive-keyring "* ]] || keyring=$private/usr/share/keyrings/debian-archive-keyring.gpg
  unpack_privately "$private" "${packages[@]}"
  "${mmdebstrap[@]}" --version >/dev/null 2>>"$cache/apt.log" || {
    tail -n 10 "$cache/apt.log" >&2
    fail "mmdebstrap does not run from $private" "have root do: apt install --no-install-recommends mmdebstrap"
  }
}

# Debian 13 is signed with the keys of Debian 12 and 13; this version of the package is the first with the former.
keyring_is_recent() {
  local version
  version=$(dpkg-query -W -f '${Version}' debian-archive-keyring 2>/dev/null) || return 1
  [[ -r $keyring ]] && dpkg --compare-versions "$version" ge 2023.3
}

# unpack_privately FOLDER PACKAGE...: downloads with apt's own checks, but with its state and cache inside FOLDER.
unpack_privately() {
  local folder=$1 package
  shift
  step "fetching $* into $folder (nothing is installed)"
  mkdir -p "$folder"/apt/{state/lists/partial,cache/archives/partial} "$folder/debs"
  local options=(-o "Dir::State=$folder/apt/state" -o "Dir::State::status=/var/lib/dpkg/status"
    -o "Dir::Cache=$folder/apt/cache" -o "APT::Sandbox::User=$(id -un)")
  (
    cd "$folder/debs" && rm -f ./*.deb
    apt-get "${options[@]}" update && apt-get "${options[@]}" download "$@"
  ) >"$cache/apt.log" 2>&1 || {
    tail -n 10 "$cache/apt.log" >&2
    fail "apt could not fetch $*" "have root do: apt install --no-install-recommends $*"
  }
  for package in "$folder"/debs/*.deb; do dpkg -x "$package" "$folder"; done
}
