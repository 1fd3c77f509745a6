// LZ4 and Zstandard around whole blocks.
//
// Thread safety: a BlockCompressor belongs to one thread; UncompressBlock is free of state.
// Errors: hostile input is kCorruption; it never reads or writes outside the buffers given.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "beachdb/options.h"
#include "beachdb/result.h"
#include "sstable/table_format.h"

namespace beachdb {

class BlockCompressor {
 public:
  explicit BlockCompressor(Compression compression);
  ~BlockCompressor();
  BlockCompressor(const BlockCompressor&) = delete;
  BlockCompressor& operator=(const BlockCompressor&) = delete;

  // Whether the next block is worth a try. Where many blocks in a row did not shrink, the next ones
  // rarely do: then only some are tried.
  bool WorthATry();
  // The compressed bytes, good until the next call; empty when they would save less than an eighth:
  // then the time to expand them is not worth it.
  std::string_view Compress(std::string_view raw);

 private:
  struct ZstdContext;

  const Compression compression_;
  std::unique_ptr<ZstdContext> zstd_;
  std::string out_;
  unsigned in_vain_ = 0;  // tries in a row
  unsigned passed_ = 0;   // blocks that were not tried
};

// Fills `out` with the block's raw_size bytes.
Status UncompressBlock(const StoredBlock& block, char* out);

}  // namespace beachdb
