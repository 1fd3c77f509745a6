#!/bin/bash
# Types every command of every ```sh block of README.md and docs/, line by line, and each must succeed.
# (The section "Embed it" of README.md needs an installation: tests/install/embed_test.sh types that.)
# What takes minutes is made small: `make TARGET` is asked whether it could be made, and `bench` gets
# few keys and a blink of time.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
programs=$BEACHDB_BIN_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export root programs

mkdir -p "$work/tree/bin" "$work/stand-ins"
for program in "$programs"/*; do ln -s "$program" "$work/tree/bin/"; done
cat > "$work/stand-ins/make" << 'END'
#!/bin/bash
exec "$REAL_MAKE" --silent --dry-run -C "$root" "$@" > /dev/null
END
REAL_MAKE=$(command -v make)
export REAL_MAKE
rm -f "$work/tree/bin/bench"
cat > "$work/tree/bin/bench" << 'END'
#!/bin/bash
words=()
engines=(--engines beachdb)
while [ $# -gt 0 ]; do
  words+=("$1")
  case $1 in
    --keys) words+=(2000); shift ;;
    --minutes) words+=(0.002); shift ;;
    --rounds) words+=(1); shift ;;
    --engines) engines=() ;;
  esac
  shift
done
# The verdict of so short a run may be no: that is exit code 1.
case " ${words[*]} " in
  *' --report '*) exec "$programs/bench" "${words[@]}" ;;
  *) "$programs/bench" "${words[@]}" "${engines[@]}" --seconds 0.01 || [ $? -eq 1 ] ;;
esac
END
chmod +x "$work/stand-ins/make" "$work/tree/bin/bench"
export PATH=$work/stand-ins:$PATH

blocks() {  # page: "LINE COMMAND" of each command
  awk -v readme="$([ "$1" = "$root/README.md" ] && echo 1)" '
    /^## / { elsewhere = (readme == 1 && $0 == "## Embed it") }
    $0 == "```sh" { block = 1; next }
    /^```/ { block = 0 }
    block && !elsewhere && $0 !~ /^ *(#|$)/ { print FNR " " $0 }' "$1"
}
failures=0
count=0
while IFS= read -r page; do
  while read -r line command; do
    count=$((count + 1))
    case $command in
      *bin/bench*) [ -x "$programs/bench" ] || { echo "not built, not run: $command"; continue; } ;;
    esac
    if ! (cd "$work/tree" && timeout 120 bash -euo pipefail -c "$command") > "$work/said" 2>&1; then
      echo "FAILED: ${page#"$root/"}:$line: $command"
      sed 's/^/  /' "$work/said" | tail -n 20
      failures=$((failures + 1))
    fi
  done < <(blocks "$page")
done < <(printf '%s\n' "$root/README.md"; find "$root/docs" -name '*.md' | sort)
[ "$count" -ge 6 ] || { echo "FAILED: expected at least 6 commands, found $count"; exit 1; }
[ "$failures" -eq 0 ] || exit 1
