# Becoming root, of the machine or of a user namespace, and running things in namespaces of their own.
#
# as_root CMD...      runs CMD with root's rights over files it makes
# enter ROOT CMD...   runs CMD inside ROOT, with its own mounts, process ids and (empty) network
#
# Either way the command ends when ./dev ends, however that happens, and takes its namespaces with it.

# root: we are root. mapped: root of a user namespace, with subordinate ids. sudo: ask sudo to start us again as root.
choose_mode() {
  if [[ $(id -u) == 0 ]]; then
    mode=root
    unshare --mount --pid --fork true 2>/dev/null ||
      fail "this root may not make namespaces (a container without privileges?)" \
        "give the container CAP_SYS_ADMIN (docker run --privileged), or run ./dev outside of it"
  elif mode=mapped && find_subordinate_ids && as_root unshare --mount --net true 2>/dev/null; then
    :
  elif command -v sudo >/dev/null; then
    step "no unprivileged user namespaces here; asking sudo"
    exec sudo HOME="$HOME" XDG_CACHE_HOME="${XDG_CACHE_HOME:-}" CI="${CI:-}" "$top/dev" "${arguments[@]}"
  else
    fail "needs root, sudo, or user namespaces with subordinate ids" \
      "either run as root, or have root do: apt install uidmap && usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
  fi
}

# Sets subuid and subgid to the first of 65535 ids that /etc/subuid and /etc/subgid grant us.
find_subordinate_ids() {
  command -v newuidmap >/dev/null && command -v newgidmap >/dev/null || return 1
  subuid=$(first_subordinate_id /etc/subuid) && subgid=$(first_subordinate_id /etc/subgid)
}

first_subordinate_id() {
  local name first count
  while IFS=: read -r name first count; do
    if [[ ($name == "$(id -un)" || $name == "$(id -u)") && $count -ge 65535 ]]; then
      printf '%s\n' "$first"
      return 0
    fi
  done <"$1" 2>/dev/null
  return 1
}

as_root() {
  local child
  # A background child of a script would ignore SIGINT and read nothing: give it both back.
  if [[ $mode == root ]]; then
    (trap - INT QUIT && exec setpriv --pdeathsig KILL "$@") <&0 &
    child=$!
  else
    (trap - INT QUIT && exec unshare --user bash -c "$wait_for_ids" wait_for_ids "$@") <&0 &
    child=$!
    map_ids "$child" || { kill "$child" 2>/dev/null; wait "$child"; return 1; }
  fi
  supervise "$child"
}

# Runs as the first program of the user namespace; only a program started as root there has root's capabilities.
readonly wait_for_ids='for _ in {1..500}; do
  [[ $(id -u):$(id -g) == 0:0 ]] && exec setpriv --pdeathsig KILL "$@"
  sleep 0.01
done
exit 1'

# Root inside is the user outside, so that the clone's files are root's; the other ids are the subordinate ones.
map_ids() {
  local ours
  ours=$(readlink /proc/self/ns/user)
  for _ in {1..500}; do
    [[ $(readlink "/proc/$1/ns/user") != "$ours" ]] && break
    sleep 0.01
  done
  newuidmap "$1" 0 "$(id -u)" 1 1 "$subuid" 65535 && newgidmap "$1" 0 "$(id -g)" 1 1 "$subgid" 65535
}

# Waits for a child; a signal to ./dev reaches the first process of the namespace, which passes it on.
supervise() {
  local child=$1 status=0
  trap 'forward TERM "$child"' TERM
  trap 'forward HUP "$child"' HUP
  trap : INT  # the terminal sends it to the child as well
  while kill -0 "$child" 2>/dev/null; do wait "$child" || true; done
  wait "$child" || status=$?
  trap - TERM HUP INT
  return "$status"
}

forward() {
  local pid=$2
  if [[ -n ${init_file:-} && -s $init_file ]]; then read -r pid _ <"$init_file"; fi
  kill -s "$1" "$pid" 2>/dev/null || true
}

# enter ROOT CMD...: ROOT is a folder, or "host" for the machine's own system. Sets nothing up that outlives the command.
enter() {
  local root=$1
  shift
  mkdir -p "$cache"/{mnt,ccache,tidy} "$top/build"
  init_file=${init_file:-$top/build/.init.$$}
  trap 'rm -f "$init_file"' EXIT
  as_root env OOBM_TOP="$top" OOBM_ROOT="$root" OOBM_CACHE="$cache" OOBM_SYSROOT="${sysroot:-}" OOBM_SOURCE_PACKAGES="${source_packages:-}" OOBM_VM="${vm:-}" \
    OOBM_GIT_DIR="$git_dir" OOBM_INIT_FILE="$init_file" \
    unshare --mount --propagation private --pid --fork --kill-child --net \
    bash "$top/toolchains/dev/mounts.sh" "$@"
}
