#!/bin/bash
# The main job of `make run`, with the programs of this build, over what an earlier run left.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/run"
touch "$folder/run/.made-by-main-job" "$folder/run/left-behind"
out=$(scripts/main-job "$folder/run")
grep -q 'All checks passed' <<< "$out" || { echo "$out" >&2; exit 1; }
if grep -q $'\e' <<< "$out"; then echo "colours in a pipe" >&2; exit 1; fi
if [ -e "$folder/run/left-behind" ]; then echo "it did not begin afresh" >&2; exit 1; fi

# A folder that it did not make is left alone.
mkdir "$folder/precious"
touch "$folder/precious/file"
if scripts/main-job "$folder/precious" > /dev/null 2>&1; then
  echo "it took over a folder of somebody else" >&2
  exit 1
fi
[ -e "$folder/precious/file" ]
