#!/bin/bash
# The manual pages that the programs print of themselves are sound, complete, and the same each time.
set -euo pipefail
bin=$BEACHDB_BIN_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

for program in beach wal_dump sst_dump manifest_dump; do
  page=$work/$program.1
  "$bin/$program" --man > "$page"
  "$bin/$program" --man | cmp - "$page" || fail "$program --man differs from run to run"
  if command -v mandoc > /dev/null; then
    # No date, so that the same source gives the same page.
    # Exit codes up to 2 are findings, which are judged here; above it mandoc itself has failed.
    mandoc -T lint -W warning "$page" > "$work/lint" || [ $? -le 2 ] || fail "$program: mandoc failed"
    grep -v 'missing date' "$work/lint" && fail "$program: mandoc finds fault"
  fi
  if command -v man > /dev/null; then
    LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" > "$work/text" 2> "$work/warnings" < /dev/null ||
      fail "$program: man cannot show it"
    [ ! -s "$work/warnings" ] || { cat "$work/warnings"; fail "$program: man warns"; }
  fi
  # Everything that --help names is there, as it is written.
  for option in $("$bin/$program" --help | grep -oE '^  (-h,)?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
    grep -qF -- "\\fB${option//-/\\-}\\fR" "$page" || fail "$program: the page lacks $option"
  done
done
for verb in $("$bin/beach" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]\+\) .*/\1/p'); do
  grep -q "^\.SS \"$verb" "$work/beach.1" || fail "beach: the page lacks the verb $verb"
done
grep -q '^\.SH EXIT STATUS' "$work/beach.1" || fail "beach: the page lacks the exit codes"

[ "$failures" -eq 0 ] || exit 1
command -v mandoc > /dev/null || command -v man > /dev/null ||
  echo "skipped: neither mandoc nor man is there to judge the pages"
