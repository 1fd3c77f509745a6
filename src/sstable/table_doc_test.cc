// docs/formats/sstable.md and filter.md are what the code does.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/hash.h"
#include "sstable/data_block.h"
#include "sstable/filter.h"
#include "sstable/index_block.h"
#include "sstable/table_iterator.h"
#include "sstable/table_test_util.h"
#include "tests/support/doc_example.h"

namespace beachdb {
namespace {

FileIdentity DocIdentity() {
  FileIdentity identity;
  for (std::size_t i = 0; i < identity.database.size(); ++i) {
    identity.database[i] = static_cast<unsigned char>(i);
  }
  identity.number = 7;
  return identity;
}

TEST(TableDocTest, TheExampleIsWhatTheBuilderMakesAndTheTableReads) {
  auto bytes = std::make_shared<std::string>();
  TableJob job;
  job.origin = TableOrigin::kFlush;
  job.id = 1;
  job.inputs = {6};
  TableBuilder builder(std::make_unique<test::MemoryFile>(bytes), DocIdentity(), {}, job,
                       1700000000000000);
  ASSERT_TRUE(builder.Add("shell/abalone", PackTrailer(3, Kind::kPut), "flat").ok());
  ASSERT_TRUE(builder.Add("shell/conch", PackTrailer(5, Kind::kDelete), "").ok());
  ASSERT_TRUE(builder.Add("shell/conch", PackTrailer(1, Kind::kPut), "spiral").ok());
  ASSERT_TRUE(builder.Finish().ok());

  const DocPage page("docs/formats/sstable.md");
  EXPECT_EQ(page.Example(0), *bytes);

  *bytes = page.Example(0);
  BlockCache cache(1u << 20);
  const auto table = test::OpenTable(bytes, cache, DocIdentity());
  ASSERT_TRUE(table.ok()) << table.error().ToString();
  TableIterator it(**table, ScanKind::kRead);
  it.SeekToLast();
  ASSERT_TRUE(it.Valid());
  EXPECT_EQ(it.user_key(), "shell/conch");
  EXPECT_EQ(it.value(), "spiral");
}

TEST(TableDocTest, TheFooterTableNamesTheFieldsOfTheFooter) {
  const DocPage page("docs/formats/sstable.md");
  Footer footer;
  footer.filter = {100, 20};
  footer.index = {120, 30};
  footer.properties = {150, 50};
  footer.file_size = 200 + kFooterSize;
  const std::string bytes = EncodeFooter(footer, 1);
  EXPECT_EQ(bytes.substr(0, page.Row("magic").size), kTableMagic);
  EXPECT_EQ(LoadFixed32(&bytes[page.Row("format version").offset]), kFormatVersion);
  EXPECT_EQ(LoadFixed64(&bytes[page.Row("index").offset]), 120u);
  EXPECT_EQ(LoadFixed64(&bytes[page.Row("filter").offset]), 100u);
  EXPECT_EQ(LoadFixed32(&bytes[page.Row("properties").offset + 8]), 50u);
  EXPECT_EQ(LoadFixed64(&bytes[page.Row("file size").offset]), 200 + kFooterSize);
  EXPECT_EQ(page.Row("index").size, kHandleSize);
  const auto checksum = page.Row("footer checksum");
  EXPECT_EQ(checksum.offset + checksum.size, kFooterSize);
  EXPECT_EQ(LoadFixed32(&bytes[checksum.offset]),
            BoundChecksum(1, 200, std::string_view(bytes).substr(0, checksum.offset)));
  // The rows follow one another without a gap.
  std::size_t next = 0;
  bool in_footer = false;
  for (const auto& row : page.Rows()) {
    in_footer = in_footer || row.field == "magic";
    if (!in_footer) continue;
    EXPECT_EQ(row.offset, next) << row.field;
    next = row.offset + row.size;
    if (next == kFooterSize) break;
  }
}

TEST(TableDocTest, TheOtherTablesAreTheConstantsOfTheCode) {
  const DocPage page("docs/formats/sstable.md");
  EXPECT_EQ(page.Row("block type").size + page.Row("compression").size + page.Row("zero").size +
                page.Row("raw size").size + page.Row("block checksum").size,
            kBlockTrailerSize);
  EXPECT_EQ(page.Row("prefix").offset, kDataBlockHeaderSize);
  EXPECT_EQ(page.Row("index entries").offset, kIndexHeaderSize);
  const std::string file = page.Example(0);
  const char* block = file.data() + kFileHeaderSize;
  EXPECT_EQ(LoadFixed32(block + page.Row("entry count").offset), 3u);
  EXPECT_EQ(LoadFixed32(block + page.Row("prefix length").offset), 6u);
  EXPECT_EQ(block[page.Row("offset width").offset], 2);
}

TEST(TableDocTest, TheFilterExampleIsWhatTheBuilderMakesAndTheFilterReads) {
  const DocPage page("docs/formats/filter.md");
  ASSERT_EQ(Hash64("shell/abalone"), 0xc4cdb5de62b3634cu);
  ASSERT_EQ(Hash64("shell/conch"), 0xfd351dc23ae275b8u);
  FilterBuilder builder(10);
  builder.AddHash(Hash64("shell/abalone"));
  builder.AddHash(Hash64("shell/conch"));
  EXPECT_EQ(page.Example(0), builder.Finish());
  const auto filter = Filter::Decode(page.Example(0));
  ASSERT_TRUE(filter.ok());
  EXPECT_TRUE(filter->MayContain(Hash64("shell/conch")));
  EXPECT_FALSE(filter->MayContain(Hash64("shell/limpet")));
  EXPECT_EQ(page.Row("lines").offset, kFilterHeaderSize);
  const std::string bytes = page.Example(0);
  EXPECT_EQ(LoadFixed32(&bytes[page.Row("filter kind").offset]), kFilterKindBlockedBloom);
  EXPECT_EQ(LoadFixed32(&bytes[page.Row("probes").offset]), 6u);
  EXPECT_EQ(LoadFixed32(&bytes[page.Row("line count").offset]), 1u);
}

// The page's arithmetic, done as it is written there, more than seven probes included.
TEST(TableDocTest, TheBitsOfAKeyAreTheFieldsThatThePageNames) {
  FilterBuilder builder(24);
  const std::uint64_t hash = Hash64("key");
  builder.AddHash(hash);
  const std::string bytes = builder.Finish();
  const std::string line = bytes.substr(kFilterHeaderSize);
  ASSERT_EQ(LoadFixed32(&bytes[4]), 14u);
  std::string want(kFilterLineSize, '\0');
  for (int i = 0; i < 14; ++i) {
    const std::uint64_t m =
        i < 7 ? hash * 0x9e3779b97f4a7c15u : hash * 0x9e3779b97f4a7c15u * 0x9e3779b97f4a7c15u;
    const std::uint64_t bit = (m >> (55 - 9 * (i % 7))) % 512;
    want[bit / 8] = static_cast<char>(want[bit / 8] | (1 << (bit % 8)));
  }
  EXPECT_EQ(line, want);
}

}  // namespace
}  // namespace beachdb
