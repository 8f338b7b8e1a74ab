# Whether the packages depend on where and when they are made: a second build of the same commit in another folder, by
# another name of the user, in another time zone and language, without the compiler's cache, must give the same bytes.
# Takes as long as a first build. Runs in the root: reproduce.sh
set -euo pipefail
. toolchains/dev/say.sh

other=$(mktemp -d)/another/place
trap 'rm -rf "${other%/another/place}"' EXIT
epoch=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH=$epoch
cmake --preset aarch64 >/dev/null
cmake --build build/aarch64 --target ipk --parallel "$(nproc)" | tail -n 1

mkdir -p "$other"
git archive HEAD | tar -x -C "$other"
step "second build in $other"
(
  cd "$other"
  export CCACHE_DISABLE=1 TZ=Asia/Kolkata LC_ALL=C USER=somebody LOGNAME=somebody HOME=/nowhere
  cmake --preset aarch64 -DOOBM_TESTS=OFF >/dev/null
  cmake --build build/aarch64 --target ipk --parallel "$(nproc)" | tail -n 1
)
status=0
for package in build/aarch64/packaging/ipk/oobm-*; do
  [[ -f $package ]] || continue
  if cmp "$package" "$other/$package"; then step "${package##*/}: the same bytes"; else status=1; fi
done
exit "$status"
