#include "manifest/manifest.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/try.h"
#include "format/current.h"
#include "format/file_names.h"
#include "io/fault_file_system.h"
#include "manifest/manifest_snapshot.h"
#include "manifest/test_files.h"
#include "record/record_writer.h"
#include "tests/support/memory_file_system.h"

namespace beachdb {
namespace {

constexpr char kDir[] = "db";
const DatabaseId kDatabase{0xb3, 0xf0, 0xc2};

// All that a state says, in a line to compare.
std::string Fingerprint(const ManifestState& state) {
  return "seqno " + std::to_string(state.last_seqno) + ", checksum " +
         std::to_string(crc32c::Value(EncodeSnapshot(state, kMaxFileNumber).front()));
}

struct World {
  MemoryFileSystem disk;
  FaultFileSystem fs{disk};
  std::string log;

  Result<std::unique_ptr<Manifest>> Create() {
    return Manifest::Create(fs, SystemClock(), kDir, kDatabase);
  }
  Result<std::unique_ptr<Manifest>> Recover() {
    const Logger logger([this](LogLevel, std::string_view line) { (log += line) += '\n'; });
    ASSIGN_OR_RETURN(auto manifest, Manifest::Recover(fs, SystemClock(), kDir, kDatabase, logger));
    RETURN_IF_ERROR(manifest->GoOn(logger));
    return manifest;
  }
  // The state that a recovery finds, without keeping the Manifest.
  std::string RecoveredState() {
    const auto manifest = Recover();
    return manifest.ok() ? Fingerprint((*manifest)->state()) : manifest.error().ToString();
  }
  std::string& Bytes(std::string_view name) { return disk.Bytes(JoinPath(kDir, name)); }
  bool Has(std::string_view name) const { return disk.Has(JoinPath(kDir, name)); }
};

// Moves the one table of level 1 to another key: whatever the key, the state stays small.
VersionEdit Replace(Manifest& manifest, const std::string& key) {
  const ManifestState& state = manifest.state();
  VersionEdit edit{.last_seqno = state.last_seqno + 1, .durable_index = state.durable_index + 7};
  for (const FileRef& file : state.version->levels[1]) edit.removed.push_back({1, file->number});
  edit.added.push_back(
      {1, MakeFile(manifest.NewFileNumber(), key, key + "z", 1, *edit.last_seqno)});
  return edit;
}

// Nine of these fill a MANIFEST beyond the point where it is replaced.
std::string LongKey(int i) { return std::to_string(i) + std::string(kMaxKeySize - 10, 'k'); }

TEST(ManifestTest, WhatWasAppliedIsThereAfterRecovery) {
  World world;
  std::string state;
  {
    auto manifest = world.Create();
    ASSERT_TRUE(manifest.ok()) << manifest.error().ToString();
    VersionEdit edit = Replace(**manifest, "m");
    edit.log_number = 1;
    ASSERT_TRUE((*manifest)->Apply(edit).ok());
    ASSERT_TRUE((*manifest)->Apply(Replace(**manifest, "n")).ok());
    state = Fingerprint((*manifest)->state());
  }
  const auto manifest = world.Recover();
  ASSERT_TRUE(manifest.ok()) << manifest.error().ToString();
  EXPECT_EQ(Fingerprint((*manifest)->state()), state);
  EXPECT_EQ((*manifest)->state().log_number, 1u);
  EXPECT_EQ((*manifest)->state().last_seqno, 2u);
  EXPECT_EQ((*manifest)->state().durable_index, 14u);
  ASSERT_EQ((*manifest)->state().version->levels[1].size(), 1u);
  EXPECT_EQ((*manifest)->state().version->levels[1][0]->smallest, "n");
}

TEST(ManifestTest, VersionsHandedOutDoNotChange) {
  World world;
  const auto manifest = world.Create();
  ASSERT_TRUE((*manifest)->Apply(Replace(**manifest, "m")).ok());
  const VersionRef before = (*manifest)->state().version;
  ASSERT_TRUE((*manifest)->Apply(Replace(**manifest, "n")).ok());
  ASSERT_EQ(before->levels[1].size(), 1u);
  EXPECT_EQ(before->levels[1][0]->smallest, "m");
}

TEST(ManifestTest, NumbersAreNeverHandedOutTwice) {
  World world;
  std::uint64_t highest = 0;
  const auto fresh = [&](Manifest& manifest) {
    const std::uint64_t number = manifest.NewFileNumber();
    EXPECT_GT(number, highest);
    EXPECT_GT(number, manifest.file_number());
    highest = number;
  };
  {
    const auto manifest = world.Create();
    fresh(**manifest);
    fresh(**manifest);  // known to the next edit only
    ASSERT_TRUE((*manifest)->Apply({}).ok());
    fresh(**manifest);
    // A file whose number no edit has recorded.
    ASSERT_TRUE(world.fs.WriteFileSynced(JoinPath(kDir, LogName(highest)), "").ok());
  }
  for (int i = 0; i < 3; ++i) {
    const auto manifest = world.Recover();
    ASSERT_TRUE(manifest.ok()) << manifest.error().ToString();
    fresh(**manifest);
    (*manifest)->SkipFileNumber(highest + 10);
    highest += 10;
    fresh(**manifest);
    (*manifest)->SkipFileNumber(3);
    (*manifest)->SkipFileNumber(~std::uint64_t{0});  // a name that we cannot have given
    fresh(**manifest);
    ASSERT_TRUE((*manifest)->Apply({}).ok());
  }
}

TEST(ManifestTest, AnEditThatContradictsTheStateIsRefusedAndTheNextOneIsNot) {
  World world;
  const auto manifest = world.Create();
  ASSERT_TRUE((*manifest)->Apply(Replace(**manifest, "m")).ok());
  const std::uint64_t changes = world.fs.ChangeCount();
  EXPECT_EQ((*manifest)->Apply({.removed = {{1, 99}}}).error().code(), Code::kCorruption);
  EXPECT_EQ((*manifest)->Apply({.removed = {{kLevels, 99}}}).error().code(),
            Code::kInvalidArgument);
  EXPECT_EQ(world.fs.ChangeCount(), changes) << "a refused edit must not be written";
  EXPECT_TRUE((*manifest)->Apply(Replace(**manifest, "n")).ok());
}

TEST(ManifestTest, AFileThatHasGrownIsReplaced) {
  World world;
  std::string state;
  {
    const auto manifest = world.Create();
    const std::uint64_t first = (*manifest)->file_number();
    int i = 0;
    while ((*manifest)->file_number() == first) {
      ASSERT_LT(i, 20) << "never replaced";
      ASSERT_LE(world.Bytes(ManifestName(first)).size(), kManifestRotateBytes + (256u << 10));
      ASSERT_TRUE((*manifest)->Apply(Replace(**manifest, LongKey(i++))).ok());
    }
    EXPECT_GT(i, 4);
    EXPECT_FALSE(world.Has(ManifestName(first))) << "the old one must go";
    EXPECT_EQ(*DecodeCurrent(world.Bytes(kCurrentName)), (*manifest)->file_number());
    state = Fingerprint((*manifest)->state());
  }
  EXPECT_EQ(world.RecoveredState(), state);
}

// One life of a database: creation, edits that fill more than one MANIFEST, a reopening. Stops at
// the first call that fails; `states` are those that were acknowledged, `next` the one that was on
// its way then (the last acknowledged one if none was).
struct Life {
  bool created = false;
  std::vector<std::string> states;
  std::string next;
};

Life Live(World& world) {
  Life life;
  for (int opening = 0; opening < 2; ++opening) {
    auto opened = opening == 0 ? world.Create() : world.Recover();
    if (!opened.ok()) return life;
    life.created = true;
    Manifest& manifest = **opened;
    life.states.push_back(life.next = Fingerprint(manifest.state()));
    for (int i = 0; i < 11; ++i) {
      const VersionEdit edit = Replace(manifest, opening == 0 ? LongKey(i) : std::to_string(i));
      StateBuilder builder(manifest.state(), kMaxFileNumber);
      EXPECT_TRUE(builder.Apply(edit).ok());
      life.next = Fingerprint(std::move(builder).Finish());
      if (!manifest.Apply(edit).ok()) return life;
      life.states.push_back(life.next);
    }
  }
  return life;
}

// After any crash the last acknowledged state is there, or the one that was on its way.
void ExpectRecovers(World& world, const Life& life, const std::string& when) {
  SCOPED_TRACE(when);
  auto manifest = world.Recover();
  if (!life.created && !manifest.ok()) {
    EXPECT_EQ(manifest.error().code(), Code::kCorruption);
    EXPECT_NE(manifest.error().message().find("CURRENT is missing"), std::string::npos);
    manifest = world.Create();
    ASSERT_TRUE(manifest.ok()) << manifest.error().ToString();
    return;
  }
  ASSERT_TRUE(manifest.ok()) << manifest.error().ToString();
  const std::string found = Fingerprint((*manifest)->state());
  if (life.created) {
    EXPECT_TRUE(found == life.states.back() || found == life.next);
  }
  ASSERT_TRUE((*manifest)->Apply(Replace(**manifest, "after")).ok());
  EXPECT_EQ(world.RecoveredState(), Fingerprint((*manifest)->state()));
}

std::uint64_t ChangesInALife() {
  World world;
  Live(world);
  return world.fs.ChangeCount();
}

using Unsynced = MemoryFileSystem::Unsynced;

TEST(ManifestCrashTest, EveryStepSurvivesTheDeathOfTheProcess) {
  const std::uint64_t changes = ChangesInALife();
  for (std::uint64_t k = 0; k < changes; ++k) {
    World world;
    world.fs.FreezeAfter(k);
    const Life life = Live(world);
    world.fs.Heal();
    ExpectRecovers(world, life, "process dies at change " + std::to_string(k));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(ManifestCrashTest, EveryStepSurvivesALossOfPower) {
  const std::uint64_t seed = TestSeed();
  SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
  Random random(seed);
  const std::uint64_t changes = ChangesInALife();
  ASSERT_GT(changes, 50u);
  for (std::uint64_t k = 0; k < changes; ++k) {
    for (const Unsynced fate :
         {Unsynced::kLost, Unsynced::kKept, Unsynced::kTorn, Unsynced::kTorn}) {
      World world;
      world.fs.FreezeAfter(k);
      const Life life = Live(world);
      world.disk.CutPower(fate, random);
      world.fs.Heal();
      ExpectRecovers(world, life, "power cut at change " + std::to_string(k));
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(ManifestCrashTest, ASecondCutDuringRecoveryChangesNothing) {
  const std::uint64_t seed = TestSeed();
  SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 60; ++round) {
    World world;
    world.fs.FreezeAfter(random.Uniform(60));
    const Life life = Live(world);
    world.disk.CutPower(Unsynced::kTorn, random);
    for (int cut = 0; cut < 3; ++cut) {
      world.fs.Heal();
      world.fs.FreezeAfter(random.Uniform(9));
      static_cast<void>(world.RecoveredState());
      world.disk.CutPower(Unsynced::kTorn, random);
    }
    world.fs.Heal();
    ExpectRecovers(world, life, "round " + std::to_string(round));
    if (testing::Test::HasFailure()) return;
  }
}

// Whatever the step that finds the disk full: the edit that failed is not there, and once there is
// space, edits are accepted again by themselves; unless a sync failed.
TEST(ManifestFaultTest, AFullDiskAtAnyWriteStopsNothingForGood) {
  const std::vector<FileOp> kSpaceTakers = {FileOp::kWrite, FileOp::kOpen};
  for (std::uint64_t skip = 0;; ++skip) {
    SCOPED_TRACE("full at write " + std::to_string(skip));
    World world;
    const auto manifest = world.Create();
    world.fs.Inject({.ops = kSpaceTakers,
                     .skip = skip,
                     .times = 1,
                     .code = Code::kNoSpace,
                     .partial_bytes = 40});
    int failed = 0;
    for (int i = 0; i < 14; ++i) {
      const std::string before = Fingerprint((*manifest)->state());
      const Status status = (*manifest)->Apply(Replace(**manifest, LongKey(i)));
      if (status.ok()) continue;
      ++failed;
      EXPECT_EQ(status.error().code(), Code::kNoSpace);
      EXPECT_EQ(Fingerprint((*manifest)->state()), before);
    }
    EXPECT_LE(failed, 1);
    const bool injected = world.fs.FaultCount() > 0;
    world.fs.Heal();
    Random random(skip);
    world.disk.CutPower(Unsynced::kLost, random);
    EXPECT_EQ(world.RecoveredState(), Fingerprint((*manifest)->state()));
    if (injected) continue;
    EXPECT_GT(skip, 14u);
    break;
  }
}

TEST(ManifestFaultTest, AnEditThatFoundTheDiskFullIsNotThereAfterACrash) {
  for (const std::size_t partial : {0u, 8u, 16u, 60u, 100000u}) {
    SCOPED_TRACE(partial);
    World world;
    const auto manifest = world.Create();
    ASSERT_TRUE((*manifest)->Apply(Replace(**manifest, "m")).ok());
    const std::string state = Fingerprint((*manifest)->state());
    world.fs.Inject({.ops = {FileOp::kWrite},
                     .name = "MANIFEST",
                     .times = 1,
                     .code = Code::kNoSpace,
                     .partial_bytes = partial});
    EXPECT_EQ((*manifest)->Apply(Replace(**manifest, "n")).error().code(), Code::kNoSpace);
    EXPECT_EQ(world.RecoveredState(), state);
  }
}

// Then nobody could promise that the edit is not on disk.
TEST(ManifestFaultTest, AnEditThatCannotBeTakenBackEndsTheWriting) {
  for (const FileOp op : {FileOp::kTruncate, FileOp::kSync}) {
    SCOPED_TRACE(FileOpName(op));
    World world;
    const auto manifest = world.Create();
    world.fs.Inject({.ops = {FileOp::kWrite}, .times = 1, .code = Code::kNoSpace});
    world.fs.Inject({.ops = {op}, .times = 1, .code = Code::kNoSpace});
    EXPECT_EQ((*manifest)->Apply(Replace(**manifest, "m")).error().code(), Code::kIoError);
    EXPECT_EQ((*manifest)->Apply(Replace(**manifest, "m")).error().code(), Code::kShutDown);
  }
}

TEST(ManifestFaultTest, TheNextEditAfterAFullDiskGoesToAFreshFile) {
  World world;
  const auto manifest = world.Create();
  const std::uint64_t first = (*manifest)->file_number();
  world.fs.LimitSpace(0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ((*manifest)->Apply(Replace(**manifest, "m")).error().code(), Code::kNoSpace);
  }
  EXPECT_EQ((*manifest)->file_number(), first);
  world.fs.AddSpace(1 << 20);
  const Status status = (*manifest)->Apply(Replace(**manifest, "m"));
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_GT((*manifest)->file_number(), first);
  EXPECT_EQ(world.RecoveredState(), Fingerprint((*manifest)->state()));
}

TEST(ManifestFaultTest, ADatabaseOnAFullDiskOpens) {
  World world;
  std::string state;
  {
    const auto manifest = world.Create();
    ASSERT_TRUE((*manifest)->Apply(Replace(**manifest, "m")).ok());
    state = Fingerprint((*manifest)->state());
  }
  world.fs.LimitSpace(10);
  const auto manifest = world.Recover();
  ASSERT_TRUE(manifest.ok()) << manifest.error().ToString();
  EXPECT_EQ(Fingerprint((*manifest)->state()), state);
  EXPECT_EQ((*manifest)->Apply(Replace(**manifest, "n")).error().code(), Code::kNoSpace);
  world.fs.AddSpace(1 << 20);
  ASSERT_TRUE((*manifest)->Apply(Replace(**manifest, "n")).ok());
  EXPECT_EQ(world.RecoveredState(), Fingerprint((*manifest)->state()));
}

// Fails each change of a life in turn. Whatever it was, the database says so, accepts nothing more
// if the disk is unknown, and a reopening finds the last acknowledged state or the one on its way.
TEST(ManifestFaultTest, AfterAnyFailureWhatWasAcknowledgedIsThere) {
  const std::uint64_t changes = ChangesInALife();
  for (const Code code : {Code::kIoError, Code::kNoSpace}) {
    for (std::uint64_t k = 0; k < changes; ++k) {
      World world;
      world.fs.Inject({.ops = {FileOp::kWrite, FileOp::kSync, FileOp::kTruncate, FileOp::kRename,
                               FileOp::kSyncDirectory},
                       .skip = k,
                       .times = 1,
                       .code = code});
      const Life life = Live(world);
      if (world.fs.FaultCount() == 0) break;
      ExpectRecovers(world, life, "failure at " + std::to_string(k));
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(ManifestFaultTest, AFailedSyncIsNeverForgotten) {
  for (const Code code : {Code::kIoError, Code::kNoSpace}) {
    World world;
    const auto manifest = world.Create();
    const std::string state = Fingerprint((*manifest)->state());
    world.fs.Inject({.ops = {FileOp::kSync}, .name = "MANIFEST", .times = 1, .code = code});
    const Status failed = (*manifest)->Apply(Replace(**manifest, "m"));
    EXPECT_EQ(failed.error().code(), Code::kIoError);
    EXPECT_EQ(Fingerprint((*manifest)->state()), state);
    for (int i = 0; i < 2; ++i) {
      const Status later = (*manifest)->Apply(Replace(**manifest, "n"));
      EXPECT_EQ(later.error().code(), Code::kShutDown);
      EXPECT_NE(later.error().message().find(failed.error().message()), std::string::npos);
      EXPECT_NE(later.error().message().find("reopen the database"), std::string::npos);
    }
  }
}

TEST(ManifestFaultTest, AFailedSwitchOfCurrentIsNeverForgotten) {
  for (const FileOp op : {FileOp::kRename, FileOp::kSyncDirectory}) {
    SCOPED_TRACE(FileOpName(op));
    World world;
    const auto manifest = world.Create();
    // The first directory sync of a rotation comes before the rename.
    world.fs.Inject({.ops = {op}, .skip = op == FileOp::kRename ? 0u : 1u, .times = 1});
    Status status;
    std::string acknowledged;
    for (int i = 0; i < 20 && status.ok(); ++i) {
      acknowledged = Fingerprint((*manifest)->state());
      status = (*manifest)->Apply(Replace(**manifest, LongKey(i)));
    }
    ASSERT_FALSE(status.ok());
    EXPECT_EQ((*manifest)->Apply({}).error().code(), Code::kShutDown);
    EXPECT_EQ(world.RecoveredState(), acknowledged);
  }
}

}  // namespace
}  // namespace beachdb
