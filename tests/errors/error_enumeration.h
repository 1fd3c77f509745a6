// Every error: a workload runs once to learn its calls to the file system, then again for each of
// them, with that call failing in each way that it can, once or from there on until the disk is
// healed. While the fault lasts calls may fail, and must say so; nothing acknowledged may be lost
// or wrong, then, after healing, after reopening, or after a power cut at the end.
//
// The world is simulated and inline, so call k is the same call in every run.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beachdb {

enum class ErrorKind : std::uint8_t {
  kIo,           // EIO; for an open also what EMFILE, ENFILE and EACCES become
  kNoSpace,      // ENOSPC: writes, allocations and new names
  kShortWrite,   // half of it is written, then EIO
  kShortFull,    // half of it is written, then ENOSPC
  kShortRead,    // half of it is read, as if the file ended there
  kSyncDropped,  // EIO of a sync, and the pages are dropped, though reads still find them
  kSyncGone,     // the same, and reads find the old bytes
};
inline constexpr std::size_t kErrorKinds = 7;

enum class ErrorSpan : std::uint8_t { kOnce, kLasting };

struct InjectedError {
  std::uint64_t call = 0;
  ErrorKind kind = ErrorKind::kIo;
  ErrorSpan span = ErrorSpan::kOnce;
};

struct ErrorConfig {
  std::uint64_t seed = 1;
  std::size_t steps = 40;
  std::uint64_t calls_max = UINT64_MAX;  // more calls than that: so many, spread at random
  std::size_t failures_max = 5;
  std::optional<InjectedError> only;  // a replay
};

struct ErrorReport {
  std::uint64_t calls = 0;      // of the workload
  std::uint64_t faults = 0;     // runs with a fault
  std::uint64_t reported = 0;   // of them: some call of the user failed
  std::uint64_t read_only = 0;  // of them: the database became read-only
  std::uint64_t reopened = 0;   // openings that were compared
  std::vector<std::string> failures;

  void Add(const ErrorReport& other);
  std::string Line() const;
};

ErrorReport EnumerateErrors(const ErrorConfig& config);

// What the replay line sets: BEACHDB_FAULT=<call>:<kind>:<span>.
void ReadReplay(ErrorConfig& config);

}  // namespace beachdb
