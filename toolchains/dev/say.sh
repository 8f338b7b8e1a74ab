# How the script speaks: one plain line per step with the seconds since the start, and failures that say what to do.

step() { printf '[%4d s] %s\n' "$SECONDS" "$*" >&2; }

# fail WHAT [WHAT-TO-DO]...
fail() {
  printf './dev: %s\n' "$1" >&2
  shift
  if (($#)); then printf '       %s\n' "$@" >&2; fi
  exit 1
}
