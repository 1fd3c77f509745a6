#include "tools/export_stream.h"

#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/strings.h"
#include "kv/batch_format.h"
#include "record/record_format.h"
#include "tests/support/doc_example.h"
#include "tests/support/test_world.h"

namespace beachdb::tools {
namespace {

using ::testing::HasSubstr;
using Records = std::vector<std::pair<std::string, std::string>>;

DatabaseId SampleDatabase() {
  DatabaseId id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<unsigned char>(i);
  return id;
}

std::string Stream(const Records& records) {
  std::string bytes;
  ExportWriter writer(SampleDatabase(), [&](std::string_view part) {
    bytes += part;
    return OkStatus();
  });
  for (const auto& [key, value] : records) EXPECT_TRUE(writer.Put(key, value, 0).ok());
  EXPECT_TRUE(writer.Finish().ok());
  return bytes;
}

class ExportStreamTest : public ::testing::Test {
 protected:
  ~ExportStreamTest() override { std::remove(path_.c_str()); }

  // The records that a reader gets, and why it stopped.
  std::pair<Records, Status> Read(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary) << bytes;
    auto file = InputFile::Open(path_);
    EXPECT_TRUE(file.ok());
    ExportReader reader(*std::move(file));
    Records records;
    std::string consumed;
    for (;;) {
      const auto more = reader.Next();
      if (!more.ok()) return {records, more.error()};
      if (!*more) return {records, OkStatus()};
      consumed += reader.bytes();
      EXPECT_EQ(consumed, bytes.substr(0, reader.offset())) << "nothing is skipped";
      BatchReader batch(reader.batch());
      for (BatchOp op{}; batch.Next(op);) records.emplace_back(op.key, op.value);
    }
  }

  const std::string path_ = testing::TempDir() + "beachdb_export_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
};

Records ManyRecords() {
  Records records;
  for (int i = 0; i < 100; ++i) {
    records.emplace_back("key" + std::to_string(1000 + i), std::string(10'000, 'v'));
  }
  return records;
}

TEST_F(ExportStreamTest, WhatIsWrittenIsRead) {
  for (const Records& records :
       {Records(), Records{{"conch", "spiral"}, {"kelp", ""}}, ManyRecords()}) {
    const auto [read, status] = Read(Stream(records));
    EXPECT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(read, records);
  }
}

TEST_F(ExportStreamTest, TheSameRecordsGiveTheSameBytes) {
  EXPECT_EQ(Stream(ManyRecords()), Stream(ManyRecords()));
}

TEST_F(ExportStreamTest, AStreamThatIsCutAnywhereIsRefusedAndItsWholeBatchesAreRead) {
  const Records records = ManyRecords();
  const std::string bytes = Stream(records);
  for (std::size_t size = 0; size < bytes.size(); size += size < 300 ? 1 : 9973) {
    const auto [read, status] = Read(bytes.substr(0, size));
    ASSERT_FALSE(status.ok()) << size;
    EXPECT_EQ(status.error().code(), Code::kInvalidArgument);
    EXPECT_THAT(status.error().message(), HasSubstr("the stream is cut short"));
    ASSERT_LE(read.size(), records.size());
    EXPECT_TRUE(std::equal(read.begin(), read.end(), records.begin()));
  }
}

TEST_F(ExportStreamTest, EveryFlippedBitIsRefusedAndNeverReadAsData) {
  const Records records = {{"conch", "spiral"}, {"kelp", ""}};
  const std::string bytes = Stream(records);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      const auto [read, status] = Read(flipped);
      ASSERT_FALSE(status.ok()) << at << ", bit " << bit;
      EXPECT_THAT(status.error().message(), HasSubstr(path_ + ": offset "));
      EXPECT_TRUE(read.empty() || read == records);
    }
  }
}

TEST_F(ExportStreamTest, WhatFollowsTheEndOrIsMissingInTheMiddleIsRefused) {
  const std::string bytes = Stream(ManyRecords());
  EXPECT_THAT(Read(bytes + "x").second.ToString(), HasSubstr("expected the end of the stream"));
  const std::string other = Stream({{"conch", "spiral"}});
  // Records are bound to their offset, so a stream cannot be spliced.
  EXPECT_THAT(Read(bytes.substr(0, bytes.size() - 48) + other.substr(64)).second.ToString(),
              HasSubstr("offset"));
  EXPECT_THAT(Read("BEACHSST" + bytes.substr(8)).second.ToString(),
              HasSubstr("want \"BEACHEXP\", found \"BEACHSST\""));
}

TEST_F(ExportStreamTest, TheExampleOfThePageIsWhatTheWriterMakes) {
  const DocPage page("docs/formats/export.md");
  const std::string bytes = Stream({{"conch", "spiral"}, {"kelp", ""}});
  EXPECT_EQ(HexEncode(page.Example(0)), HexEncode(bytes));
  EXPECT_EQ(page.Row("file header").size, kFileHeaderSize);
  EXPECT_EQ(page.Row("records").offset, kFileHeaderSize);
  const auto [read, status] = Read(page.Example(0));
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(read.size(), 2u);
}

}  // namespace
}  // namespace beachdb::tools
