#include "sstable/data_block_builder.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/coding.h"
#include "sstable/data_block.h"

namespace beachdb {
namespace {

constexpr std::size_t kNarrowLimit = 1u << 16;  // bytes that 2-byte offsets can address

struct Layout {
  std::size_t prefix_size = 0;
  std::size_t entry_bytes = 0;  // of the entries alone

  std::size_t TotalSize(std::size_t entries, std::size_t width) const {
    return kDataBlockHeaderSize + prefix_size + 4 * entries + width * (entries + 1) + entry_bytes;
  }
};

std::size_t TailSize(std::size_t remainder) { return remainder > 4 ? remainder - 4 : 0; }

Layout LayoutOf(std::span<const EntryView> entries) {
  Layout layout;
  layout.prefix_size = SharedPrefix(entries.front().user_key, entries.back().user_key);
  for (const EntryView& entry : entries) {
    const std::size_t remainder = entry.user_key.size() - layout.prefix_size;
    layout.entry_bytes += static_cast<std::size_t>(VarintLength(remainder)) + TailSize(remainder) +
                          8 + entry.value.size();
  }
  return layout;
}

std::size_t SizeOf(const Layout& layout, std::size_t entries) {
  const std::size_t narrow = layout.TotalSize(entries, 2);
  return narrow < kNarrowLimit ? narrow : layout.TotalSize(entries, 4);
}

char* Append(char* out, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

char* AppendEntry(char* out, std::string_view remainder, const EntryView& entry) {
  out = StoreVarint32(out, static_cast<std::uint32_t>(remainder.size()));
  if (remainder.size() > 4) out = Append(out, remainder.substr(4));
  StoreFixed64(out, entry.trailer);
  return Append(out + 8, entry.value);
}

}  // namespace

std::size_t SharedPrefix(std::string_view a, std::string_view b) {
  const std::size_t limit = std::min(a.size(), b.size());
  std::size_t i = 0;
  for (; i + 8 <= limit; i += 8) {
    const std::uint64_t difference = LoadFixed64(a.data() + i) ^ LoadFixed64(b.data() + i);
    if (difference != 0) return i + static_cast<std::size_t>(__builtin_ctzll(difference)) / 8;
  }
  while (i < limit && a[i] == b[i]) ++i;
  return i;
}

std::size_t DataBlockSize(std::span<const EntryView> entries) {
  return SizeOf(LayoutOf(entries), entries.size());
}

void EncodeDataBlock(std::span<const EntryView> entries, std::size_t size, char* out) {
  const std::size_t width = size < kNarrowLimit ? 2 : 4;
  const std::string_view first = entries.front().user_key;
  const std::size_t prefix_size = SharedPrefix(first, entries.back().user_key);
  StoreFixed32(out, static_cast<std::uint32_t>(entries.size()));
  StoreFixed32(out + 4, static_cast<std::uint32_t>(prefix_size));
  StoreFixed32(out + 8, static_cast<std::uint32_t>(width));
  char* head = Append(out + kDataBlockHeaderSize, first.substr(0, prefix_size));
  char* offset = head + 4 * entries.size();
  char* end = offset + width * (entries.size() + 1);
  const auto store_offset = [&] {
    const auto at = static_cast<std::uint32_t>(end - out);
    if (width == 4) {
      StoreFixed32(offset, at);
    } else {
      StoreFixed16(offset, static_cast<std::uint16_t>(at));
    }
    offset += width;
  };
  for (const EntryView& entry : entries) {
    const std::string_view remainder = entry.user_key.substr(prefix_size);
    StoreFixed32(head, KeyHead32(remainder));
    head += 4;
    store_offset();
    end = AppendEntry(end, remainder, entry);
  }
  store_offset();
  CHECK(static_cast<std::size_t>(end - out) == size);
}

bool DataBlockBuilder::Add(const EntryView& entry, std::size_t target) {
  const Totals totals = TotalsWith(entry);
  const std::size_t size = totals.BlockSize();
  if (!empty() && size > target) return false;
  const std::string_view user_key = Copy(entry.user_key);
  const std::string_view value = Copy(entry.value);
  // Field by field: a view that was made on the stack would be read back before it is written.
  EntryView& added = entries_.emplace_back();
  added.user_key = user_key;
  added.trailer = entry.trailer;
  added.value = value;
  totals_ = totals;
  size_ = size;
  return true;
}

std::string_view DataBlockBuilder::Copy(std::string_view bytes) {
  if (bytes.size() > static_cast<std::size_t>(end_ - free_)) NewChunk(bytes.size());
  char* copy = free_;
  free_ = Append(copy, bytes);
  return {copy, bytes.size()};
}

// Entries are never moved: those that are there stay in the chunks before.
void DataBlockBuilder::NewChunk(std::size_t at_least) {
  constexpr std::size_t kFirst = 8192;  // a block of the default size, and what its keys share
  const std::size_t size = std::max({at_least, 2 * chunk_size_, kFirst});
  chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
  chunk_size_ = size;
  free_ = chunks_.back().get();
  end_ = free_ + size;
}

void DataBlockBuilder::Clear() {
  entries_.clear();
  totals_ = Totals();
  size_ = 0;
  if (chunks_.empty()) return;
  chunks_.erase(chunks_.begin(), chunks_.end() - 1);
  free_ = chunks_.back().get();
}

// Keys come in order, so what the first and the last share, all share.
DataBlockBuilder::Totals DataBlockBuilder::TotalsWith(const EntryView& entry) const {
  Totals sum = totals_;
  const std::size_t key_size = entry.user_key.size();
  sum.entries += 1;
  sum.key_bytes += key_size;
  sum.value_bytes += entry.value.size();
  sum.longest_key = std::max(sum.longest_key, key_size);
  if (empty()) {
    sum.prefix_size = sum.shortest_key = key_size;
  } else {
    const std::string_view shared = entries_.front().user_key.substr(0, totals_.prefix_size);
    sum.prefix_size = SharedPrefix(shared, entry.user_key);
    sum.shortest_key = std::min(sum.shortest_key, key_size);
  }
  return sum;
}

std::size_t DataBlockBuilder::Totals::BlockSize() const {
  const std::size_t in_head = std::min<std::size_t>(4, shortest_key - prefix_size);
  const auto size_bytes = static_cast<std::size_t>(VarintLength(longest_key - prefix_size));
  const std::size_t keys = key_bytes - entries * (prefix_size + in_head);
  const std::size_t fixed = kDataBlockHeaderSize + prefix_size + keys + value_bytes;
  const std::size_t narrow = fixed + entries * (4 + 2 + size_bytes + 8) + 2;
  return narrow < kNarrowLimit ? narrow : narrow + 2 * (entries + 1);
}

}  // namespace beachdb
