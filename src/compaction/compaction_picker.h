// Decides what to compact next. Pure: a version and what is already running go in, a plan comes
// out.
//
// Leveled; how large each level should be is in level_shape.h. The level furthest above its target
// goes first. Out of level 0 go all runs that overlap, the oldest among them. Out of a deeper level
// goes the file with the least overlap below it per byte, and every eighth time the next in key
// order, so that every file gets its turn. When no level is due, files that are mostly tombstones
// go, so that a queue does not have to be scanned past everything that was ever taken from it; and
// files that are mostly versions which a snapshot, since released, had kept.
//
// Thread safety: none. Limits: a plan moves about 12 tables, level 0 up to four base sizes.
// Source: least overlap and the cursor are LevelDB's and RocksDB's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compaction/level_shape.h"
#include "manifest/version.h"

namespace beachdb {

struct CompactionPlan {
  int input_level = 0;
  // Deeper than input_level, and every level between the two is empty. Equal to it (the bottom
  // only) when files are rewritten in place to drop what a snapshot had kept alive.
  int output_level = 0;
  std::vector<FileRef> inputs;        // of input_level, in the order of the version
  std::vector<FileRef> overlapping;   // of output_level, in key order
  std::vector<FileRef> grandparents;  // of output_level + 1: outputs are cut at their overlap
  // True: no file of a deeper level than output_level overlaps any of this in user keys, so a
  // tombstone that no snapshot needs has done its work.
  bool bottommost = false;
  // One input, nothing below it: the file moves down without being read.
  bool trivial_move = false;
  double score = 0;
  const char* reason = "";  // "level 0 runs", "level size", "tombstones", "old versions", "reads",
                            // "manual"
};

class CompactionPicker {
 public:
  explicit CompactionPicker(CompactionLimits limits);

  // `busy`: numbers of files that running compactions use (inputs and overlapping); a plan never
  // touches them, and so never writes into a key range of a level that a running one writes into.
  // nullopt: nothing is due, or all of it is busy.
  //
  // `reads_ask`: reads have paid enough for level 0 to be merged, however few its runs are, when
  // nothing else is due.
  //
  // `oldest_snapshot`: the seqno of the oldest live snapshot, or the visible one when there is
  // none: what is dead up to it can be dropped. 0, not known: nothing is rewritten in place.
  std::optional<CompactionPlan> Pick(const Version& version, const std::set<std::uint64_t>& busy,
                                     Seqno oldest_snapshot = 0, bool reads_ask = false);

  // One step of a manual compaction of [from, to] (nullptr: no bound) out of `level` into the next
  // level that holds data; out of the deepest, a rewrite of files whose dead entries can be
  // dropped. nullopt: nothing (more) to do in the range, or all of it is busy: if compactions are
  // running, wait for one and ask again.
  std::optional<CompactionPlan> PickRange(const Version& version, int level,
                                          const std::string_view* from, const std::string_view* to,
                                          const std::set<std::uint64_t>& busy,
                                          Seqno oldest_snapshot = 0);

 private:
  class Choice;  // the part of a decision that looks at one version

  const CompactionLimits limits_;
  std::array<std::string, kLevels> cursor_;  // the largest key of the last file that had its turn
  std::array<unsigned, kLevels> picks_{};    // out of each level
};

}  // namespace beachdb
