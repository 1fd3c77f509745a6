#include "sstable/table_index.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/coding.h"
#include "base/try.h"
#include "sstable/data_block_builder.h"

namespace beachdb {
namespace {

constexpr std::size_t kHeadSize = 8;

std::string_view Tail(std::string_view rest) {
  return rest.size() > kHeadSize ? rest.substr(kHeadSize) : std::string_view();
}

}  // namespace

Result<TableIndex> TableIndex::Decode(std::string_view contents, std::uint64_t data_end) {
  IndexBlockReader reader(contents);
  ASSIGN_OR_RETURN(const std::uint32_t count, reader.ReadCount());
  std::vector<IndexEntry> entries;
  entries.reserve(count);
  TableIndex index;
  index.offsets_.reserve(std::size_t{count} + 1);
  index.offsets_.push_back(kFileHeaderSize);
  for (std::uint32_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(const IndexEntry entry, reader.Next());
    index.offsets_.push_back(index.offsets_.back() + entry.stored_size);
    if (i > 0) entries.push_back(entry);
  }
  RETURN_IF_ERROR(reader.Finish());
  if (index.offsets_.back() != data_end) {
    return Error(Code::kCorruption, fmt::format("index block: its data blocks end at {}, want {}",
                                                index.offsets_.back(), data_end));
  }
  if (entries.empty()) return index;
  // In order, so what the first and the last share, all share.
  const std::string_view first = entries.front().separator;
  index.prefix_ = first.substr(0, SharedPrefix(first, entries.back().separator));
  std::vector<std::uint64_t> heads;
  heads.reserve(entries.size());
  index.tail_at_.reserve(entries.size());
  for (const IndexEntry& entry : entries) {
    heads.push_back(KeyHead64(entry.separator.substr(index.prefix_.size())));
    index.AddSeparator(entry);
  }
  index.tails_.shrink_to_fit();
  index.BuildLevels(heads);
  return index;
}

void TableIndex::AddSeparator(const IndexEntry& entry) {
  const std::string_view rest = entry.separator.substr(prefix_.size());
  tail_at_.push_back(static_cast<std::uint32_t>(tails_.size()));
  PutVarint32(tails_, static_cast<std::uint32_t>(rest.size() << 1 | (entry.continues ? 1 : 0)));
  tails_.append(Tail(rest));
  if (entry.continues) PutFixed64(tails_, entry.trailer);
}

void TableIndex::BuildLevels(const std::vector<std::uint64_t>& heads) {
  std::vector<std::uint64_t> level = heads;
  for (;;) {
    std::vector<Node> nodes((level.size() + kFanout - 1) / kFanout);
    std::vector<std::uint64_t> greatest;
    for (std::size_t i = 0; i < nodes.size() * kFanout; ++i) {
      // A filler is not less than any target, so it is never counted.
      nodes[i / kFanout].heads[i % kFanout] = i < level.size() ? level[i] : UINT64_MAX;
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      greatest.push_back(level[std::min((i + 1) * kFanout, level.size()) - 1]);
    }
    const bool root = nodes.size() == 1;
    levels_.push_back(std::move(nodes));
    if (root) return;
    level = std::move(greatest);
  }
}

// How many heads are less than `head`: down the tree, one line a level.
std::uint32_t TableIndex::CountLess(std::uint64_t head) const {
  std::size_t node = 0;
  for (std::size_t level = levels_.size(); level-- > 0;) {
    const std::vector<Node>& nodes = levels_[level];
    if (node >= nodes.size()) return static_cast<std::uint32_t>(tail_at_.size());
    std::size_t less = 0;
    for (const std::uint64_t h : nodes[node].heads) less += h < head ? 1 : 0;
    node = node * kFanout + less;
  }
  return static_cast<std::uint32_t>(node);
}

// Whether separator i, whose head equals the target's, is at or before the target.
bool TableIndex::AtOrBefore(std::uint32_t i, std::string_view rest, std::uint64_t trailer) const {
  std::string_view in = std::string_view(tails_).substr(tail_at_[i]);
  std::uint32_t packed = 0;
  CHECK(GetVarint32(in, packed));
  const std::size_t size = packed >> 1;
  const std::size_t tail = size > kHeadSize ? size - kHeadSize : 0;
  if (const int order = in.substr(0, tail).compare(Tail(rest)); order != 0) return order < 0;
  if (size != rest.size()) return size < rest.size();
  // The same user key. Without a trailer the separator is in front of all its versions.
  return (packed & 1) == 0 || LoadFixed64(in.data() + tail) >= trailer;
}

std::uint32_t TableIndex::Find(std::string_view key, std::uint64_t trailer) const {
  const auto separators = static_cast<std::uint32_t>(tail_at_.size());
  if (separators == 0) return 0;
  const std::string_view shared = key.substr(0, prefix_.size());
  const int order = shared.compare(std::string_view(prefix_).substr(0, shared.size()));
  if (order < 0 || (order == 0 && key.size() < prefix_.size())) return 0;
  if (order > 0) return separators;

  const std::string_view rest = key.substr(prefix_.size());
  const std::uint64_t head = KeyHead64(rest);
  std::uint32_t low = CountLess(head);
  if (low == separators || Head(low) != head) return low;
  // Separators with the target's own head: halve them by the whole key.
  std::uint32_t high = head == UINT64_MAX ? separators : CountLess(head + 1);
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (AtOrBefore(middle, rest, trailer)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::size_t TableIndex::memory_usage() const {
  std::size_t bytes = offsets_.capacity() * sizeof(std::uint64_t) + prefix_.capacity() +
                      tail_at_.capacity() * sizeof(std::uint32_t) + tails_.capacity();
  for (const std::vector<Node>& nodes : levels_) bytes += nodes.size() * sizeof(Node);
  return bytes;
}

}  // namespace beachdb
