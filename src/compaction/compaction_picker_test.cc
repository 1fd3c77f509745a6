#include "compaction/compaction_picker.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "compaction/compaction_test_util.h"
#include "manifest/version.h"

namespace beachdb {
namespace {

// ---- tables without bytes -----------------------------------------------------------------------

struct FileSpec {
  std::uint64_t number;
  std::string smallest;
  std::string largest;
  std::uint64_t size = 10;
  std::uint64_t entries = 100;
  std::uint64_t tombstones = 0;
  Seqno largest_seqno = 0;
  std::uint64_t old_versions = 0;
};

FileRef MakeFile(const FileSpec& spec) {
  FileMetadata file;
  file.number = spec.number;
  file.size = spec.size;
  file.entries = spec.entries;
  file.tombstones = spec.tombstones;
  file.distinct_keys = spec.entries - spec.old_versions;
  file.smallest = spec.smallest;
  file.largest = spec.largest;
  file.largest_seqno = spec.largest_seqno;
  return std::make_shared<const FileMetadata>(file);
}

Version MakeVersion(const std::map<int, std::vector<FileSpec>>& levels) {
  Version version;
  for (const auto& [level, specs] : levels) {
    for (const FileSpec& spec : specs) {
      version.levels[static_cast<std::size_t>(level)].push_back(MakeFile(spec));
    }
  }
  return version;
}

std::vector<std::uint64_t> Numbers(const std::vector<FileRef>& files) {
  std::vector<std::uint64_t> numbers;
  for (const FileRef& file : files) numbers.push_back(file->number);
  return numbers;
}
using List = std::vector<std::uint64_t>;

CompactionLimits SmallLimits() {
  return {.table_size = 10,
          .base_size = 40,
          .growth = 10,
          .level0_files = 4,
          .move_level0 = true,
          .move_to_bottom = true};
}

TEST(CompactionPickerTest, NothingIsDueInAQuietTree) {
  CompactionPicker picker(SmallLimits());
  EXPECT_FALSE(picker.Pick({}, {}).has_value());
  const Version version = MakeVersion({{0, {{3, "a", "z"}}}, {6, {{1, "a", "m"}, {2, "n", "z"}}}});
  EXPECT_FALSE(picker.Pick(version, {}).has_value());
}

TEST(CompactionPickerTest, OutOfLevel0GoTheRunsThatOverlapTheOldest) {
  CompactionPicker picker(SmallLimits());
  const Version version =
      MakeVersion({{0, {{5, "x", "z"}, {4, "c", "f"}, {3, "p", "q"}, {2, "e", "h"}, {1, "a", "c"}}},
                   {6, {{10, "a", "b"}, {11, "g", "k"}, {12, "l", "z"}}}});
  const auto plan = picker.Pick(version, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->input_level, 0);
  EXPECT_EQ(plan->output_level, 6);
  EXPECT_EQ(Numbers(plan->inputs), (List{4, 2, 1})) << "2 overlaps 1 only through 4";
  EXPECT_EQ(Numbers(plan->overlapping), (List{10, 11}));
  EXPECT_TRUE(plan->bottommost);
  EXPECT_FALSE(plan->trivial_move);
  EXPECT_STREQ(plan->reason, "level 0 runs");
}

TEST(CompactionPickerTest, ReadsMayAskForLevel0WhenNothingElseIsDue) {
  CompactionPicker picker(SmallLimits());
  const Version quiet = MakeVersion({{0, {{3, "a", "z"}}}, {6, {{1, "a", "m"}, {2, "n", "z"}}}});
  const auto plan = picker.Pick(quiet, {}, 0, true);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(Numbers(plan->inputs), (List{3}));
  EXPECT_EQ(Numbers(plan->overlapping), (List{1, 2}));
  EXPECT_STREQ(plan->reason, "reads");
  EXPECT_FALSE(picker.Pick(quiet, {2}, 0, true).has_value()) << "it would need a busy file";
  EXPECT_FALSE(picker.Pick(MakeVersion({{6, {{1, "a", "m"}}}}), {}, 0, true).has_value());
}

TEST(CompactionPickerTest, ABacklogOfLevel0IsTakenFromItsOldEnd) {
  CompactionPicker picker(SmallLimits());
  std::vector<FileSpec> runs;
  for (std::uint64_t number = 30; number > 0; --number) runs.push_back({number, "a", "z"});
  const auto plan = picker.Pick(MakeVersion({{0, runs}}), {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->inputs.size(), 16u) << "four base sizes of 40 bytes";
  EXPECT_EQ(plan->inputs.back()->number, 1u);
}

TEST(CompactionPickerTest, ALoneRunOfLevel0MovesIfItIsStoredAsItWouldBeBelow) {
  const Version version = MakeVersion(
      {{0, {{4, "m", "n"}, {3, "k", "l"}, {2, "i", "j"}, {1, "g", "h"}}}, {6, {{10, "a", "f"}}}});
  CompactionLimits limits = SmallLimits();
  auto plan = CompactionPicker(limits).Pick(version, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(Numbers(plan->inputs), (List{1}));
  EXPECT_TRUE(plan->trivial_move);

  limits.move_level0 = false;
  plan = CompactionPicker(limits).Pick(version, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_FALSE(plan->trivial_move);

  limits = SmallLimits();
  limits.move_to_bottom = false;
  plan = CompactionPicker(limits).Pick(version, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_FALSE(plan->trivial_move);
}

TEST(CompactionPickerTest, AFileOverTooMuchOfTheLevelBelowTheNextDoesNotMove) {
  std::vector<FileSpec> bottom;
  for (std::uint64_t i = 0; i < 30; ++i) {
    const std::string key(1, static_cast<char>('A' + i));
    bottom.push_back({100 + i, key, key, 20});
  }
  const auto plan_for = [&](const char* largest) {
    CompactionLimits limits = SmallLimits();
    limits.base_size = 10;
    return CompactionPicker(limits).Pick(MakeVersion({{4, {{1, "A", largest, 15}}}, {6, bottom}}),
                                         {});
  };
  ASSERT_TRUE(plan_for("E").has_value());
  EXPECT_TRUE(plan_for("E")->trivial_move) << "100 bytes: ten tables";
  EXPECT_EQ(plan_for("E")->grandparents.size(), 5u);
  EXPECT_FALSE(plan_for("F")->trivial_move);
}

TEST(CompactionPickerTest, OutOfADeeperLevelGoesTheFileWithTheLeastBelowIt) {
  CompactionPicker picker(SmallLimits());
  const Version version = MakeVersion(
      {{5, {{1, "a", "d", 30}, {2, "e", "h", 30}, {3, "i", "l", 30}}},
       {6, {{10, "a", "b", 60}, {11, "c", "d", 60}, {12, "e", "h", 50}, {13, "i", "l", 70}}}});
  const auto plan = picker.Pick(version, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(Numbers(plan->inputs), (List{2}));
  EXPECT_EQ(Numbers(plan->overlapping), (List{12}));
  EXPECT_STREQ(plan->reason, "level size");
}

TEST(CompactionPickerTest, NeighboursThatShareAFileBelowGoTogether) {
  CompactionLimits limits = SmallLimits();
  limits.table_size = 1000;
  CompactionPicker picker(limits);
  const Version version = MakeVersion(
      {{5, {{1, "a", "c", 100}, {2, "d", "f", 100}, {3, "h", "i", 100}, {4, "x", "y", 100}}},
       {6, {{10, "b", "e", 50}, {11, "h", "i", 51}, {12, "x", "z", 100}}}});
  const auto plan = picker.Pick(version, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(Numbers(plan->inputs), (List{1, 2}))
      << "3 shares nothing with 2: another job may put a file between them";
}

TEST(CompactionPickerTest, OneJobAtATimeTakesRunsOutOfLevel0) {
  CompactionPicker picker(SmallLimits());
  const Version version =
      MakeVersion({{0, {{4, "m", "n"}, {3, "a", "b"}, {2, "c", "d"}, {1, "x", "z"}}}});
  const std::string_view from = "m";
  EXPECT_TRUE(picker.PickRange(version, 0, &from, &from, {}).has_value());
  EXPECT_FALSE(picker.PickRange(version, 0, &from, &from, {1, 3}).has_value());
  EXPECT_TRUE(picker.Pick(version, {}).has_value());
  EXPECT_FALSE(picker.Pick(version, {3}).has_value());
}

TEST(CompactionPickerTest, EveryFileOfALevelGetsItsTurnHoweverMuchLiesBelowIt) {
  CompactionPicker picker(SmallLimits());
  std::vector<FileSpec> level;
  std::vector<FileSpec> bottom;
  for (std::uint64_t i = 0; i < 10; ++i) {
    const std::string key(1, static_cast<char>('a' + i));
    level.push_back({i + 1, key, key, 100});
    bottom.push_back({100 + i, key, key, 100 * (i + 1)});
  }
  const Version version = MakeVersion({{5, level}, {6, bottom}});
  std::set<std::uint64_t> picked;
  for (int i = 0; i < 8 * 10; ++i) picked.insert(picker.Pick(version, {})->inputs[0]->number);
  EXPECT_EQ(picked.size(), level.size());
}

TEST(CompactionPickerTest, WhileLevel0WaitsForTheBaseLevelNothingElseTakesFilesOfIt) {
  // Levels 0 and 5 are due; level 0 needs all of level 5, one file of which is busy.
  const Version version = MakeVersion(
      {{0, {{4, "a", "z", 40}, {3, "a", "z", 40}, {2, "a", "z", 40}, {1, "a", "z", 40}}},
       {5, {{10, "a", "h", 40}, {11, "i", "p", 40}, {12, "q", "z", 40}}},
       {6, {{20, "a", "m", 100}, {21, "n", "z", 100}}}});
  CompactionPicker picker(SmallLimits());
  EXPECT_FALSE(picker.Pick(version, {11, 20}).has_value());
  const auto plan = picker.Pick(version, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->input_level, 0);
}

TEST(CompactionPickerTest, FilesOfMostlyTombstonesAreDueWhereverTheyAre) {
  CompactionPicker picker(SmallLimits());
  const FileSpec dead = {1, "a", "c", 10, 10'000, 6'000, 500};
  auto plan = picker.Pick(MakeVersion({{4, {dead}}, {6, {{9, "a", "z", 300}}}}), {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->output_level, 5);

  // Nothing lies below: it could move, but only a rewrite drops the tombstones.
  plan = picker.Pick(MakeVersion({{4, {dead}}, {6, {{9, "x", "z", 300}}}}), {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_TRUE(plan->bottommost);
  EXPECT_FALSE(plan->trivial_move);

  // At the bottom a snapshot decides.
  const Version bottom = MakeVersion({{6, {dead}}});
  EXPECT_FALSE(picker.Pick(bottom, {}).has_value()) << "not known";
  EXPECT_FALSE(picker.Pick(bottom, {}, 499).has_value()) << "a snapshot sees some";
  plan = picker.Pick(bottom, {}, 500);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->input_level, 6);
  EXPECT_EQ(plan->output_level, 6);
  EXPECT_TRUE(plan->overlapping.empty());
  EXPECT_FALSE(plan->trivial_move);
  EXPECT_STREQ(plan->reason, "tombstones");
}

TEST(CompactionPickerTest, FilesOfMostlyOldVersionsAreRewrittenOnceNoSnapshotNeedsThem) {
  CompactionPicker picker(SmallLimits());
  const FileSpec file = {1, "a", "c", 10, 10'000, 0, 500, 6'000};
  const Version version = MakeVersion({{6, {file}}});
  EXPECT_FALSE(picker.Pick(version, {}, 499).has_value()) << "a snapshot may see some";
  auto plan = picker.Pick(version, {}, 500);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->output_level, 6);
  EXPECT_STREQ(plan->reason, "old versions");

  plan = picker.PickRange(MakeVersion({{4, {file}}, {6, {{9, "x", "z"}}}}), 4, nullptr, nullptr, {},
                          500);
  ASSERT_TRUE(plan.has_value());
  EXPECT_FALSE(plan->trivial_move) << "a move would drop nothing";
  const FileSpec few = {1, "a", "c", 10, 10'000, 0, 500, 4'000};
  EXPECT_FALSE(picker.Pick(MakeVersion({{6, {few}}}), {}, 500).has_value());
}

TEST(CompactionPickerTest, AManualCompactionRewritesTheDeepestLevelWhereSomethingIsDead) {
  CompactionPicker picker(SmallLimits());
  const Version version = MakeVersion({{6,
                                        {{1, "a", "b", 10, 100, 0, 400},
                                         {2, "c", "d", 10, 100, 0, 500, 1},
                                         {3, "e", "f", 10, 100, 1, 600}}}});
  EXPECT_FALSE(picker.PickRange(version, 6, nullptr, nullptr, {}, 499).has_value());
  auto plan = picker.PickRange(version, 6, nullptr, nullptr, {}, 500);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(Numbers(plan->inputs), (List{2}));
  EXPECT_EQ(plan->output_level, 6);
  plan = picker.PickRange(version, 6, nullptr, nullptr, {2}, 600);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(Numbers(plan->inputs), (List{3}));
}

TEST(CompactionPickerTest, AManualCompactionGoesDownToTheNextLevelThatHoldsData) {
  CompactionPicker picker(SmallLimits());
  const Version version = MakeVersion({{0, {{2, "c", "d"}, {1, "a", "b"}}},
                                       {2, {{5, "a", "b"}, {6, "x", "y"}}},
                                       {6, {{9, "a", "z", 30}}}});
  const std::string_view from = "d";
  const std::string_view to = "w";
  auto plan = picker.PickRange(version, 0, &from, &to, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(Numbers(plan->inputs), (List{2}));
  EXPECT_EQ(plan->output_level, 2);
  EXPECT_FALSE(picker.PickRange(version, 2, &from, &to, {}).has_value());
  plan = picker.PickRange(version, 2, &from, nullptr, {});
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(Numbers(plan->inputs), (List{6}));
  EXPECT_EQ(plan->output_level, 6);
  EXPECT_FALSE(picker.PickRange(version, 2, nullptr, nullptr, {9}).has_value()) << "busy";
  EXPECT_FALSE(picker.PickRange(version, 6, nullptr, nullptr, {}).has_value());
}

// ---- a tree of numbers: plans are carried out, several at a time --------------------------------

// A table as the keys it holds, each with the seqno of its one version.
using Contents = std::map<std::string, Seqno>;

class SimulatedTree {
 public:
  SimulatedTree(std::uint64_t seed, CompactionLimits limits)
      : random_(seed), limits_(limits), picker_(limits) {}

  void Flush(std::uint64_t keys, std::uint64_t key_space, bool sequential) {
    Contents contents;
    for (std::uint64_t i = 0; i < keys; ++i) {
      const std::uint64_t key = sequential ? next_key_++ : random_.Uniform(key_space);
      contents[KeyOf(key)] = ++seqno_;
      model_[KeyOf(key)] = seqno_;
    }
    user_bytes_ += contents.size();
    bytes_written_ += contents.size();
    auto& level0 = version_.levels[0];
    level0.insert(level0.begin(), Store(contents));
  }

  // False: nothing is due that is not running.
  bool Start() {
    std::optional<CompactionPlan> plan = picker_.Pick(version_, busy_, seqno_);
    if (!plan) return false;
    CheckPlan(*plan);
    for (const auto* files : {&plan->inputs, &plan->overlapping}) {
      for (const FileRef& file : *files) EXPECT_TRUE(busy_.insert(file->number).second);
    }
    running_.push_back(*std::move(plan));
    return true;
  }
  bool StartManual(int level) {
    std::optional<CompactionPlan> plan =
        picker_.PickRange(version_, level, nullptr, nullptr, busy_, seqno_);
    if (!plan) return false;
    CheckPlan(*plan);
    for (const auto* files : {&plan->inputs, &plan->overlapping}) {
      for (const FileRef& file : *files) EXPECT_TRUE(busy_.insert(file->number).second);
    }
    running_.push_back(*std::move(plan));
    return true;
  }

  void FinishOne() {
    const std::size_t which = random_.Uniform(running_.size());
    const CompactionPlan plan = running_[which];
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(which));
    Contents merged;
    for (const auto* files : {&plan.inputs, &plan.overlapping}) {
      for (const FileRef& file : *files) {
        for (const auto& [key, seqno] : contents_.at(file->number)) {
          Seqno& newest = merged[key];
          newest = std::max(newest, seqno);
        }
        busy_.erase(file->number);
      }
    }
    Remove(plan.input_level, plan.inputs);
    Remove(plan.output_level, plan.overlapping);
    auto& level = version_.levels[static_cast<std::size_t>(plan.output_level)];
    if (plan.trivial_move) {
      level.push_back(plan.inputs.front());
    } else {
      bytes_written_ += merged.size();
      Contents part;
      for (auto it = merged.begin(); it != merged.end(); ++it) {
        part.insert(*it);
        if (part.size() < limits_.table_size && std::next(it) != merged.end()) continue;
        level.push_back(Store(part));
        part.clear();
      }
    }
    std::sort(level.begin(), level.end(),
              [](const FileRef& a, const FileRef& b) { return a->smallest < b->smallest; });
    const Status sound = CheckVersion(version_);
    ASSERT_TRUE(sound.ok()) << sound.ToString();
  }

  // The newest version of each key is the first that a reader meets on the way down.
  void CheckReads() const {
    for (const auto& [key, seqno] : model_) ASSERT_EQ(Read(key), seqno) << key;
  }

  std::size_t running() const { return running_.size(); }
  const Version& version() const { return version_; }
  double WriteAmplification() const {
    return static_cast<double>(bytes_written_) / static_cast<double>(user_bytes_);
  }

 private:
  static std::string KeyOf(std::uint64_t key) {
    std::string digits = std::to_string(key);
    return std::string(8 - digits.size(), '0') + digits;
  }

  FileRef Store(const Contents& contents) {
    FileMetadata file;
    file.number = ++number_;
    file.size = contents.size();
    file.entries = contents.size();
    file.distinct_keys = contents.size();
    file.smallest = contents.begin()->first;
    file.largest = contents.rbegin()->first;
    file.smallest_seqno = kMaxSeqno;
    for (const auto& [key, seqno] : contents) {
      file.smallest_seqno = std::min(file.smallest_seqno, seqno);
      file.largest_seqno = std::max(file.largest_seqno, seqno);
    }
    contents_[file.number] = contents;
    return std::make_shared<const FileMetadata>(file);
  }

  void Remove(int level, const std::vector<FileRef>& files) {
    auto& held = version_.levels[static_cast<std::size_t>(level)];
    for (const FileRef& file : files) {
      const auto found = std::find(held.begin(), held.end(), file);
      ASSERT_NE(found, held.end()) << "an input of a plan is gone";
      held.erase(found);
    }
  }

  Seqno Read(const std::string& key) const {
    for (const auto& level : version_.levels) {
      for (const FileRef& file : level) {
        if (key < file->smallest || file->largest < key) continue;
        const Contents& contents = contents_.at(file->number);
        if (const auto found = contents.find(key); found != contents.end()) return found->second;
      }
    }
    return 0;
  }

  // What every plan promises, looked at without the picker's own helpers.
  void CheckPlan(const CompactionPlan& plan) const {
    ASSERT_FALSE(plan.inputs.empty());
    ASSERT_LT(plan.input_level, plan.output_level);
    std::set<std::uint64_t> taken;
    std::string smallest = plan.inputs[0]->smallest;
    std::string largest = plan.inputs[0]->largest;
    for (const auto* files : {&plan.inputs, &plan.overlapping}) {
      for (const FileRef& file : *files) {
        ASSERT_EQ(busy_.count(file->number), 0u);
        taken.insert(file->number);
        smallest = std::min(smallest, file->smallest);
        largest = std::max(largest, file->largest);
      }
    }
    for (int level = 0; level < kLevels; ++level) {
      bool older = false;  // than some input of level 0
      for (const FileRef& file : version_.levels[static_cast<std::size_t>(level)]) {
        if (taken.count(file->number) != 0) {
          older = true;
          continue;
        }
        const bool meets = file->smallest <= largest && smallest <= file->largest;
        if (level == 0 && plan.input_level == 0 && older) {
          for (const FileRef& input : plan.inputs) {
            ASSERT_TRUE(file->largest < input->smallest || input->largest < file->smallest)
                << "an older run is left behind";
          }
        }
        ASSERT_FALSE(level > plan.input_level && level < plan.output_level) << "data is passed";
        if (level == plan.output_level) {
          ASSERT_FALSE(meets) << "overlap left out";
        }
        if (level > plan.output_level && plan.bottommost) {
          ASSERT_FALSE(meets);
        }
      }
    }
  }

  Random random_;
  const CompactionLimits limits_;
  CompactionPicker picker_;
  Version version_;
  std::map<std::uint64_t, Contents> contents_;  // by table number
  Contents model_;
  std::vector<CompactionPlan> running_;
  std::set<std::uint64_t> busy_;
  std::uint64_t number_ = 0;
  std::uint64_t next_key_ = 0;
  Seqno seqno_ = 0;
  std::uint64_t user_bytes_ = 0;
  std::uint64_t bytes_written_ = 0;
};

TEST(CompactionPickerTest, PlansCarriedOutInAnyOrderKeepTheTreeSoundAndCalmItDown) {
  test::ForEachSeed(30, [](Random& random) {
    CompactionLimits limits = SmallLimits();
    limits.growth = static_cast<int>(2 + random.Uniform(9));
    SimulatedTree tree(random.Next(), limits);
    const std::uint64_t key_space = 200 + random.Uniform(3000);
    for (int step = 0; step < 600; ++step) {
      if (HasFatalFailure()) return;
      const std::uint64_t choice = random.Uniform(8);
      if (choice < 3) {
        tree.Flush(1 + random.Uniform(30), key_space, random.OneIn(5));
      } else if (choice < 6) {
        if (tree.running() < 3) tree.Start();
      } else if (choice == 6 && random.OneIn(20)) {
        tree.StartManual(static_cast<int>(random.Uniform(kLevels)));
      } else if (tree.running() > 0) {
        tree.FinishOne();
      }
      if (step % 100 == 0) tree.CheckReads();
    }
    int plans = 0;
    while (!HasFatalFailure() && (tree.Start() || tree.running() > 0)) {
      tree.FinishOne();
      ASSERT_LT(++plans, 2000) << "compaction never comes to rest";
    }
    tree.CheckReads();
    const LevelShape shape = ShapeOf(tree.version(), limits);
    for (int level = 0; level < kLevels; ++level) {
      EXPECT_LT(shape.score[static_cast<std::size_t>(level)], 1.0 + 1e-9) << "level " << level;
    }
  });
}

TEST(CompactionPickerTest, AManualCompactionOfEverythingLeavesOneLevel) {
  SimulatedTree tree(1, SmallLimits());
  for (int i = 0; i < 200; ++i) {
    tree.Flush(10, 2000, false);
    while (tree.Start()) tree.FinishOne();
  }
  for (int level = 0; level < kLevels; ++level) {
    int plans = 0;
    while (!HasFatalFailure() && tree.StartManual(level)) {
      tree.FinishOne();
      ASSERT_LT(++plans, 1000);
    }
  }
  for (int level = 0; level < kBottomLevel; ++level) {
    EXPECT_TRUE(tree.version().levels[static_cast<std::size_t>(level)].empty()) << level;
  }
  tree.CheckReads();
}

TEST(CompactionPickerTest, SequentialLoadsAreWrittenOnce) {
  SimulatedTree tree(1, SmallLimits());
  for (int i = 0; i < 1000; ++i) {
    tree.Flush(10, 0, true);
    while (tree.Start()) tree.FinishOne();
  }
  EXPECT_EQ(tree.WriteAmplification(), 1);
}

TEST(CompactionPickerTest, RandomOverwritesStayWithinTheWriteAmplificationOfTheirLevels) {
  // The bottom is 80 base sizes large, so there are two levels above it: a flush and three merges,
  // of which the two lower ones meet at most ten bytes for each that comes down, half of it
  // usually.
  SimulatedTree tree(1, SmallLimits());
  for (int i = 0; i < 1500; ++i) {
    tree.Flush(10, 3200, false);
    while (tree.Start()) tree.FinishOne();
  }
  EXPECT_LT(tree.WriteAmplification(), 12);
  EXPECT_GT(tree.WriteAmplification(), 2) << "the simulation does not compact at all";
}

}  // namespace
}  // namespace beachdb
