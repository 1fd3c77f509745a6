#include "sstable/table_index.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/random.h"
#include "kv/internal_key.h"
#include "sstable/table_test_util.h"

namespace beachdb {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kStored = 100;  // bytes of every block here

struct Block {
  std::string first_key;
  std::uint64_t first_trailer;
  std::string last_key;
  std::uint64_t last_trailer;
};

std::string Encode(const std::vector<Block>& blocks) {
  IndexBlockBuilder builder;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (i == 0) {
      builder.AddSeparator("", 0, "");
    } else {
      builder.AddSeparator(blocks[i - 1].last_key, blocks[i - 1].last_trailer, blocks[i].first_key);
    }
    builder.AddSize(kStored);
  }
  return builder.Finish();
}

Result<TableIndex> Decode(const std::string& contents, std::size_t blocks) {
  return TableIndex::Decode(contents, kFileHeaderSize + blocks * kStored);
}

TEST(TableIndexTest, EveryBlockIsFoundByItsFirstAndLastEntry) {
  const std::uint64_t seed = test::TestSeed(11);
  SCOPED_TRACE(testing::Message() << "BEACHDB_SEED=" << seed);
  Random random(seed);
  for (const std::size_t count : {1u, 2u, 8u, 9u, 64u, 65u, 500u, 5000u}) {
    // Two entries a block, from sorted keys; sometimes a key goes on into the next block.
    std::vector<std::pair<std::string, std::uint64_t>> entries;
    while (entries.size() < 2 * count) {
      std::string key(1 + random.Uniform(14), 'k');
      for (char& c : key) c = "\x00\x01kz\xff"[random.Uniform(5)];
      std::uint64_t trailer = PackTrailer(50, Kind::kPut);
      // Neighbouring trailers too: the separator between them is the second one itself.
      for (std::uint64_t v = random.OneIn(4) ? 5 : 1; v > 0; --v) {
        entries.emplace_back(key, trailer);
        trailer -= random.OneIn(2) ? 1 : 256;
      }
    }
    const auto before = [](const auto& a, const auto& b) {
      return CompareInternal(a.first, a.second, b.first, b.second) < 0;
    };
    std::sort(entries.begin(), entries.end(), before);
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    std::vector<Block> blocks;
    for (std::size_t i = 0; i + 1 < entries.size(); i += 2) {
      blocks.push_back(
          {entries[i].first, entries[i].second, entries[i + 1].first, entries[i + 1].second});
    }
    const auto index = Decode(Encode(blocks), blocks.size());
    ASSERT_TRUE(index.ok()) << index.error().ToString();
    ASSERT_EQ(index->blocks(), blocks.size());
    for (std::uint32_t i = 0; i < blocks.size(); ++i) {
      ASSERT_EQ(index->Find(blocks[i].first_key, blocks[i].first_trailer), i);
      ASSERT_EQ(index->Find(blocks[i].last_key, blocks[i].last_trailer), i);
      ASSERT_EQ(index->block(i).offset, kFileHeaderSize + std::uint64_t{i} * kStored);
    }
    EXPECT_EQ(index->Find("", UINT64_MAX), 0u);
    EXPECT_EQ(index->Find(std::string(20, '\xff'), 0), blocks.size() - 1);
  }
}

TEST(TableIndexTest, SeparatorsAreAsShortAsTheyCanBe) {
  const std::uint64_t put = PackTrailer(9, Kind::kPut);
  const std::string contents = Encode(
      {{"a", put, "shell/conch", put}, {"shell/cowrie", put, "z", put}, {"zz", put, "zz", put}});
  IndexBlockReader reader(contents);
  ASSERT_EQ(*reader.ReadCount(), 3u);
  EXPECT_EQ(reader.Next()->separator, "");
  EXPECT_EQ(reader.Next()->separator, "shell/cow");
  EXPECT_EQ(reader.Next()->separator, "zz");
  EXPECT_TRUE(reader.Finish().ok());
}

TEST(TableIndexTest, DamagedIndexesAreRefused) {
  const std::uint64_t put = PackTrailer(9, Kind::kPut);
  const std::string good = Encode({{"a", put, "b", put}, {"c", put, "d", put}});
  ASSERT_TRUE(Decode(good, 2).ok());
  const auto with = [&](std::size_t at, char byte) {
    std::string bytes = good;
    bytes[at] = byte;
    return bytes;
  };
  const struct {
    const char* damage;
    std::string bytes;
    const char* want;
  } cases[] = {{"no header", good.substr(0, 7), "too few"},
               {"no blocks", with(0, 0), "0 entries"},
               {"more blocks than bytes", with(3, 1), "entries"},
               {"a block more", with(0, 3), "3 entries"},
               {"a block less", with(0, 1), "behind"},
               {"reserved bytes", with(4, 1), "entries"},
               {"an empty block", with(8, 5), "names a block of 5 bytes"},
               {"the first has a separator", with(12, 2), ""},
               {"a separator beyond the end", with(17, 100), "separator of 50 bytes"},
               {"an empty separator", with(17, 0), ""},
               {"a block of another size", with(8, 99), "end at"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.damage);
    const auto index = Decode(c.bytes, 2);
    ASSERT_FALSE(index.ok());
    EXPECT_EQ(index.error().code(), Code::kCorruption);
    EXPECT_THAT(index.error().message(), HasSubstr(c.want));
  }
}

TEST(TableIndexTest, SeparatorsOutOfOrderAreRefused) {
  IndexBlockBuilder builder;
  builder.AddSeparator("", 0, "");
  builder.AddSize(kStored);
  for (const char* key : {"m", "c"}) {
    builder.AddSeparator("", 0, key);
    builder.AddSize(kStored);
  }
  const auto index = Decode(builder.Finish(), 3);
  ASSERT_FALSE(index.ok());
  EXPECT_THAT(index.error().message(), HasSubstr("out of order: c"));
}

}  // namespace
}  // namespace beachdb
