#include "compaction/compaction_job.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "compaction/compaction_test_util.h"
#include "compaction/flush_job.h"
#include "kv/merging_iterator.h"
#include "manifest/version_builder.h"

namespace beachdb {
namespace {

using test::ForEachSeed;
using test::NumbersOf;
using test::ReadAll;
using test::TableRig;
using test::TestKey;

using Contents = std::map<std::string, std::string>;

// What a reader at `snapshot` sees of entries in internal key order.
Contents VisibleAt(const std::vector<Entry>& entries, Seqno snapshot) {
  Contents visible;
  const std::string* settled = nullptr;
  for (const Entry& entry : entries) {
    if (settled != nullptr && *settled == entry.key) continue;
    if (TrailerSeqno(entry.trailer) > snapshot) continue;
    settled = &entry.key;
    if (TrailerKind(entry.trailer) == Kind::kPut) visible[entry.key] = entry.value;
  }
  return visible;
}

// A tree of real tables without an engine: flushes, compactions, snapshots.
class MiniTree {
 public:
  explicit MiniTree(CompactionLimits limits) : limits_(limits), picker_(limits) {}

  // A memtable of these entries becomes a run of level 0.
  void Flush(const std::vector<Entry>& entries) {
    VectorIterator source(entries);
    auto flushed = RunFlush(rig_.output(), {}, source, {}, Snapshots(), ++job_id_, {});
    ASSERT_TRUE(flushed.ok()) << flushed.error().ToString();
    ASSERT_EQ(flushed->outputs.size(), entries.empty() ? 0u : 1u);
    EXPECT_EQ(flushed->entries_in, entries.size());
    for (const FileMetadata& file : flushed->outputs) {
      EXPECT_EQ(flushed->entries_dropped, entries.size() - file.entries);
      Install({.added = {{0, file}}});
    }
  }

  std::optional<CompactionPlan> Pick() { return picker_.Pick(version_, {}, OldestReader()); }
  std::optional<CompactionPlan> PickManual(int level) {
    return picker_.PickRange(version_, level, nullptr, nullptr, {}, OldestReader());
  }

  Result<CompactionResult> Run(const CompactionPlan& plan) {
    return RunCompaction(rig_.output(), {}, plan, version_, rig_.Opener(), Snapshots(), limits_,
                         ++job_id_);
  }

  void Compact(const CompactionPlan& plan) {
    if (plan.trivial_move) {
      VersionEdit edit;
      edit.removed.push_back({plan.input_level, plan.inputs[0]->number});
      edit.added.push_back({plan.output_level, *plan.inputs[0]});
      Install(edit);
      return;
    }
    auto done = Run(plan);
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    std::uint64_t written = 0;
    std::uint64_t entries = 0;
    for (const FileMetadata& file : done->job.outputs) {
      written += file.size;
      entries += file.entries;
    }
    EXPECT_EQ(done->job.bytes_written, written);
    EXPECT_EQ(done->job.entries_in - done->job.entries_dropped, entries);
    Install(done->edit);
  }

  void Install(const VersionEdit& edit) {
    VersionBuilder builder(version_);
    const Status applied = builder.Apply(edit);
    ASSERT_TRUE(applied.ok()) << applied.ToString();
    version_ = *std::move(builder).Finish();
    for (const auto& removed : edit.removed) {
      const bool moved = std::any_of(edit.added.begin(), edit.added.end(), [&](const auto& added) {
        return added.file.number == removed.number;
      });
      if (moved) continue;
      ASSERT_TRUE(rig_.disk().RemoveFile(rig_.PathOf(removed.number)).ok());
    }
  }

  std::vector<Entry> Everything() {
    std::vector<FileRunIterator> sources;
    for (std::size_t level = 0; level < version_.levels.size(); ++level) {
      const auto& files = version_.levels[level];
      if (level > 0) {
        sources.emplace_back(FileRun(files, rig_.Opener()), ScanKind::kRead);
        continue;
      }
      for (const FileRef& run : files) {
        sources.emplace_back(FileRun({run}, rig_.Opener()), ScanKind::kRead);
      }
    }
    MergingIterator<FileRunIterator> merged(std::move(sources));
    return ReadAll(merged);
  }

  std::set<std::uint64_t> LiveNumbers() const {
    std::set<std::uint64_t> numbers;
    for (const auto& level : version_.levels) numbers.merge(NumbersOf(level));
    return numbers;
  }

  std::vector<Seqno> Snapshots() const { return {snapshots.begin(), snapshots.end()}; }
  Seqno OldestReader() const { return snapshots.empty() ? seqno : *snapshots.begin(); }
  TableRig& rig() { return rig_; }
  const Version& version() const { return version_; }

