#!/bin/bash
# Types what README.md tells an embedder to type, in its section "Embed it": its commands (sh) line
# by line, and its CMake project. `make install` alone is played: the build under test is installed already.
# shellcheck source=tests/install/installed_tree.sh
. "$(dirname "$0")/installed_tree.sh"

cat > "$work/bin/make" << 'END'
#!/bin/bash
[ "${1-}" = install ] || { echo "expected 'make install', found 'make $*'" >&2; exit 1; }
touch "$PLAYED"
END
cat > "$work/bin/sudo" << 'END'
#!/bin/bash
exec "$@"
END
printf '#!/bin/bash\n' > "$work/bin/ldconfig"  # the machine's own libraries are as they were
chmod +x "$work/bin/make" "$work/bin/sudo" "$work/bin/ldconfig"
export PLAYED=$work/played
install_into_prefix

blocks() {  # language: what the section's blocks of it hold
  awk -v fence="\`\`\`$1" '/^## / { inside = ($0 == "## Embed it") }
    inside && $0 == fence { block = 1; next }
    /^```/ { block = 0 }
    inside && block' "$root/README.md"
}
mkdir "$work/tree"
cp -r "$root/examples" "$work/tree/examples"

blocks sh > "$work/commands"
while IFS= read -r command; do
  [ -n "${command%%#*}" ] || continue
  if (cd "$work/tree" && bash -euo pipefail -c "$command") > "$work/said" 2>&1; then
    echo "ok: $command"
  else
    printf 'FAILED: %s\n' "$command"
    sed 's/^/  /' "$work/said"
    failures=$((failures + 1))
  fi
done < "$work/commands"
check "make install was among them" yes "$([ -e "$PLAYED" ] && echo yes)"
check "there were several commands" yes "$([ "$(wc -l < "$work/commands")" -ge 5 ] && echo yes)"

mkdir "$work/project"
{ printf 'cmake_minimum_required(VERSION 3.25)\nproject(readme)\n'
  blocks cmake; } > "$work/project/CMakeLists.txt"
cp "$root"/examples/basic.* "$work/project"
cmake -S "$work/project" -B "$work/project/build" > "$work/said" 2>&1 || cat "$work/said"
cmake --build "$work/project/build" > "$work/said" 2>&1 || cat "$work/said"
check "the CMake project builds and runs" "conch: spiral conch = spiral" \
  "$(run_empty "$work/project/build/shells" | xargs)"

[ "$failures" -eq 0 ] || exit 1
