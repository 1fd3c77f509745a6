#!/bin/bash
# The shared library shows the public API, all of it and nothing else; the soname carries the
# version that may break.
# shellcheck source=tests/install/installed_tree.sh
. "$(dirname "$0")/installed_tree.sh"
library=$build/libbeachdb.so

exported=$(nm -D --defined-only --demangle "$library" | cut -d ' ' -f 3- | sort -u)
functions=$(sed 's,//.*,,' "$root/include/beachdb/c.h" | grep -oE '\bbeachdb_[a-z0-9_]+\(' |
  tr -d '(' | sort -u)
check "c.h has functions" yes "$([ "$(wc -l <<< "$functions")" -gt 80 ] && echo yes)"
check "every function of c.h is exported" "" \
  "$(comm -23 <(echo "$functions") <(grep '^beachdb_' <<< "$exported") | xargs)"
check "every exported C name is a function of c.h" "" \
  "$(comm -13 <(echo "$functions") <(grep '^beachdb_' <<< "$exported") | xargs)"
# What the sanitizers put into every library is not ours.
check "nothing else is exported but the public classes" "" \
  "$(grep -vE '^(beachdb_|beachdb::((CodeName|(Create|Restore)Backup|(List|Verify|Prune)Backups)(\[abi:cxx11\])?\(|(Db|Error|Iterator|Snapshot|Stats|WriteBatch|Backup(Info|List|VerifyReport)|PruneReport)::)|__(asan|odr_asan|ubsan)|_(init|fini)$)' \
    <<< "$exported" || true)"
for member in Db::Open Db::Write Iterator::Seek Snapshot::~Snapshot WriteBatch::Put Stats::ToJson \
  Error::ToString CreateBackup; do
  check "beachdb::$member is exported" yes \
    "$(grep -qE "^beachdb::$member(\[abi:cxx11\])?\(" <<< "$exported" && echo yes)"
done

version=$(cached CMAKE_PROJECT_VERSION)
check "the soname is major.minor" "libbeachdb.so.${version%.*}" \
  "$(readelf -d "$library" | sed -n 's/.*soname: \[\(.*\)\]/\1/p')"
check "the examples in other languages load that soname" \
  "$(grep -c . <<< "$(ls "$root"/examples/*.py "$root"/examples/node/*.cjs)")" \
  "$(grep -lF "\"libbeachdb.so.${version%.*}\"" "$root"/examples/*.py "$root"/examples/node/*.cjs | wc -l)"

[ "$failures" -eq 0 ] || exit 1
