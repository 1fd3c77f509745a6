// The index of an open table, laid out for searching.
//
// The separators' common prefix stands once; behind it every separator has a head, its next 8 bytes
// as a number. The heads are the leaves of a static B-tree whose nodes are one cache line of 8
// heads, without pointers (the layout of Khuong and Morin 2017): a search over 8000 blocks touches
// five lines, of which the upper three are nearly always cached. The rest of a separator is looked
// at only when its head equals the target's.
//
// Thread safety: immutable after Decode.
// Limits: what the index block holds; memory is at most a small multiple of its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "sstable/index_block.h"
#include "sstable/table_format.h"

namespace beachdb {

class TableIndex {
 public:
  // `contents` of the index block; the data blocks must fill [kFileHeaderSize, data_end) exactly.
  static Result<TableIndex> Decode(std::string_view contents, std::uint64_t data_end);

  std::uint32_t blocks() const { return static_cast<std::uint32_t>(offsets_.size() - 1); }
  BlockHandle block(std::uint32_t i) const {
    return {offsets_[i], static_cast<std::uint32_t>(offsets_[i + 1] - offsets_[i])};
  }

  // The block that holds (key, trailer) if any does. The first entry at or after it is in that
  // block, or is the first of the next one; in the latter case no version of `key` at or after it
  // exists.
  std::uint32_t Find(std::string_view key, std::uint64_t trailer) const;

  std::size_t memory_usage() const;

 private:
  static constexpr std::size_t kFanout = 8;
  struct alignas(64) Node {
    std::uint64_t heads[kFanout];
  };

  void AddSeparator(const IndexEntry& entry);
  void BuildLevels(const std::vector<std::uint64_t>& heads);
  std::uint64_t Head(std::uint32_t i) const {
    return levels_.front()[i / kFanout].heads[i % kFanout];
  }
  std::uint32_t CountLess(std::uint64_t head) const;
  bool AtOrBefore(std::uint32_t i, std::string_view rest, std::uint64_t trailer) const;

  std::vector<std::uint64_t> offsets_;  // of the blocks, then the end of the last
  // The separators of all blocks but the first, whose separator is before everything.
  std::string prefix_;
  std::vector<std::vector<Node>> levels_;  // leaves first, then the greatest head of each node
  std::vector<std::uint32_t> tail_at_;     // where each begins in tails_
  std::string tails_;                      // varint size behind the prefix << 1 | continues,
                                           // the bytes behind the head, the trailer if continues
};

}  // namespace beachdb
