#include "memtable/range_set.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

std::string KeyOf(std::uint64_t n) { return fmt::format("{:03}", n); }

Seqno NewestOf(const std::vector<RangeTombstone>& all, std::string_view key, Seqno snapshot) {
  Seqno newest = 0;
  for (const RangeTombstone& t : all) {
    if (t.Covers(key) && t.seqno <= snapshot) newest = std::max(newest, t.seqno);
  }
  return newest;
}

TEST(RangeSetTest, EverySetOfARowOfAdditionsAnswersForWhatWasThereThen) {
  const std::uint64_t seed = SeedFromEnvironment(23);
  SCOPED_TRACE(fmt::format("BEACHDB_SEED={}", seed));
  Random random(seed);
  constexpr std::size_t kAdditions = 3 * RangeSet::kRecentMax + 5;
  std::vector<std::string> keys;
  keys.reserve(2 * kAdditions);
  std::vector<RangeTombstone> all;
  std::vector<std::unique_ptr<RangeSet>> sets;
  for (Seqno seqno = 1; seqno <= kAdditions; ++seqno) {
    const std::uint64_t begin = random.Uniform(400);
    keys.push_back(KeyOf(begin));
    keys.push_back(KeyOf(begin + 1 + random.Uniform(60)));
    all.push_back({keys[keys.size() - 2], keys.back(), seqno});
    // Now and then two come with one batch.
    if (random.OneIn(4) && seqno < kAdditions) continue;
    sets.push_back(std::make_unique<RangeSet>(all, sets.empty() ? nullptr : sets.back().get()));
  }
  int covered = 0;
  for (const auto& set : sets) {
    std::vector<RangeTombstone> then;
    set->AppendTo(then);
    for (int question = 0; question < 40; ++question) {
      const std::string key = KeyOf(random.Uniform(460));
      const Seqno snapshot = random.Uniform(kAdditions + 2);
      const Seqno want = NewestOf(then, key, snapshot);
      ASSERT_EQ(set->Covering(key, snapshot), want) << key << " @ " << snapshot;
      covered += want != 0 ? 1 : 0;
    }
  }
  EXPECT_GT(covered, 500) << "the sets must cover something";
  std::vector<RangeTombstone> last;
  sets.back()->AppendTo(last);
  ASSERT_EQ(last.size(), all.size());
  std::sort(last.begin(), last.end(),
            [](const auto& a, const auto& b) { return a.seqno < b.seqno; });
  EXPECT_TRUE(last == all) << "each is there once";
}

TEST(RangeSetTest, OneAdditionSharesTheSortedSetOfTheOneBefore) {
  std::vector<RangeTombstone> all(100, RangeTombstone{"a", "b", 1});
  const RangeSet first(all, nullptr);
  all.push_back({"a", "c", 2});
  const RangeSet second(all, &first);
  EXPECT_EQ(second.MemoryUsage(), first.MemoryUsage() + sizeof(RangeTombstone))
      << "nothing but the newest one beside it";
  EXPECT_EQ(first.MemoryBeside(second), 0u);
  EXPECT_EQ(second.Covering("b", 2), 2u);
  EXPECT_EQ(first.Covering("b", 2), 0u);
}

}  // namespace
}  // namespace beachdb
