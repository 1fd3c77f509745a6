// Table::Verify: reads the file from front to back, past the cache, and believes nothing.
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/crc32c.h"
#include "base/hash.h"
#include "base/strings.h"
#include "base/try.h"
#include "sstable/block_compression.h"
#include "sstable/table.h"

namespace beachdb {

class TableVerifier {
 public:
  explicit TableVerifier(Table& table) : table_(table) {}

  Table::VerifyResult Run() {
    CheckHeader();
    for (std::uint32_t i = 0; i < table_.index_.blocks(); ++i) {
      const Status status = CheckBlock(i);
      if (!status.ok()) Report(table_.BlockError(i, status.error()));
    }
    if (const Status meta = CheckMeta(); !meta.ok()) ReportHere(meta.error().message());
    // With a block missing the sums cannot be right, and that is told already.
    if (complete_) CheckSums();
    return std::move(result_);
  }

 private:
  void Report(const Error& error) { result_.problems.push_back(error.message()); }
  void ReportHere(const std::string& message) {
    result_.problems.push_back(table_.path() + ": " + message);
  }

  Status Read(std::uint64_t offset, std::size_t size) {
    buffer_.resize(size);
    RETURN_IF_ERROR(ReadExactly(*table_.file_, offset, buffer_));
    result_.bytes += size;
    result_.file_checksum = crc32c::Extend(result_.file_checksum, buffer_);
    return OkStatus();
  }

  void CheckHeader() {
    const Status read = Read(0, kFileHeaderSize);
    if (!read.ok()) return ReportHere("header: " + read.error().message());
    const auto header = DecodeFileHeader(buffer_, kTableMagic);
    if (!header.ok()) return ReportHere(header.error().message());
    if (IdentityChecksum(header->identity) != table_.seed_) {
      ReportHere("header: it names another file since the table was opened");
    }
  }

  Status CheckBlock(std::uint32_t i) {
    const BlockHandle handle = table_.index_.block(i);
    ++result_.blocks;
    const bool was_complete = std::exchange(complete_, false);
    if (handle.size > kMaxBlockSize + kBlockTrailerSize) {
      return Error(Code::kCorruption, fmt::format("{} bytes are above the limit", handle.size));
    }
    RETURN_IF_ERROR(Read(handle.offset, handle.size));
    ASSIGN_OR_RETURN(const StoredBlock stored,
                     OpenBlock(buffer_, BlockType::kData, table_.seed_, handle.offset));
    raw_.resize(stored.raw_size + kBlockSlack);
    RETURN_IF_ERROR(UncompressBlock(stored, raw_.data()));
    RETURN_IF_ERROR(DataBlock::Validate({raw_.data(), stored.raw_size}));
    const DataBlock block(raw_.data());
    for (std::uint32_t j = 0; j < block.size(); ++j) {
      RETURN_IF_ERROR(CheckEntry(i, block, j).WithContext(fmt::format("entry {}: ", j)));
    }
    complete_ = was_complete;
    return OkStatus();
  }

  Status CheckEntry(std::uint32_t i, const DataBlock& block, std::uint32_t j) {
    const DataBlock::Entry entry = block.At(j);
    std::string key;
    block.CopyKey(j, &key);
    if (result_.entries > 0 && CompareInternal(key_, trailer_, key, entry.trailer) >= 0) {
      return Error(Code::kCorruption, fmt::format("out of order: {} @ {} behind {} @ {}",
                                                  EscapeBytes(key), TrailerSeqno(entry.trailer),
                                                  EscapeBytes(key_), TrailerSeqno(trailer_)));
    }
    if (const std::uint32_t found = table_.index_.Find(key, entry.trailer); found != i) {
      return Error(Code::kCorruption,
                   fmt::format("the index looks for {} in block {}", EscapeBytes(key), found));
    }
    if (!table_.filter_.MayContain(Hash64(key))) {
      return Error(Code::kCorruption, fmt::format("the filter denies {}", EscapeBytes(key)));
    }
    Count(key, entry);
    key_ = std::move(key);
    trailer_ = entry.trailer;
    return OkStatus();
  }

