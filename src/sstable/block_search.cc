#include "sstable/block_search.h"

#include <algorithm>
#include <string_view>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/try.h"
#include "format/file_header.h"
#include "sstable/table.h"

namespace beachdb {
namespace {

// How far the end of a block is looked for at first.
constexpr std::uint64_t kFirstWindow = 16u << 10;

// The stored size of the block that begins `bytes`; 0: it does not end there.
std::size_t FindBlockEnd(std::string_view bytes, std::uint32_t seed, std::uint64_t offset) {
  char position[8];
  StoreFixed64(position, offset);
  std::uint32_t crc = crc32c::Extend(seed, {position, sizeof position});
  std::size_t summed = 0;
  for (std::size_t at = 1; at + kBlockTrailerSize <= bytes.size(); ++at) {
    // What no trailer can be costs no checksum.
    if (!MayBeBlockTrailer(bytes.data() + at)) continue;
    const std::size_t covered = at + 8;
    crc = crc32c::Extend(crc, bytes.substr(summed, covered - summed));
    summed = covered;
    const std::uint32_t expected = crc == 0 ? kZeroChecksumStandIn : crc;
    if (expected == LoadFixed32(bytes.data() + covered)) return at + kBlockTrailerSize;
  }
  return 0;
}

}  // namespace

bool MayBeBlockTrailer(const char* p) {
  const std::uint32_t fields = LoadFixed32(p);
  return (fields & 0xff) - 1 <= 3 && (fields >> 8 & 0xff) <= 2 && fields >> 16 == 0 &&
         LoadFixed32(p + 4) <= kMaxBlockSize;
}

Result<FoundBlock> SearchBlock(File& file, std::uint64_t file_size, std::uint32_t seed,
                               std::uint64_t offset, std::string& buffer,
                               std::uint64_t window_max) {
  const std::uint64_t left = file_size - offset;
  for (std::uint64_t window = kFirstWindow;; window *= 8) {
    buffer.resize(std::min(window, left));
    RETURN_IF_ERROR(ReadExactly(file, offset, buffer));
    const std::size_t size = FindBlockEnd(buffer, seed, offset);
    if (size == 0 && window < std::min(left, window_max)) continue;
    FoundBlock found{{offset, static_cast<std::uint32_t>(size)}};
    if (size != 0) found.type = static_cast<BlockType>(buffer[size - kBlockTrailerSize]);
    return found;
  }
}

}  // namespace beachdb
