#include "sstable/table.h"

#include <utility>

#include <fmt/format.h>

#include "base/rare_branch.h"
#include "base/try.h"
#include "sstable/block_compression.h"

namespace beachdb {
namespace {

// Whether a read of `size` bytes at `offset` has got all of them.
Status CheckComplete(std::uint64_t offset, std::size_t size, const Result<std::size_t>& got) {
  if (!got.ok()) return got.error();
  if (*got == size) return OkStatus();
  return Error(Code::kCorruption,
               fmt::format("file ends at {}, want {} bytes at {}", offset + *got, size, offset));
}

// The contents of a block behind the data blocks: never compressed, so no larger than the file.
Result<std::string_view> OpenMetaBlock(std::string_view stored, BlockType type, std::uint32_t seed,
                                       std::uint64_t offset) {
  ASSIGN_OR_RETURN(const StoredBlock block, OpenBlock(stored, type, seed, offset));
  if (block.compression != Compression::kNone) {
    return Error(Code::kCorruption,
                 fmt::format("compression {}, want none", CompressionName(block.compression)));
  }
  return block.contents;
}

}  // namespace

Status ReadExactly(File& file, std::uint64_t offset, std::span<char> out) {
  return CheckComplete(offset, out.size(), ReadUnaligned(file, offset, out));
}

Table::Table(std::unique_ptr<File> file, const FileIdentity& identity, BlockCache& cache,
             TableCounters* counters, Seqno base_seqno)
    : file_(std::move(file)),
      seed_(IdentityChecksum(identity)),
      base_trailer_(base_seqno << 8),
      cache_(cache),
      counters_(counters) {}

Table::~Table() {
  if (slots_ == nullptr) return;
  for (std::uint32_t i = 0; i < index_.blocks(); ++i) cache_.Evict(slots_[i]);
  cache_.Charge(-static_cast<std::int64_t>(memory_usage_));
}

Result<std::unique_ptr<Table>> Table::Open(std::unique_ptr<File> file, const FileIdentity& identity,
                                           std::uint64_t file_size, BlockCache& cache,
                                           TableCounters* counters, Seqno base_seqno) {
  std::unique_ptr<Table> table(new Table(std::move(file), identity, cache, counters, base_seqno));
  RETURN_IF_ERROR(table->Load(identity, file_size).WithContext(table->path() + ": "));
  return table;
}

Status Table::Load(const FileIdentity& identity, std::uint64_t file_size) {
  ASSIGN_OR_RETURN(file_size_, file_->Size());
  if (file_size != 0 && file_size != file_size_) {
    return Error(
        Code::kCorruption,
        fmt::format("the file has {} bytes, the manifest says {}: {}", file_size_, file_size,
                    file_size_ < file_size ? "it was cut short" : "something was appended"));
  }
  if (file_size_ < kFileHeaderSize + kFooterSize) {
    return Error(Code::kCorruption,
                 fmt::format("{} bytes are too few for a table: it was cut short "
                             "or never finished",
                             file_size_));
  }
  char header[kFileHeaderSize];
  RETURN_IF_ERROR(ReadExactly(*file_, 0, header));
  RETURN_IF_ERROR(CheckFileHeader({header, sizeof header}, kTableMagic, identity));
  char bytes[kFooterSize];
  RETURN_IF_ERROR(ReadExactly(*file_, file_size_ - kFooterSize, bytes));
  ASSIGN_OR_RETURN(const Footer footer, DecodeFooter({bytes, sizeof bytes}, seed_, file_size_));
  RETURN_IF_ERROR(LoadMeta(footer));
  RETURN_IF_ERROR(CheckProperties(footer));

  slots_ = std::make_unique<BlockCache::Slot[]>(index_.blocks());
  memory_usage_ = sizeof(Table) + index_.memory_usage() + filter_.memory_usage() +
                  index_.blocks() * sizeof(BlockCache::Slot) + properties_.smallest_key.size() +
                  properties_.largest_key.size() + range_bytes_.capacity() + ranges_.MemoryUsage();
  cache_.Charge(static_cast<std::int64_t>(memory_usage_));
  return OkStatus();
}

// Filter, index, range tombstones and properties stand together: one read.
Status Table::LoadMeta(const Footer& footer) {
  data_end_ = footer.filter.size != 0 ? footer.filter.offset : footer.index.offset;
  std::string meta(file_size_ - kFooterSize - data_end_, '\0');
  RETURN_IF_ERROR(ReadExactly(*file_, data_end_, meta));
  const auto open = [&](const BlockHandle& handle, BlockType type) -> Result<std::string_view> {
    const auto stored = std::string_view(meta).substr(handle.offset - data_end_, handle.size);
    return OpenMetaBlock(stored, type, seed_, handle.offset)
        .WithContext(fmt::format("{} block at offset {}: ", BlockTypeName(type), handle.offset));
  };
  ASSIGN_OR_RETURN(const auto index, open(footer.index, BlockType::kIndex));
  ASSIGN_OR_RETURN(index_, TableIndex::Decode(index, data_end_));
  ASSIGN_OR_RETURN(const auto properties, open(footer.properties, BlockType::kProperties));
  ASSIGN_OR_RETURN(properties_, DecodeTableProperties(properties));
  if (footer.filter.size != 0) {
    ASSIGN_OR_RETURN(const auto filter, open(footer.filter, BlockType::kFilter));
    ASSIGN_OR_RETURN(filter_, Filter::Decode(filter));
  }
  if (footer.ranges.size != 0) {
    ASSIGN_OR_RETURN(const auto ranges, open(footer.ranges, BlockType::kRangeTombstones));
    range_bytes_ = ranges;
    auto decoded = DecodeRangeTombstones(range_bytes_);
    if (!decoded.ok()) return decoded.error().WithContext("range tombstones block: ");
    for (RangeTombstone& range : *decoded) range.seqno += base_trailer_ >> 8;
    ranges_ = RangeTombstones(*std::move(decoded));
    has_ranges_ = true;
  }
  return OkStatus();
}

// What the properties say of the file's shape is what it is.
Status Table::CheckProperties(const Footer& footer) const {
  const struct {
    const char* name;
    std::uint64_t want;
    std::uint64_t found;
  } checks[] = {{"data blocks", index_.blocks(), properties_.data_blocks},
                {"data bytes", data_end_ - kFileHeaderSize, properties_.data_bytes},
                {"index bytes", footer.index.size, properties_.index_bytes},
                {"filter bytes", footer.filter.size, properties_.filter_bytes},
                {"range tombstones", ranges_.size(), properties_.range_tombstones}};
  for (const auto& check : checks) {
    if (check.want == check.found) continue;
    return Error(Code::kCorruption, fmt::format("properties block: {} {}, want {}", check.found,
                                                check.name, check.want));
  }
  return OkStatus();
}

template <typename Notes>
Result<bool> Table::Get(std::string_view key, Seqno snapshot, bool fill_cache, TableHit* hit,
                        Notes notes) {
  const std::uint64_t trailer = StoredTrailer(SeekTrailer(snapshot));
  const std::uint32_t i = index_.Find(key, trailer);
  if (CachedBlock* block = cache_.Lookup(slots_[i])) {
    notes.Place(i, index_.blocks(), BlockSource::kCache);
    notes.Search(index_.block(i), DataBlock(block->data()), key, trailer);
    return Search(block, key, trailer, hit);
  }
  notes.Place(i, index_.blocks(), BlockSource::kFile);
  ASSIGN_OR_RETURN(BlockRef block, ReadBlock(i));
  if (fill_cache && Admits(i)) {
    block = cache_.Insert(slots_[i], std::move(block), CachePriority::kNormal);
  }
  notes.Search(index_.block(i), DataBlock(block.block()->data()), key, trailer);
  const bool found = Search(block.block(), key, trailer, hit);
  // Only then: a pin that a miss leaves behind would pass for that of another table's block.
  if (found) hit->pin = std::move(block);
  if (!found) RARE_BRANCH("get_reads_block_in_vain");
  return found;
}

template Result<bool> Table::Get(std::string_view, Seqno, bool, TableHit*, NoBlockNotes);
template Result<bool> Table::Get(std::string_view, Seqno, bool, TableHit*, BlockNotes);

// The separators see to it that an entry of `key` at or after the trailer is in this block or
// nowhere (index_block.h).
bool Table::Search(CachedBlock* block, std::string_view key, std::uint64_t trailer,
                   TableHit* hit) const {
  const DataBlock data(block->data());
  return FindIn(data, data.Aim(key), key, trailer, block, hit);
}

bool Table::FindIn(const DataBlock& data, std::uint32_t aim, std::string_view key,
                   std::uint64_t trailer, CachedBlock* block, TableHit* hit) const {
  DataBlock::Entry entry;
  if (!data.Find(aim, key, trailer, &entry)) return false;
  hit->trailer = entry.trailer + base_trailer_;
  hit->value = entry.value;
  hit->block = block;
  return true;
}

Result<BlockRef> Table::ReadBlock(std::uint32_t i) {
  RETURN_IF_ERROR(CheckBlockSize(i));
  const BlockHandle handle = index_.block(i);
  const CoveringRange range(*file_, handle.offset, handle.size);
  if (file_->alignment() != 1 && range.size <= kReadBufferSize) {
    const ReadBuffer buffer;
    return CopyBlock(i, range, buffer.data(),
                     file_->ReadAt(range.begin, {buffer.data(), range.size}));
  }
  BlockRef stored = AllocateStored(i);
  const std::span<char> memory(stored.block()->mutable_data(), handle.size);
  const auto got = ReadUnaligned(*file_, handle.offset, memory);
  return KeepBlock(i, std::move(stored), got);
}

Status Table::CheckBlockSize(std::uint32_t i) const {
  const std::uint32_t size = index_.block(i).size;
  if (size <= kMaxBlockSize + kBlockTrailerSize) return OkStatus();
  return BlockError(i, Error(Code::kCorruption, fmt::format("{} bytes are above the limit of {}",
                                                            size, kMaxBlockSize)));
}

BlockRef Table::AllocateStored(std::uint32_t i) const {
  return BlockCache::Allocate(index_.block(i).size + kBlockSlack - kBlockTrailerSize);
}

Result<BlockRef> Table::KeepBlock(std::uint32_t i, BlockRef stored,
                                  const Result<std::size_t>& got) {
  const BlockHandle handle = index_.block(i);
  const Status read = CheckComplete(handle.offset, handle.size, got);
  if (!read.ok()) return BlockError(i, read.error());
  CountRead(handle.size);
  const std::string_view bytes(stored.block()->data(), handle.size);
  const auto opened = OpenBlock(bytes, BlockType::kData, seed_, handle.offset);
  if (!opened.ok()) return BlockError(i, opened.error());
  if (opened->compression != Compression::kNone) return MakeBlock(i, bytes);
  const Status valid = DataBlock::Validate(opened->contents);
  if (!valid.ok()) return BlockError(i, valid.error());
  return stored;
}

Result<BlockRef> Table::CopyBlock(std::uint32_t i, const CoveringRange& range, const char* memory,
                                  const Result<std::size_t>& got) {
  const BlockHandle handle = index_.block(i);
  const Status read = CheckComplete(handle.offset, handle.size,
                                    got.ok() ? Result<std::size_t>(range.WantedOf(*got)) : got);
  if (!read.ok()) return BlockError(i, read.error());
  CountRead(handle.size);
  return MakeBlock(i, {memory + range.skip, handle.size});
}

Result<BlockRef> Table::MakeBlock(std::uint32_t i, std::string_view stored) {
  const auto opened = OpenBlock(stored, BlockType::kData, seed_, index_.block(i).offset);
  if (!opened.ok()) return BlockError(i, opened.error());
  BlockRef block = BlockCache::Allocate(opened->raw_size + kBlockSlack);
  char* data = block.block()->mutable_data();
  Status status = UncompressBlock(*opened, data);
  if (status.ok()) status = DataBlock::Validate({data, opened->raw_size});
  if (!status.ok()) return BlockError(i, status.error());
  return block;
}

void Table::CountRead(std::uint64_t bytes) const {
  if (counters_ == nullptr) return;
  counters_->blocks_read.fetch_add(1, std::memory_order_relaxed);
  counters_->bytes_read.fetch_add(bytes, std::memory_order_relaxed);
}

Error Table::BlockError(std::uint32_t i, const Error& error) const {
  return error.WithContext(
      fmt::format("{}: data block {} at offset {}: ", path(), i, index_.block(i).offset));
}

}  // namespace beachdb
