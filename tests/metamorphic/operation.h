// One step of a random history, and a whole history, as data: what the generator makes, the runner
// executes, the shrinker takes apart, and a file in tests/seeds/ keeps.
//
// Steps name what they use (snapshots, iterators, pinned values) by slot, and a step whose slot is
// empty does nothing. So every part of a history is a history, which is what shrinking needs.
//
// The text form has one step a line; ToText and Parse are each other's inverse:
//
//   write sync|buffered KEY=VALUE ...     one write; VALUE is #TAG:SIZE, or - for a delete, or
//                                         #TAG:SIZE@SECOND for a put with an end, or -END for a
//                                         delete of [KEY, END)
//   batch sync|buffered KEY=VALUE ...     any number of them as one batch, none too
//   guarded sync|buffered STATE CONDITION KEY KEY=VALUE ...
//                                         a batch with a precondition on the first key: absent,
//                                         equal (to what it is), other, unchanged (since STATE)
//   tick SECONDS                          the clock of the database goes on
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
  std::optional<ValueSpec> value;        // empty: a delete
  std::optional<std::uint32_t> ends_at;  // of a put: the second
  std::string range_end;                 // of a delete: it is one of [key, range_end)
  // Whether it can be written: shrinking may turn a range round.
  bool IsReal() const { return range_end.empty() || key < range_end; }
};

enum class Condition : std::uint8_t { kAbsent, kEqual, kOther, kUnchanged };

enum class OpKind : std::uint8_t {
  kWrite,
  kBatch,
  kGuarded,
  kTick,
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
  Condition condition{};             // kGuarded
  std::uint32_t seconds = 0;         // kTick
  std::vector<Write> writes;         // kWrite (one), kBatch, kGuarded
  std::vector<std::string> keys;     // kMultiGet; kGet, kPin, kMove and kGuarded: one
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
