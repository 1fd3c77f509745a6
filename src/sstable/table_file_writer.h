// Writes a file from front to back in large aligned pieces, and sums its bytes up on the way.
//
// Blocks are made in its buffer, where they are written from: no copy between. With a direct File
// every write is a multiple of the alignment; the last one is padded and the file cut afterwards.
//
// Thread safety: none. Memory: 1 MiB, more while a larger block is in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/aligned_buffer.h"
#include "beachdb/result.h"
#include "io/file_system.h"

namespace beachdb {

class TableFileWriter {
 public:
  explicit TableFileWriter(std::unique_ptr<File> file);

  // Room for `size` bytes at offset(), good until Commit.
  char* Reserve(std::size_t size);
  // Takes the first `size` of them into the file, and writes if enough has gathered.
  Status Commit(std::size_t size);
  Status Append(std::string_view bytes);

  // Writes what is left, cuts the file to its size, syncs and closes it.
  Status Finish();

  std::uint64_t offset() const { return written_ + used_; }
  std::uint32_t checksum() const { return checksum_; }  // CRC-32C of everything committed

 private:
  Status WriteFront(std::size_t size);
  Status WritePiece(std::size_t size);

  std::unique_ptr<File> file_;
  AlignedBuffer buffer_;
  std::size_t used_ = 0;
  std::uint64_t written_ = 0;
  std::uint32_t checksum_ = 0;
};

}  // namespace beachdb
