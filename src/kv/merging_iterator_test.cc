#include "kv/merging_iterator.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "kv/random_move.h"
#include "kv/vector_iterator.h"

namespace beachdb {
namespace {

using Merge = MergingIterator<VectorIterator>;
static_assert(EntryIterator<Merge>);

std::uint64_t FirstSeed() {
  const char* replay = std::getenv("BEACHDB_SEED");
  return replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
}
int Seeds(int count) { return std::getenv("BEACHDB_SEED") != nullptr ? 1 : count; }

// Short keys, keys that are prefixes of others, long common prefixes, all byte values.
std::string RandomKey(Random& random) {
  static const std::string kPrefixes[] = {"", "user", "a-prefix-of-more-than-16-bytes/",
                                          std::string(9, '\xff'), std::string(3, '\0')};
  std::string key = kPrefixes[random.Uniform(5)];
  const std::uint64_t extra = random.Uniform(4) + (key.empty() ? 1 : 0);
  for (std::uint64_t i = 0; i < extra; ++i) {
    static constexpr char kBytes[] = {'\0', 'a', 'b', '\x7f', '\x80', '\xff'};
    key.push_back(kBytes[random.Uniform(sizeof kBytes)]);
  }
  return key;
}

// `count` sources over distinct internal keys; some are empty, some win long runs.
std::vector<std::vector<Entry>> RandomSources(Random& random, std::size_t count) {
  std::vector<std::vector<Entry>> sources(count);
  const std::uint64_t entries = random.Uniform(200);
  const std::uint64_t run = 1 + random.Uniform(20);
  std::vector<Entry> all;
  for (std::uint64_t i = 0; i < entries; ++i) {
    const Kind kind = random.OneIn(4) ? Kind::kDelete : Kind::kPut;
    all.push_back({RandomKey(random), PackTrailer(i + 1, kind), "value " + std::to_string(i)});
  }
  std::sort(all.begin(), all.end(), EntryBefore);
  std::size_t s = 0;
  for (const Entry& entry : all) {
    if (random.OneIn(run)) s = random.Uniform(count);
    sources[s].push_back(entry);
  }
  return sources;
}

Merge MakeMerge(const std::vector<std::vector<Entry>>& sources) {
  std::vector<VectorIterator> iterators;
  for (const auto& entries : sources) iterators.emplace_back(entries);
  return Merge(std::move(iterators));
}

std::vector<Entry> Sorted(const std::vector<std::vector<Entry>>& sources) {
  std::vector<Entry> all;
  for (const auto& entries : sources) all.insert(all.end(), entries.begin(), entries.end());
  std::sort(all.begin(), all.end(), EntryBefore);
  return all;
}

template <typename Iterator>
Entry Current(const Iterator& it) {
  return {std::string(it.user_key()), it.trailer(), std::string(it.value())};
}

// Half of the seeks go to where an entry is.
template <typename Model, typename Iterator>
void RandomMoveAmong(Random& random, const std::vector<Entry>& all, Model& model, Iterator& it) {
  if (!all.empty() && random.OneIn(2)) {
    const Entry& entry = all[random.Uniform(all.size())];
    RandomMove(random, entry.key, entry.trailer, model, it);
  } else {
    RandomMove(random, RandomKey(random), SeekTrailer(random.Uniform(250)), model, it);
  }
}

TEST(MergingIteratorTest, AnyWalkOverSourcesEqualsTheWalkOverTheirSortedUnion) {
  for (int round = 0; round < Seeds(300); ++round) {
    const std::uint64_t seed = FirstSeed() + static_cast<std::uint64_t>(round);
    SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
    Random random(seed);
    const auto sources = RandomSources(random, 1 + random.Uniform(9));
    const std::vector<Entry> all = Sorted(sources);
    VectorIterator model(all);
    Merge merge = MakeMerge(sources);
    for (int move = 0; move < 400; ++move) {
      RandomMoveAmong(random, all, model, merge);
      ASSERT_TRUE(merge.status().ok());
      ASSERT_EQ(merge.Valid(), model.Valid()) << "move " << move;
      if (!model.Valid()) continue;
      ASSERT_EQ(Current(merge), Current(model)) << "move " << move;
    }
  }
}

TEST(MergingIteratorTest, FullWalksBothWaysShowEveryEntryOnceInOrder) {
  for (int round = 0; round < Seeds(100); ++round) {
    const std::uint64_t seed = FirstSeed() + static_cast<std::uint64_t>(round);
    SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
    Random random(seed);
    const auto sources = RandomSources(random, 1 + random.Uniform(20));
    std::vector<Entry> want = Sorted(sources);
    Merge merge = MakeMerge(sources);
    std::vector<Entry> forward;
    for (merge.SeekToFirst(); merge.Valid(); merge.Next()) forward.push_back(Current(merge));
    EXPECT_EQ(forward, want);
    std::vector<Entry> reverse;
    for (merge.SeekToLast(); merge.Valid(); merge.Prev()) reverse.push_back(Current(merge));
    std::reverse(want.begin(), want.end());
    EXPECT_EQ(reverse, want);
  }
}

TEST(MergingIteratorTest, NothingToMergeIsNeverValidAndNoError) {
  Merge none{{}};
  none.SeekToFirst();
  EXPECT_FALSE(none.Valid());
  none.SeekForPrev("k", 0);
  EXPECT_FALSE(none.Valid());
  EXPECT_TRUE(none.status().ok());
  const std::vector<std::vector<Entry>> empty(3);
  Merge empties = MakeMerge(empty);
  empties.SeekToLast();
  EXPECT_FALSE(empties.Valid());
  EXPECT_TRUE(empties.status().ok());
}

TEST(MergingIteratorTest, OfEqualInternalKeysTheNewerSourceComesFirstInBothDirections) {
  const std::uint64_t trailer = PackTrailer(1, Kind::kPut);
  const std::vector<std::vector<Entry>> sources = {
      {{"k", trailer, "newest"}}, {{"k", trailer, "middle"}}, {{"k", trailer, "oldest"}}};
  Merge merge = MakeMerge(sources);
  std::vector<std::string> order;
  for (merge.SeekToFirst(); merge.Valid(); merge.Next()) order.emplace_back(merge.value());
  EXPECT_EQ(order, (std::vector<std::string>{"newest", "middle", "oldest"}));
  order.clear();
  for (merge.SeekToLast(); merge.Valid(); merge.Prev()) order.emplace_back(merge.value());
  EXPECT_EQ(order, (std::vector<std::string>{"oldest", "middle", "newest"}));
}

TEST(MergingIteratorTest, TheErrorOfAnySourceEndsTheMergeRatherThanHidingItsKeys) {
  for (int round = 0; round < Seeds(300); ++round) {
    const std::uint64_t seed = FirstSeed() + static_cast<std::uint64_t>(round);
    SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
    Random random(seed);
    const auto sources = RandomSources(random, 1 + random.Uniform(5));
    const std::size_t bad = random.Uniform(sources.size());
    if (sources[bad].empty()) continue;
    const std::size_t bad_index = random.Uniform(sources[bad].size());
    std::vector<VectorIterator> iterators;
    for (const auto& entries : sources) iterators.emplace_back(entries);
    iterators[bad].FailAt(bad_index);
    Merge merge(std::move(iterators));

    const std::vector<Entry> all = Sorted(sources);
    std::size_t seen = 0;
    for (merge.SeekToFirst(); merge.Valid(); merge.Next()) {
      ASSERT_EQ(Current(merge), all[seen++]) << "an entry was skipped before the error";
    }
    EXPECT_FALSE(merge.status().ok());
    EXPECT_LT(seen, all.size());
    seen = 0;
    for (merge.SeekToLast(); merge.Valid(); merge.Prev()) {
      ASSERT_EQ(Current(merge), all[all.size() - ++seen]);
    }
    EXPECT_FALSE(merge.status().ok());

    // A seek that stays clear of the bad entry works again.
    if (bad_index + 1 < sources[bad].size()) {
      const Entry& good = sources[bad].back();
      merge.Seek(good.key, good.trailer);
      EXPECT_TRUE(merge.status().ok());
      ASSERT_TRUE(merge.Valid());
      EXPECT_EQ(Current(merge), good);
    }
  }
}

// Counts the moves of its source, to see how much a merge really does.
struct CountedMoves {
  int seeks = 0;
  int steps = 0;
};
class CountingIterator : public VectorIterator {
 public:
  CountingIterator(const std::vector<Entry>& sorted, CountedMoves& moves)
      : VectorIterator(sorted), moves_(&moves) {}
  void SeekToFirst() { ++moves_->seeks, VectorIterator::SeekToFirst(); }
  void SeekToLast() { ++moves_->seeks, VectorIterator::SeekToLast(); }
  void Seek(std::string_view key, std::uint64_t trailer) {
    ++moves_->seeks;
    VectorIterator::Seek(key, trailer);
  }
  void Next() { ++moves_->steps, VectorIterator::Next(); }
  void Prev() { ++moves_->steps, VectorIterator::Prev(); }

