// Damage: whatever happens to the bytes of a table, it is named, or it changes nothing.
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/epoch.h"
#include "base/random.h"
#include "sstable/data_block.h"
#include "sstable/data_block_builder.h"
#include "sstable/table.h"
#include "sstable/table_dump.h"
#include "sstable/table_iterator.h"
#include "sstable/table_test_util.h"

namespace beachdb {
namespace {

using test::BuildTable;
using test::OpenTable;
using test::TestEntry;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<TestEntry> SmallEntries() {
  std::vector<TestEntry> entries;
  for (int i = 0; i < 40; ++i) {
    const bool deleted = i % 7 == 3;
    entries.push_back(
        {"shell" + std::to_string(1000 + i),
         PackTrailer(static_cast<Seqno>(100 + i), deleted ? Kind::kDelete : Kind::kPut),
         deleted ? "" : "value of " + std::to_string(i * i)});
  }
  return entries;
}

TableOptions SmallBlocks(Compression compression = Compression::kNone) {
  TableOptions options;
  options.block_size = 200;
  options.compression = compression;
  return options;
}

// Reads everything that still can be read and checks it against what was written. Returns whether
// any damage was reported.
bool DamageIsReported(const std::shared_ptr<std::string>& bytes,
                      const std::vector<TestEntry>& entries) {
  BlockCache cache(1u << 20);
  const auto table = OpenTable(bytes, cache);
  if (!table.ok()) return true;
  bool reported = !(*table)->Verify().problems.empty();
  for (const TestEntry& e : entries) {
    const EpochGuard guard;
    TableHit hit;
    const auto found = (*table)->Get(e.key, kMaxSeqno, true, &hit);
    if (!found.ok()) {
      reported = true;
      continue;
    }
    EXPECT_TRUE(*found) << "a lost key: " << e.key;
    if (!*found) continue;
    EXPECT_EQ(hit.trailer, e.trailer);
    EXPECT_EQ(hit.value, e.value) << "wrong data";
  }
  for (const ScanKind kind : {ScanKind::kNoFill, ScanKind::kCompact}) {
    TableIterator it(**table, kind);
    std::size_t i = 0;
    for (it.SeekToFirst(); it.Valid(); it.Next(), ++i) {
      EXPECT_EQ(it.user_key(), entries[i].key);
      EXPECT_EQ(it.value(), entries[i].value);
    }
    if (!it.status().ok()) {
      reported = true;
    } else {
      EXPECT_EQ(i, entries.size()) << "a walk that ends early must say why";
    }
  }
  return reported;
}

TEST(TableDamageTest, EveryFlippedBitIsReportedAndNeverReadAsData) {
  const auto entries = SmallEntries();
  for (const Compression compression : {Compression::kNone, Compression::kLz4}) {
    const auto built = BuildTable(entries, SmallBlocks(compression));
    ASSERT_TRUE(built.ok());
    ASSERT_FALSE(DamageIsReported(built->bytes, entries)) << "the table must be good to begin with";
    for (std::size_t at = 0; at < built->bytes->size(); ++at) {
      char& byte = (*built->bytes)[at];
      const char original = byte;
      for (const int flip : {1 << (at % 8), 0xff}) {
        byte = static_cast<char>(original ^ flip);
        ASSERT_TRUE(DamageIsReported(built->bytes, entries)) << "offset " << at;
      }
      byte = original;
    }
  }
}

TEST(TableDamageTest, AFileCutAtAnyLengthIsRefused) {
  const auto built = BuildTable(SmallEntries(), SmallBlocks());
  ASSERT_TRUE(built.ok());
  BlockCache cache(1u << 20);
  for (std::size_t size = 0; size < built->bytes->size(); ++size) {
    const auto cut = std::make_shared<std::string>(built->bytes->substr(0, size));
    const auto table = OpenTable(cut, cache);
    ASSERT_FALSE(table.ok()) << size;
    ASSERT_EQ(table.error().code(), Code::kCorruption) << size;
    ASSERT_THAT(table.error().message(), HasSubstr("000007.sst")) << size;
  }
}

TEST(TableDamageTest, AFileOfAnotherLengthThanTheManifestSaysIsRefused) {
  const auto built = BuildTable(SmallEntries(), SmallBlocks());
  ASSERT_TRUE(built.ok());
  BlockCache cache(1u << 20);
  for (const int difference : {-1, 1}) {
    const std::uint64_t said = built->bytes->size() + static_cast<std::uint64_t>(difference);
    const auto table = Table::Open(std::make_unique<test::MemoryFile>(built->bytes),
                                   test::TestIdentity(), said, cache, nullptr);
    ASSERT_FALSE(table.ok());
    EXPECT_THAT(table.error().message(), HasSubstr("the manifest says " + std::to_string(said)));
  }
  built->bytes->push_back('\0');
  EXPECT_FALSE(OpenTable(built->bytes, cache).ok()) << "a byte behind the footer";
}

TEST(TableDamageTest, AFileOfAnotherDatabaseOrNumberIsRefusedByName) {
  const auto built = BuildTable(SmallEntries(), SmallBlocks());
  ASSERT_TRUE(built.ok());
  BlockCache cache(1u << 20);
  FileIdentity other = test::TestIdentity();
  other.number = 8;
  auto table = OpenTable(built->bytes, cache, other);
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error().message(), HasSubstr("7"));
  other = test::TestIdentity();
  other.database[0] = static_cast<unsigned char>(other.database[0] ^ 1);
  table = OpenTable(built->bytes, cache, other);
  ASSERT_FALSE(table.ok());
  EXPECT_THAT(table.error().message(), HasSubstr(FormatDatabaseId(test::TestIdentity().database)));
}

// Keys and values of one size make blocks of one size: they can change places.
TEST(TableDamageTest, ABlockAtTheWrongPlaceOrOfAnotherFileIsRefused) {
  std::vector<TestEntry> entries;
  for (int i = 100; i < 200; ++i) {
    entries.push_back({"k" + std::to_string(i), PackTrailer(5, Kind::kPut), "vvvv"});
  }
  const auto built = BuildTable(entries, SmallBlocks());
  ASSERT_TRUE(built.ok());
  FileIdentity other = test::TestIdentity();
  other.number = 8;
  const auto foreign = BuildTable(entries, SmallBlocks(), other);
  ASSERT_TRUE(foreign.ok());

  std::vector<std::size_t> offsets;
  {
    TableDumpOptions options;
    options.index = options.properties = false;
    test::MemoryFile file(built->bytes);
    const auto problems = DumpTable(file, options, [&](const DumpLine& line) {
      if (line.label() != "block") return;
      for (const DumpLine::Value& value : line.values()) {
        if (value.name == "offset") offsets.push_back(value.number);
      }
    });
    ASSERT_EQ(problems.value(), 0u);
  }
  ASSERT_GE(offsets.size(), 4u);
  const std::size_t size = offsets[2] - offsets[1];
  ASSERT_EQ(offsets[3] - offsets[2], size);

  auto swapped = std::make_shared<std::string>(*built->bytes);
  swapped->replace(offsets[1], size, *built->bytes, offsets[2], size);
  swapped->replace(offsets[2], size, *built->bytes, offsets[1], size);
  EXPECT_TRUE(DamageIsReported(swapped, entries));
  auto transplanted = std::make_shared<std::string>(*built->bytes);
  transplanted->replace(offsets[1], size, *foreign->bytes, offsets[1], size);
  EXPECT_TRUE(DamageIsReported(transplanted, entries));

  BlockCache cache(1u << 20);
  const auto table = OpenTable(swapped, cache);
  ASSERT_TRUE(table.ok());
  EXPECT_THAT((*table)->Verify().problems, testing::SizeIs(2)) << "it goes on behind a bad block";
}

TEST(TableDamageTest, ABadBlockIsNotCachedAndLeavesTheRestReadable) {
  const auto entries = SmallEntries();
  const auto built = BuildTable(entries, SmallBlocks());
  ASSERT_TRUE(built.ok());
  const char original = (*built->bytes)[100];
  (*built->bytes)[100] = static_cast<char>(original ^ 1);
  BlockCache cache(1u << 20);
  const auto table = OpenTable(built->bytes, cache);
  ASSERT_TRUE(table.ok());
  {
    const EpochGuard guard;
    TableHit hit;
    const auto bad = (*table)->Get(entries.front().key, kMaxSeqno, true, &hit);
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().code(), Code::kCorruption);
    EXPECT_THAT(bad.error().message(), HasSubstr("000007.sst: data block 0 at offset 64"));
    EXPECT_THAT(bad.error().message(), HasSubstr("expected"));
    TableHit last;
    const auto good = (*table)->Get(entries.back().key, kMaxSeqno, true, &last);
    ASSERT_TRUE(good.ok());
    EXPECT_TRUE(*good);
  }
  (*built->bytes)[100] = original;  // the device has come to its senses
  const EpochGuard guard;
  TableHit hit;
  const auto again = (*table)->Get(entries.front().key, kMaxSeqno, true, &hit);
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(hit.value, entries.front().value);
}

