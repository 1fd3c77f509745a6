#include "sstable/table_file_writer.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/failpoint.h"
#include "base/try.h"

namespace beachdb {
namespace {

constexpr std::size_t kPiece = 1u << 20;  // bytes of one write

std::size_t RoundUp(std::size_t size, std::size_t multiple) {
  return (size + multiple - 1) / multiple * multiple;
}

}  // namespace

// A quarter more than a piece: the block that fills it up rarely needs another buffer.
TableFileWriter::TableFileWriter(std::unique_ptr<File> file)
    : file_(std::move(file)), buffer_(kPiece + kPiece / 4) {
  CHECK(AlignedBuffer::kAlignment % file_->alignment() == 0);
}

char* TableFileWriter::Reserve(std::size_t size) {
  if (used_ + size > buffer_.size()) {
    // Whole pages, so that the padding of the last write always fits.
    AlignedBuffer buffer(used_ + size);
    std::memcpy(buffer.data(), buffer_.data(), used_);
    buffer_ = std::move(buffer);
  }
  return buffer_.data() + used_;
}

Status TableFileWriter::Commit(std::size_t size) {
  checksum_ = crc32c::Extend(checksum_, {buffer_.data() + used_, size});
  used_ += size;
  if (used_ < kPiece) return OkStatus();
  return WriteFront(used_ / AlignedBuffer::kAlignment * AlignedBuffer::kAlignment);
}

Status TableFileWriter::Append(std::string_view bytes) {
  std::memcpy(Reserve(bytes.size()), bytes.data(), bytes.size());
  return Commit(bytes.size());
}

// The first `size` bytes of the buffer.
Status TableFileWriter::WritePiece(std::size_t size) {
  RETURN_IF_ERROR(ErrorPoint("sst_write_error"));  // FAILPOINT: sst_write_error
  return file_->WriteAt(written_, {buffer_.data(), size});
}

// Writes the first `size` bytes of the buffer and moves the rest, less than 4 KiB, to the front.
Status TableFileWriter::WriteFront(std::size_t size) {
  RETURN_IF_ERROR(WritePiece(size));
  written_ += size;
  used_ -= size;
  std::memmove(buffer_.data(), buffer_.data() + size, used_);
  if (buffer_.size() > 4 * kPiece) {  // a giant passed through: do not hold its memory
    AlignedBuffer buffer(kPiece + kPiece / 4);
    std::memcpy(buffer.data(), buffer_.data(), used_);
    buffer_ = std::move(buffer);
  }
  return OkStatus();
}

Status TableFileWriter::Finish() {
  const std::uint64_t size = offset();
  const std::size_t rest = used_;
  if (rest > 0) {
    const std::size_t padded = RoundUp(rest, file_->alignment());
    std::memset(buffer_.data() + rest, 0, padded - rest);
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
