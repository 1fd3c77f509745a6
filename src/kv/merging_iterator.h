// Several sorted sources seen as one: the merge behind every scan and every compaction.
//
// A tournament tree of losers (Knuth, TAOCP 3, 5.4.1) over the sources. Each source has a front:
// the first 16 bytes of its current key as a number, so that most comparisons are one of integers.
// Which source wins next is anyone's guess where their keys are mixed well, so the path to the root
// is replayed without branches. Where one source wins many times in a row (a cold level, a dense
// range) it is compared with the runner-up alone, until it loses. A single source is passed
// through.
//
// Sources stand in order of age, newest first. Internal keys are unique across sources; should two
// be equal all the same, the newer source comes first, so that the outcome is at least certain.
//
// Thread safety: none. Lifetime: owns its sources; movable when they are. Allocates only when made.
// Errors: as soon as any source fails, the merge is invalid and status() is that error, until the
// next seek: to go on without the source would skip its keys in silence.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/rare_branch.h"
#include "beachdb/result.h"
#include "kv/internal_key.h"
#include "kv/iterator.h"
#include "kv/key_head.h"

namespace beachdb {

template <EntryIterator Source>
class MergingIterator {
 public:
  explicit MergingIterator(std::vector<Source> sources)
      : sources_(std::move(sources)),
        count_(static_cast<std::uint32_t>(sources_.size())),
        fronts_(count_),
        losers_(count_, kNone) {}
  MergingIterator(MergingIterator&&) noexcept = default;
  MergingIterator& operator=(MergingIterator&&) noexcept = default;

  bool Valid() const { return current_ != nullptr; }
  std::string_view user_key() const { return current_->user_key(); }
  std::uint64_t trailer() const { return current_->trailer(); }
  std::string_view value() const { return current_->value(); }
  Status status() const { return status_; }

  // Which source the current entry comes from. REQUIRES: Valid().
  std::size_t source() const { return static_cast<std::size_t>(current_ - sources_.data()); }
  const Source& current() const { return *current_; }
  const std::vector<Source>& sources() const { return sources_; }

  void SeekToFirst() {
    Restart<Direction::kForward>([](Source& source) { source.SeekToFirst(); });
  }
  void SeekToLast() {
    Restart<Direction::kReverse>([](Source& source) { source.SeekToLast(); });
  }
  // First all sources approach, those that can, then all seek: their cache misses overlap.
  void Seek(std::string_view key, std::uint64_t trailer) {
    if constexpr (requires(Source source) { source.Approach(key, trailer); }) {
      for (Source& source : sources_) source.Approach(key, trailer);
    }
    Restart<Direction::kForward>([&](Source& source) { source.Seek(key, trailer); });
  }
  void SeekForPrev(std::string_view key, std::uint64_t trailer) {
    if constexpr (requires(Source source) { source.ApproachForPrev(key, trailer); }) {
      for (Source& source : sources_) source.ApproachForPrev(key, trailer);
    }
    Restart<Direction::kReverse>([&](Source& source) { source.SeekForPrev(key, trailer); });
  }
  void Next() { Step<Direction::kForward>(); }
  void Prev() { Step<Direction::kReverse>(); }
  // Moves the source of the current entry on by other means than a step, in the direction of
  // travel: `move(source)` leaves it beyond where it stands. REQUIRES: Valid().
  template <typename MoveSource>
  void Skip(MoveSource move) {
    move(*current_);
    if (direction_ == Direction::kForward) {
      Build<Direction::kForward>();
    } else {
      Build<Direction::kReverse>();
    }
  }

 private:
  enum class Direction : std::uint8_t { kForward, kReverse };

  struct Front {
    KeyHead128 head = 0;
    bool live = false;  // false: the source has no entry on this side
  };

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint32_t kStreak = 4;  // wins in a row that suggest more of them

  template <Direction kDirection>
  static void Move(Source& source) {
    if constexpr (kDirection == Direction::kForward) {
      source.Next();
    } else {
      source.Prev();
    }
  }

  // Whether the front of source `a` comes before that of `b` in the direction of travel. An
  // exhausted source comes last: its head is the extreme one, and the tie is settled below.
  template <Direction kDirection>
  bool Before(std::uint32_t a, std::uint32_t b) const {
    const KeyHead128 head_a = fronts_[a].head;
    const KeyHead128 head_b = fronts_[b].head;
    if (head_a != head_b) [[likely]] {
      return kDirection == Direction::kForward ? head_a < head_b : head_a > head_b;
    }
    return BeforeBeyondHead<kDirection>(a, b);
  }

  template <Direction kDirection>
  bool BeforeBeyondHead(std::uint32_t a, std::uint32_t b) const {
    if (!fronts_[a].live || !fronts_[b].live) return fronts_[a].live;
    RARE_BRANCH("merge_heads_equal");
    int order = sources_[a].user_key().compare(sources_[b].user_key());
    if (order == 0) {
      RARE_BRANCH("merge_keys_equal");
      const std::uint64_t trailer_a = sources_[a].trailer();
      const std::uint64_t trailer_b = sources_[b].trailer();
      order = trailer_a > trailer_b ? -1 : trailer_a < trailer_b ? 1 : a < b ? -1 : 1;
    }
    return kDirection == Direction::kForward ? order < 0 : order > 0;
  }

