# Runs as the first process of fresh mount, process and network namespaces: puts the root together and enters it.
#
#   /src               the clone              /ccache /tidy      the user's caches of the compiler and of clang-tidy
#   /sysroot/aarch64   libraries of the target, when they are there
#   /sysroot/vm        packages of the virtual machine, likewise
#   /sysroot/source    Debian source packages, likewise
#   /dev               null, zero, ..., a devpts of its own, net/tun and kvm if the machine has them
#   /proc /sys         of these namespaces    /run /tmp          empty, in memory
#
# Writes elsewhere in the root go to memory too and vanish: many clones share one root. Nothing here needs to be
# undone, since the mounts die with the namespace.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

# /proc is still the outer one and shows our process id there, which is how ./dev and a second terminal find us.
read -r stat </proc/self/stat
stat_tail=(${stat##*) })
printf '%s %s\n' "${stat%% *}" "${stat_tail[19]}" >"$OOBM_INIT_FILE"

base=$OOBM_CACHE/mnt
mount -t tmpfs -o mode=0755 oobm "$base"
new=$base/root
mkdir "$new"

assemble_from_host() {
  local entry
  for entry in /* /.[!.]*; do
    case $entry in /dev | /proc | /sys | /run | /tmp | /src | /ccache | /tidy | /sysroot | /git) continue ;; esac
    if [[ -L $entry ]]; then
      cp -P "$entry" "$new$entry"
    elif [[ -d $entry ]]; then
      mkdir "$new$entry"
      mount --rbind "$entry" "$new$entry"
    fi
  done
}

if [[ $OOBM_ROOT == host ]]; then
  mount -t tmpfs -o mode=0755 oobm "$new"
  assemble_from_host
else
  mkdir "$base/upper" "$base/work"
  overlay="lowerdir=$OOBM_ROOT,upperdir=$base/upper,workdir=$base/work"
  # An old kernel may refuse an overlay to a user namespace; the root itself will do then.
  mount -t overlay -o "$overlay,userxattr" oobm "$new" 2>/dev/null ||
    mount -t overlay -o "$overlay" oobm "$new" 2>/dev/null ||
    mount --bind "$OOBM_ROOT" "$new"
fi

bind() { # FROM TO
  mkdir -p "$new$2"
  mount --rbind "$1" "$new$2"
}
bind "$OOBM_TOP" /src
bind "$OOBM_CACHE/ccache" /ccache
bind "$OOBM_CACHE/tidy" /tidy
[[ -z $OOBM_SYSROOT ]] || bind "$OOBM_SYSROOT" /sysroot/aarch64
[[ -z $OOBM_SOURCE_PACKAGES ]] || bind "$OOBM_SOURCE_PACKAGES" /sysroot/source
[[ -z $OOBM_VM ]] || bind "$OOBM_VM" /sysroot/vm
[[ -z $OOBM_GIT_DIR ]] || bind "$OOBM_GIT_DIR" /git

mkdir -p "$new"/{dev,proc,sys,run,tmp,old}
mount -t proc -o nosuid,nodev,noexec proc "$new/proc"
mount -t sysfs -o nosuid,nodev,noexec sysfs "$new/sys"
mount -t tmpfs -o nosuid,nodev,mode=0755 tmpfs "$new/run"
mkdir "$new/run/home"
# `ip netns exec` takes /sys away before it mounts the new namespace's, and a user namespace may mount a sysfs only while
# another can be seen.
mkdir "$new/run/sysfs"
mount -t sysfs -o nosuid,nodev,noexec sysfs "$new/run/sysfs"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$new/tmp"

mount -t tmpfs -o nosuid,mode=0755 tmpfs "$new/dev"
mkdir -p "$new"/dev/{pts,shm,net}
for node in null zero full random urandom tty kvm net/tun; do
  [[ -e /dev/$node ]] || continue
  : >"$new/dev/$node"
  mount --bind "/dev/$node" "$new/dev/$node"
done
mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$new/dev/pts"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$new/dev/shm"
ln -s pts/ptmx "$new/dev/ptmx"
ln -s /proc/self/fd "$new/dev/fd"
ln -s /proc/self/fd/0 "$new/dev/stdin"
ln -s /proc/self/fd/1 "$new/dev/stdout"
ln -s /proc/self/fd/2 "$new/dev/stderr"

cd "$new"
pivot_root . old
umount --lazy /old
rmdir /old 2>/dev/null || true
cd /src

environment=(
  PATH=/usr/lib/ccache:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  HOME=/run/home USER=root SHELL=/bin/bash LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" CI="${CI:-}"
  CCACHE_DIR=/ccache CCACHE_MAXSIZE=5G CCACHE_NOHASHDIR=1
  CCACHE_SLOPPINESS=pch_defines,time_macros
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
)
# A worktree's .git names a folder of the machine outside: point git at where it stands here.
if [[ -n $OOBM_GIT_DIR ]]; then
  environment+=(GIT_DIR="/git${OOBM_GIT_WORKTREE:-}" GIT_WORK_TREE=/src)
fi
exec env -i "${environment[@]}" tini -g -- "$@"