 private:
  CountedMoves* moves_;
};

TEST(MergingIteratorTest, AStepMovesOneSourceAndATurnMovesEachOnceWithoutSeeking) {
  std::vector<std::vector<Entry>> sources(4);
  for (std::uint64_t i = 0; i < 40; ++i) {
    sources[i % 4].push_back(
        {std::string(1, static_cast<char>('A' + i)), PackTrailer(i + 1, Kind::kPut), ""});
  }
  CountedMoves moves;
  std::vector<CountingIterator> iterators;
  for (const auto& entries : sources) iterators.emplace_back(entries, moves);
  MergingIterator<CountingIterator> merge(std::move(iterators));
  merge.Seek("K", kMaxSeqno);
  EXPECT_EQ(moves.seeks, 4);
  for (int i = 0; i < 10; ++i) merge.Next();
  EXPECT_EQ(moves.steps, 10);
  merge.Prev();
  EXPECT_EQ(moves.steps, 10 + 3 + 1) << "three others turn, the current one steps";
  EXPECT_EQ(moves.seeks, 4);
  EXPECT_EQ(merge.user_key(), "T");
}

// Walks a set that grows under it, as a memtable does.
class GrowingIterator {
 public:
  struct Less {
    bool operator()(const Entry& a, const Entry& b) const { return EntryBefore(a, b); }
  };
  using Set = std::set<Entry, Less>;

