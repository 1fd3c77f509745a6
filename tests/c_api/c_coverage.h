// Holds beachdb/c.h against the C++ headers beside it: what C++ can do, C can do too, under the
// name that c.h promises. Reads files only.
//
// What must hold, each with the number that the tests cite:
//   1. A public method of a class has its function: Db::SyncWal is beachdb_sync_wal,
//      Iterator::Seek is beachdb_iterator_seek.
//   2. A field of an options struct has its setter, a field of a report its function.
//   3. An enumerator and a constant have their namesake: LogOwner::kCaller is
//      BEACHDB_LOG_OWNER_CALLER, kMaxKeySize is BEACHDB_MAX_KEY_SIZE.
//   4. A class or an enumeration that this check does not know is reported, never passed over.
// What C has in another form, or not at all, stands in a table with its reason.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace beachdb {

// One line per fault, `header: member: what is missing`; empty when all is well.
std::vector<std::string> CheckCCoverage(const std::filesystem::path& root);

}  // namespace beachdb
