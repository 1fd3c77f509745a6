// Any bytes as a log: as a whole file, and as the payloads of records whose frames are right, so
// that what stands behind the frames meets hostile fields too. What is recovered must be valid and
// dense, and neither recovery nor the dump may change a byte.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/logger.h"
#include "format/file_names.h"
#include "kv/batch_format.h"
#include "record/record_writer.h"
#include "tests/support/memory_file_system.h"
#include "wal/log_dump.h"
#include "wal/log_recovery.h"

namespace beachdb {
namespace {

constexpr DatabaseId kDatabase = {0xb3, 0xf0, 0xc2};
constexpr std::uint64_t kNumber = 8;

void TryFile(const std::string& bytes) {
  MemoryFileSystem fs;
  const std::string path = JoinPath("db", LogName(kNumber));
  CHECK(fs.WriteFileSynced(path, bytes).ok());
  const auto problems = DumpLog(fs, path, {.operations = true, .hex = true},
                                [](const DumpLine& line) { (void)line.ToText(64); });
  CHECK(problems.ok());

  const Logger silent([](LogLevel, std::string_view) {});
  const std::vector<std::uint64_t> numbers = {kNumber};
  Seqno next = 0;
  const auto report =
      RecoverLogs(fs, "db", kDatabase, numbers, 4, silent,
                  [&](Seqno first, std::uint64_t, std::string_view batch) -> Status {
                    CHECK(next == 0 || first == next);
                    CHECK(ValidateBatch(batch).ok());
                    next = first + BatchCount(batch);
                    return OkStatus();
                  });
  CHECK(fs.Bytes(path) == bytes);
  if (!report.ok()) return;
  CHECK(report->last_seqno >= 4);
  CHECK(next == 0 || report->last_seqno == std::max<Seqno>(4, next - 1));
}

// A log of records cut from the input: two bytes of length, then the payload.
std::string Framed(std::string_view input) {
  FileHeader header;
  header.magic = kWalMagic;
  header.identity = {kDatabase, kNumber};
  std::string bytes = EncodeFileHeader(header);
  bytes.resize(kLogDataStart, '\0');
  const RecordWriter writer(header.identity);
  while (input.size() >= 2) {
    std::uint16_t length = 0;
    std::memcpy(&length, input.data(), sizeof length);
    input.remove_prefix(sizeof length);
    const std::string_view payload = input.substr(0, length);
    input.remove_prefix(payload.size());
    writer.AppendTo(bytes, bytes.size(), RecordType::kBatch, payload);
  }
  return bytes;
}

}  // namespace
}  // namespace beachdb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  beachdb::TryFile(input);
  beachdb::TryFile(beachdb::Framed(input));
  return 0;
}