  explicit GrowingIterator(const Set& set) : set_(&set), at_(set.end()) {}

  bool Valid() const { return at_ != set_->end(); }
  std::string_view user_key() const { return at_->key; }
  std::uint64_t trailer() const { return at_->trailer; }
  std::string_view value() const { return at_->value; }
  Status status() const { return OkStatus(); }
  void SeekToFirst() { at_ = set_->begin(); }
  void SeekToLast() { at_ = set_->empty() ? set_->end() : std::prev(set_->end()); }
  void Seek(std::string_view key, std::uint64_t trailer) {
    at_ = set_->lower_bound({std::string(key), trailer, ""});
  }
  void SeekForPrev(std::string_view key, std::uint64_t trailer) {
    const auto above = set_->upper_bound({std::string(key), trailer, ""});
    at_ = above == set_->begin() ? set_->end() : std::prev(above);
  }
  void Next() { ++at_; }
  void Prev() { at_ = at_ == set_->begin() ? set_->end() : std::prev(at_); }

 private:
  const Set* set_;
  Set::const_iterator at_;
};

TEST(MergingIteratorTest, SourcesThatGrowNeverPutTheMergeOutOfOrder) {
  for (int round = 0; round < Seeds(200); ++round) {
    const std::uint64_t seed = FirstSeed() + static_cast<std::uint64_t>(round);
    SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
    Random random(seed);
    std::vector<GrowingIterator::Set> sets(1 + random.Uniform(4));
    const Seqno seqno_at_start = 50;
    Seqno seqno = 0;
    const auto grow = [&] {
      sets[random.Uniform(sets.size())].insert(
          {RandomKey(random), PackTrailer(++seqno, Kind::kPut), ""});
    };
    while (seqno < seqno_at_start) grow();
    std::vector<Entry> at_start;
    for (const auto& set : sets) at_start.insert(at_start.end(), set.begin(), set.end());
    std::sort(at_start.begin(), at_start.end(), EntryBefore);

    std::vector<GrowingIterator> iterators;
    for (const auto& set : sets) iterators.emplace_back(set);
    MergingIterator<GrowingIterator> merge(std::move(iterators));
    // What was there at the start is met in order and none of it is missed, whatever is added.
    VectorIterator model(at_start);
    merge.SeekToFirst();
    model.SeekToFirst();
    for (int move = 0; move < 200 && model.Valid() && merge.Valid(); ++move) {
      while (random.OneIn(2)) grow();
      const bool forward = random.OneIn(2);
      do {
        const Entry before = Current(merge);
        forward ? merge.Next() : merge.Prev();
        if (!merge.Valid()) break;
        const int order = CompareEntries(before, Current(merge));
        ASSERT_TRUE(forward ? order < 0 : order > 0) << "move " << move;
      } while (TrailerSeqno(merge.trailer()) > seqno_at_start);
      forward ? model.Next() : model.Prev();
      ASSERT_EQ(merge.Valid(), model.Valid()) << "move " << move;
      if (!model.Valid()) break;
      ASSERT_EQ(Current(merge), Current(model)) << "move " << move;
    }
  }
}

}  // namespace
}  // namespace beachdb
