#!/bin/bash
# Strangers build against the installed tree, in every way that is promised: CMake and pkg-config,
# static and shared, C++ and C. And nothing that they get leads back to this tree.
# shellcheck source=tests/install/installed_tree.sh
. "$(dirname "$0")/installed_tree.sh"
install_into_prefix
in_cpp="conch: spiral conch = spiral"
in_c="conch: spiral conch = spiral cockle = ribbed"

configure() {  # project
  if ! cmake -S "$root/tests/install/$1" -B "$work/$1" -D EXAMPLES="$root/examples" \
    -D CMAKE_BUILD_TYPE=Debug > "$work/$1.log" 2>&1 ||
    ! cmake --build "$work/$1" >> "$work/$1.log" 2>&1; then
    cat "$work/$1.log"
    exit 1
  fi
}
configure stranger
for how in beachdb shared; do
  check "find_package, beachdb::$how, C++" "$in_cpp" "$(run_empty "$work/stranger/cpp_$how" | xargs)"
  check "find_package, beachdb::$how, C" "$in_c" "$(run_empty "$work/stranger/c_$how" | xargs)"
done
configure stranger_in_c
check "find_package in a project without C++" "$in_c" \
  "$(run_empty "$work/stranger_in_c/c_shared" | xargs)"

for package in beachdb beachdb-static; do
  # The flags are words: they shall be split.
  # shellcheck disable=SC2046
  c++ -std=c++20 "$root/examples/basic.cc" $(pkg-config --cflags --libs "$package") -o "$work/cpp"
  # shellcheck disable=SC2046
  cc -std=c99 -pedantic -Wall -Werror "$root/examples/basic.c" \
    $(pkg-config --cflags --libs "$package") -o "$work/c"
  check "pkg-config, $package, C++" "$in_cpp" "$(run_empty "$work/cpp" | xargs)"
  check "pkg-config, $package, C" "$in_c" "$(run_empty "$work/c" | xargs)"
  links=$(readelf -d "$work/c" | grep -c 'NEEDED.*libbeachdb' || true)
  check "pkg-config, $package: links to the shared library" \
    "$([ "$package" = beachdb ] && echo 1 || echo 0)" "$links"
done

check "versions agree" "$(cached CMAKE_PROJECT_VERSION)" "$(pkg-config --modversion beachdb)"
check "the programs run" "beach $(cached CMAKE_PROJECT_VERSION)" "$("$prefix/bin/beach" --version)"
check "no program for developers is installed" "" \
  "$(find "$prefix/bin" -name crash -o -name bench -o -name '*_test')"
check "nothing leads back to the sources or the build" "" \
  "$(grep -rlF -e "$root" "$prefix/include" "$libdir/pkgconfig" "$libdir/cmake" || true)"

[ "$failures" -eq 0 ] || exit 1
