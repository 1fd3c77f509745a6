#include "sstable/table_file_writer.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/failpoint.h"
#include "base/try.h"

namespace beachdb {
namespace {

constexpr std::size_t kPiece = 1u << 20;  // bytes of one write
constexpr std::align_val_t kBufferAlignment{4096};

std::size_t RoundUp(std::size_t size, std::size_t multiple) {
  return (size + multiple - 1) / multiple * multiple;
}

}  // namespace

void TableFileWriter::FreeAligned::operator()(char* p) const {
  ::operator delete(static_cast<void*>(p), kBufferAlignment);
}

std::unique_ptr<char[], TableFileWriter::FreeAligned> TableFileWriter::NewBuffer(std::size_t size) {
  return std::unique_ptr<char[], FreeAligned>(
      static_cast<char*>(::operator new(size, kBufferAlignment)));
}

// A quarter more than a piece: the block that fills it up rarely needs another buffer.
TableFileWriter::TableFileWriter(std::unique_ptr<File> file)
    : file_(std::move(file)),
      buffer_(NewBuffer(kPiece + kPiece / 4)),
      capacity_(kPiece + kPiece / 4) {
  CHECK(static_cast<std::size_t>(kBufferAlignment) % file_->alignment() == 0);
}

char* TableFileWriter::Reserve(std::size_t size) {
  if (used_ + size > capacity_) {
    // Rounded up, so that the padding of the last write always fits.
    const std::size_t capacity = RoundUp(used_ + size, static_cast<std::size_t>(kBufferAlignment));
    auto buffer = NewBuffer(capacity);
    std::memcpy(buffer.get(), buffer_.get(), used_);
    buffer_ = std::move(buffer);
    capacity_ = capacity;
  }
  return buffer_.get() + used_;
}

Status TableFileWriter::Commit(std::size_t size) {
  checksum_ = crc32c::Extend(checksum_, {buffer_.get() + used_, size});
  used_ += size;
  if (used_ < kPiece) return OkStatus();
  return WriteFront(used_ / static_cast<std::size_t>(kBufferAlignment) *
                    static_cast<std::size_t>(kBufferAlignment));
}

Status TableFileWriter::Append(std::string_view bytes) {
  std::memcpy(Reserve(bytes.size()), bytes.data(), bytes.size());
  return Commit(bytes.size());
}

// The first `size` bytes of the buffer.
Status TableFileWriter::WritePiece(std::size_t size) {
  RETURN_IF_ERROR(ErrorPoint("sst_write_error"));  // FAILPOINT: sst_write_error
  return file_->WriteAt(written_, {buffer_.get(), size});
}

// Writes the first `size` bytes of the buffer and moves the rest, less than 4 KiB, to the front.
Status TableFileWriter::WriteFront(std::size_t size) {
  RETURN_IF_ERROR(WritePiece(size));
  written_ += size;
  used_ -= size;
  std::memmove(buffer_.get(), buffer_.get() + size, used_);
  if (capacity_ > 4 * kPiece) {  // a giant passed through: do not hold its memory
    auto buffer = NewBuffer(kPiece + kPiece / 4);
    std::memcpy(buffer.get(), buffer_.get(), used_);
    buffer_ = std::move(buffer);
    capacity_ = kPiece + kPiece / 4;
  }
  return OkStatus();
}

Status TableFileWriter::Finish() {
  const std::uint64_t size = offset();
  const std::size_t rest = used_;
  if (rest > 0) {
    const std::size_t padded = RoundUp(rest, file_->alignment());
    std::memset(buffer_.get() + rest, 0, padded - rest);
    RETURN_IF_ERROR(WritePiece(padded));
    // FAILPOINT: sst_truncate
    if (padded != rest) {
      RETURN_IF_ERROR(Step("sst_truncate", [&] { return file_->Truncate(size); }));
    }
  }
  // FAILPOINT: sst_sync
  RETURN_IF_ERROR(SyncStep("sst_sync", [&] { return file_->Sync(); }));
  file_.reset();
  return OkStatus();
}

}  // namespace beachdb
