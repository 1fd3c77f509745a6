#include "engine/read_only_environment.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/try.h"
#include "format/file_header.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kPieceBytes = 1u << 20;

Result<std::string> HeaderOf(File& file) {
  std::string bytes(kFileHeaderSize, '\0');
  ASSIGN_OR_RETURN(const std::size_t got, file.ReadAt(0, bytes));
  bytes.resize(got);
  return bytes;
}

// Where the last byte ends that may be no zero: what was never written need not be copied.
Result<std::uint64_t> WrittenEnd(File& file, std::uint64_t size) {
  std::string piece(kPieceBytes, '\0');
  std::uint64_t end = 0;
  for (std::uint64_t at = 0; at < size;) {
    ASSIGN_OR_RETURN(const std::size_t got, file.ReadAt(at, piece));
    if (got == 0) break;
    const auto last = std::find_if(piece.rend() - static_cast<std::ptrdiff_t>(got), piece.rend(),
                                   [](char c) { return c != 0; });
    if (last != piece.rend()) end = at + static_cast<std::uint64_t>(piece.rend() - last);
    at += got;
    if (last == piece.rend() && at < size) at = file.SkipUnwritten(at);
  }
  return end;
}

}  // namespace

class ReadOnlyFileSystem::HeldFile final : public File {
 public:
  HeldFile(std::string path, std::shared_ptr<const Held> held)
      : File(std::move(path)), held_(std::move(held)) {}

  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    if (offset >= held_->size) return std::size_t{0};
    const std::size_t got = std::min<std::uint64_t>(out.size(), held_->size - offset);
    const std::uint64_t copied = std::min<std::uint64_t>(offset, held_->bytes.size());
    const std::size_t stored = std::min<std::uint64_t>(got, held_->bytes.size() - copied);
    std::memcpy(out.data(), held_->bytes.data() + copied, stored);
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(stored),
              out.begin() + static_cast<std::ptrdiff_t>(got), '\0');
    return got;
  }
  Result<std::uint64_t> Size() override { return held_->size; }
  std::uint64_t SkipUnwritten(std::uint64_t offset) override {
    return offset >= held_->bytes.size() ? held_->size : offset;
  }
  void Prefetch(std::uint64_t /*offset*/, std::uint64_t /*size*/) override {}
  std::size_t alignment() const override { return 1; }

  Status WriteAt(std::uint64_t /*offset*/, std::string_view /*data*/) override {
    return Refuse(path());
  }
  Status Sync() override { return Refuse(path()); }
  Status Allocate(std::uint64_t /*size*/) override { return Refuse(path()); }
  Status Truncate(std::uint64_t /*size*/) override { return Refuse(path()); }
  Result<std::span<char>> Map(std::uint64_t /*size*/) override { return Refuse(path()).error(); }

 private:
  const std::shared_ptr<const Held> held_;
};

Status ReadOnlyFileSystem::Refuse(const std::string& path) {
  return Error(Code::kInvalidArgument, path + ": the database was opened read-only");
}

Result<ReadOnlyFileSystem::LogState> ReadOnlyFileSystem::HoldLog(const std::string& path,
                                                                 std::uint64_t number) {
  const auto opened = base_.Open(path, OpenMode::kRead);
  if (!opened.ok()) {
    ASSIGN_OR_RETURN(const bool exists, base_.Exists(path));
    if (exists) return opened.error();
    return LogState::kRetired;
  }
  File& file = **opened;
  ASSIGN_OR_RETURN(const std::string before, HeaderOf(file));
  auto held = std::make_shared<Held>();
  ASSIGN_OR_RETURN(held->size, file.Size());
  ASSIGN_OR_RETURN(const std::uint64_t end, WrittenEnd(file, held->size));
  held->bytes.resize(end);
  for (std::uint64_t rest = end; rest > 0;) {
    const std::uint64_t size = std::min(rest, kPieceBytes);
    rest -= size;
    ASSIGN_OR_RETURN(const std::size_t got,
                     file.ReadAt(rest, std::span<char>(held->bytes).subspan(rest, size)));
    if (got < size) return LogState::kRetired;  // nobody makes a log shorter that is in use
  }
  ASSIGN_OR_RETURN(const std::string after, HeaderOf(file));
  if (before != after) {
    const auto header = DecodeFileHeader(before, kWalMagic);
    const bool was_used = header.ok() && header->identity.number == number;
    return was_used ? LogState::kRetired : LogState::kUnused;
  }
  held_.insert_or_assign(path, std::move(held));
  return LogState::kHeld;
}

std::uint64_t ReadOnlyFileSystem::held_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [path, held] : held_) sum += held->bytes.size();
  return sum;
}

Result<std::unique_ptr<File>> ReadOnlyFileSystem::Open(const std::string& path, OpenMode mode,
                                                       IoMode io) {
  if (mode != OpenMode::kRead) return Refuse(path).error();
  const auto held = held_.find(path);
  if (held == held_.end()) return base_.Open(path, mode, io);
  return std::unique_ptr<File>(std::make_unique<HeldFile>(path, held->second));
}

}  // namespace beachdb
