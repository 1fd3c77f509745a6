// Any bytes as records: read to the first fault, then search by search to the end of the file.
// What passes must be what the writer makes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "record/record_reader.h"
#include "record/record_writer.h"
#include "tests/support/memory_file_system.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beachdb;
  constexpr FileIdentity kFile = {{0xb3, 0xf0, 0xc2}, 7};
  const std::string input(data, data + size);
  MemoryFileSystem fs;
  CHECK(fs.WriteFileSynced("f", input).ok());
  const auto file = fs.Open("f", OpenMode::kRead, IoMode::kBuffered);
  auto reader = RecordReader::Open(**file, kFile, 0);
  CHECK(reader.ok());
  const RecordWriter writer(kFile);
  Record record;
  while (true) {
    const auto found = reader->Next(record);
    CHECK(found.ok());
    if (*found) {
      std::string again(RecordSize(record.payload.size()), '\0');
      writer.Encode(again.data(), record.offset, record.type, record.payload, {});
      CHECK(input.compare(record.offset, again.size(), again) == 0);
      continue;
    }
    CHECK(!reader->stop().message.empty());
    const auto next = reader->FindNextValid(reader->stop().offset + kRecordAlignment);
    if (!next.ok() || !next->has_value()) return 0;
  }
}
