#include "sstable/table_builder.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/epoch.h"
#include "sstable/table_iterator.h"
#include "sstable/table_test_util.h"

namespace beachdb {
namespace {

using test::BuildTable;
using test::OpenTable;
using test::TestEntry;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Padded(int i) {
  std::string digits = std::to_string(i);
  return std::string(8 - digits.size(), '0') + digits;
}

std::vector<TestEntry> Sequence(int count, std::size_t value_size = 20) {
  std::vector<TestEntry> entries;
  for (int i = 0; i < count; ++i) {
    entries.push_back({Padded(i), PackTrailer(static_cast<Seqno>(i + 1), Kind::kPut),
                       std::string(value_size, static_cast<char>('a' + i % 26))});
  }
  return entries;
}

TEST(TableBuilderTest, EqualInputGivesEqualBytesBufferedOrDirect) {
  for (const Compression compression :
       {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    TableOptions options;
    options.compression = compression;
    const auto first = BuildTable(Sequence(30'000, 100), options);
    const auto second = BuildTable(Sequence(30'000, 100), options, test::TestIdentity(), 4096);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_TRUE(*first->bytes == *second->bytes);
    EXPECT_EQ(first->summary.file_size, first->bytes->size());
    EXPECT_EQ(first->summary.file_checksum, crc32c::Value(*first->bytes));
  }
}

TEST(TableBuilderTest, CompressionPaysOrIsLeftOut) {
  TableOptions options;
  options.compression = Compression::kLz4;
  const auto compressible = BuildTable(Sequence(1000, 100), options);
  ASSERT_TRUE(compressible.ok());
  EXPECT_LT(compressible->bytes->size(), 30'000u);
  Random random(3);
  std::vector<TestEntry> noise = Sequence(1000, 100);
  for (TestEntry& e : noise) {
    for (char& c : e.value) c = static_cast<char>(random.Next());
  }
  const auto packed = BuildTable(noise, options);
  const auto plain = BuildTable(noise);
  ASSERT_TRUE(packed.ok() && plain.ok());
  EXPECT_EQ(packed->summary.properties.data_bytes, plain->summary.properties.data_bytes);
}

TEST(TableBuilderTest, BlocksFillTheirTargetAndDoNotPassIt) {
  const auto built = BuildTable(Sequence(20'000, 100));
  ASSERT_TRUE(built.ok());
  const TableProperties& p = built->summary.properties;
  const std::uint64_t average = p.data_bytes / p.data_blocks;
  EXPECT_LE(average, 4096u + kBlockTrailerSize);
  EXPECT_GT(average, 3950u);
}

TEST(TableBuilderTest, TheEstimateOfTheSizeIsWithinABlock) {
  auto bytes = std::make_shared<std::string>();
  TableBuilder builder(std::make_unique<test::MemoryFile>(bytes), test::TestIdentity(), {}, {}, 0);
  for (const TestEntry& e : Sequence(5000, 100)) {
    ASSERT_TRUE(builder.Add(e.key, e.trailer, e.value).ok());
  }
  const std::uint64_t estimate = builder.EstimatedSize();
  const auto summary = builder.Finish();
  ASSERT_TRUE(summary.ok());
  EXPECT_NEAR(static_cast<double>(estimate), static_cast<double>(summary->file_size), 4096);
}

TEST(TableBuilderTest, PropertiesSayWhatWasWritten) {
  std::vector<TestEntry> entries = Sequence(100);
  entries[50].trailer = PackTrailer(999, Kind::kDelete);
  entries[50].value.clear();
  TestEntry older = entries[60];
  older.trailer = PackTrailer(3, Kind::kPut);
  entries.insert(entries.begin() + 61, older);
  const auto built = BuildTable(entries);
  ASSERT_TRUE(built.ok());
  BlockCache cache(1u << 20);
  const auto table = OpenTable(built->bytes, cache);
  ASSERT_TRUE(table.ok());
  const TableProperties& p = (*table)->properties();
  EXPECT_EQ(p.entries, 101u);
  EXPECT_EQ(p.tombstones, 1u);
  EXPECT_EQ(p.distinct_keys, 100u);
  EXPECT_EQ(p.raw_key_bytes, 808u);
  EXPECT_EQ(p.raw_value_bytes, 2000u);
  EXPECT_EQ(p.smallest_key, Padded(0));
  EXPECT_EQ(p.largest_key, Padded(99));
  EXPECT_EQ(p.smallest_seqno, 1u);
  EXPECT_EQ(p.largest_seqno, 999u);
  EXPECT_EQ(p.job.inputs, (std::vector<std::uint64_t>{4, 5}));
  EXPECT_EQ(p.job.origin, TableOrigin::kCompaction);
  EXPECT_EQ(EncodeTableProperties(p), EncodeTableProperties(built->summary.properties));
}

TEST(TableBuilderTest, EntriesOutOfOrderOrBeyondTheLimitsAreRefusedForGood) {
  const std::uint64_t put = PackTrailer(5, Kind::kPut);
  const struct {
    const char* fault;
    std::string key;
    std::uint64_t trailer;
    const char* want;
  } cases[] = {{"smaller key", "a", put, "in order"},
               {"same entry", "m", put, "in order"},
               {"newer version behind an older", "m", PackTrailer(6, Kind::kPut), "in order"},
               {"empty key", "", put, "limits"},
               {"key too long", std::string(kMaxKeySize + 1, 'z'), put, "limits"},
               {"reserved kind", "z", PackTrailer(5, Kind::kDeleteRange), "kind"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.fault);
    auto bytes = std::make_shared<std::string>();
    TableBuilder builder(std::make_unique<test::MemoryFile>(bytes), test::TestIdentity(), {}, {},
                         0);
    ASSERT_TRUE(builder.Add("m", put, "v").ok());
    const Status refused = builder.Add(c.key, c.trailer, "v");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), Code::kInvalidArgument);
    EXPECT_THAT(refused.error().message(), HasSubstr(c.want));
    EXPECT_FALSE(builder.Add("zz", put, "v").ok()) << "the first error sticks";
    EXPECT_FALSE(builder.Finish().ok());
  }
}

TEST(TableBuilderTest, ThousandsOfVersionsOfOneKeyAreFoundAtEverySnapshot) {
  std::vector<TestEntry> entries{{"aa", PackTrailer(1, Kind::kPut), "before"}};
  constexpr Seqno kVersions = 3000;
  for (Seqno s = kVersions; s > 0; --s) {
    entries.push_back({"key", PackTrailer(s * 2, Kind::kPut), std::to_string(s)});
  }
  entries.push_back({"key2", PackTrailer(1, Kind::kPut), "after"});
  const auto built = BuildTable(entries);
  ASSERT_TRUE(built.ok());
  ASSERT_GT(built->summary.properties.data_blocks, 10u);
  BlockCache cache(1u << 20);
  const auto table = OpenTable(built->bytes, cache);
  ASSERT_TRUE(table.ok());
  EXPECT_THAT((*table)->Verify().problems, IsEmpty());
  for (Seqno snapshot = 0; snapshot <= 2 * kVersions + 2; ++snapshot) {
    const EpochGuard guard;
    TableHit hit;
    const auto found = (*table)->Get("key", snapshot, true, &hit);
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(*found, snapshot >= 2) << snapshot;
    if (!*found) continue;
    ASSERT_EQ(hit.value, std::to_string(std::min<Seqno>(snapshot / 2, kVersions)));
  }
}

TEST(TableBuilderTest, LargestKeysAndLargeValuesPassThrough) {
  std::vector<TestEntry> entries;
  entries.push_back({std::string(kMaxKeySize, 'a'), PackTrailer(2, Kind::kPut), "x"});
  entries.push_back({std::string(kMaxKeySize - 1, 'a') + "b", PackTrailer(2, Kind::kPut),
                     std::string(5u << 20, 'y')});
  entries.push_back({"b", PackTrailer(2, Kind::kPut), std::string(70'000, 'z')});
  entries.push_back({"c", PackTrailer(2, Kind::kPut), ""});
  for (const Compression compression : {Compression::kNone, Compression::kLz4}) {
    TableOptions options;
    options.compression = compression;
    const auto built = BuildTable(entries, options, test::TestIdentity(), 4096);
    ASSERT_TRUE(built.ok());
    BlockCache cache(1u << 20);
    const auto table = OpenTable(built->bytes, cache, test::TestIdentity(), 4096);
    ASSERT_TRUE(table.ok()) << table.error().ToString();
    EXPECT_THAT((*table)->Verify().problems, IsEmpty());
    for (const ScanKind kind : {ScanKind::kRead, ScanKind::kCompact}) {
      TableIterator it(**table, kind);
      std::size_t i = 0;
      for (it.SeekToFirst(); it.Valid(); it.Next(), ++i) {
        ASSERT_EQ(it.user_key(), entries[i].key);
        ASSERT_TRUE(it.value() == entries[i].value);
      }
      EXPECT_EQ(i, entries.size());
    }
    const EpochGuard guard;
    TableHit hit;
    ASSERT_TRUE(*(*table)->Get(entries[1].key, kMaxSeqno, true, &hit));
    EXPECT_TRUE(hit.pin) << "too large for this cache: the caller holds it";
    EXPECT_TRUE(hit.value == entries[1].value);
  }
}

// A file that fails from the n-th write on.
class FailingFile : public test::MemoryFile {
 public:
  FailingFile(int writes, int syncs)
      : MemoryFile(std::make_shared<std::string>()), writes_(writes), syncs_(syncs) {}
  Status WriteAt(std::uint64_t offset, std::string_view data) override {
    if (writes_-- <= 0) return Error(Code::kNoSpace, "disk full");
    return MemoryFile::WriteAt(offset, data);
  }
  Status Sync() override {
    if (syncs_-- <= 0) return Error(Code::kIoError, "sync failed");
    return OkStatus();
  }

 private:
  int writes_;
  int syncs_;
};

TEST(TableBuilderTest, AFailedWriteOrSyncIsNeverASummary) {
  for (const int writes : {0, 1, 2, 100}) {
    TableBuilder builder(std::make_unique<FailingFile>(writes, 0), test::TestIdentity(), {}, {}, 0);
    Status added;
    for (const TestEntry& e : Sequence(30'000, 100)) {
      added = builder.Add(e.key, e.trailer, e.value);
      if (!added.ok()) break;
    }
    const auto summary = builder.Finish();
    ASSERT_FALSE(summary.ok());
    EXPECT_EQ(summary.error().code(), writes == 100 ? Code::kIoError : Code::kNoSpace);
  }
}

}  // namespace
}  // namespace beachdb
