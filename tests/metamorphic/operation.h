// One step of a random history, and a whole history, as data: what the generator makes, the runner
// executes, the shrinker takes apart, and a file in tests/seeds/ keeps.
//
// Steps name what they use (snapshots, iterators, pinned values) by slot, and a step whose slot is
// empty does nothing. So every part of a history is a history, which is what shrinking needs.
//
// The text form has one step a line; ToText and Parse are each other's inverse:
//
//   write sync|buffered KEY=VALUE ...     one write; VALUE is #TAG:SIZE, or - for a delete
//   batch sync|buffered KEY=VALUE ...     any number of them as one batch, none too
//   get STATE KEY                         STATE is @- (the newest) or @SLOT of a snapshot
//   multiget STATE KEY ...
//   pin SLOT STATE KEY                    a get that holds its value
//   unpin SLOT                            is it still the same?
//   snapshot SLOT      release SLOT
//   iterator SLOT STATE LOWER UPPER PREFIX
//   move SLOT first|last|next|prev        move SLOT seek|seekprev KEY
//   close SLOT
//   scan STATE LOWER UPPER PREFIX forward|reverse
//   flush      compact FROM TO      reopen      sync      verify
//
// A key is its bytes: letters and digits as they are, others as %XX, four and more of one byte as
// (XX*COUNT); no bytes at all are a dot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"

namespace beachdb::metamorphic {

inline constexpr int kSlots = 6;  // of snapshots, of iterators, of pinned values

// A value by what makes it, so that a megabyte is a few characters in a file.
struct ValueSpec {
  std::uint32_t tag = 0;  // different for every write of a history: a stale value is seen
  std::uint32_t size = 0;
  std::string Bytes() const;
};

struct Write {
  std::string key;
  std::optional<ValueSpec> value;  // empty: a delete
};

enum class OpKind : std::uint8_t {
  kWrite,
  kBatch,
  kGet,
  kMultiGet,
  kPin,
  kUnpin,
  kSnapshot,
  kRelease,
  kIterator,
  kMove,
  kClose,
  kScan,
  kFlush,
  kCompact,
  kReopen,
  kSync,
  kVerify,
};

enum class Move : std::uint8_t { kFirst, kLast, kNext, kPrev, kSeek, kSeekForPrev };

struct Operation {
  static constexpr int kNewest = -1;

  OpKind kind = OpKind::kFlush;
  int slot = 0;
  int state = kNewest;               // slot of the snapshot that is read
  bool sync = false;                 // kWrite, kBatch
  bool reverse = false;              // kScan
  Move move = Move::kFirst;          // kMove
  std::vector<Write> writes;         // kWrite (one), kBatch
  std::vector<std::string> keys;     // kMultiGet; kGet, kPin and kMove: one
  std::string lower, upper, prefix;  // kIterator, kScan; kCompact: from lower to upper
};

using History = std::vector<Operation>;

std::string ToText(const Operation& operation);
std::string ToText(const History& history);
// kInvalidArgument names the line.
Result<Operation> ParseOperation(std::string_view line);

std::string KeyToText(std::string_view key);
Result<std::string> KeyFromText(std::string_view text);

}  // namespace beachdb::metamorphic