  void Count(const std::string& key, const DataBlock::Entry& entry) {
    const Seqno seqno = TrailerSeqno(entry.trailer);
    if (result_.entries == 0) {
      sums_.smallest_key = key;
      sums_.smallest_seqno = sums_.largest_seqno = seqno;
    }
    if (result_.entries == 0 || key != key_) ++sums_.distinct_keys;
    ++result_.entries;
    sums_.tombstones += TrailerKind(entry.trailer) == Kind::kDelete ? 1 : 0;
    sums_.raw_key_bytes += key.size();
    sums_.raw_value_bytes += entry.value.size();
    sums_.smallest_seqno = std::min(sums_.smallest_seqno, seqno);
    sums_.largest_seqno = std::max(sums_.largest_seqno, seqno);
  }

  // What was read at open is still what is there.
  Status CheckMeta() {
    RETURN_IF_ERROR(Read(table_.data_end_, table_.file_size_ - table_.data_end_));
    const std::string_view meta(buffer_);
    ASSIGN_OR_RETURN(const Footer footer, DecodeFooter(meta.substr(meta.size() - kFooterSize),
                                                       table_.seed_, table_.file_size_));
    const std::pair<BlockHandle, BlockType> blocks[] = {
        {footer.filter, BlockType::kFilter},
        {footer.index, BlockType::kIndex},
        {footer.ranges, BlockType::kRangeTombstones},
        {footer.properties, BlockType::kProperties}};
    for (const auto& [handle, type] : blocks) {
      if (handle.size == 0) continue;
      const auto stored = meta.substr(handle.offset - table_.data_end_, handle.size);
      const auto opened = OpenBlock(stored, type, table_.seed_, handle.offset);
      if (opened.ok()) continue;
      ReportHere(fmt::format("{} block at offset {}: {}", BlockTypeName(type), handle.offset,
                             opened.error().message()));
    }
    return OkStatus();
  }

  // What the ranges add to what the entries are summed up to.
  void CountRanges() {
    const std::string behind_last = KeySuccessor(key_);
    for (std::size_t i = 0; i < table_.ranges_.size(); ++i) {
      const RangeTombstone& range = table_.ranges_[i];
      const Seqno seqno = range.seqno - (table_.base_trailer_ >> 8);
      if (range.begin < sums_.smallest_key) sums_.smallest_key = range.begin;
      if (range.end > sums_.largest_key && range.end != behind_last) sums_.largest_key = range.end;
      sums_.smallest_seqno = std::min(sums_.smallest_seqno, seqno);
      sums_.largest_seqno = std::max(sums_.largest_seqno, seqno);
    }
  }

  void CheckSums() {
    const TableProperties& p = table_.properties_;
    sums_.largest_key = key_;
    CountRanges();
    const struct {
      const char* name;
      std::uint64_t found;
      std::uint64_t said;
    } sums[] = {{"entries", result_.entries, p.entries},
                {"tombstones", sums_.tombstones, p.tombstones},
                {"distinct keys", sums_.distinct_keys, p.distinct_keys},
                {"raw key bytes", sums_.raw_key_bytes, p.raw_key_bytes},
                {"raw value bytes", sums_.raw_value_bytes, p.raw_value_bytes},
                {"smallest seqno", sums_.smallest_seqno, p.smallest_seqno},
                {"largest seqno", sums_.largest_seqno, p.largest_seqno}};
    for (const auto& sum : sums) {
      if (sum.found == sum.said) continue;
      ReportHere(fmt::format("properties block: {} {}, found {}", sum.said, sum.name, sum.found));
    }
    if (sums_.smallest_key != p.smallest_key || sums_.largest_key != p.largest_key) {
      ReportHere(fmt::format("properties block: keys from {} to {}, found {} to {}",
                             EscapeBytes(p.smallest_key), EscapeBytes(p.largest_key),
                             EscapeBytes(sums_.smallest_key), EscapeBytes(sums_.largest_key)));
    }
  }

  Table& table_;
  Table::VerifyResult result_;
  bool complete_ = true;  // every entry so far was counted
  TableProperties sums_;
  std::string key_;  // of the entry before
  std::uint64_t trailer_ = 0;
  std::string buffer_;
  std::string raw_;
};

Table::VerifyResult Table::Verify() { return TableVerifier(*this).Run(); }

}  // namespace beachdb
