// Marks on branches that tests easily miss:
//
//   if (order == 0) {
//     RARE_BRANCH("merge_same_key");
//
// In builds with invariants each remembers that it was reached; elsewhere it is nothing at all.
// With BEACHDB_RARE_BRANCHES=file a process appends the marks that it reached to that file when it
// ends, and scripts/check-rare-branches says which marks of the sources no process of a campaign
// reached.
//
// Thread safety: all of it. Source: FoundationDB's probes ("TEST" macros).
#pragma once

#include <atomic>

#include "base/check.h"

namespace beachdb {

class RareBranch {
 public:
  // `name` lives for ever.
  explicit RareBranch(const char* name);
  void Reached() {
    if (!reached_.load(std::memory_order_relaxed)) reached_.store(true, std::memory_order_relaxed);
  }

 private:
  friend void WriteRareBranches();

  const char* const name_;
  std::atomic<bool> reached_{false};
  RareBranch* next_ = nullptr;  // of all that were ever passed
};

// Appends the names of the marks that were reached to the file that the environment names.
void WriteRareBranches();

}  // namespace beachdb

#define RARE_BRANCH(name)                        \
  do {                                           \
    if constexpr (::beachdb::kInvariants) {      \
      static ::beachdb::RareBranch branch(name); \
      branch.Reached();                          \
    }                                            \
  } while (false)