  std::set<Seqno> snapshots;
  Seqno seqno = 0;  // visible

 private:
  TableRig rig_;
  const CompactionLimits limits_;
  CompactionPicker picker_;
  Version version_;
  std::uint64_t job_id_ = 0;
};

CompactionLimits SmallLimits(Random& random) {
  return {.table_size = 4000,
          .base_size = 8000,
          .growth = static_cast<int>(2 + random.Uniform(4)),
          .level0_files = 3,
          .move_level0 = random.OneIn(2),
          .move_to_bottom = random.OneIn(2)};
}

TEST(CompactionJobTest, FlushesAndCompactionsNeverChangeWhatAnyReaderSees) {
  ForEachSeed(25, [](Random& random) {
    MiniTree tree(SmallLimits(random));
    const std::uint64_t keys = 20 + random.Uniform(200);
    std::vector<Entry> history;
    for (int round = 0; round < 40; ++round) {
      std::vector<Entry> memtable =
          test::RandomEntries(random, 1 + random.Uniform(60), keys, tree.seqno + 1, 100);
      tree.seqno += memtable.size();
      history.insert(history.end(), memtable.begin(), memtable.end());
      if (random.OneIn(3)) tree.snapshots.insert(tree.seqno - random.Uniform(memtable.size()));
      ASSERT_NO_FATAL_FAILURE(tree.Flush(memtable));
      while (random.OneIn(3) && !tree.snapshots.empty()) {
        tree.snapshots.erase(
            std::next(tree.snapshots.begin(),
                      static_cast<std::ptrdiff_t>(random.Uniform(tree.snapshots.size()))));
      }
      int plans = 0;
      while (const auto plan = tree.Pick()) {
        ASSERT_NO_FATAL_FAILURE(tree.Compact(*plan));
        ASSERT_LT(++plans, 1000) << "compaction never comes to rest";
      }
    }
    std::sort(history.begin(), history.end(), EntryBefore);
    std::set<Seqno> readers = tree.snapshots;
    readers.insert({tree.seqno, tree.seqno + 1});
    const std::vector<Entry> kept = tree.Everything();
    for (const Seqno reader : readers) {
      ASSERT_EQ(VisibleAt(kept, reader), VisibleAt(history, reader)) << "at " << reader;
    }
    EXPECT_EQ(tree.rig().OnDisk(), tree.LiveNumbers());

    // By hand down to one level: then nothing is left but what the readers see.
    tree.snapshots.clear();
    for (int level = 0; level < kLevels; ++level) {
      int plans = 0;
      while (const auto plan = tree.PickManual(level)) {
        ASSERT_NO_FATAL_FAILURE(tree.Compact(*plan));
        ASSERT_LT(++plans, 1000) << "level " << level;
      }
    }
    const std::vector<Entry> least = tree.Everything();
    ASSERT_EQ(VisibleAt(least, tree.seqno), VisibleAt(history, tree.seqno));
    for (const Entry& entry : least) ASSERT_EQ(TrailerKind(entry.trailer), Kind::kPut);
  });
}

// Two runs over the same keys; the plan merges both.
CompactionPlan PrepareMerge(MiniTree& tree) {
  for (int run = 0; run < 3; ++run) {
    std::vector<Entry> entries;
    for (std::uint64_t i = 0; i < 300; ++i) {
      entries.push_back({TestKey(i), PackTrailer(++tree.seqno, Kind::kPut), std::string(50, 'v')});
    }
    tree.Flush(entries);
  }
  const auto plan = tree.Pick();
  EXPECT_TRUE(plan.has_value());
  return plan.value_or(CompactionPlan{});
}

CompactionLimits PlainLimits() {
  return {.table_size = 4000, .base_size = 8000, .level0_files = 3};
}

TEST(CompactionJobTest, ADamagedInputEndsTheJobNamesTheFileAndChangesNothing) {
  MiniTree tree(PlainLimits());
  const CompactionPlan plan = PrepareMerge(tree);
  const std::set<std::uint64_t> before = tree.rig().OnDisk();
  const FileMetadata& victim = *plan.inputs.back();
  std::string& bytes = tree.rig().disk().Bytes(tree.rig().PathOf(victim.number));
  bytes[bytes.size() / 3] ^= 1;
  const auto outcome = tree.Run(plan);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kCorruption);
  EXPECT_NE(outcome.error().message().find(TableName(victim.number)), std::string::npos)
      << outcome.error().message();
  EXPECT_EQ(tree.rig().OnDisk(), before);
}

TEST(CompactionJobTest, EveryFailingCallEndsTheJobAndChangesNothing) {
  for (const FileOp op : {FileOp::kOpen, FileOp::kRead, FileOp::kWrite, FileOp::kSync}) {
    MiniTree tree(PlainLimits());
    const CompactionPlan plan = PrepareMerge(tree);
    const std::set<std::uint64_t> before = tree.rig().OnDisk();
    for (std::uint64_t skip = 0;; skip += 3) {
      SCOPED_TRACE(std::string(FileOpName(op)) + " number " + std::to_string(skip));
      const auto fault = tree.rig().faults().Inject({.ops = {op}, .skip = skip, .times = 1});
      const std::uint64_t faults_before = tree.rig().faults().FaultCount();
      const auto outcome = tree.Run(plan);
      const bool fired = tree.rig().faults().FaultCount() > faults_before;
      tree.rig().faults().Remove(fault);
      if (!fired) {
        EXPECT_TRUE(outcome.ok());
        EXPECT_GT(skip, 0u) << "the fault never fired";
        break;
      }
      ASSERT_FALSE(outcome.ok());
      EXPECT_EQ(outcome.error().code(), Code::kIoError);
      EXPECT_EQ(tree.rig().OnDisk(), before);
    }
  }
}

TEST(CompactionJobTest, AnotherNumberOfEntriesThanTheManifestCountsIsNeverInstalled) {
  MiniTree tree(PlainLimits());
  CompactionPlan plan = PrepareMerge(tree);
  const std::set<std::uint64_t> before = tree.rig().OnDisk();
  FileMetadata wrong = *plan.inputs[0];
  ++wrong.entries;
  plan.inputs[0] = std::make_shared<const FileMetadata>(wrong);
  const auto outcome = tree.Run(plan);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kCorruption);
  EXPECT_EQ(tree.rig().OnDisk(), before);
}

