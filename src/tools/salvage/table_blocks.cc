#include "tools/salvage/table_blocks.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"
#include "format/file_names.h"
#include "kv/range_tombstones.h"
#include "sstable/block_compression.h"
#include "sstable/block_search.h"
#include "sstable/data_block.h"
#include "sstable/table.h"
#include "sstable/table_index.h"
#include "sstable/table_properties.h"

namespace beachdb::tools {
namespace {

// Bytes that the search behind bad blocks may sum up, besides 8 for each byte of the file: values
// may hold look-alikes of trailers, as many as they like.
constexpr std::uint64_t kSearchBudget = 64u << 20;

// How far the end of a block is looked for, and so the memory that this may take: a larger value is
// found by an index alone.
constexpr std::uint64_t kWindowMax = 256u << 20;

// The blocks of a table without its index.
class BlockFinder {
 public:
  BlockFinder(File& file, std::uint64_t size, std::uint32_t seed)
      : file_(file), size_(size), seed_(seed), budget_(kSearchBudget + 8 * size) {}

  // The whole block, of whatever type, that begins at `begin`; size 0: there is none.
  Result<FoundBlock> At(std::uint64_t begin) {
    return SearchBlock(file_, size_, seed_, begin, buffer_, kWindowMax);
  }

  // The first whole block that begins behind `bad`, at the end of something that may be one.
  Result<FoundBlock> Behind(std::uint64_t bad) {
    constexpr std::uint64_t kWindow = 1u << 20;
    std::string window;
    for (std::uint64_t base = bad; base + kBlockTrailerSize < size_; base += kWindow) {
      // What begins in the window may end behind it.
      window.resize(std::min(kWindow + kBlockTrailerSize - 1, size_ - base));
      RETURN_IF_ERROR(ReadExactly(file_, base, window));
      for (std::size_t i = 0; i + kBlockTrailerSize <= window.size() && i < kWindow; ++i) {
        if (!MayBeBlockTrailer(window.data() + i)) continue;
        const std::uint64_t begin = base + i + kBlockTrailerSize;
        if (begin >= size_) break;
        ASSIGN_OR_RETURN(const FoundBlock found, At(begin));
        if (found.handle.size != 0) return found;
        const std::uint64_t cost = size_ - begin;
        if (cost > budget_) return FoundBlock{};
        budget_ -= cost;
      }
    }
    return FoundBlock{};
  }

 private:
  File& file_;
  const std::uint64_t size_;
  const std::uint32_t seed_;
  std::uint64_t budget_;
  std::string buffer_;
};

class Finder {
 public:
  Finder(File& file, std::uint64_t size, const DatabaseId& database, std::uint64_t number,
         const FileMetadata* recorded)
      : file_(file), size_(size), recorded_(recorded), name_(TableName(number)) {
    found_.path = file.path();
    found_.seed = IdentityChecksum(recorded != nullptr ? recorded->IdentityIn(database)
                                                       : ClaimedIdentity({database, number}));
    if (recorded != nullptr) {
      found_.base_seqno = recorded->base_seqno();
      from_ = recorded->smallest;
      largest_ = recorded->largest;
      promised_ = recorded->entries;
    }
  }

  TableBlocks Find() {
    if (const auto index = ReadIndex(); index.ok()) {
      for (std::uint32_t i = 0; i < index->blocks(); ++i) Take(index->block(i));
    } else {
      Search(index.error());
    }
    if (recorded_ != nullptr && recorded_->range_tombstones != found_.ranges.size()) {
      Lose(size_, size_,
           fmt::format(
               "{} of {} deletions of ranges cannot be read: what they deleted may be there "
               "again",
               recorded_->range_tombstones - found_.ranges.size(), recorded_->range_tombstones));
    }
    if (recorded_ != nullptr && size_ < recorded_->size && !seen_all_) {
      Lose(size_, recorded_->size,
           fmt::format("the file has {} bytes, the MANIFEST says {}", size_, recorded_->size));
    }
    CountLost();
    return std::move(found_);
  }

