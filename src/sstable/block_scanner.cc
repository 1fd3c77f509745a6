#include "sstable/block_scanner.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/epoch.h"
#include "base/try.h"
#include "sstable/block_compression.h"

namespace beachdb {
namespace {

constexpr int kRunBeforePieces = 2;
constexpr std::size_t kFirstPiece = 16u << 10;
constexpr std::size_t kLargestPiece = 256u << 10;
constexpr std::size_t kCompactPiece = 512u << 10;

std::uint64_t RoundUp(std::uint64_t n, std::size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

}  // namespace

BlockScanner::~BlockScanner() { Release(); }

BlockScanner::BlockScanner(BlockScanner&& other) noexcept
    : table_(other.table_),
      kind_(other.kind_),
      run_(other.run_),
      cost_(other.cost_),
      block_(std::move(other.block_)),
      piece_(std::move(other.piece_)),
      piece_begin_(other.piece_begin_),
      piece_end_(std::exchange(other.piece_end_, 0)),
      piece_size_(other.piece_size_),
      raw_(std::move(other.raw_)) {}

BlockScanner& BlockScanner::operator=(BlockScanner&& other) noexcept {
  if (this == &other) return *this;
  Release();
  table_ = other.table_;
  kind_ = other.kind_;
  run_ = other.run_;
  cost_ = other.cost_;
  block_ = std::move(other.block_);
  piece_ = std::move(other.piece_);
  piece_begin_ = other.piece_begin_;
  piece_end_ = std::exchange(other.piece_end_, 0);
  piece_size_ = other.piece_size_;
  raw_ = std::move(other.raw_);
  return *this;
}

void BlockScanner::Release() {
  const std::size_t held = piece_.size() + raw_.size();
  if (held > 0) table_->cache_.Charge(-static_cast<std::int64_t>(held));
}

void BlockScanner::Resize(BlockCache& cache, AlignedBuffer& buffer, std::size_t size) {
  // Grown when too small; given back when a giant block has passed.
  const std::size_t before = buffer.size();
  if (before >= size && before <= std::max(4 * size, 4 * kCompactPiece)) return;
  buffer = AlignedBuffer();  // before the next one is made: never both
  cache.Charge(-static_cast<std::int64_t>(before));
  buffer = AlignedBuffer(size);
  cache.Charge(static_cast<std::int64_t>(buffer.size()));
}

const char* BlockScanner::Peek(std::uint32_t i) const {
  const EpochGuard guard;
  const CachedBlock* block = BlockCache::Peek(table_->slots_[i]);
  return block != nullptr ? block->data() : nullptr;
}

Result<DataBlock> BlockScanner::Fetch(std::uint32_t i, ScanStep step) {
  if (FindCached(i)) {
    run_ = 0;
    ++cost_.blocks_cached;
    return DataBlock(block_.block()->data());
  }
  ++cost_.blocks_read;
  block_ = BlockRef();
  run_ = step == ScanStep::kSeek ? 0 : run_ + 1;
  if (run_ == 0) piece_size_ = kFirstPiece;
  if (kind_ == ScanKind::kCompact || run_ > kRunBeforePieces) return FetchFromPiece(i, step);
  return FetchAlone(i);
}

bool BlockScanner::FindCached(std::uint32_t i) {
  BlockCache::Slot& slot = table_->slots_[i];
  const EpochGuard guard;
  CachedBlock* block =
      kind_ == ScanKind::kCompact ? BlockCache::Peek(slot) : table_->cache_.Lookup(slot);
  if (block == nullptr) return false;
  block_ = BlockRef(block);
  return true;
}

DataBlock BlockScanner::Keep(std::uint32_t i, BlockRef block) {
  if (kind_ == ScanKind::kRead && table_->Admits(i)) {
    block = table_->cache_.Insert(table_->slots_[i], std::move(block), CachePriority::kScan);
  }
  block_ = std::move(block);
  return DataBlock(block_.block()->data());
}

Result<DataBlock> BlockScanner::FetchAlone(std::uint32_t i) {
  ASSIGN_OR_RETURN(BlockRef block, table_->ReadBlock(i));
  ++cost_.reads;
  cost_.bytes_read += table_->index_.block(i).size;
  return Keep(i, std::move(block));
}

Result<DataBlock> BlockScanner::FetchFromPiece(std::uint32_t i, ScanStep step) {
  const BlockHandle handle = table_->index_.block(i);
  if (handle.offset < piece_begin_ || handle.end() > piece_end_) {
    const Status read = ReadPiece(handle, step);
    if (!read.ok()) return table_->BlockError(i, read.error());
  }
  const std::string_view stored(piece_.data() + (handle.offset - piece_begin_), handle.size);
  if (kind_ != ScanKind::kRead) return OpenInPlace(i, stored);
  ASSIGN_OR_RETURN(BlockRef block, table_->MakeBlock(i, stored));
  return Keep(i, std::move(block));
}

// Reads the block at `handle` and as many neighbours in the direction of the walk as a piece holds.
Status BlockScanner::ReadPiece(const BlockHandle& handle, ScanStep step) {
  if (handle.size > kMaxBlockSize + kBlockTrailerSize) {
    return Error(Code::kCorruption,
                 fmt::format("{} bytes are above the limit of {}", handle.size, kMaxBlockSize));
  }
  File& file = *table_->file_;
  const std::size_t wanted = kind_ == ScanKind::kCompact ? kCompactPiece : piece_size_;
  piece_size_ = std::min(2 * piece_size_, kLargestPiece);
  std::uint64_t begin = handle.offset;
  std::uint64_t end = handle.end();
  if (step == ScanStep::kBackward) {
    begin = std::min(begin, std::max<std::uint64_t>(kFileHeaderSize,
                                                    end - std::min<std::uint64_t>(end, wanted)));
  } else {
    end = std::max(end, std::min(table_->data_end_, begin + wanted));
  }
  const std::uint64_t from = begin / file.alignment() * file.alignment();
  const std::size_t size = RoundUp(end - from, file.alignment());
  piece_end_ = 0;  // nothing is there until the read has succeeded
  piece_begin_ = 0;
  Resize(table_->cache_, piece_, size + kBlockSlack);
  ASSIGN_OR_RETURN(const std::size_t got, file.ReadAt(from, {piece_.data(), size}));
  if (from + got < end) {
    return Error(Code::kCorruption,
                 fmt::format("file ends at {}, want its data up to {}", from + got, end));
  }
  table_->CountRead(got);
  ++cost_.reads;
  cost_.bytes_read += got;
  piece_begin_ = from;
  piece_end_ = end;
  if (step != ScanStep::kBackward && end < table_->data_end_) file.Prefetch(end, piece_size_);
  return OkStatus();
}

Result<DataBlock> BlockScanner::OpenInPlace(std::uint32_t i, std::string_view stored) {
  const auto opened =
      OpenBlock(stored, BlockType::kData, table_->seed_, table_->index_.block(i).offset);
  if (!opened.ok()) return table_->BlockError(i, opened.error());
  // Its trailer and the buffer's end are the slack behind a block that is not compressed.
  const char* raw = opened->contents.data();
  if (opened->compression != Compression::kNone) {
    Resize(table_->cache_, raw_, opened->raw_size + kBlockSlack);
    const Status expanded = UncompressBlock(*opened, raw_.data());
    if (!expanded.ok()) return table_->BlockError(i, expanded.error());
    raw = raw_.data();
  }
  const Status valid = DataBlock::Validate({raw, opened->raw_size});
  if (!valid.ok()) return table_->BlockError(i, valid.error());
  return DataBlock(raw);
}

}  // namespace beachdb
