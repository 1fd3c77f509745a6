// Any bytes as the record of a backup and as the name of one of its files, as they are and with a
// last line that vouches for them: refused, or exactly what we would have written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "backup/backup_record.h"
#include "base/check.h"
#include "base/crc32c.h"

namespace beachdb {
namespace {

void TryRecord(std::string_view bytes) {
  const auto record = DecodeBackupRecord(bytes);
  if (record.ok()) CHECK(EncodeBackupRecord(*record) == bytes);
}

void TryName(std::string_view bytes) {
  if (const auto id = ParseRecordName(bytes)) CHECK(RecordName(*id) == bytes);
  if (IsStoredName(bytes)) CHECK(bytes.find('/') == std::string_view::npos);
}

}  // namespace
}  // namespace beachdb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beachdb;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  TryRecord(bytes);
  TryName(bytes);
  TryRecord(std::string(bytes) + fmt::format("end {:08x}\n", crc32c::Value(bytes)));
  return 0;
}
