// The index block: for every data block its stored size and the separator in front of it.
// Specified in docs/formats/sstable.md.
//
//   offset  size  field
//        0     4  block count         n, at least 1
//        4     4  zero
//        8   ...  for each data block, in file order:
//                   4       stored size   trailer included; blocks stand back to back from offset
//                   64 varint  separator     key bytes << 1 | continues k       separator key 8
//                   trailer       only if continues is 1
//
// A separator is the smallest internal key that belongs to its block: greater than the last entry
// of the block before, at most the first of its own. Where the two user keys differ it is the
// shortest prefix of the first key that does so, in front of every version of it. Where one user
// key continues from block to block it is that key with the last trailer minus one, and continues
// is 1. The first block has the empty separator. So a lookup needs exactly one block, whatever the
// number of versions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb {

inline constexpr std::size_t kIndexHeaderSize = 8;

struct IndexEntry {
  std::uint32_t stored_size = 0;  // of the data block
  std::string_view separator;
  // A separator with a trailer lies between two versions of its key; without one, before them all.
  bool continues = false;
  std::uint64_t trailer = UINT64_MAX;
};

class IndexBlockBuilder {
 public:
  IndexBlockBuilder();
  // Announces a data block by the last key of the block before and the first of its own.
  // The first block: both user keys empty.
  void AddSeparator(std::string_view last_key, std::uint64_t last_trailer,
                    std::string_view first_key);
  // Completes it with its size, once it is stored.
  void AddSize(std::uint32_t stored_size);

  std::uint32_t blocks() const { return blocks_; }
  // Grows with every block; the count in it is right after Finish.
  std::size_t size() const { return block_.size(); }
  std::string Finish();

 private:
  std::string block_;
  std::string separator_;  // encoded, of the block that was announced
  std::uint32_t blocks_ = 0;
};

// Walks an index block from a file. Everything is checked: counts, sizes, order of the separators.
class IndexBlockReader {
 public:
  explicit IndexBlockReader(std::string_view contents) : rest_(contents) {}
  // Reads the header; kCorruption when the count cannot be true for the bytes there are.
  Result<std::uint32_t> ReadCount();
  Result<IndexEntry> Next();
  // kCorruption when bytes are left over behind the last entry.
  Status Finish() const;

 private:
  std::string_view rest_;
  std::uint32_t position_ = 0;
  IndexEntry previous_;
};

}  // namespace beachdb
