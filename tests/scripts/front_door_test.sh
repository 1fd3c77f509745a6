#!/bin/bash
# The Makefile as a newcomer meets it, and continuous integration as a failure meets it. Nothing is
# built: make only prints what it would do, or is a stub.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MAKELEVEL MFLAGS

failures=0
check() {  # what, expected, found
  if [ "$2" != "$3" ]; then
    printf 'FAILED: %s\n  expected: %s\n  found:    %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  else
    echo "ok: $1"
  fi
}
# The commands of a target, in order, without their arguments.
plan() { make -C "$root" -n "$1" | sed -nE 's,.*\b(scripts/[a-z-]+|ctest --preset [a-z-]+|bin/[a-z]+).*,\1,p' | xargs; }

check "make alone prints the help" "$(make -C "$root" help)" "$(make -C "$root")"
check "every target is in the help" \
  "$(sed -n 's/^\.PHONY: //p' "$root/Makefile" | sort | xargs)" \
  "$(make -C "$root" help | awk '$1 == "make" { print $2 }' | sort | xargs)"
check "make run installs, builds, runs the main job" \
  "scripts/install-packages scripts/build scripts/main-job" "$(plan run)"
check "make test installs, builds, tests" \
  "scripts/install-packages scripts/install-npm-packages scripts/build ctest --preset asan-ubsan" \
  "$(plan test)"
check "make install installs packages, builds, installs" \
  "scripts/install-packages scripts/build" "$(plan install)"
check "make install says where" "cmake --install build/package --prefix /opt/beach" \
  "$(make --no-print-directory -C "$root" -n install PREFIX=/opt/beach | tail -n 1)"
check "make deb installs packages, builds, packs" \
  "scripts/install-packages scripts/build scripts/build-deb" "$(plan deb)"
for step in check-format check-scripts check-the-checks "build clang lint all_verify_interface_header_sets" "build tsan"; do
  check "make check has the step $step" 1 "$(make -C "$root" -n check | grep -c "scripts/$step\$")"
done

# .ci/run with a make that fails where it is told to.
mkdir "$work/bin"
cat > "$work/bin/make" << 'END'
#!/bin/bash
echo "$1" >> "$WORK/calls"
[ "$1" != "$FAILS_AT" ]
END
chmod +x "$work/bin/make"
ci() {  # the target that fails; sets status and calls
  : > "$work/calls"
  status=0
  WORK=$work FAILS_AT=$1 PATH=$work/bin:$PATH "$root/.ci/run" > /dev/null || status=$?
  calls=$(xargs < "$work/calls")
}
ci none
check "ci: all well" "0: check test" "$status: $calls"
ci check
check "ci: a failed make check fails it" "1: check" "$status: $calls"
ci test
check "ci: a failed make test fails it" "1: check test" "$status: $calls"

[ "$failures" -eq 0 ] || exit 1
