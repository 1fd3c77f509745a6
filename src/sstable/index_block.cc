#include "sstable/index_block.h"

#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/coding.h"
#include "base/strings.h"
#include "beachdb/options.h"
#include "kv/internal_key.h"
#include "sstable/data_block_builder.h"
#include "sstable/table_format.h"

namespace beachdb {
namespace {

constexpr std::size_t kMinEntrySize = 5;

Error Bad(std::uint32_t position, const std::string& message) {
  return Error(Code::kCorruption, fmt::format("index block: entry {} {}", position, message));
}

}  // namespace

IndexBlockBuilder::IndexBlockBuilder() : block_(kIndexHeaderSize, '\0') {}

void IndexBlockBuilder::AddSeparator(std::string_view last_key, std::uint64_t last_trailer,
                                     std::string_view first_key) {
  separator_.clear();
  const bool continues = !first_key.empty() && last_key == first_key;
  // One byte more than they share: that is where first_key becomes the greater one.
  const std::size_t size =
      continues || first_key.empty() ? first_key.size() : SharedPrefix(last_key, first_key) + 1;
  PutVarint32(separator_, static_cast<std::uint32_t>(size << 1 | (continues ? 1 : 0)));
  separator_.append(first_key.substr(0, size));
  if (continues) PutFixed64(separator_, last_trailer - 1);
}

void IndexBlockBuilder::AddSize(std::uint32_t stored_size) {
  PutFixed32(block_, stored_size);
  block_.append(separator_);
  ++blocks_;
}

std::string IndexBlockBuilder::Finish() {
  StoreFixed32(block_.data(), blocks_);
  return std::move(block_);
}

Result<std::uint32_t> IndexBlockReader::ReadCount() {
  std::uint32_t count = 0;
  std::uint32_t zero = 0;
  std::string_view in = rest_;
  if (!GetFixed32(in, count) || !GetFixed32(in, zero)) {
    return Error(Code::kCorruption, fmt::format("index block: {} bytes are too few", rest_.size()));
  }
  if (count == 0 || zero != 0 || count > in.size() / kMinEntrySize) {
    return Error(Code::kCorruption, fmt::format("index block: {} entries (then {}) in {} bytes",
                                                count, zero, rest_.size()));
  }
  rest_ = in;
  return count;
}

Result<IndexEntry> IndexBlockReader::Next() {
  const std::uint32_t position = position_++;
  IndexEntry entry;
  std::uint32_t packed = 0;
  if (!GetFixed32(rest_, entry.stored_size) || !GetVarint32(rest_, packed)) {
    return Bad(position, "is cut short");
  }
  if (entry.stored_size <= kBlockTrailerSize) {
    return Bad(position, fmt::format("names a block of {} bytes", entry.stored_size));
  }
  const std::size_t size = packed >> 1;
  if (size > kMaxKeySize || size > rest_.size()) {
    return Bad(position, fmt::format("has a separator of {} bytes", size));
  }
  entry.separator = rest_.substr(0, size);
  rest_.remove_prefix(size);
  entry.continues = (packed & 1) != 0;
  if (entry.continues && !GetFixed64(rest_, entry.trailer)) return Bad(position, "is cut short");
  const bool ordered = position == 0 ? size == 0 && !entry.continues
                                     : CompareInternal(previous_.separator, previous_.trailer,
                                                       entry.separator, entry.trailer) < 0;
  if (!ordered) {
    return Bad(position,
               fmt::format("has a separator out of order: {}", EscapeBytes(entry.separator)));
  }
  previous_ = entry;
  return entry;
}

Status IndexBlockReader::Finish() const {
  if (rest_.empty()) return OkStatus();
  return Error(Code::kCorruption,
               fmt::format("index block: {} bytes behind the {} entries", rest_.size(), position_));
}

}  // namespace beachdb