  // Takes the front of a source anew. False: the source has failed.
  template <Direction kDirection>
  bool Refill(std::uint32_t s) {
    const Source& source = sources_[s];
    Front& front = fronts_[s];
    if (source.Valid()) [[likely]] {
      front.head = HeadOf(source.user_key());
      front.live = true;
      return true;
    }
    front.live = false;
    front.head = kDirection == Direction::kForward ? ~KeyHead128{0} : 0;
    Status status = source.status();
    if (status.ok()) return true;
    current_ = nullptr;
    status_ = std::move(status);
    return false;
  }

  // Every source has been moved: plays the whole tournament.
  template <Direction kDirection>
  void Build() {
    current_ = nullptr;
    direction_ = kDirection;
    runner_up_ = kNone;
    streak_ = 0;
    winner_ = kNone;
    for (std::uint32_t s = 0; s < count_; ++s) {
      if (!Refill<kDirection>(s)) return;
    }
    // Node i has the children 2i and 2i + 1; source s is leaf count + s. The first to come to a
    // node waits there for its opponent.
    for (std::uint32_t& loser : losers_) loser = kNone;
    for (std::uint32_t s = 0; s < count_; ++s) {
      std::uint32_t climber = s;
      for (std::uint32_t node = (count_ + s) / 2; node > 0; node /= 2) {
        std::swap(climber, losers_[node]);
        if (climber == kNone) break;
        if (Before<kDirection>(losers_[node], climber)) std::swap(climber, losers_[node]);
      }
      if (climber != kNone) winner_ = climber;
    }
    SetCurrent();
  }

  void SetCurrent() {
    current_ = winner_ != kNone && fronts_[winner_].live ? &sources_[winner_] : nullptr;
  }

  // The front of the winner has changed: settles who wins now.
  template <Direction kDirection>
  void Replay() {
    const std::uint32_t s = winner_;
    std::uint32_t climber = s;
    for (std::uint32_t node = (count_ + s) / 2; node > 0; node /= 2) {
      const std::uint32_t waiting = losers_[node];
      const bool wins = Before<kDirection>(waiting, climber);
      // By arithmetic, as compilers tend to make a branch of a conditional swap.
      const std::uint32_t swap = (waiting ^ climber) & (0u - std::uint32_t{wins});
      losers_[node] = waiting ^ swap;
      climber ^= swap;
    }
    winner_ = climber;
    streak_ = climber == s ? streak_ + 1 : 0;
    runner_up_ = kNone;
    if (streak_ < kStreak) [[likely]]
      return;
    // It may go on to win: the runner-up is the best of those that lost to it.
    for (std::uint32_t node = (count_ + s) / 2; node > 0; node /= 2) {
      if (runner_up_ == kNone || Before<kDirection>(losers_[node], runner_up_)) {
        runner_up_ = losers_[node];
      }
    }
  }

  template <Direction kDirection>
  void Step() {
    INVARIANT(Valid());
    if (count_ > 1 && direction_ != kDirection) [[unlikely]] {
      Turn<kDirection>();
      if (!Valid()) return;
    }
    Move<kDirection>(*current_);
    if (!current_->Valid()) [[unlikely]] {
      if (!Refill<kDirection>(winner_)) return;
      Replay<kDirection>();
      SetCurrent();
      return;
    }
    if (count_ == 1) return;
    fronts_[winner_].head = HeadOf(current_->user_key());
    if (runner_up_ != kNone && Before<kDirection>(winner_, runner_up_)) return;
    Replay<kDirection>();
    current_ = &sources_[winner_];
  }

  // Brings all sources but the winner to the other side of it. They stand right beside it, so one
  // step does that; one that was exhausted begins at its end. Unless a source has grown meanwhile,
  // as a memtable does: what was added behind its back is stepped over.
  template <Direction kDirection>
  void Turn() {
    const std::uint32_t pivot = winner_;
    for (std::uint32_t s = 0; s < count_; ++s) {
      if (s == pivot) continue;
      Source& source = sources_[s];
      if (source.Valid()) {
        Move<kDirection>(source);
      } else if constexpr (kDirection == Direction::kForward) {
        source.SeekToFirst();
      } else {
        source.SeekToLast();
      }
      while (source.Valid() && !Beyond<kDirection>(s, pivot)) Move<kDirection>(source);
    }
    Build<kDirection>();
    INVARIANT(!Valid() || winner_ == pivot);
  }

  // Whether source `s` stands behind source `pivot` in the direction of travel. Asks the sources:
  // their fronts are out of date.
  template <Direction kDirection>
  bool Beyond(std::uint32_t s, std::uint32_t pivot) const {
    const Source& a = sources_[s];
    const Source& b = sources_[pivot];
    int order = CompareInternal(a.user_key(), a.trailer(), b.user_key(), b.trailer());
    if (order == 0) order = s < pivot ? -1 : 1;
    return kDirection == Direction::kForward ? order > 0 : order < 0;
  }

  template <Direction kDirection, typename Seek>
  void Restart(Seek seek) {
    status_ = OkStatus();
    for (Source& source : sources_) seek(source);
    Build<kDirection>();
  }

  std::vector<Source> sources_;
  std::uint32_t count_;                // of them
  std::vector<Front> fronts_;          // by source
  std::vector<std::uint32_t> losers_;  // by node, from 1: who lost there
  Source* current_ = nullptr;          // the winner, if it is live
  std::uint32_t winner_ = kNone;
  std::uint32_t runner_up_ = kNone;  // kNone: not known
  std::uint32_t streak_ = 0;         // replays in a row that the winner has won again
  Direction direction_ = Direction::kForward;
  Status status_;
};

}  // namespace beachdb
