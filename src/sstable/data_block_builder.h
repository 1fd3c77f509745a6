// Gathers the entries of one data block and lays them out (data_block.h).
//
// Thread safety: none. Memory: the keys and values of the block, kept and reused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace beachdb {

struct EntryView {
  std::string_view user_key;
  std::uint64_t trailer = 0;
  std::string_view value;
};

// The exact bytes that EncodeDataBlock writes. REQUIRES: in internal key order, at least one.
std::size_t DataBlockSize(std::span<const EntryView> entries);
// Lays the block out at `out`, which has room for DataBlockSize(entries) = `size` bytes.
void EncodeDataBlock(std::span<const EntryView> entries, std::size_t size, char* out);

class DataBlockBuilder {
 public:
  // Adds a copy of an entry unless the block would then pass `target` bytes; the first one always
  // fits. REQUIRES: after every entry added since Clear.
  bool Add(const EntryView& entry, std::size_t target);
  void Clear();

  bool empty() const { return entries_.empty(); }
  // Bytes of the block if it ended now: exact for keys of one size, else too high by up to 4 bytes
  // an entry.
  std::size_t EstimatedSize() const { return size_; }

  // What was added, in order. What they show is good until Clear, the span until the next Add.
  std::span<const EntryView> Entries() const { return entries_; }

 private:
  struct Totals {
    std::size_t entries = 0;
    std::size_t key_bytes = 0;
    std::size_t value_bytes = 0;
    std::size_t prefix_size = 0;
    std::size_t shortest_key = 0;
    std::size_t longest_key = 0;

    std::size_t BlockSize() const;
  };
  Totals TotalsWith(const EntryView& entry) const;
  std::string_view Copy(std::string_view bytes);
  void NewChunk(std::size_t at_least);

  std::vector<EntryView> entries_;               // what they show lies in chunks_
  std::vector<std::unique_ptr<char[]>> chunks_;  // each larger than the one before
  std::size_t chunk_size_ = 0;                   // of the last
  char* free_ = nullptr;                         // in it, from here
  char* end_ = nullptr;                          // to here
  Totals totals_;
  std::size_t size_ = 0;
};

// How many bytes a and b begin with in common.
std::size_t SharedPrefix(std::string_view a, std::string_view b);

}  // namespace beachdb
