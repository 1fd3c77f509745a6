// What a user's Iterator does: the merge of all runs of one read state, reduced to the newest
// version of each key that the snapshot sees, without deleted keys, within the bounds.
//
// Positions, and who leaves them so:
//   forward   the merge stands on the entry that is shown               FindForward
//   reverse   the merge stands before all versions of the shown key,    FindReverse
//             which is held in key_ and value_
//
// Range tombstones are added up when it is made, at its snapshot (kv/range_cover.h). Where there
// are none, which is nearly always, nothing of it is left but a test. A table that lies below one,
// as a whole older than it, is left as soon as a few entries in a row were found dead.
//
// Turning round is a seek: the sources of the merge may meanwhile have passed entries that were
// inserted behind them, and a seek cannot be misled by those.
//
// Thread safety: none. Lifetime: holds a reference to the read state.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/explain.h"
#include "beachdb/options.h"
#include "beachdb/result.h"
#include "engine/engine_context.h"
#include "engine/read_state.h"
#include "engine/run_iterator.h"
#include "kv/key_buffer.h"
#include "kv/merging_iterator.h"
#include "kv/range_cover.h"

namespace beachdb {

class DbIterator {
 public:
  // Takes over one reference of `state`.
  DbIterator(EngineContext& context, ReadState* state, Seqno snapshot,
             const IteratorOptions& options);
  ~DbIterator();
  DbIterator(const DbIterator&) = delete;
  DbIterator& operator=(const DbIterator&) = delete;

  void SeekToFirst();
  void SeekToLast();
  void Seek(std::string_view target);
  void SeekForPrev(std::string_view target);
  void Next();
  void Prev();

  bool Valid() const { return valid_; }
  std::string_view key() const { return key_.view(); }
  std::string_view value() const { return value_; }
  std::uint64_t expires_at() const;
  Status status() const { return status_; }

  // What it has touched so far; records and nanos are the caller's to fill in.
  ScanExplanation Explain() const;

 private:
  enum class Direction : std::uint8_t { kForward, kReverse };

  // Dead entries that were stepped over, and seeks over the rest of a row of them.
  struct Dead {
    std::uint64_t tombstones = 0;
    std::uint64_t older = 0;
    std::uint64_t newer = 0;
    std::uint64_t range_deleted = 0;
    std::uint64_t expired = 0;
    std::uint64_t jumps = 0;

    // Those that a merge could drop.
    std::uint64_t Droppable() const { return tombstones + older + range_deleted + expired; }
  };

  std::vector<RunIterator> OpenRuns(ScanKind kind);
  // Adds up the range tombstones that the snapshot sees within the bounds.
  Status OpenCover();
  // False: there is nothing to seek, within the bounds or for want of the range tombstones.
  bool BeginSeek();
  // Whether an entry that the snapshot sees is a value; if so, which.
  bool Shows(std::uint64_t trailer, std::string_view stored, std::string_view* value);
  bool IsRangeDeleted(std::string_view key, std::uint64_t trailer) {
    return cover_ != nullptr && cover_->At(key) > TrailerSeqno(trailer);
  }
  // On from an entry that a range tombstone hides; the n-th in a row.
  void PassRangeDeleted(int in_a_row);
  // Counts what level 0 has cost since the last time, and a seek that begins.
  void PayForLevel0(std::uint64_t seeks);
  void FindForward(bool skip_key);
  void FindReverse();
  [[gnu::always_inline]] inline bool NoteVersion();  // in the loop of every step
  [[gnu::cold]] bool NoteRareVersion(std::uint64_t trailer);
  [[gnu::cold]] bool SkippedBack();
  [[gnu::cold]] bool JumpedBack(bool shown);
  // What the versions of one key were on the way back.
  void CountDead(int seen, int hidden, bool shown);
  void CopyValue(std::string_view value);
  bool BeyondUpper(std::string_view key) const { return !upper_.empty() && key >= upper_; }
  bool BelowLower(std::string_view key) const { return !lower_.empty() && key < lower_; }
  // The merge has run out: was it the end, or an error?
  void EndOfMerge();

  EngineContext& context_;
  ReadState* const state_;
  const Seqno snapshot_;
  std::string lower_;     // inclusive; empty: none
  std::string upper_;     // exclusive; empty: none
  bool nothing_ = false;  // the bounds leave no key

  std::unique_ptr<RangeCover> cover_;  // nullptr: there are no range tombstones
  Status cover_status_;
  std::optional<std::uint64_t> now_;  // by the expiry clock; one moment for all of the walk
  bool newest_covered_ = false;       // of FindReverse: by a range tombstone
  int covered_in_a_row_ = 0;          // keys, the same
  Dead dead_;
  std::uint64_t level0_runs_ = 0;  // that are sources of the merge
  std::uint64_t steps_ = 0;        // not paid for yet
  std::uint64_t dead_paid_ = 0;    // of dead_.Droppable()
  MergingIterator<RunIterator> merge_;
  Direction direction_ = Direction::kForward;
  bool valid_ = false;
  KeyBuffer key_;
  std::string_view value_;
  std::string value_copy_;  // reverse: where the merge moves on and takes the value away
  std::uint64_t ends_ = 0;  // reverse: of the value, by the expiry clock; 0: never
  Status status_;
};

}  // namespace beachdb
