// Gathers the entries of one data block and lays them out (data_block.h).
//
// Thread safety: none. Memory: the keys and values of the block, kept and reused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
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
  // Adds an entry unless the block would then pass `target` bytes; the first one always fits.
  // REQUIRES: after every entry added since Clear.
  bool Add(const EntryView& entry, std::size_t target);
  void Clear();

  bool empty() const { return pending_.empty(); }
  // Bytes of the block if it ended now: exact for keys of one size, else too high by up to 4 bytes
  // an entry.
  std::size_t EstimatedSize() const { return empty() ? 0 : totals_.BlockSize(); }

  // What was added, in order; good until the next Add or Clear.
  std::span<const EntryView> Entries();

 private:
  struct Pending {
    std::size_t at;  // the key's place in bytes_; the value follows
    std::uint32_t key_size;
    std::uint32_t value_size;
    std::uint64_t trailer;
  };
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
  std::string_view KeyAt(const Pending& p) const { return {bytes_.data() + p.at, p.key_size}; }

  std::string bytes_;
  std::vector<Pending> pending_;
  std::vector<EntryView> views_;
  Totals totals_;
};

// How many bytes a and b begin with in common.
std::size_t SharedPrefix(std::string_view a, std::string_view b);

}  // namespace beachdb
