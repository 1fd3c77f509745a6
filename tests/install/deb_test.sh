#!/bin/bash
# The Debian packages hold what they promise and nothing else. Nothing is installed.
# shellcheck source=tests/install/installed_tree.sh
. "$(dirname "$0")/installed_tree.sh"
if ! command -v lintian > /dev/null; then
  echo "skipped: lintian is missing: run scripts/install-packages package"
  exit 0
fi
"$root/scripts/build-deb" "$build" "$work/out" > "$work/said" 2>&1 || { cat "$work/said"; exit 1; }
version=$(cached CMAKE_PROJECT_VERSION)
library=libbeachdb${version%.*}
package() { echo "$work/out/$1_$version-1_$(dpkg --print-architecture).deb"; }

# The files of a package, sorted, without the multi-arch folder and the folders themselves.
files() {
  dpkg-deb --contents "$(package "$1")" | awk '$1 !~ /^d/ { print $6 }' |
    sed -E 's,^\./,,; s,^usr/lib/[a-z0-9_]+-linux-gnu/,usr/lib/,' | sort | xargs
}
documents() { for name in changelog.Debian.gz changelog.gz copyright; do echo "usr/share/doc/$1/$name"; done; }
expected() { printf '%s\n' "$@" | sort | xargs; }

# shellcheck disable=SC2046
check "$library: files" \
  "$(expected "usr/lib/libbeachdb.so.${version%.*}" "usr/lib/libbeachdb.so.$version" $(documents "$library"))" \
  "$(files "$library")"
headers=$(cd "$root/include" && find beachdb -name '*.h')
# shellcheck disable=SC2046,SC2086
check "libbeachdb-dev: files" \
  "$(expected usr/lib/libbeachdb.a usr/lib/libbeachdb.so \
    usr/lib/cmake/beachdb/beachdb{Config,ConfigVersion,Targets,Targets-$(cached CMAKE_BUILD_TYPE | tr '[:upper:]' '[:lower:]')}.cmake \
    usr/lib/pkgconfig/beachdb.pc usr/lib/pkgconfig/beachdb-static.pc \
    $(printf 'usr/include/%s\n' $headers) $(documents libbeachdb-dev))" \
  "$(files libbeachdb-dev)"
# shellcheck disable=SC2046
check "beachdb-tools: files" \
  "$(expected usr/bin/{beach,wal_dump,sst_dump,manifest_dump} \
    usr/share/man/man1/{beach,wal_dump,sst_dump,manifest_dump}.1.gz \
    usr/share/{bash-completion/completions/beach,zsh/vendor-completions/_beach,fish/vendor_completions.d/beach.fish} \
    $(documents beachdb-tools))" \
  "$(files beachdb-tools)"

field() { dpkg-deb --field "$(package "$1")" "$2"; }
check "the development package needs exactly its library" \
  "$library (= $version-1)" "$(field libbeachdb-dev Depends | cut -d , -f 1)"
check "the library needs the libraries that it is linked to" yes \
  "$(field "$library" Depends | grep -q 'liblz4-1' && echo yes)"
for file in beachdb beachdb-static; do
  check "$file.pc says /usr" "prefix=/usr" \
    "$(dpkg-deb --fsys-tarfile "$(package libbeachdb-dev)" |
      tar -xO --wildcards "*/$file.pc" | head -n 1)"
done
check "nothing is of the user who built it" "root/root" \
  "$(dpkg-deb --contents "$(package beachdb-tools)" | awk '{ print $2 }' | sort -u)"
check "a manual page knows its program" yes \
  "$(dpkg-deb --fsys-tarfile "$(package beachdb-tools)" | tar -xO ./usr/share/man/man1/beach.1.gz |
    gunzip | grep -q '^beach .- look into a BeachDB database' && echo yes)"

[ "$failures" -eq 0 ] || exit 1
