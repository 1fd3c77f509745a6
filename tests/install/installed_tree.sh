#!/bin/bash
# For the tests of this folder, which source it: a directory of their own with the build of
# $BEACHDB_BUILD_DIR installed into it, and compilers and interpreters that know how it was built.
#
#   $work      removed at the end
#   $prefix    where it is installed; pkg-config, CMake and the loader look there
#   check      what, expected, found
set -euo pipefail
# shellcheck disable=SC2034  # for those who source it
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${BEACHDB_BUILD_DIR:?names the build to install}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

failures=0
check() {
  if [ "$2" != "$3" ]; then
    printf 'FAILED: %s\n  expected: %s\n  found:    %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  else
    echo "ok: $1"
  fi
}

cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
sanitizers=$(cached BEACHDB_SANITIZE)

if [ -n "$sanitizers" ] && "$(cached CMAKE_CXX_COMPILER)" --version | grep -q clang; then
  echo "skipped: strangers to a library with the sanitizers of clang are not set up"
  exit 0
fi

# What links a sanitized library is sanitized too; an interpreter loads the runtime first.
mkdir "$work/bin"
wrap() {  # name, then the command
  printf '#!/bin/bash\nexec %s "$@"\n' "${*:2}" > "$work/bin/$1"
  chmod +x "$work/bin/$1"
}
CC=$(cached CMAKE_C_COMPILER)
CXX=$(cached CMAKE_CXX_COMPILER)
wrap cc "$CC" ${sanitizers:+-fsanitize=$sanitizers}
wrap c++ "$CXX" ${sanitizers:+-fsanitize=$sanitizers}
python=$(command -v python3 || true)
[ -z "$python" ] || wrap python3 env ${sanitizers:+LD_PRELOAD=$("$CXX" -print-file-name=libasan.so)} \
  ${sanitizers:+ASAN_OPTIONS=detect_leaks=0} "$python"
export CC=$work/bin/cc CXX=$work/bin/c++ PATH=$work/bin:$PATH
export CMAKE_GENERATOR=Ninja

install_into_prefix() {
  cmake --install "$build" --prefix "$prefix" > "$work/install.log"
  libdir=$prefix/$(cached CMAKE_INSTALL_LIBDIR)
  export PKG_CONFIG_PATH=$libdir/pkgconfig CMAKE_PREFIX_PATH=$prefix LD_LIBRARY_PATH=$libdir
}

# Runs a program in an empty directory of its own and prints what it says.
run_empty() {
  rm -rf "$work/run"
  mkdir "$work/run"
  (cd "$work/run" && "$@")
}
