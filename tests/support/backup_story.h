// The life of a repository of backups, and the power cut at every event of it:
//
//   three backups of a database that goes on between them, one pruning, one restore
//
// After each cut, completed in every way of kCutPolicies: each backup that was acknowledged and not
// pruned is there; each that is listed is whole and restores to the state of its time; a restore
// that did not end is no database; and the next backup succeeds.
//
// A value as the result, so that the mutation tests can ask whether a missing sync is noticed.
#pragma once

#include <cstdint>
#include <string>

namespace beachdb {

struct BackupCutReport {
  std::uint64_t events = 0;
  std::uint64_t states = 0;         // disks looked at
  std::uint64_t backups = 0;        // found on them, verified and restored
  std::uint64_t half_restores = 0;  // refused
  std::uint64_t whole_restores = 0;
  std::string failure;  // the first one; empty: none
};

BackupCutReport CutAroundBackups();

}  // namespace beachdb
