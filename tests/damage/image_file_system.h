// A directory in memory that is made from an image and can be turned into one again: how a damaged
// copy of a database is put before the engine thousands of times a second.
//
// Files of the image are shared, not copied, until somebody writes to them. Allocated space takes
// no memory. Everything counts as durable at once: this is the disk at rest, not the disk that
// loses power.
//
// Thread safety: none: for a world that runs on one thread (world.h).
// Lifetime: outlives its files. Limits: one flat directory; whatever stands before the last slash
// of a path is ignored. Links are not there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/file_system.h"

namespace beachdb {

// A file at rest. Bytes beyond what is stored are zeros, so that the unused space of a log costs
// nothing.
struct FileImage {
  std::shared_ptr<const std::string> stored;
  std::uint64_t size = 0;
};

// A directory by name.
using Image = std::map<std::string, FileImage>;

class ImageFileSystem final : public FileSystem {
 public:
  explicit ImageFileSystem(const Image& image = {});

  // What the directory holds now.
  Image Capture() const;

  // Whether every file of the image but `except` is as it was, and no other is there.
  bool Holds(const Image& image, std::string_view except) const;

  // Called before a name is made or goes, with what is about to happen: "create 000007.sst".
  // A test takes its picture of a directory in mid-change here.
  void OnNameChange(std::function<void(std::string_view what)> call) { watch_ = std::move(call); }

  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode, IoMode io) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  Result<bool> Exists(const std::string& path) override;
  Result<std::uint64_t> FileSize(const std::string& path) override;
  Status CreateDirectory(const std::string& /*path*/) override { return OkStatus(); }
  Status SyncDirectory(const std::string& /*path*/) override { return OkStatus(); }
  Status Rename(const std::string& from, const std::string& to) override;
  Status RemoveFile(const std::string& path) override;
  Status Link(const std::string& from, const std::string& to) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
  Result<std::uint64_t> FreeSpace(const std::string& /*path*/) override { return 1ull << 40; }

 private:
  friend class ImageFile;

  // Bytes beyond what is stored read as zeros up to the size.
  struct Inode {
    std::shared_ptr<const std::string> shared;  // the image's; nullptr once it is written to
    std::string own;
    std::uint64_t size = 0;
    bool mapped = false;  // `own` may not move any more

    std::string_view stored() const { return shared != nullptr ? *shared : own; }
    // Makes the first `bytes` writable.
    void Own(std::uint64_t bytes);
  };

  void Tell(std::string_view what, std::string_view name) const;

  std::map<std::string, std::shared_ptr<Inode>> names_;
  std::function<void(std::string_view what)> watch_;
};

}  // namespace beachdb
