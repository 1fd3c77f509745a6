// Any bytes as a file header, as they are and with the checksum made right, so that what stands
// behind it meets hostile fields too: refused with a message, or exactly what we would have
// written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/coding.h"
#include "base/crc32c.h"
#include "format/file_header.h"

namespace beachdb {
namespace {

void TryHeader(std::string_view bytes) {
  for (const std::string_view magic : {kWalMagic, kManifestMagic, kTableMagic}) {
    const auto header = DecodeFileHeader(bytes, magic);
    if (header.ok()) {
      CHECK(EncodeFileHeader(*header) == bytes.substr(0, kFileHeaderSize));
    } else {
      CHECK(header.error().message().size() < 200);
    }
  }
}

}  // namespace
}  // namespace beachdb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beachdb;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  TryHeader(bytes);
  if (size < kFileHeaderSize) return 0;
  const std::size_t checksum_at = kFileHeaderSize - 4;
  StoreFixed32(bytes.data() + checksum_at,
               crc32c::Value(std::string_view(bytes).substr(0, checksum_at)));
  TryHeader(bytes);
  return 0;
}
