// What a history runs on: the options of each opening, and how the openings follow each other. None
// of it may change an answer.
//
// Text form, one line each; the setups are used in turn, one per opening:
//
//   run world=inline|interleaved|real seed=N tasks=N reopen=clean|crash|power|never
//       log=database|caller index=yes|no durability=asked|sync|buffered       (on one line)
//   setup budget=BYTES buffer=BYTES threads=N block=BYTES table=BYTES filter=BITS
//         compression=N bottom=N direct_writes=yes|no direct_reads=yes|no
//         memtable=skiplist|radix                                             (on one line)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "beachdb/options.h"
#include "beachdb/result.h"

namespace beachdb::metamorphic {

enum class Where : std::uint8_t {
  kInline,       // a simulated disk; background work runs inside the waits of the one thread
  kInterleaved,  // a simulated disk; simulated threads that switch as the seed decides
  kReal,         // a real file system and real threads
};

enum class Reopen : std::uint8_t {
  kClean,  // close, open
  kCrash,  // the process dies: from one moment on nothing reaches the disk; then open
  kPower,  // the power is cut; where what is acknowledged survives that, and the disk is simulated
  kNever,  // only the handles are dropped: the same database goes on
};

enum class Asked : std::uint8_t { kAsAsked, kAlwaysSync, kAlwaysBuffered };

// The options that a configuration varies; the rest is the runner's.
struct Setup {
  std::size_t memory_budget = 8u << 20;
  std::size_t write_buffer =
      256u << 10;  // a larger one would allocate a larger log at each opening
  int compaction_threads = 1;
  std::size_t block_size = 4096;
  std::size_t table_size = 32u << 20;
  int filter_bits_per_key = 10;
  Compression compression = Compression::kNone;
  Compression bottom_compression = Compression::kNone;
  bool direct_writes = false;
  bool direct_reads = false;
  MemTableKind memtable = MemTableKind::kSkipList;

  bool operator==(const Setup&) const = default;
};

struct Config {
  std::vector<Setup> setups{Setup{}};
  Where world = Where::kInline;
  std::uint64_t seed = 1;  // of the simulated world: interleavings, what a power cut leaves
  int tasks = 8;           // kInline: background work also runs at one step in so many
  Reopen reopen = Reopen::kNever;
  LogOwner log_owner = LogOwner::kDatabase;
  bool indexed = false;  // writes carry an applied index; kCaller needs it
  Asked durability = Asked::kAsAsked;

  // Whether a power cut may lose nothing that was acknowledged, or the caller has it.
  bool SurvivesPowerCut() const {
    return world != Where::kReal &&
           (durability == Asked::kAlwaysSync || log_owner == LogOwner::kCaller);
  }
  bool operator==(const Config&) const = default;
};

Config RandomConfig(Random& random);

// Simpler ones, each a step nearer to the plain Config{}; the shrinker tries them in turn.
std::vector<Config> SimplerConfigs(const Config& config);

std::string ToText(const Config& config);
// Adds what one line says; kInvalidArgument: it is no line of a configuration. Start with a Config
// without setups.
Status ParseConfigLine(std::string_view line, Config& config);

}  // namespace beachdb::metamorphic
