// Does each scan show the state at one moment of one common order of all commits?
//
// Every commit of a thread carries, beside its own keys, a mark: the number of the commit among
// those of its thread. So a scan tells by the marks which commits it contains, and everything else
// in it must follow from exactly those:
//   1. It contains what had returned before it began, and nothing that was called after it ended.
//   2. Of any two scans one contains all that the other does; the later one, if they do not
//   overlap.
//   3. Each key shows one of the contained commits, and every other contained commit that wrote
//      the key came before that one. These conditions of all scans, the order within a thread and
//      the order of time contradict each other nowhere: so no batch is torn, no update lost.
//
// Technique: the prefixes are what makes a check of many keys cheap; compare Crooks et al. (2017),
// who define isolation by the states that a client can have seen.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/concurrency/linearizability.h"

namespace beachdb::concurrency {

struct CommitId {
  std::uint32_t thread = 0;
  std::uint32_t number = 0;  // from 1, rising within the thread, gaps where one was lost; 0: none
  auto operator<=>(const CommitId&) const = default;
};

struct Commit {
  CommitId id;
  std::uint64_t called = 0;
  std::uint64_t returned = kNever;   // kNever: it may have happened or not
  std::map<std::string, bool> keys;  // true: put, false: deleted
};

struct Scan {
  std::uint64_t called = 0;  // of what fixed the state: the snapshot, the iterator's creation
  std::uint64_t returned = 0;
  std::vector<std::uint32_t> marks;      // by thread
  std::map<std::string, CommitId> seen;  // absent keys are not here
};

// What is wrong; empty: nothing.
std::string FindContradiction(const std::vector<Commit>& commits, std::vector<Scan> scans);

}  // namespace beachdb::concurrency
