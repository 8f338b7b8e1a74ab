# Formatting and static checks. Only files that git tracks are looked at, unless files are named.

cxx_files() { git ls-files '*.cpp' '*.hpp' '*.c' '*.h'; }

run_fmt() {
  if (($#)); then clang-format-19 -i "$@"; else cxx_files | xargs -r clang-format-19 -i; fi
}

run_lint() {
  local files=() tidied=() status=0 quick=''
  case ${1:-} in
    --quick) mapfile -t files < <(cxx_files); quick=yes ;;
    --all) mapfile -t files < <(cxx_files); tidied=("${files[@]}") ;;
    -*) fail "lint does not know '$1'" "./dev lint --help lists what it knows" ;;
    '') mapfile -t files < <(cxx_files); mapfile -t tidied < <(cxx_files | grep -v '^tests/unit/') ;;
    *) files=("$@"); tidied=("$@") ;;
  esac

  step "clang-format: ${#files[@]} files"
  ((!${#files[@]})) || clang-format-19 --dry-run --Werror "${files[@]}" || status=1
  step "shell and Python syntax"
  check_scripts || status=1
  [[ $quick ]] || run_tidy || status=1
  if ((status)); then fail "lint found something" "./dev fmt repairs the formatting"; fi
  step "nothing found"
}

run_tidy() {
  # Without precompiled headers, which clang-tidy could read only once they are compiled.
  run_logged lint cmake --preset debug -B build/lint -DOOBM_PRECOMPILE=OFF
  step "clang-tidy"
  python3 toolchains/dev/tidy.py --build build/lint --cache /tidy --jobs "$jobs" "${tidied[@]}"
}

# Scripts are known by their name or their first line.
check_scripts() {
  local file first status=0
  while IFS= read -r file; do
    [[ -f $file && ! -L $file ]] || continue
    IFS= read -r first <"$file" || true
    case $file:${first//$'\0'/} in
      *.py:* | *:'#!'*python*) python3 -c 'import sys; compile(open(sys.argv[1]).read(), sys.argv[1], "exec")' "$file" || status=1 ;;
      *.sh:'#!/bin/sh'* | *:'#!/bin/sh'*) sh -n "$file" || status=1 ;;
      *.sh:* | *:'#!'*bash*) bash -n "$file" || status=1 ;;
    esac
  done < <(git ls-files)
  return "$status"
}
