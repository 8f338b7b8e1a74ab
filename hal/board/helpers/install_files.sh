# Packages whose files are put in place one by one, below $install_root; sourced after install.sh. What control.tar.gz lists as
# conffiles is the owner's once it exists. Each file is replaced by renaming, so that a program that runs keeps its own.

owners_files() { ipk_part "$1" control.tar.gz | tar -xzOf - ./conffiles 2>/dev/null | sed 's|^/||'; }

replace() { # replace FROM TO
  mkdir -p "$(dirname "$2")" && cp -a "$1" "$2.oobm-new" && mv -f "$2.oobm-new" "$2"
}

package_check() { [ -n "$(files_of "$1")" ] || fail "the file is no ipk"; }

package_keep() {
  files_of "$2" | while read -r file; do
    if [ -e "$install_root/$file" ] || [ -L "$install_root/$file" ]; then
      replace "$install_root/$file" "$1/files/$file" || exit 1
    else
      echo "$file" >>"$1/added"
    fi
  done
}

package_put() {
  stage=$install_folder/stage
  rm -rf "$stage"
  mkdir "$stage" && ipk_part "$1" data.tar.gz | tar -xzf - -C "$stage" || return 1
  owners_files "$1" >"$install_folder/owners"
  files_of "$1" | while read -r file; do
    grep -qxF "$file" "$install_folder/owners" && [ -e "$install_root/$file" ] && continue
    replace "$stage/$file" "$install_root/$file" || exit 1
  done || return 1
  rm -rf "$stage" "$install_folder/owners"
}

package_put_back() {
  [ ! -d "$1/files" ] || (cd "$1/files" && find . ! -type d) | while read -r file; do
    replace "$1/files/$file" "$install_root/$file" || exit 1
  done || return 1
  [ ! -e "$1/added" ] || while read -r file; do rm -f "$install_root/$file"; done <"$1/added"
}

# Nobody keeps account of files.
package_replaced() { return 1; }
