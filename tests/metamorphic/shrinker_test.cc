// The comparison and the shrinker, proven on engines that are wrong on purpose.
#include "tests/metamorphic/shrinker.h"

#include <unistd.h>

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/metamorphic/generator.h"
#include "tests/metamorphic/runner.h"
#include "tests/support/scratch.h"

namespace beachdb::metamorphic {
namespace {

std::string Directory() { return ScratchDirectory("beachdb_shrinker_" + std::to_string(getpid())); }

// Forgets the deletes of keys that it has had since before the last flush: a tombstone dropped too
// early.
class DropsTombstones final : public Sabotage {
 public:
  void Begins() override {
    fresh_.clear();
    flushed_.clear();
  }
  void Sees(const Operation& op) override {
    if (op.kind != OpKind::kFlush && op.kind != OpKind::kCompact) return;
    flushed_.insert(fresh_.begin(), fresh_.end());
    fresh_.clear();
  }
  bool Loses(const Write& write) override {
    if (write.value) {
      fresh_.insert(write.key);
      return false;
    }
    return flushed_.contains(write.key);
  }

 private:
  std::set<std::string> fresh_, flushed_;
};

// Loses every 50th write.
class LosesSome final : public Sabotage {
 public:
  void Begins() override { count_ = 0; }
  bool Loses(const Write&) override { return ++count_ % 50 == 0; }

 private:
  int count_ = 0;
};

TEST(ShrinkerTest, ADroppedTombstoneIsFoundAndShrinksToPutFlushDeleteAndOneRead) {
  DropsTombstones wrong;
  const auto fails = [&](const Case& c) {
    return RunOnBeachDb(c.history, c.config, Directory(), &wrong).mismatch.has_value();
  };
  Case failing{Config{}, GenerateHistory(1, 20)};
  failing.config.durability = Asked::kAlwaysBuffered;
  for (const char* step : {"write buffered once=#1:30", "flush", "write buffered once=-"}) {
    failing.history.push_back(*ParseOperation(step));
  }
  ASSERT_TRUE(fails(failing));
  const Case shrunk = Shrink(failing, fails, 400);
  EXPECT_TRUE(fails(shrunk));
  // The put, the flush, the delete; the checks at the end are the read.
  EXPECT_LE(shrunk.history.size(), 3u) << ToText(shrunk);
  EXPECT_EQ(shrunk.config, Config{}) << ToText(shrunk);
}

TEST(ShrinkerTest, ALostWriteIsFoundUnderEveryConfiguration) {
  LosesSome wrong;
  Random random(11);
  const History history = GenerateHistory(3, 100);
  for (int i = 0; i < 3; ++i) {
    const Config config = RandomConfig(random);
    EXPECT_TRUE(RunOnBeachDb(history, config, Directory(), &wrong).mismatch.has_value())
        << ToText(config);
    const RunOutcome right = RunOnBeachDb(history, config, Directory());
    EXPECT_FALSE(right.mismatch.has_value()) << right.mismatch->what << '\n' << ToText(config);
  }
}

TEST(ShrinkerTest, ShrinkingStopsAfterTheTriesThatItWasGiven) {
  std::size_t tries = 0;
  const auto fails = [&](const Case&) { return ++tries > 0; };
  Shrink({Config{}, GenerateHistory(1, 100)}, fails, 10);
  EXPECT_LE(tries, 10u);
}

TEST(HistoryTextTest, EveryHistoryAndConfigurationComesBackFromItsText) {
  Random random(5);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Case before{RandomConfig(random), GenerateHistory(seed, 200)};
    const std::string text = ToText(before);
    const auto after = ParseCase("# a remark\n" + text);
    ASSERT_TRUE(after.ok()) << after.error().ToString();
    EXPECT_EQ(ToText(*after), text);
    EXPECT_EQ(after->config, before.config);
  }
}

TEST(HistoryTextTest, TheSameSeedMakesTheSameHistory) {
  EXPECT_EQ(ToText(GenerateHistory(4, 300)), ToText(GenerateHistory(4, 300)));
  EXPECT_NE(ToText(GenerateHistory(4, 300)), ToText(GenerateHistory(5, 300)));
}

TEST(HistoryTextTest, WhatIsNoStepIsRefused) {
  for (const char* line :
       {"", "jump", "get", "get @9 a", "get @- a b", "write sync a", "write sync a=#x:1",
        "write often a=-", "write sync a=- b=-", "move 0 up", "move 9 next", "scan @- . . .",
        "flush now", "get @- (zz*4)", "get @- (61*4", "get @- %zz"}) {
    EXPECT_FALSE(ParseOperation(line).ok()) << line;
  }
}

}  // namespace
}  // namespace beachdb::metamorphic
