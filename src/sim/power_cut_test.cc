// What a power cut may and may not do, rule by rule (docs/simulated-disk.md).
#include "sim/power_cut.h"

#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sim/sim_disk.h"

namespace beachdb {
namespace {

constexpr CutPolicy kNothing{DataFate::kLost, NameFate::kLost};
constexpr CutPolicy kEverything{DataFate::kKept, NameFate::kKept};

class PowerCutRulesTest : public testing::Test {
 protected:
  std::unique_ptr<File> Create(const std::string& path) {
    return *disk_.Open(path, OpenMode::kCreate);
  }
  // A file that is durable, name and all.
  std::unique_ptr<File> CreateDurably(const std::string& path, std::string_view bytes) {
    auto file = Create(path);
    EXPECT_TRUE(file->WriteAt(0, bytes).ok());
    EXPECT_TRUE(file->Sync().ok());
    EXPECT_TRUE(disk_.SyncDirectory("/").ok());
    return file;
  }
  DiskImage CutNow(const CutPolicy& policy, std::uint64_t seed = 1) {
    if (journal_ == nullptr) {
      journal_ = std::make_unique<DiskJournal>(disk_.TakeJournal());
      history_ = std::make_unique<DiskHistory>(*journal_);
      history_->AdvanceTo(journal_->events.size());
    }
    return history_->Cut(policy, seed);
  }
  static std::string Bytes(const DiskImage& image, const std::string& path) {
    const auto found = image.files.find(path);
    return found == image.files.end() ? "(gone)" : found->second->ToString();
  }

