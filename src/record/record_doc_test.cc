// docs/formats/record.md is what the code does.
#include <gtest/gtest.h>

#include "record/record_reader.h"
#include "record/record_writer.h"
#include "tests/support/doc_example.h"
#include "tests/support/memory_file_system.h"

namespace beachdb {
namespace {

TEST(RecordDocTest, TheExampleIsWhatTheWriterMakesAndTheReaderReads) {
  const DocPage page("docs/formats/record.md");
  FileIdentity file;
  for (std::size_t i = 0; i < file.database.size(); ++i) {
    file.database[i] = static_cast<unsigned char>(i);
  }
  file.number = 7;
  std::string bytes(4096, '\0');
  RecordWriter(file).AppendTo(bytes, 4096, RecordType::kManifestEdit, "beach glass");
  EXPECT_EQ(page.Example(0), bytes.substr(4096));

  MemoryFileSystem fs;
  ASSERT_TRUE(fs.WriteFileSynced("f", std::string(4096, '\0') + page.Example(0)).ok());
  const auto opened = fs.Open("f", OpenMode::kRead, IoMode::kBuffered);
  RecordReader reader = RecordReader::Open(**opened, file, 4096).value();
  Record record;
  ASSERT_TRUE(reader.Next(record).value());
  EXPECT_EQ(record.payload, "beach glass");
  EXPECT_EQ(record.type, RecordType::kManifestEdit);
}

TEST(RecordDocTest, TheTableNamesTheFieldsOfTheHeader) {
  const DocPage page("docs/formats/record.md");
  // One byte set at a time: the field that the table names there is the field that changes.
  const auto set = [&](const char* field) {
    std::string header(kRecordHeaderSize, '\0');
    header[page.Row(field).offset] = 1;
    return LoadRecordHeader(header.data());
  };
  EXPECT_EQ(set("checksum").checksum, 1u);
  EXPECT_EQ(set("length").length, 1u);
  EXPECT_EQ(set("type").type, 1u);
  EXPECT_EQ(set("zero").zero, 1u);
  EXPECT_EQ(set("number").number, 1u);
  EXPECT_EQ(page.Row("payload").offset, kRecordHeaderSize);
  std::size_t next = 0;
  for (const auto& row : page.Rows()) {
    if (row.offset == DocPage::kVaries) break;
    EXPECT_EQ(row.offset, next) << row.field;
    next = row.size == DocPage::kVaries ? next : row.offset + row.size;
  }
}

}  // namespace
}  // namespace beachdb