 private:
  Result<TableIndex> ReadIndex() {
    if (size_ < kFileHeaderSize + kFooterSize) {
      return Error(Code::kCorruption, fmt::format("{} bytes are too few for a table", size_));
    }
    std::string bytes(kFooterSize, '\0');
    RETURN_IF_ERROR(ReadExactly(file_, size_ - kFooterSize, bytes));
    ASSIGN_OR_RETURN(const Footer footer, DecodeFooter(bytes, found_.seed, size_));
    if (recorded_ == nullptr) ReadProperties(footer.properties);
    if (footer.ranges.size != 0) ReadRanges(footer.ranges);
    bytes.resize(footer.index.size);
    RETURN_IF_ERROR(ReadExactly(file_, footer.index.offset, bytes));
    ASSIGN_OR_RETURN(const StoredBlock index,
                     OpenBlock(bytes, BlockType::kIndex, found_.seed, footer.index.offset));
    return TableIndex::Decode(index.contents,
                              footer.filter.size != 0 ? footer.filter.offset : footer.index.offset);
  }

  // Whose the file says it is, unless its header is damaged: one from outside keeps its identity.
  FileIdentity ClaimedIdentity(const FileIdentity& own) const {
    std::string bytes(kFileHeaderSize, '\0');
    if (!ReadExactly(file_, 0, bytes).ok()) return own;
    const auto header = DecodeFileHeader(bytes, kTableMagic);
    return header.ok() ? header->identity : own;
  }

  void ReadRanges(const BlockHandle& handle) {
    std::string bytes(handle.size, '\0');
    if (!ReadExactly(file_, handle.offset, bytes).ok()) return;
    const auto block = OpenBlock(bytes, BlockType::kRangeTombstones, found_.seed, handle.offset);
    if (!block.ok()) return;
    const auto ranges = DecodeRangeTombstones(block->contents);
    if (!ranges.ok()) return;
    for (const RangeTombstone& range : *ranges) {
      found_.ranges.push_back(
          {std::string(range.begin), std::string(range.end), range.seqno + found_.base_seqno});
    }
  }

  void ReadProperties(const BlockHandle& handle) {
    std::string bytes(handle.size, '\0');
    if (!ReadExactly(file_, handle.offset, bytes).ok()) return;
    const auto block = OpenBlock(bytes, BlockType::kProperties, found_.seed, handle.offset);
    if (!block.ok()) return;
    const auto properties = DecodeTableProperties(block->contents);
    if (!properties.ok()) return;
    from_ = properties->smallest_key;
    largest_ = properties->largest_key;
    promised_ = properties->entries;
    found_.baseless = properties->job.origin == TableOrigin::kIngest;
  }

  // Takes the block, or tells what is wrong with it.
  void Take(const BlockHandle& handle) {
    const auto raw = ReadDataBlock(file_, found_.seed, handle, buffer_);
    if (!raw.ok()) return Lose(handle.offset, handle.end(), raw.error().message());
    const DataBlock block(raw->data());
    std::string key;
    block.CopyKey(0, &key);
    for (; closed_ < found_.losses.size(); ++closed_) found_.losses[closed_].to = key;
    block.CopyKey(block.size() - 1, &key);
    from_ = std::move(key);
    found_.entries += block.size();
    found_.blocks.push_back(handle);
  }

  // Neighbouring bad bytes are one loss.
  void Lose(std::uint64_t begin, std::uint64_t end, const std::string& reason) {
    if (closed_ < found_.losses.size() && found_.losses.back().end == begin) {
      found_.losses.back().end = end;
      return;
    }
    found_.losses.push_back({.file = name_,
                             .begin = begin,
                             .end = end,
                             .reason = reason,
                             .from = from_,
                             .to = largest_,
                             .entries = {}});
  }

