// docs/formats/wal.md is what the code does.
#include <gtest/gtest.h>

#include "tests/support/doc_example.h"
#include "wal/log_reader.h"
#include "wal/log_test_util.h"

namespace beachdb {
namespace {

TEST(LogDocTest, TheExampleIsWhatTheWriterMakesAndTheReaderReads) {
  FileIdentity log_8;
  for (std::size_t i = 0; i < log_8.database.size(); ++i) {
    log_8.database[i] = static_cast<unsigned char>(i);
  }
  log_8.number = 8;
  MemoryFileSystem fs;
  WriteBatch batch;
  ASSERT_TRUE(batch.Put("conch", "spiral").ok());
  ASSERT_TRUE(batch.Delete("kelp").ok());
  const std::string path = TestLogPath(8);
  auto log = LogWriter::Create(fs, path, log_8, 1 << 20, 1700000000000000).value();
  const LogEntry entry{1001, 42, batch.bytes()};
  ASSERT_TRUE(log->Append(std::span(&entry, 1), 998, LogPath::kWritten).ok());

  const DocPage page("docs/formats/wal.md");
  EXPECT_EQ(page.Example(0), fs.Bytes(path).substr(0, kFileHeaderSize));
  EXPECT_EQ(page.Example(1), fs.Bytes(path).substr(kLogDataStart, page.Example(1).size()));
  EXPECT_EQ(page.Example(1).size(), log->bytes_appended());

  std::string file = page.Example(0);
  file.resize(kLogDataStart, '\0');
  ASSERT_TRUE(fs.WriteFileSynced("copy", file + page.Example(1)).ok());
  auto reader = LogReader::Open(fs, "copy", log_8).value();
  EXPECT_TRUE(reader->header().ok());
  LogRecord record;
  ASSERT_TRUE(reader->Next(record).value());
  EXPECT_EQ(record.first_seqno, 1001u);
  EXPECT_EQ(record.durable_seqno, 998u);
  EXPECT_EQ(record.applied_index, 42u);
  EXPECT_EQ(record.batch, batch.bytes());
}

TEST(LogDocTest, TheTablesAreTheConstantsOfTheCode) {
  const DocPage page("docs/formats/wal.md");
  EXPECT_EQ(page.Row("file header").size, kFileHeaderSize);
  EXPECT_EQ(page.Row("zero").offset + page.Row("zero").size, kLogDataStart);
  EXPECT_EQ(page.Row("records").offset, kLogDataStart);
  EXPECT_EQ(page.Row("batch").offset, kLogEntryHeaderSize);
  char header[kLogEntryHeaderSize] = {};
  StoreLogEntryHeader(header, 1, 2, 3);
  EXPECT_EQ(header[page.Row("first seqno").offset], 1);
  EXPECT_EQ(header[page.Row("durable seqno").offset], 2);
  EXPECT_EQ(header[page.Row("applied index").offset], 3);
}

}  // namespace
}  // namespace beachdb
