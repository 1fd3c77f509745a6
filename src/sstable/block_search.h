// Finds the end of a block without an index: blocks stand back to back, and one ends where its
// checksum holds.
//
// Thread safety: none. Memory: a window of at most `window_max` bytes; a larger block is not found.
#pragma once

#include <cstdint>
#include <string>

#include "beachdb/result.h"
#include "io/file_system.h"
#include "sstable/table_format.h"

namespace beachdb {

inline constexpr std::uint64_t kBlockSearchWindow = 8u << 20;  // bytes

struct FoundBlock {
  BlockHandle handle;  // size 0: no block that ends within the window begins there
  BlockType type = BlockType::kData;
};

// The block that begins at `offset` of a file of `file_size` bytes. `seed`: the file's
// IdentityChecksum; `buffer` is scratch space that a row of calls shares.
Result<FoundBlock> SearchBlock(File& file, std::uint64_t file_size, std::uint32_t seed,
                               std::uint64_t offset, std::string& buffer,
                               std::uint64_t window_max = kBlockSearchWindow);

// Whether the kBlockTrailerSize bytes at `p` may close a block, but for the checksum: a few in a
// billion others may.
bool MayBeBlockTrailer(const char* p);

}  // namespace beachdb