TEST(TableDamageTest, AnIteratorStopsAtABadBlockAndCanSeekPastIt) {
  const auto entries = SmallEntries();
  const auto built = BuildTable(entries, SmallBlocks());
  ASSERT_TRUE(built.ok());
  (*built->bytes)[100] = static_cast<char>((*built->bytes)[100] ^ 1);
  BlockCache cache(1u << 20);
  const auto table = OpenTable(built->bytes, cache);
  ASSERT_TRUE(table.ok());
  for (const ScanKind kind : {ScanKind::kRead, ScanKind::kNoFill, ScanKind::kCompact}) {
    TableIterator it(**table, kind);
    it.SeekToFirst();
    EXPECT_FALSE(it.Valid());
    EXPECT_EQ(it.status().error().code(), Code::kCorruption);
    it.SeekToLast();
    ASSERT_TRUE(it.Valid());
    EXPECT_TRUE(it.status().ok());
    EXPECT_EQ(it.user_key(), entries.back().key);
  }
}

// Blocks that never had a checksum: what Validate must refuse or make safe to search.
TEST(TableDamageTest, RandomBytesAsADataBlockNeverLeadOutsideIt) {
  const std::uint64_t seed = test::TestSeed(99);
  SCOPED_TRACE(testing::Message() << "BEACHDB_SEED=" << seed);
  Random random(seed);
  const auto entries = SmallEntries();
  std::vector<EntryView> views;
  for (const TestEntry& e : entries) views.push_back({e.key, e.trailer, e.value});
  std::string good(DataBlockSize(views), '\0');
  EncodeDataBlock(views, good.size(), good.data());
  ASSERT_TRUE(DataBlock::Validate(good).ok());
  int accepted = 0;
  for (int round = 0; round < 30000; ++round) {
    std::string block = good;
    const std::uint64_t changes = 1 + random.Uniform(3);
    for (std::uint64_t c = 0; c < changes; ++c) {
      // Mostly in the header and the arrays, where sizes and offsets are.
      const std::size_t at = random.Uniform(random.OneIn(3) ? block.size() : 300);
      block[at] = static_cast<char>(random.Next());
    }
    if (random.OneIn(10)) block.resize(random.Uniform(block.size()));
    if (!DataBlock::Validate(block).ok()) continue;
    ++accepted;
    // An allocation of its own, with only the slack behind it: the sanitizer sees every step too
    // far.
    std::vector<char> exact(block.begin(), block.end());
    exact.resize(block.size() + kBlockSlack);
    const DataBlock view(exact.data());
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < view.size(); ++i) {
      std::string key;
      view.CopyKey(i, &key);
      for (const char c : view.At(i).value) sum += static_cast<unsigned char>(c);
      ASSERT_LE(view.LowerBound(key, view.At(i).trailer), view.size());
      ASSERT_TRUE(view.KeyEquals(i, key));
    }
    ASSERT_LE(view.LowerBound("shell1010" + std::to_string(sum), UINT64_MAX), view.size());
  }
  EXPECT_GT(accepted, 100) << "the test must reach the searches";
}

TEST(TableDamageTest, RandomFilesAreRefused) {
  Random random(5);
  BlockCache cache(1u << 20);
  for (int round = 0; round < 300; ++round) {
    auto bytes = std::make_shared<std::string>(random.Uniform(2000), '\0');
    for (char& c : *bytes) c = static_cast<char>(random.Next());
    EXPECT_FALSE(OpenTable(bytes, cache).ok());
    test::MemoryFile file(bytes);
    EXPECT_GT(DumpTable(file, {}, [](const DumpLine&) {}).value(), 0u);
  }
}

}  // namespace
}  // namespace beachdb
