// Decides what to compact next. Pure: a version and what is already running go in, a plan comes out.
//
// Leveled. The deepest level holds about nine tenths of the data; the level sizes are derived from
// it upwards by a factor of ten, so the last level is always full and space amplification is bounded
// (as RocksDB's dynamic level bytes). Flushes go to level 0; its runs go to the base level, the first
// one that may hold data. Within a level the file with the least overlap below it per byte goes
// first, with a rotating start so that every file gets its turn.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "manifest/version.h"

namespace beachdb {

struct CompactionLimits {
  std::uint64_t table_size = 32u << 20;   // target bytes of one output file
  std::uint64_t base_size = 128u << 20;   // target bytes of the base level, at least
  int growth = 10;                        // size ratio of neighbouring levels
  int level0_files = 4;                   // runs of level 0 that make it due
};

// Target sizes and pressure of each level at one version.
struct LevelShape {
  int base_level = 1;                               // where level 0 is compacted to
  std::array<std::uint64_t, kLevels> target_bytes{};  // 0 for level 0 and for unused levels
  std::array<double, kLevels> score{};              // above 1: due
  std::uint64_t debt_bytes = 0;                     // bytes that compactions still have to move
};
LevelShape ShapeOf(const Version& version, const CompactionLimits& limits);

struct CompactionPlan {
  int input_level = 0;
  int output_level = 0;
  std::vector<FileRef> inputs;        // of input_level
  std::vector<FileRef> overlapping;   // of output_level, in key order
  std::vector<FileRef> grandparents;  // of output_level + 1: outputs are cut at their overlap
  // True: no file of a deeper level than output_level overlaps any of this in user keys, so a
  // tombstone that no snapshot needs has done its work.
  bool bottommost = false;
  // One input, nothing below it: the file moves down without being read.
  bool trivial_move = false;
  double score = 0;
  const char* reason = "";            // "level 0 runs", "level size", "tombstones", "manual"
};

class CompactionPicker {
 public:
  explicit CompactionPicker(CompactionLimits limits);

  // `busy`: numbers of files that running compactions use; a plan never touches them, nor outputs
  // into a key range that a running one outputs into. nullopt: nothing is due, or all of it is busy.
  std::optional<CompactionPlan> Pick(const Version& version, const std::set<std::uint64_t>& busy);

  // One step of a manual compaction of [from, to] (nullptr: no bound) out of `level` into the next
  // level that holds data; nullopt: that level has nothing in the range.
  std::optional<CompactionPlan> PickRange(const Version& version, int level,
                                          const std::string_view* from, const std::string_view* to,
                                          const std::set<std::uint64_t>& busy);

 private:
  CompactionLimits limits_;
  std::array<std::string, kLevels> cursor_;  // the largest key of the last compaction of a level
};

}  // namespace beachdb
