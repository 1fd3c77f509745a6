#include "sstable/block_compression.h"

#include <zstd.h>

#include <cstring>

#include <fmt/format.h>
#include <lz4.h>

#include "base/check.h"

namespace beachdb {
namespace {

// The fastest level of the zstd family that still beats LZ4 in size.
constexpr int kZstdLevel = 1;

constexpr unsigned kTriesInVain = 16;
constexpr unsigned kTryOneOf = 16;

struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// One per thread, because making one costs more than expanding a block.
ZSTD_DCtx* ThreadDecompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context(ZSTD_createDCtx());
  return context.get();
}

Status UncompressLz4(const StoredBlock& block, char* out) {
  const int got =
      LZ4_decompress_safe(block.contents.data(), out, static_cast<int>(block.contents.size()),
                          static_cast<int>(block.raw_size));
  if (got == static_cast<int>(block.raw_size)) return OkStatus();
  return Error(Code::kCorruption,
               fmt::format("lz4 block of {} bytes does not expand to the {} bytes it names",
                           block.contents.size(), block.raw_size));
}

Status UncompressZstd(const StoredBlock& block, char* out) {
  const std::size_t got = ZSTD_decompressDCtx(ThreadDecompressor(), out, block.raw_size,
                                              block.contents.data(), block.contents.size());
  if (ZSTD_isError(got) == 0 && got == block.raw_size) return OkStatus();
  return Error(Code::kCorruption,
               fmt::format("zstd block of {} bytes does not expand to the {} bytes it names: {}",
                           block.contents.size(), block.raw_size,
                           ZSTD_isError(got) != 0 ? ZSTD_getErrorName(got) : "it is shorter"));
}

}  // namespace

struct BlockCompressor::ZstdContext {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZstdContext() = default;
  ZstdContext(const ZstdContext&) = delete;
  ZstdContext& operator=(const ZstdContext&) = delete;
  ~ZstdContext() { ZSTD_freeCCtx(context); }
};

BlockCompressor::BlockCompressor(Compression compression) : compression_(compression) {
  if (compression == Compression::kZstd) zstd_ = std::make_unique<ZstdContext>();
}

BlockCompressor::~BlockCompressor() = default;

bool BlockCompressor::WorthATry() {
  if (compression_ == Compression::kNone) return false;
  return in_vain_ < kTriesInVain || ++passed_ % kTryOneOf == 0;
}

std::string_view BlockCompressor::Compress(std::string_view raw) {
  CHECK(compression_ != Compression::kNone);
  const std::size_t limit = raw.size() - raw.size() / 8;
  // An output that does not fit is one that is not wanted: no larger buffer is needed.
  if (out_.size() < limit) out_.resize(limit);
  std::size_t size = 0;
  if (compression_ == Compression::kLz4) {
    const int got = LZ4_compress_default(raw.data(), out_.data(), static_cast<int>(raw.size()),
                                         static_cast<int>(limit));
    size = got > 0 ? static_cast<std::size_t>(got) : 0;
  } else {
    const std::size_t got =
        ZSTD_compressCCtx(zstd_->context, out_.data(), limit, raw.data(), raw.size(), kZstdLevel);
    size = ZSTD_isError(got) != 0 ? 0 : got;
  }
  in_vain_ = size > 0 ? 0 : in_vain_ + 1;
  return {out_.data(), size};
}

Status UncompressBlock(const StoredBlock& block, char* out) {
  switch (block.compression) {
    case Compression::kNone:
      CHECK(block.raw_size == block.contents.size());
      std::memcpy(out, block.contents.data(), block.raw_size);
      return OkStatus();
    case Compression::kLz4:
      return UncompressLz4(block, out);
    case Compression::kZstd:
      return UncompressZstd(block, out);
  }
  return Error(Code::kNotSupported, "unknown compression");
}

}  // namespace beachdb