  void Search(const Error& why) {
    BlockFinder finder(file_, size_, found_.seed);
    for (std::uint64_t at = kFileHeaderSize; at < size_;) {
      auto block = finder.At(at);
      if (block.ok() && block->handle.size == 0) {
        block = finder.Behind(at);
        if (block.ok() && block->handle.size != 0) {
          Lose(at, block->handle.offset,
               fmt::format("no whole block begins here; and {}", why.message()));
        }
      }
      if (!block.ok()) return Lose(at, size_, block.error().message());
      if (block->handle.size == 0) {
        return Lose(at, size_, fmt::format("no whole block from here on; and {}", why.message()));
      }
      if (block->type != BlockType::kData) {  // the data ends before it
        seen_all_ = true;
        return SearchRanges(finder, block->handle.end());
      }
      Take(block->handle);
      at = block->handle.end();
    }
    Lose(size_, size_, fmt::format("the file ends here, in the middle; and {}", why.message()));
  }

  // Among the whole blocks behind the data.
  void SearchRanges(BlockFinder& finder, std::uint64_t at) {
    while (at < size_) {
      const auto block = finder.At(at);
      if (!block.ok() || block->handle.size == 0) return;
      if (block->type == BlockType::kRangeTombstones) ReadRanges(block->handle);
      at = block->handle.end();
    }
  }

  void CountLost() {
    if (!promised_ || found_.entries > *promised_) return;
    const std::uint64_t lost = *promised_ - found_.entries;
    // Bytes behind the last entry are no loss of data, but for deletions of ranges.
    if (lost == 0) {
      const bool ranges_lost =
          recorded_ != nullptr && recorded_->range_tombstones != found_.ranges.size();
      if (!ranges_lost) found_.losses.clear();
      return;
    }
    if (found_.losses.empty()) Lose(0, size_, "entries are missing although every block is whole");
    if (found_.losses.size() == 1) found_.losses.front().entries = lost;
    found_.lost_entries = lost;
  }

  File& file_;
  const std::uint64_t size_;
  const FileMetadata* recorded_;
  const std::string name_;
  TableBlocks found_;
  std::string buffer_;
  // The neighbours of what will be lost next: the last key that was read, or the table's first.
  std::optional<std::string> from_;
  std::optional<std::string> largest_;
  std::optional<std::uint64_t> promised_;  // entries
  bool seen_all_ = false;                  // data blocks, or what is left of them
  std::size_t closed_ = 0;                 // losses before it know the key behind them
};

}  // namespace

Result<std::string_view> ReadDataBlock(File& file, std::uint32_t seed, const BlockHandle& handle,
                                       std::string& buffer) {
  if (handle.size <= kBlockTrailerSize || handle.size > kMaxBlockSize + kBlockTrailerSize) {
    return Error(Code::kCorruption, fmt::format("a block of {} bytes", handle.size));
  }
  std::string stored(handle.size, '\0');
  RETURN_IF_ERROR(ReadExactly(file, handle.offset, stored));
  ASSIGN_OR_RETURN(const StoredBlock block,
                   OpenBlock(stored, BlockType::kData, seed, handle.offset));
  buffer.resize(block.raw_size + kBlockSlack);
  RETURN_IF_ERROR(UncompressBlock(block, buffer.data()));
  const std::string_view raw(buffer.data(), block.raw_size);
  RETURN_IF_ERROR(DataBlock::Validate(raw));
  return raw;
}

TableBlocks FindBlocks(FileSystem& fs, const std::string& directory, const DatabaseId& database,
                       std::uint64_t number, const FileMetadata* recorded) {
  const std::string path = JoinPath(directory, TableName(number));
  const auto open = [&]() -> Result<std::pair<std::unique_ptr<File>, std::uint64_t>> {
    ASSIGN_OR_RETURN(std::unique_ptr<File> file, fs.Open(path, OpenMode::kRead));
    ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
    return std::pair(std::move(file), size);
  };
  const auto file = open();
  if (file.ok()) return Finder(*file->first, file->second, database, number, recorded).Find();
  TableBlocks nothing;
  nothing.path = path;
  Loss loss{.file = TableName(number),
            .begin = 0,
            .end = 0,
            .reason = file.error().message(),
            .from = {},
            .to = {},
            .entries = {}};
  if (recorded != nullptr) {
    loss.end = recorded->size;
    loss.from = recorded->smallest;
    loss.to = recorded->largest;
    loss.entries = recorded->entries;
  }
  nothing.losses.push_back(std::move(loss));
  return nothing;
}

}  // namespace beachdb::tools
