#!/bin/bash
# scripts/install-packages against a machine of stubs: dpkg-query knows only what we say, apt-get
# and sudo only write down how they were called. Run from anywhere, no network, no root.
set -euo pipefail
script=$(cd "$(dirname "$0")/../.." && pwd)/scripts/install-packages
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/bin-sudo"

cat > "$work/packages.txt" << 'END'
# a comment
[run]
alpha
beta-dev   # with a remark

[test]
gamma
END

stub() {  # PATH, then the body
  printf '#!/bin/bash\n%s\n' "$2" > "$1"
  chmod +x "$1"
}
stub "$work/bin/dpkg-query" 'cat "$WORK/installed"'
stub "$work/bin/apt-get" 'echo "apt-get $DEBIAN_FRONTEND $*" >> "$WORK/calls"; [ "${2-}" != "$APT_FAILS_AT" ]'
stub "$work/bin/id" 'echo "$USER_ID"'
stub "$work/bin-sudo/sudo" 'echo sudo >> "$WORK/calls"; exec "$@"'
# Only the stubs and the plain tools that the script needs: no sudo of the machine itself.
for tool in bash env awk sed grep comm sort dirname cat; do
  ln -s "$(command -v "$tool")" "$work/bin/$tool"
done

failures=0
check() {  # what, expected, found
  if [ "$2" != "$3" ]; then
    printf 'FAILED: %s\n  expected: %s\n  found:    %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  else
    echo "ok: $1"
  fi
}
run() {  # USER_ID APT_FAILS_AT PATH, then the arguments; sets status, output, calls
  : > "$work/calls"
  status=0
  output=$(env -i WORK="$work" USER_ID="$1" APT_FAILS_AT="$2" PATH="$3" \
    BEACHDB_PACKAGES_FILE="$work/packages.txt" "$script" "${@:4}" 2>&1) || status=$?
  calls=$(tr '\n' ';' < "$work/calls")
}
installed() { printf 'ii  %s\n' "$@" > "$work/installed"; }
apt="apt-get noninteractive -q"

installed alpha beta-dev:amd64 gamma
run 0 none "$work/bin" test
check "nothing missing: succeeds" 0 "$status"
check "nothing missing: says nothing" "" "$output"
check "nothing missing: calls nothing, not even apt" "" "$calls"

installed alpha
run 0 none "$work/bin" run
check "one missing, as root: succeeds" 0 "$status"
check "one missing, as root: installs that one" \
  "$apt update;$apt install --yes --no-install-recommends beta-dev;" "$calls"
run 0 none "$work/bin" test
check "a section includes those above it" \
  "$apt update;$apt install --yes --no-install-recommends beta-dev gamma;" "$calls"
run 0 none "$work/bin" --list test
check "--list names the missing ones" "beta-dev gamma" "${output//$'\n'/ }"
check "--list changes nothing" "" "$calls"

run 1000 none "$work/bin-sudo:$work/bin" run
check "not root: asks sudo" \
  "sudo;$apt update;sudo;$apt install --yes --no-install-recommends beta-dev;" "$calls"
run 1000 none "$work/bin" run
check "neither root nor sudo: fails" 1 "$status"
check "neither root nor sudo: says what to type" \
  "  apt-get install --no-install-recommends beta-dev" "${output##*$'\n'}"
check "neither root nor sudo: calls nothing" "" "$calls"

run 0 update "$work/bin" run
check "a failed index update is survived" 0 "$status"
run 0 install "$work/bin" run
check "a failed installation fails" 1 "$status"

# A package that was removed but left its configuration is missing.
printf 'ii  alpha\nrc  beta-dev\n' > "$work/installed"
run 0 none "$work/bin" --list run
check "a removed package is missing" "beta-dev" "$output"
run 0 none "$work/bin" nonsense
check "an unknown section is a usage error" 2 "$status"

[ "$failures" -eq 0 ] || exit 1
