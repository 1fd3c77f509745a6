// Threads that use one database at once and write down what they did and saw, across crashes; and
// the verdict on it. One Recorder sees a database through all its lives.
//
// Thread safety: Work from as many threads as there are logs, each with its own number. The rest is
// for one thread, between two lives.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "beachdb/db.h"
#include "tests/concurrency/linearizability.h"
#include "tests/concurrency/snapshots.h"

namespace beachdb::concurrency {

class Recorder {
 public:
  static constexpr std::uint32_t kKeys = 10;

  enum class Writes : std::uint8_t { kMixed, kAllSynced };

  Recorder(std::uint32_t threads, Writes writes) : writes_(writes), logs_(threads) {}

  // `steps` operations of all kinds; ends early at the first write that fails, as one does while
  // its process dies.
  void Work(std::uint32_t thread, Db& db, std::uint64_t seed, int steps);

  // The moment, on the clock of all threads.
  std::uint64_t Tick() { return clock_.fetch_add(1, std::memory_order_seq_cst); }
  // Nothing after this moment has happened: what was called later is forgotten, what had not
  // returned has no outcome.
  void CrashedAt(std::uint64_t moment);
  // A new life has begun: settles by what is there what became of every commit without an outcome.
  void Recovered(Db& db);

  // What is wrong with all lives together; empty: nothing.
  std::string Verdict() const;

  struct Counts {
    std::uint64_t commits = 0, reads = 0, scans = 0, unknown = 0;
  };
  Counts counts() const;

 private:
  struct Read {
    std::uint32_t key;
    KeyOp op;
  };
  struct Log {
    std::uint32_t last_number = 0;
    std::vector<Commit> commits;
    std::vector<Read> reads;
    std::vector<Scan> scans;
    std::uint64_t unknown = 0;
    std::string wrong;  // what the thread itself noticed
  };

  bool Write(std::uint32_t thread, Db& db, Random& random);
  void Get(Log& log, Db& db, Random& random);
  void ScanAll(Log& log, Db& db, Random& random);
  Scan ReadAll(Iterator& it, std::string& wrong, bool reverse) const;
  Scan ReadByKeys(Db& db, const Snapshot* snapshot, std::string& wrong) const;
  void Note(Scan& scan, std::string_view key, std::string_view value, std::string& wrong) const;

  const Writes writes_;
  std::atomic<std::uint64_t> clock_{1};
  std::vector<Log> logs_;
};

}  // namespace beachdb::concurrency