TEST(CompactionJobTest, StopsWhenTheDatabaseClosesAndLeavesNothingBehind) {
  MiniTree tree(PlainLimits());
  const CompactionPlan plan = PrepareMerge(tree);
  const std::set<std::uint64_t> before = tree.rig().OnDisk();
  tree.rig().stop() = true;
  const auto outcome = tree.Run(plan);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kShutDown);
  EXPECT_EQ(tree.rig().OnDisk(), before);
}

TEST(CompactionJobTest, TablesSayWhichJobWroteThemAndFromWhat) {
  MiniTree tree(PlainLimits());
  const CompactionPlan plan = PrepareMerge(tree);
  ASSERT_NO_FATAL_FAILURE(tree.Compact(plan));
  const FileRef& file = tree.version().levels[kBottomLevel].front();
  const auto table = tree.rig().Opener()(file);
  ASSERT_TRUE(table.ok());
  const TableJob& job = (*table)->properties().job;
  EXPECT_EQ(job.origin, TableOrigin::kCompaction);
  EXPECT_EQ(job.id, 4u) << "after three flushes";
  EXPECT_EQ(job.output_level, kBottomLevel);
  const std::set<std::uint64_t> inputs(job.inputs.begin(), job.inputs.end());
  EXPECT_EQ(inputs, NumbersOf(plan.inputs));
}

TEST(FlushJobTest, AnEmptyMemtableMakesNoTable) {
  TableRig rig;
  const std::vector<Entry> none;
  VectorIterator source(none);
  const auto flushed = RunFlush(rig.output(), {}, source, {}, {}, 1, {});
  ASSERT_TRUE(flushed.ok());
  EXPECT_TRUE(flushed->outputs.empty());
  EXPECT_TRUE(rig.OnDisk().empty());
}

TEST(FlushJobTest, ADroppedVersionIsOneThatNoSnapshotSees) {
  TableRig rig;
  const std::vector<Entry> entries = {{"a", PackTrailer(9, Kind::kDelete), ""},
                                      {"a", PackTrailer(7, Kind::kPut), "x"},
                                      {"a", PackTrailer(5, Kind::kPut), "y"},
                                      {"b", PackTrailer(6, Kind::kPut), "z"}};
  VectorIterator source(entries);
  const auto flushed = RunFlush(rig.output(), {}, source, {}, {8}, 1, {77});
  ASSERT_TRUE(flushed.ok());
  EXPECT_EQ(rig.Read(TableRig::Refs(flushed->outputs)),
            (std::vector<Entry>{entries[0], entries[1], entries[3]}));
  EXPECT_EQ(flushed->entries_dropped, 1u);
  EXPECT_EQ(flushed->outputs[0].smallest_seqno, 6u);
  EXPECT_EQ(flushed->outputs[0].largest_seqno, 9u);
}

}  // namespace
}  // namespace beachdb
