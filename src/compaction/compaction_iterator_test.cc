#include "compaction/compaction_iterator.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "compaction/compaction_test_util.h"
#include "kv/vector_iterator.h"

namespace beachdb {
namespace {

// "k9=v" is a put of k at seqno 9, "k9-" its tombstone.
std::vector<Entry> Entries(const std::vector<std::string>& words) {
  std::vector<Entry> entries;
  for (const std::string& word : words) {
    const std::size_t end = word.find_first_of("=-");
    const Seqno seqno = std::stoull(word.substr(1, end - 1));
    const bool put = word[end] == '=';
    entries.push_back({word.substr(0, 1), PackTrailer(seqno, put ? Kind::kPut : Kind::kDelete),
                       word.substr(end + 1)});
  }
  return entries;
}
std::vector<std::string> Words(const std::vector<Entry>& entries) {
  std::vector<std::string> words;
  for (const Entry& entry : entries) {
    const bool put = TrailerKind(entry.trailer) == Kind::kPut;
    words.push_back(entry.key + std::to_string(TrailerSeqno(entry.trailer)) + (put ? "=" : "-") +
                    entry.value);
  }
  return words;
}

struct Outcome {
  std::vector<Entry> entries;
  CompactionCounts counts;
  Status status;
};
Outcome Compact(const std::vector<Entry>& entries, const std::vector<Seqno>& snapshots,
                KeysBelow* below) {
  VectorIterator source(entries);
  CompactionIterator<VectorIterator> it(source, snapshots, below);
  Outcome outcome;
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    outcome.entries.push_back({std::string(it.user_key()), it.trailer(), std::string(it.value())});
  }
  outcome.counts = it.counts();
  outcome.status = it.status();
  return outcome;
}

// One deeper level that holds a file for each of `keys`.
Version VersionHolding(int level, const std::set<std::string>& keys) {
  Version version;
  std::uint64_t number = 0;
  for (const std::string& key : keys) {
    FileMetadata file;
    file.number = ++number;
    file.smallest = file.largest = key;
    version.levels[static_cast<std::size_t>(level)].push_back(
        std::make_shared<const FileMetadata>(file));
  }
  return version;
}

TEST(CompactionIteratorTest, WhatIsKeptAndWhatIsDropped) {
  const struct {
    const char* why;
    std::vector<std::string> in;
    std::vector<Seqno> snapshots;
    std::set<std::string> below;
    std::vector<std::string> out;
  } kCases[] = {
      {"nothing", {}, {}, {}, {}},
      {"without snapshots the newest version", {"a9=x", "a5=y", "b3=z"}, {}, {}, {"a9=x", "b3=z"}},
      {"one version for each snapshot that sees another",
       {"a9=x", "a7=y", "a5=z", "a3=u"},
       {5, 6},
       {},
       {"a9=x", "a5=z"}},
      {"a snapshot at the very seqno sees it", {"a9=x", "a5=y"}, {9}, {}, {"a9=x"}},
      {"one below it does not", {"a9=x", "a5=y"}, {8}, {}, {"a9=x", "a5=y"}},
      {"a tombstone goes with what it hides", {"a9-", "a5=y", "b1=z"}, {}, {}, {"b1=z"}},
      {"unless a deeper level may hold the key", {"a9-", "a5=y", "b8-"}, {}, {"a"}, {"a9-"}},
      {"a tombstone hides from new readers what a snapshot still sees",
       {"a9-", "a5=y"},
       {5},
       {},
       {"a9-", "a5=y"}},
      {"a tombstone with nothing to hide goes, whatever snapshots there are",
       {"a9-", "a8=y", "b7-"},
       {5},
       {},
       {}},
      {"of a row of tombstones the oldest hides for all",
       {"a9-", "a7-", "a5-", "a3=x"},
       {3, 6, 8},
       {},
       {"a5-", "a3=x"}},
      {"a row of tombstones over nothing goes as a whole", {"a9-", "a7-", "a5-"}, {6, 8}, {}, {}},
      {"over a deeper level each stripe keeps its own",
       {"a9-", "a7-", "a5-"},
       {6, 8},
       {"a"},
       {"a9-", "a7-", "a5-"}},
      {"a put above a tombstone stays", {"a9=x", "a7-", "a5=y"}, {}, {}, {"a9=x"}},
      {"a put above a tombstone that hides nothing", {"a9=x", "a7-", "a5=y"}, {8}, {}, {"a9=x"}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.why);
    const Version version = VersionHolding(6, c.below);
    KeysBelow below(version, 5);
    const Outcome outcome = Compact(Entries(c.in), c.snapshots, &below);
    EXPECT_TRUE(outcome.status.ok());
    EXPECT_EQ(Words(outcome.entries), c.out);
    EXPECT_EQ(outcome.counts.entries_in, c.in.size());
    EXPECT_EQ(outcome.counts.dropped(), c.in.size() - c.out.size());
  }
}

TEST(CompactionIteratorTest, AFlushKeepsTombstonesBecauseItDoesNotKnowWhatLiesBelow) {
  const Outcome outcome = Compact(Entries({"a9-", "a5=y", "b3-"}), {}, nullptr);
  EXPECT_EQ(Words(outcome.entries), (std::vector<std::string>{"a9-", "b3-"}));
  EXPECT_EQ(outcome.counts.shadowed, 1u);
  EXPECT_EQ(outcome.counts.tombstones_done, 0u);
}

TEST(CompactionIteratorTest, EntriesOutOfOrderAreReportedAndNotWrittenOn) {
  for (const auto& words : {std::vector<std::string>{"a9=x", "c8=x", "b7=x"},
                            std::vector<std::string>{"a9=x", "c3=x", "c5=x"}}) {
    const Outcome outcome = Compact(Entries(words), {}, nullptr);
    ASSERT_FALSE(outcome.status.ok());
    EXPECT_EQ(outcome.status.error().code(), Code::kCorruption);
    EXPECT_EQ(outcome.entries.size(), 2u);
  }
}

TEST(CompactionIteratorTest, AnUnknownKindIsRefusedRatherThanDroppedWrongly) {
  const std::vector<Entry> entries = {{"a", PackTrailer(9, Kind::kDeleteRange), "b"}};
  const Outcome outcome = Compact(entries, {}, nullptr);
  ASSERT_FALSE(outcome.status.ok());
  EXPECT_EQ(outcome.status.error().code(), Code::kNotSupported);
}

TEST(CompactionIteratorTest, AnErrorOfTheSourceEndsItWithoutDroppingTheTombstoneInHand) {
  const std::vector<Entry> entries = Entries({"a9-", "a5=y", "b3=z"});
  VectorIterator source(entries);
  source.FailAt(1);
  KeysBelow below(Version{}, 0);
  CompactionIterator<VectorIterator> it(source, {5}, &below);
  it.SeekToFirst();
  EXPECT_FALSE(it.Valid());
  EXPECT_FALSE(it.status().ok());
  EXPECT_EQ(it.counts().tombstones_done, 0u);
}

// ---- against a model ----------------------------------------------------------------------------

// What a reader at `snapshot` finds; nullopt: nothing.
std::optional<std::string> Get(const std::vector<Entry>& upper, const std::vector<Entry>& deeper,
                               const std::string& key, Seqno snapshot) {
  for (const auto* entries : {&upper, &deeper}) {
    for (const Entry& entry : *entries) {
      if (entry.key != key || TrailerSeqno(entry.trailer) > snapshot) continue;
      if (TrailerKind(entry.trailer) == Kind::kDelete) return std::nullopt;
      return entry.value;
    }
  }
  return std::nullopt;
}

TEST(CompactionIteratorTest, NoSnapshotAndNoLaterReaderCanTellThatACompactionHappened) {
  test::ForEachSeed(2000, [](Random& random) {
    const std::uint64_t keys = 1 + random.Uniform(6);
    const Seqno last = 1 + random.Uniform(60);
    const Seqno first_upper = 1 + random.Uniform(last);
    std::vector<Entry> upper;
    std::vector<Entry> deeper;
    for (Seqno seqno = 1; seqno <= last; ++seqno) {
      const std::string key(1, static_cast<char>('a' + random.Uniform(keys)));
      const bool put = !random.OneIn(3);
      (seqno < first_upper ? deeper : upper)
          .push_back({key, PackTrailer(seqno, put ? Kind::kPut : Kind::kDelete),
                      put ? "v" + std::to_string(seqno) : ""});
    }
    std::sort(upper.begin(), upper.end(), EntryBefore);
    std::sort(deeper.begin(), deeper.end(), EntryBefore);
    std::set<std::string> held;
    for (const Entry& entry : deeper) held.insert(entry.key);
    std::set<Seqno> snapshots;
    for (std::uint64_t i = random.Uniform(5); i > 0; --i)
      snapshots.insert(random.Uniform(last + 1));

    const Version version = VersionHolding(3, held);
    KeysBelow below(version, 2);
    const Outcome outcome =
        Compact(upper, {snapshots.begin(), snapshots.end()}, random.OneIn(4) ? nullptr : &below);
    ASSERT_TRUE(outcome.status.ok());
    EXPECT_TRUE(std::is_sorted(outcome.entries.begin(), outcome.entries.end(), EntryBefore));
    EXPECT_EQ(outcome.counts.entries_in, upper.size());
    EXPECT_EQ(outcome.counts.dropped(), upper.size() - outcome.entries.size());

    std::set<Seqno> readers = snapshots;
    readers.insert({last, last + 10});  // and whoever comes later
    for (std::uint64_t k = 0; k < keys; ++k) {
      const std::string key(1, static_cast<char>('a' + k));
      for (const Seqno reader : readers) {
        ASSERT_EQ(Get(outcome.entries, deeper, key, reader), Get(upper, deeper, key, reader))
            << key << " at " << reader;
      }
      // And no more is kept than the readers can tell apart.
      const auto kept = std::count_if(outcome.entries.begin(), outcome.entries.end(),
                                      [&](const Entry& entry) { return entry.key == key; });
      ASSERT_LE(static_cast<std::size_t>(kept), snapshots.size() + 1);
    }
  });
}

TEST(KeysBelowTest, AnswersAscendingKeysAsASearchWould) {
  test::ForEachSeed(200, [](Random& random) {
    Version version;
    for (std::size_t level = 0; level < version.levels.size(); ++level) {
      char next = 'a';
      while (random.OneIn(2) && next < 'x') {
        FileMetadata file;
        file.smallest = std::string(1, static_cast<char>(next + 1 + random.Uniform(3)));
        file.largest = std::string(1, static_cast<char>(file.smallest[0] + random.Uniform(4)));
        next = file.largest[0];
        version.levels[level].push_back(std::make_shared<const FileMetadata>(file));
      }
    }
    const int level = static_cast<int>(random.Uniform(kLevels));
    KeysBelow below(version, level);
    for (char c = 'a'; c <= 'z'; ++c) {
      const std::string key(1, c);
      const std::string_view view = key;
      bool want = false;
      for (int deeper = level + 1; deeper < kLevels; ++deeper) {
        want = want || !version.Overlapping(deeper, &view, &view).empty();
      }
      EXPECT_EQ(below.MayHold(key), want) << key;
    }
  });
}

}  // namespace
}  // namespace beachdb