  SimDisk disk_;
  std::unique_ptr<DiskJournal> journal_;
  std::unique_ptr<DiskHistory> history_;
};

TEST_F(PowerCutRulesTest, WhatWasSyncedIsThereInEveryWay) {
  const auto file = CreateDurably("/a", "synced");
  EXPECT_TRUE(file->WriteAt(6, " and not").ok());
  for (int data = 0; data <= static_cast<int>(DataFate::kReordered); ++data) {
    for (int names = 0; names <= static_cast<int>(NameFate::kSubset); ++names) {
      const CutPolicy policy{static_cast<DataFate>(data), static_cast<NameFate>(names)};
      for (std::uint64_t seed = 0; seed < 50; ++seed) {
        EXPECT_EQ(Bytes(CutNow(policy, seed), "/a").substr(0, 6), "synced") << policy.ToString();
      }
    }
  }
}

TEST_F(PowerCutRulesTest, ASyncOfARangeCoversThatAlone) {
  const auto file = CreateDurably("/a", "old1old2");
  EXPECT_TRUE(file->WriteAt(0, "new1").ok());
  EXPECT_TRUE(file->WriteAt(4, "new2").ok());
  EXPECT_TRUE(file->SyncRange(0, 4).ok());
  EXPECT_EQ(Bytes(CutNow(kNothing), "/a"), "new1old2");
  EXPECT_EQ(Bytes(CutNow(kEverything), "/a"), "new1new2");
}

TEST_F(PowerCutRulesTest, ASyncOfARangeLeavesTheRestToTheNextOne) {
  const auto file = CreateDurably("/a", "old1old2");
  EXPECT_TRUE(file->WriteAt(4, "new2").ok());
  EXPECT_TRUE(file->SyncRange(0, 4).ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(Bytes(CutNow(kNothing), "/a"), "old1new2");
}

TEST_F(PowerCutRulesTest, ASyncOfDataDoesNotMakeTheNameDurable) {
  const auto file = Create("/a");
  EXPECT_TRUE(file->WriteAt(0, "x").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(Bytes(CutNow(kNothing), "/a"), "(gone)");
  EXPECT_EQ(Bytes(CutNow(kEverything), "/a"), "x");
}

TEST_F(PowerCutRulesTest, ASyncOfTheDirectoryDoesNotMakeTheDataDurable) {
  const auto file = Create("/a");
  EXPECT_TRUE(file->WriteAt(0, "x").ok());
  EXPECT_TRUE(disk_.SyncDirectory("/").ok());
  EXPECT_EQ(Bytes(CutNow(kNothing), "/a"), "");
}

TEST_F(PowerCutRulesTest, RenameAndRemoveAreUndoneUntilTheDirectoryIsSynced) {
  CreateDurably("/old", "1");
  CreateDurably("/dead", "2");
  EXPECT_TRUE(disk_.Rename("/old", "/new").ok());
  EXPECT_TRUE(disk_.RemoveFile("/dead").ok());
  EXPECT_EQ(Bytes(CutNow(kNothing), "/old"), "1");
  EXPECT_EQ(Bytes(CutNow(kNothing), "/new"), "(gone)");
  EXPECT_EQ(Bytes(CutNow(kNothing), "/dead"), "2");
  EXPECT_EQ(Bytes(CutNow(kEverything), "/old"), "(gone)");
  EXPECT_EQ(Bytes(CutNow(kEverything), "/new"), "1");
  EXPECT_EQ(Bytes(CutNow(kEverything), "/dead"), "(gone)");
}

TEST_F(PowerCutRulesTest, ARenameIsNeverHalfDone) {
  CreateDurably("/a", "1");
  CreateDurably("/b", "2");
  EXPECT_TRUE(disk_.Rename("/a", "/b").ok());
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const DiskImage image = CutNow({DataFate::kSectors, NameFate::kSubset}, seed);
    seen.insert(Bytes(image, "/a") + Bytes(image, "/b"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"12", "(gone)1"}));
}

TEST_F(PowerCutRulesTest, NamesComeBackInOrderOrInAny) {
  EXPECT_TRUE(disk_.SyncDirectory("/").ok());
  for (const char* path : {"/1", "/2", "/3"}) Create(path);
  std::set<std::size_t> prefixes;
  std::set<std::string> subsets;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const DiskImage prefix = CutNow({DataFate::kLost, NameFate::kPrefix}, seed);
    prefixes.insert(prefix.files.size());
    EXPECT_TRUE(!prefix.files.contains("/2") || prefix.files.contains("/1"));
    EXPECT_TRUE(!prefix.files.contains("/3") || prefix.files.contains("/2"));
    std::string subset;
    for (const auto& file : CutNow({DataFate::kLost, NameFate::kSubset}, seed).files) {
      subset += file.first;
    }
    subsets.insert(subset);
  }
  EXPECT_EQ(prefixes.size(), 4u);
  EXPECT_EQ(subsets.size(), 8u);
}

TEST_F(PowerCutRulesTest, SectorsFollowWritesIndependently) {
  const std::string zeros(1024, '0');
  const auto file = CreateDurably("/a", zeros);
  EXPECT_TRUE(file->WriteAt(0, std::string(1024, '1')).ok());
  EXPECT_TRUE(file->WriteAt(0, std::string(1024, '2')).ok());
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::string bytes = Bytes(CutNow({DataFate::kSectors, NameFate::kKept}, seed), "/a");
    for (const std::size_t sector : {0, 512}) {
      EXPECT_EQ(bytes.substr(sector, 512), std::string(512, bytes[sector])) << "a torn sector";
    }
    seen.insert({bytes[0], bytes[512]});
  }
  EXPECT_EQ(seen.size(), 9u) << "each sector old, between or new, whatever the other is";
}

TEST_F(PowerCutRulesTest, ATornWriteTouchesNoByteOutsideOfItself) {
  const auto file = CreateDurably("/a", std::string(2000, 'o'));
  EXPECT_TRUE(file->WriteAt(500, std::string(1000, 'n')).ok());
  bool torn = false;
  for (const DataFate fate : {DataFate::kTornOld, DataFate::kTornZeros, DataFate::kTornNoise}) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const std::string bytes = Bytes(CutNow({fate, NameFate::kKept}, seed), "/a");
      EXPECT_EQ(bytes.substr(0, 500), std::string(500, 'o'));
      EXPECT_EQ(bytes.substr(1500), std::string(500, 'o'));
      const std::string middle = bytes.substr(500, 1000);
      torn = torn || (middle != std::string(1000, 'o') && middle != std::string(1000, 'n'));
    }
  }
  EXPECT_TRUE(torn);
}

TEST_F(PowerCutRulesTest, ALaterWriteMayBeThereWithoutAnEarlierOne) {
  const auto file = CreateDurably("/a", "..");
  EXPECT_TRUE(file->WriteAt(0, "1").ok());
  EXPECT_TRUE(file->WriteAt(1, "2").ok());
  bool reordered = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::string bytes = Bytes(CutNow({DataFate::kReordered, NameFate::kKept}, seed), "/a");
    reordered = reordered || bytes == ".2";
  }
  EXPECT_TRUE(reordered);
}

