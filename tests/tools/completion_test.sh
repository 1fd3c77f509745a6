#!/bin/bash
# The completions that `beach completion` prints do complete, in each shell that is there.
set -euo pipefail
bin=$BEACHDB_BIN_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
check() {  # what, expected, found
  [ "$2" = "$3" ] && return
  echo "FAILED: $1: expected '$2', found '$3'"
  failures=$((failures + 1))
}
for shell in bash zsh fish; do "$bin/beach" completion "$shell" > "$work/$shell"; done
cd "$work"
touch records.tsv
mkdir folder

# ---- bash ---------------------------------------------------------------------------------------
# shellcheck disable=SC1091
. "$work/bash"
typed() {  # the words typed so far, the last one unfinished: what bash would offer, sorted
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  _beach
  printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
}
check "bash: a verb" "get" "$(typed beach ge)"
check "bash: a verb behind common options" "get" "$(typed beach --db folder --json ge)"
check "bash: an option of a verb" "--prefix" "$(typed beach scan --pre)"
check "bash: not one of another verb" "" "$(typed beach put --pre)"
check "bash: a common option behind the verb" "--db" "$(typed beach put --d)"
check "bash: choices" "hex jsonl text tsv" "$(typed beach scan --format '')"
check "bash: a value is no verb" "hex" "$(typed beach --db get scan --format h)"
check "bash: a verb of a verb" "get scan" "$(typed beach explain '' | tr ' ' '\n' | grep -v -- '^--' | xargs)"
check "bash: an option of a verb of a verb" "--reverse" "$(typed beach explain scan --rev)"
check "bash: files" "records.tsv" "$(typed beach load rec)"
check "bash: directories" "folder" "$(typed beach --db '')"
check "bash: shells" "zsh" "$(typed beach completion z)"
verbs=$("$bin/beach" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z-]\+\) .*/\1/p' | sort | xargs)
check "bash: every verb" "$verbs" "$(typed beach '' | tr ' ' '\n' | grep -v -- '^--' | xargs)"
check "bash: loaded as a completion" "complete -o filenames -F _beach beach" "$(complete -p beach)"
command -v shellcheck > /dev/null && shellcheck -s bash "$work/bash"

# ---- zsh ----------------------------------------------------------------------------------------
if command -v zsh > /dev/null; then
  zsh_typed() {
    # shellcheck disable=SC2016
    zsh -f -c 'compdef() { :; }
      compadd() { shift; printf "%s\n" "$@"; }
      _files() { echo "files $*"; }
      source "$1"; shift
      words=("$@"); CURRENT=$#
      _beach' zsh "$work/zsh" "$@" | sort | xargs
  }
  check "zsh: choices" "hex jsonl text tsv" "$(zsh_typed beach scan --format '')"
  check "zsh: every verb" "$verbs" "$(zsh_typed beach '' | tr ' ' '\n' | grep -v -- '^--' | xargs)"
  check "zsh: files" "files" "$(zsh_typed beach load '')"
  check "zsh: directories" "files -/" "$(zsh_typed beach --db '')"
  check "zsh: an option of a verb of a verb" "--reverse" \
    "$(zsh_typed beach --db get explain scan --rev | tr ' ' '\n' | grep -- '--rev')"
fi

# ---- fish ---------------------------------------------------------------------------------------
if command -v fish > /dev/null; then
  fish_typed() {
    HOME=$work XDG_CONFIG_HOME=$work fish --no-config -c "source $work/fish; complete -C '$1'" |
      cut -f 1 | sort | xargs
  }
  check "fish: choices" "hex jsonl text tsv" "$(fish_typed 'beach scan --format ')"
  check "fish: every verb" "$verbs" "$(fish_typed 'beach ')"
  check "fish: an option of a verb" "--prefix" "$(fish_typed 'beach scan --pre')"
  check "fish: a verb of a verb" "get scan" "$(fish_typed 'beach explain ')"
  check "fish: files" "records.tsv" "$(fish_typed 'beach load rec')"
fi

[ "$failures" -eq 0 ] || exit 1
