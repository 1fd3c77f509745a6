// Reads of any range from a file that demands alignment (File::alignment): the aligned range that
// covers it is read into memory that is aligned, too, and the caller takes its part out of that.
//
// Thread safety: all of it.
// Memory: a thread that reads so keeps one buffer until it ends, so that no read allocates. Of its
// kReadBufferSize bytes the kernel backs what reads have touched: a few pages for a small block.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

#include "beachdb/result.h"
#include "io/file_system.h"

namespace beachdb {

inline constexpr std::size_t kReadBufferSize = 512u << 10;  // bytes

// The memory of a read, or of several at once: kReadBufferSize bytes, aligned for any file, lent
// from the thread that makes this object. Must die on the same thread.
class ReadBuffer {
 public:
  ReadBuffer();
  ~ReadBuffer();
  ReadBuffer(const ReadBuffer&) = delete;
  ReadBuffer& operator=(const ReadBuffer&) = delete;

  char* data() const { return memory_.get(); }

 private:
  static constexpr std::align_val_t kAlignment{4096};
  struct Free {
    void operator()(char* p) const { ::operator delete(static_cast<void*>(p), kAlignment); }
  };
  using Memory = std::unique_ptr<char, Free>;

  static thread_local Memory spare;

  Memory memory_;
};

// The smallest aligned range around some bytes of a file.
struct CoveringRange {
  CoveringRange(const File& file, std::uint64_t offset, std::size_t bytes)
      : begin(offset / file.alignment() * file.alignment()),
        skip(static_cast<std::size_t>(offset - begin)),
        wanted(bytes),
        size((skip + bytes + file.alignment() - 1) / file.alignment() * file.alignment()) {}

  // How many of the wanted bytes are there after `got` bytes of the range were read.
  std::size_t WantedOf(std::size_t got) const {
    return got <= skip ? 0 : std::min(got - skip, wanted);
  }

  std::uint64_t begin;
  std::size_t skip;    // bytes of the range before the wanted ones
  std::size_t wanted;  // bytes
  std::size_t size;
};

// As File::ReadAt, but from any offset into any memory, whatever the file's alignment. More than a
// buffer holds is read in pieces.
Result<std::size_t> ReadUnaligned(File& file, std::uint64_t offset, std::span<char> out);

}  // namespace beachdb
