#include "io/aligned_read.h"

#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/try.h"

namespace beachdb {

thread_local ReadBuffer::Memory ReadBuffer::spare;

// Whoever finds the spare one lent out (a read inside a read) gets one of its own.
ReadBuffer::ReadBuffer() : memory_(std::move(spare)) {
  if (memory_ != nullptr) return;
  memory_.reset(static_cast<char*>(::operator new(kReadBufferSize, kAlignment)));
}

ReadBuffer::~ReadBuffer() { spare = std::move(memory_); }

Result<std::size_t> ReadUnaligned(File& file, std::uint64_t offset, std::span<char> out) {
  if (file.alignment() == 1) return file.ReadAt(offset, out);
  CHECK(kReadBufferSize % file.alignment() == 0);
  const ReadBuffer buffer;
  std::size_t done = 0;
  while (done < out.size()) {
    const std::uint64_t from = offset + done;
    // Pieces end where pages do, so only the first one begins inside of one.
    const std::size_t room = kReadBufferSize - from % file.alignment();
    const CoveringRange range(file, from, std::min(out.size() - done, room));
    ASSIGN_OR_RETURN(const std::size_t got, file.ReadAt(range.begin, {buffer.data(), range.size}));
    const std::size_t part = range.WantedOf(got);
    std::memcpy(out.data() + done, buffer.data() + range.skip, part);
    done += part;
    if (part < range.wanted) break;  // the end of the file
  }
  return done;
}

}  // namespace beachdb
