// A File over a file descriptor.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "io/file_system.h"

namespace beachdb {

class PosixFile final : public File {
 public:
  // Opens with the errors and the fallback of FileSystem::Open.
  static Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode, IoMode io);

  ~PosixFile() override;

  // As FileSystem::ReadMany. REQUIRES: every file is a PosixFile.
  static void ReadMany(std::span<ReadRequest> requests);

  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override;
  Status WriteAt(std::uint64_t offset, std::string_view data) override;
  Status Sync() override;
  Status SyncRange(std::uint64_t offset, std::uint64_t size) override;
  Status Allocate(std::uint64_t size) override;
  Status Truncate(std::uint64_t size) override;
  Result<std::uint64_t> Size() override;
  Result<std::span<char>> Map(std::uint64_t size) override;
  void Unload(std::uint64_t offset, std::uint64_t size) override;
  std::uint64_t SkipUnwritten(std::uint64_t offset) override;
  void Prefetch(std::uint64_t offset, std::uint64_t size) override;
  std::size_t alignment() const override { return alignment_; }

 private:
  PosixFile(std::string path, int fd, std::size_t alignment)
      : File(std::move(path)), fd_(fd), alignment_(alignment) {}

  // The caller's duty under O_DIRECT: see File::alignment.
  bool Aligned(std::uint64_t offset, const void* data, std::size_t size) const;
  // ReadAt of which `done` bytes have been read already.
  Result<std::size_t> ReadRest(std::uint64_t offset, std::span<char> out, std::size_t done);
  Status WriteZeros(std::uint64_t from, std::uint64_t to);

  const int fd_;
  const std::size_t alignment_;
  std::span<char> mapping_;
};

}  // namespace beachdb
