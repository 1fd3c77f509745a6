#include "backup/file_copy.h"

#include <string_view>

#include <fmt/format.h>

#include "base/crc32c.h"
#include "base/try.h"

namespace beachdb {
namespace {

constexpr std::size_t kPieceBytes = 1u << 20;

template <typename Take>
Result<FileSum> ReadPieces(File& from, CopyMeter& meter, Take take) {
  std::string piece(kPieceBytes, '\0');
  FileSum sum;
  for (;;) {
    ASSIGN_OR_RETURN(const std::size_t got, from.ReadAt(sum.size, piece));
    if (got == 0) return sum;
    const std::string_view bytes(piece.data(), got);
    RETURN_IF_ERROR(take(sum.size, bytes));
    sum.checksum = crc32c::Extend(sum.checksum, bytes);
    sum.size += got;
    meter.AddBytes(got);
  }
}

}  // namespace

Result<FileSum> SumFile(File& from, CopyMeter& meter) {
  return ReadPieces(from, meter, [](std::uint64_t, std::string_view) { return OkStatus(); });
}

Result<FileSum> CopyFile(File& from, File& to, CopyMeter& meter) {
  return ReadPieces(from, meter, [&to](std::uint64_t offset, std::string_view bytes) {
    return to.WriteAt(offset, bytes);
  });
}

std::string Difference(const FileSum& found, const FileSum& expected) {
  if (found.size != expected.size) {
    return fmt::format("size is {} bytes, expected {}", found.size, expected.size);
  }
  if (found.checksum != expected.checksum) {
    return fmt::format("checksum of the file is {:08x}, expected {:08x}", found.checksum,
                       expected.checksum);
  }
  return {};
}

}  // namespace beachdb
