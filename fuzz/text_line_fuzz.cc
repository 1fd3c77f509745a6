// Any bytes as CURRENT, as IDENTITY and as a file name, as they are and as the words of a line
// whose checksum is right: refused, or exactly what we would have written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "format/current.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "format/text_line.h"

namespace beachdb {
namespace {

void TryLine(std::string_view bytes) {
  if (const auto current = DecodeCurrent(bytes); current.ok()) {
    CHECK(EncodeCurrent(*current) == bytes);
  }
  if (const auto identity = DecodeIdentity(bytes); identity.ok()) {
    CHECK(EncodeIdentity(*identity) == bytes);
  }
}

void TryName(std::string_view bytes) {
  const auto name = ParseFileName(bytes);
  if (!name.has_value()) return;
  if (name->type == FileType::kTable) CHECK(TableName(name->number) == bytes);
  if (name->type == FileType::kLog) CHECK(LogName(name->number) == bytes);
  if (name->type == FileType::kManifest) CHECK(ManifestName(name->number) == bytes);
}

}  // namespace
}  // namespace beachdb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beachdb;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  TryLine(bytes);
  TryName(bytes);
  if (size <= 200 && bytes.find('\n') == std::string_view::npos) TryLine(EncodeTextLine(bytes));
  return 0;
}
