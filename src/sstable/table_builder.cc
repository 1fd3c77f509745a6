#include "sstable/table_builder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/strings.h"
#include "base/try.h"
#include "kv/expiry.h"

namespace beachdb {
namespace {

// Larger targets than this would only cost memory.
constexpr std::size_t kMaxBlockTarget = 64u << 20;
// What is kept for the next block; a giant's buffer is not.
constexpr std::size_t kMaxScratch = 4u << 20;

TableOptions Clamped(TableOptions options) {
  options.block_size = std::clamp<std::size_t>(options.block_size, 1, kMaxBlockTarget);
  options.filter_bits_per_key = std::clamp(options.filter_bits_per_key, 0, 64);
  return options;
}

FileHeader HeaderOf(const FileIdentity& identity, std::uint64_t created_micros) {
  FileHeader header;
  header.magic = kTableMagic;
  header.identity = identity;
  header.created_micros = created_micros;
  return header;
}

bool IsWithinLimits(const EntryView& entry) {
  const std::size_t key_size = entry.user_key.size();
  return key_size >= kMinKeySize && key_size <= kMaxKeySize && entry.value.size() <= kMaxValueSize;
}

bool HasTableKind(const EntryView& entry) {
  const Kind kind = TrailerKind(entry.trailer);
  return kind == Kind::kPut || kind == Kind::kDelete ||
         (kind == Kind::kPutExpiring && entry.value.size() >= kExpirySize);
}

}  // namespace

TableBuilder::TableBuilder(std::unique_ptr<File> file, const FileIdentity& identity,
                           const TableOptions& options, TableJob job, std::uint64_t created_micros,
                           BlockCache* cache)
    : options_(Clamped(options)),
      seed_(IdentityChecksum(identity)),
      writer_(std::move(file)),
      compressor_(options.compression),
      filter_(options_.filter_bits_per_key),
      warm_blocks_(cache) {
  properties_.compression = options_.compression;
  properties_.block_size = options_.block_size;
  properties_.filter_bits_per_key = options_.filter_bits_per_key;
  properties_.job = std::move(job);
  status_ = writer_.Append(EncodeFileHeader(HeaderOf(identity, created_micros)));
  estimated_size_ = EstimateSize();
}

TableBuilder::~TableBuilder() = default;

std::string_view TableBuilder::LastKey() const {
  return block_.empty() ? previous_block_key_ : block_.Entries().back().user_key;
}

std::uint64_t TableBuilder::LastTrailer() const {
  return block_.empty() ? previous_block_trailer_ : block_.Entries().back().trailer;
}

Status TableBuilder::Add(std::string_view user_key, std::uint64_t trailer, std::string_view value,
                         bool warm) {
  if (!status_.ok()) return status_;
  const EntryView entry{user_key, trailer, value};
  // Negative for the first entry of all: it comes after nothing.
  const int order = LastKey().compare(user_key);
  if (!MayFollow(entry, order)) [[unlikely]] {
    status_ = WhyNot(entry);
    return status_;
  }
  Count(entry, order != 0);
  if (value.size() < options_.block_size && block_.Add(entry, options_.block_size)) [[likely]] {
    warm_balance_ += warm ? 1 : -1;
    return OkStatus();
  }
  status_ = AddToNextBlock(entry, warm);
  return status_;
}

bool TableBuilder::MayFollow(const EntryView& entry, int order) const {
  return IsWithinLimits(entry) && HasTableKind(entry) &&
         (order < 0 || (order == 0 && LastTrailer() > entry.trailer));
}

Error TableBuilder::WhyNot(const EntryView& entry) const {
  std::string reason;
  if (!IsWithinLimits(entry)) {
    reason = fmt::format("table entry with a key of {} and a value of {} bytes: beyond the limits",
                         entry.user_key.size(), entry.value.size());
  } else if (!HasTableKind(entry)) {
    reason = fmt::format("table entry {} of kind {}: tables hold puts and deletes",
                         EscapeBytes(entry.user_key), static_cast<int>(TrailerKind(entry.trailer)));
  } else {
    reason = fmt::format("table entries must come in order: {} @ {} after {} @ {}",
                         EscapeBytes(entry.user_key), TrailerSeqno(entry.trailer),
                         EscapeBytes(LastKey()), TrailerSeqno(LastTrailer()));
  }
  return {Code::kInvalidArgument, std::move(reason)};
}

Status TableBuilder::AddToNextBlock(const EntryView& entry, bool warm) {
  RETURN_IF_ERROR(FlushBlock());
  // An entry that fills a block alone is laid out from where it lies, without a copy between.
  if (entry.value.size() >= options_.block_size) {
    warm_balance_ = warm ? 1 : 0;
    return WriteDataBlock({&entry, 1});
  }
  CHECK(block_.Add(entry, options_.block_size));
  warm_balance_ += warm ? 1 : -1;
  return OkStatus();
}

void TableBuilder::Count(const EntryView& entry, bool is_new_key) {
  const Seqno seqno = TrailerSeqno(entry.trailer);
  if (properties_.entries == 0) {
    properties_.smallest_key = entry.user_key;
    properties_.smallest_seqno = properties_.largest_seqno = seqno;
  }
  if (is_new_key) {
    properties_.distinct_keys += 1;
    if (options_.filter_bits_per_key > 0) filter_.AddHash(Hash64(entry.user_key));
  }
  properties_.entries += 1;
  properties_.tombstones += TrailerKind(entry.trailer) == Kind::kDelete ? 1 : 0;
  properties_.raw_key_bytes += entry.user_key.size();
  properties_.raw_value_bytes += entry.value.size();
  properties_.smallest_seqno = std::min(properties_.smallest_seqno, seqno);
  properties_.largest_seqno = std::max(properties_.largest_seqno, seqno);
}

Status TableBuilder::FlushBlock() {
  if (block_.empty()) return OkStatus();
  RETURN_IF_ERROR(WriteDataBlock(block_.Entries()));
  block_.Clear();
  return OkStatus();
}

Status TableBuilder::WriteDataBlock(std::span<const EntryView> entries) {
  const EntryView& first = entries.front();
  const bool is_first = properties_.data_blocks == 0;
  index_.AddSeparator(previous_block_key_, previous_block_trailer_,
                      is_first ? std::string_view() : first.user_key);
  previous_block_key_ = entries.back().user_key;
  previous_block_trailer_ = entries.back().trailer;

  const std::size_t raw_size = DataBlockSize(entries);
  std::string_view compressed;
  const bool tried = compressor_.WorthATry();
  if (tried) {
    scratch_.resize(raw_size);
    EncodeDataBlock(entries, raw_size, scratch_.data());
    compressed = compressor_.Compress(scratch_);
  }
  const std::uint64_t offset = writer_.offset();
  const bool shrunk = !compressed.empty();
  const std::size_t size = shrunk ? compressed.size() : raw_size;
  char* out = writer_.Reserve(size + kBlockTrailerSize);
  if (shrunk) {
    std::memcpy(out, compressed.data(), size);
  } else if (tried) {
    std::memcpy(out, scratch_.data(), size);
  } else {
    EncodeDataBlock(entries, raw_size, out);
  }
  SealBlock(out, size, BlockType::kData, shrunk ? options_.compression : Compression::kNone,
            static_cast<std::uint32_t>(raw_size), seed_, offset);
  if (std::exchange(warm_balance_, 0) > 0) {
    warm_blocks_.Keep(static_cast<std::uint32_t>(properties_.data_blocks),
                      shrunk ? std::string_view(scratch_) : std::string_view(out, raw_size));
  }
  index_.AddSize(static_cast<std::uint32_t>(size + kBlockTrailerSize));
  if (scratch_.capacity() > kMaxScratch) std::string().swap(scratch_);
  properties_.data_blocks += 1;
  properties_.data_bytes += size + kBlockTrailerSize;
  RETURN_IF_ERROR(writer_.Commit(size + kBlockTrailerSize));
  estimated_size_ = EstimateSize();
  return OkStatus();
}

Result<BlockHandle> TableBuilder::WriteMetaBlock(std::string_view contents, BlockType type) {
  if (contents.size() > kMaxBlockSize) {
    return Error(Code::kInvalidArgument, fmt::format("{} block of {} bytes: the table is too large",
                                                     BlockTypeName(type), contents.size()));
  }
  const BlockHandle handle{writer_.offset(),
                           static_cast<std::uint32_t>(contents.size() + kBlockTrailerSize)};
  char* out = writer_.Reserve(handle.size);
  std::memcpy(out, contents.data(), contents.size());
  SealBlock(out, contents.size(), type, Compression::kNone,
            static_cast<std::uint32_t>(contents.size()), seed_, handle.offset);
  RETURN_IF_ERROR(writer_.Commit(handle.size));
  return handle;
}

std::uint64_t TableBuilder::EstimateSize() const {
  const std::size_t filter = options_.filter_bits_per_key > 0 ? filter_.EstimatedSize() : 0;
  constexpr std::size_t kPropertiesEstimate = 256;
  return writer_.offset() + filter + index_.size() + kPropertiesEstimate + 4 * kBlockTrailerSize +
         kFooterSize;
}

Result<TableSummary> TableBuilder::Finish(std::span<const RangeTombstone> ranges) {
  CHECK(properties_.entries > 0 || !ranges.empty());
  if (properties_.entries == 0) {
    RETURN_IF_ERROR(
        Add(ranges.front().begin, PackTrailer(ranges.front().seqno, Kind::kDelete), {}));
  }
  RETURN_IF_ERROR(std::exchange(status_, Error(Code::kInvalidArgument, "table is finished")));
  RETURN_IF_ERROR(FlushBlock());
  properties_.largest_key = LastKey();
  CountRanges(ranges);
  RETURN_IF_ERROR(WriteTail(ranges));
  TableSummary summary;
  summary.properties = std::move(properties_);
  summary.file_size = writer_.offset();
  summary.file_checksum = writer_.checksum();
  RETURN_IF_ERROR(writer_.Finish());
  return summary;
}

void TableBuilder::CountRanges(std::span<const RangeTombstone> ranges) {
  properties_.range_tombstones = ranges.size();
  if (ranges.empty()) return;
  // A range that ends right behind the last entry covers nothing behind it.
  const std::string behind_last = KeySuccessor(LastKey());
  for (const RangeTombstone& range : ranges) {
    if (range.begin < properties_.smallest_key) properties_.smallest_key = range.begin;
    if (range.end > properties_.largest_key && range.end != behind_last) {
      properties_.largest_key = range.end;
    }
    properties_.smallest_seqno = std::min(properties_.smallest_seqno, range.seqno);
    properties_.largest_seqno = std::max(properties_.largest_seqno, range.seqno);
  }
}

// Everything behind the data blocks.
Status TableBuilder::WriteTail(std::span<const RangeTombstone> ranges) {
  Footer footer;
  if (options_.filter_bits_per_key > 0) {
    ASSIGN_OR_RETURN(footer.filter, WriteMetaBlock(filter_.Finish(), BlockType::kFilter));
  }
  ASSIGN_OR_RETURN(footer.index, WriteMetaBlock(index_.Finish(), BlockType::kIndex));
  if (!ranges.empty()) {
    ASSIGN_OR_RETURN(footer.ranges,
                     WriteMetaBlock(EncodeRangeTombstones(ranges), BlockType::kRangeTombstones));
  }
  properties_.filter_bytes = footer.filter.size;
  properties_.index_bytes = footer.index.size;
  ASSIGN_OR_RETURN(footer.properties,
                   WriteMetaBlock(EncodeTableProperties(properties_), BlockType::kProperties));
  footer.file_size = writer_.offset() + kFooterSize;
  return writer_.Append(EncodeFooter(footer, seed_));
}

}  // namespace beachdb