TEST_F(PowerCutRulesTest, AnUnsyncedTruncationMayBeUndone) {
  const auto file = CreateDurably("/a", "abcdef");
  EXPECT_TRUE(file->Truncate(2).ok());
  EXPECT_EQ(Bytes(CutNow(kNothing), "/a"), "abcdef");
  EXPECT_EQ(Bytes(CutNow(kEverything), "/a"), "ab");
}

TEST_F(PowerCutRulesTest, BytesNeverWrittenReadAsZeros) {
  const auto file = CreateDurably("/a", "");
  EXPECT_TRUE(file->Allocate(1000).ok());
  EXPECT_EQ(Bytes(CutNow(kEverything), "/a"), std::string(1000, '\0'));
}

TEST_F(PowerCutRulesTest, StoresThroughAMappingMayReachTheDeviceAtAnyTime) {
  const auto file = CreateDurably("/a", std::string(8192, '.'));
  const std::span<char> mapping = *file->Map(8192);
  mapping[0] = '1';
  mapping[4096] = '2';
  EXPECT_EQ(disk_.Contents("/a")[0], '.') << "not noticed before the next call";
  disk_.Mark();
  EXPECT_EQ(disk_.Contents("/a")[4096], '2');
  EXPECT_TRUE(disk_.event_count() > 0);
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const std::string bytes = Bytes(CutNow({DataFate::kPages, NameFate::kKept}, seed), "/a");
    seen.insert({bytes[0], bytes[4096]});
  }
  EXPECT_EQ(seen, (std::set<std::string>{"..", "1.", ".2", "12"}));
}

TEST_F(PowerCutRulesTest, AfterAFailedSyncALaterOneDoesNotMakeTheDroppedWritesDurable) {
  const auto file = CreateDurably("/a", "..");
  EXPECT_TRUE(file->WriteAt(0, "1").ok());
  disk_.DropDirty("/a", SimDisk::Dropped::kStays);
  EXPECT_EQ(disk_.Contents("/a"), "1.") << "reads still find it";
  EXPECT_TRUE(file->WriteAt(1, "2").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(Bytes(CutNow(kNothing), "/a"), ".2");
}

TEST_F(PowerCutRulesTest, DroppedPagesMayBeEvictedAtOnce) {
  const auto file = CreateDurably("/a", "..");
  EXPECT_TRUE(file->WriteAt(0, "1").ok());
  disk_.DropDirty("/a", SimDisk::Dropped::kGone);
  EXPECT_EQ(disk_.Contents("/a"), "..");
}

TEST_F(PowerCutRulesTest, AFileInADirectoryThatIsLostIsOutOfReach) {
  EXPECT_TRUE(disk_.CreateDirectory("/d/e").ok());
  const auto file = Create("/d/e/a");
  EXPECT_TRUE(disk_.SyncDirectory("/d/e").ok());
  EXPECT_EQ(Bytes(CutNow(kNothing), "/d/e/a"), "(gone)");
  EXPECT_EQ(Bytes(CutNow(kEverything), "/d/e/a"), "");
}

TEST_F(PowerCutRulesTest, BothNamesOfALinkedFileSeeTheSameBytes) {
  const auto file = CreateDurably("/a", "x");
  EXPECT_TRUE(disk_.Link("/a", "/b").ok());
  EXPECT_TRUE(disk_.SyncDirectory("/").ok());
  EXPECT_TRUE(file->WriteAt(0, "y").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(Bytes(CutNow(kNothing), "/a"), "y");
  EXPECT_EQ(Bytes(CutNow(kNothing), "/b"), "y");
}

TEST_F(PowerCutRulesTest, ADiskStartsAgainFromWhatTheCutLeft) {
  {
    const auto file = CreateDurably("/a", "x");
    EXPECT_TRUE(file->WriteAt(0, "y").ok());
  }
  disk_.CutPower(kNothing, 1);
  EXPECT_EQ(disk_.Contents("/a"), "x");
  EXPECT_EQ(disk_.event_count(), 0u);
  CutNow(kNothing);
  EXPECT_TRUE(history_->settled());
}

TEST_F(PowerCutRulesTest, ALockIsHeldOnceAndGoneAfterItsHolder) {
  {
    const auto lock = disk_.Lock("/LOCK");
    ASSERT_TRUE(lock.ok());
    EXPECT_EQ(disk_.Lock("/LOCK").error().code(), Code::kBusy);
  }
  EXPECT_TRUE(disk_.Lock("/LOCK").ok());
}

}  // namespace
}  // namespace beachdb
