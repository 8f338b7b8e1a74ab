# Deliberate defects that the tests must notice: ./dev mutate [--list] [WORD...].

run_mutate() {
  PYTHONDONTWRITEBYTECODE=1 exec python3 tests/mutation/mutate.py "$@"
}
