// `beach salvage` after any damage at all.
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "beachdb/db.h"
#include "tests/support/test_world.h"
#include "tests/tools/program.h"
#include "tests/tools/salvage_fixture.h"

namespace beachdb {
namespace {

using Json = nlohmann::json;
using Contents = std::map<std::string, std::string>;

class SalvageRandomTest : public SalvageTest {};

// A database that lived, in several levels, with deletions and a log that was not flushed. Returns
// what it holds.
Contents Live(const std::string& directory) {
  Contents contents;
  {
    Options options;
    options.memory_budget = 4u << 20;
    options.write_buffer = 64u << 10;
    options.table_size = 64u << 10;
    options.block_size = 512;
    auto db = Db::Open(directory, options);
    EXPECT_TRUE(db.ok());
    Random random(3);
    for (int i = 0; i < 4000; ++i) {
      const std::string key = Numbered(static_cast<int>(random.Uniform(1500)));
      if (random.OneIn(5)) {
        EXPECT_TRUE(db->Delete(key, {.durability = Durability::kBuffered}).ok());
        contents.erase(key);
      } else {
        const std::string value = std::to_string(i) + std::string(random.Uniform(200), 'v');
        EXPECT_TRUE(db->Put(key, value, {.durability = Durability::kBuffered}).ok());
        contents[key] = value;
      }
    }
    EXPECT_TRUE(db->Close().ok());
  }
  std::string lines;
  for (int i = 0; i < 1000; ++i) {
    lines += Numbered(i * 2) + "\tlogged\n";
    contents[Numbered(i * 2)] = "logged";
  }
  LoadAndKill(directory, lines);
  return contents;
}

// Outside the losses that are told everything is there, and nothing else.
TEST_F(SalvageRandomTest, WhatNoLossNamesIsWhole) {
  const std::uint64_t seed = SeedFromEnvironment(1);
  SCOPED_TRACE("replay: BEACHDB_SEED=" + std::to_string(seed));
  Random random(seed);
  const Contents contents = Live(src_);
  const auto whole = FilesOf(src_);
  int told = 0;
  for (int round = 0; round < 40; ++round) {
    for (const auto& [name, file] : whole) Overwrite(name, file.first);
    auto at = whole.begin();
    do {
      at = whole.begin();
      std::advance(at, random.Uniform(whole.size()));
    } while (at->second.first.empty() || at->first == "EVENTS.log" || at->first.ends_with(".wal"));
    const std::size_t place = random.Uniform(at->second.first.size());
    SCOPED_TRACE(fmt::format("round {}: {} at {}", round, at->first, place));
    if (random.OneIn(4)) {
      Cut(at->first, place);
    } else {
      Flip(at->first, place);
    }
    const Outcome outcome = SalvageOnce();
    const Json& losses = outcome.report["losses"];
    told += losses.empty() ? 0 : 1;
    const auto is_told = [&](const std::string& key) {
      for (const Json& loss : losses) {
        if (loss.contains("from") && loss["from"] <= key && key <= loss["to"]) return true;
      }
      return false;
    };
    for (int i = 0; i < 2000; ++i) {
      const std::string key = Numbered(i);
      if (is_told(key)) continue;
      const auto want = contents.find(key);
      const auto found = outcome.contents.find(key);
      ASSERT_EQ(found == outcome.contents.end(), want == contents.end()) << key << losses;
      if (want != contents.end()) {
        ASSERT_EQ(found->second, want->second) << key << losses;
      }
    }
  }
  EXPECT_GT(told, 5);
}

// Whatever is flipped or cut: what comes out was written once, and a salvage that says that it is
// complete is.
TEST_F(SalvageRandomTest, AnyDamageGivesOnlyWhatWasWrittenAndNeverLiesAboutLosses) {
  const std::uint64_t seed = SeedFromEnvironment(1);
  SCOPED_TRACE("replay: BEACHDB_SEED=" + std::to_string(seed));
  Random random(seed);
  MakeSmall();
  const auto whole = FilesOf(src_);
  const std::map<std::string, std::vector<std::string>> written = {
      {"conch", {"old", "new"}}, {"kelp", {"green"}}, {"limpet", {"older", "newer"}},
      {"whelk", {"grey"}},       {"squid", {"ink"}},  {"crab", {"claw"}}};
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    for (const auto& [name, file] : whole) Overwrite(name, file.first);
    auto at = whole.begin();
    std::advance(at, random.Uniform(whole.size()));
    if (at->second.first.empty()) continue;
    const std::size_t place = random.Uniform(at->second.first.size());
    if (random.OneIn(4)) {
      Cut(at->first, place);
    } else {
      Flip(at->first, place);
    }
    const Outcome outcome = SalvageOnce();
    for (const auto& [key, value] : outcome.contents) {
      ASSERT_TRUE(written.contains(key)) << key;
      EXPECT_THAT(written.at(key), testing::Contains(value)) << key;
    }
    // The end of the log is what a crash may have cut off: recovery takes it for that, too.
    if (outcome.exit_code == 0 && at->first != "000008.wal") {
      EXPECT_EQ(outcome.contents, kSmall) << at->first << " at " << place << outcome.report;
    }
  }
}

}  // namespace
}  // namespace beachdb
