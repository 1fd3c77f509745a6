// A disk in memory that loses power, for the tests of any layer (header-only). FaultFileSystem in
// front of it makes calls fail, and stops the process at any of them:
//
//   MemoryFileSystem disk;
//   FaultFileSystem fs(disk);
//   fs.FreezeAfter(5);                                      // the sixth change does not happen
//   ...
//   disk.CutPower(MemoryFileSystem::Unsynced::kLost, random);
//   fs.Heal();                                              // and see what is there
//
// There are two images: what the kernel shows and what the device holds. Sync of a file copies its
// bytes to the device; names reach it at SyncDirectory. CutPower leaves what the device holds,
// completed by a choice for everything that was not synced: lost, kept, or torn: each sector of 512
// bytes either way, and any of the directory operations that do not build on a lost one (POSIX
// promises no order between names; journaling file systems are kinder).
//
// Files that are opened for direct reads demand the alignment of O_DIRECT (it is checked).
// One directory tree without permissions; Map, Link and Lock are not there. Thread safety: none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "io/file_system.h"

namespace beachdb {

class MemoryFileSystem final : public FileSystem {
 public:
  enum class Unsynced : std::uint8_t { kLost, kKept, kTorn };

  // REQUIRES: no file is open.
  void CutPower(Unsynced fate, Random& random);

  // The bytes that a file shows, for damaging them.
  std::string& Bytes(const std::string& path) { return names_.at(path)->shown; }
  bool Has(const std::string& path) const { return names_.contains(path); }

  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode, IoMode io) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  Result<bool> Exists(const std::string& path) override { return Has(path); }
  Result<std::uint64_t> FileSize(const std::string& path) override;
  Status CreateDirectory(const std::string&) override { return OkStatus(); }
  Status SyncDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status RemoveFile(const std::string& path) override;
  Status Link(const std::string&, const std::string&) override { return Missing("links"); }
  Result<std::unique_ptr<FileLock>> Lock(const std::string&) override { return Missing("locks"); }
  Result<std::uint64_t> FreeSpace(const std::string&) override { return std::uint64_t{1} << 40; }

 private:
  static constexpr std::size_t kSector = 512;  // bytes

  struct Inode {
    std::string shown;
    std::string held;  // by the device
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  struct NameChange {
    std::vector<std::string> paths;  // that it reads or writes
    std::function<void(Names&)> apply;
  };

  class OpenFile final : public File {
   public:
    OpenFile(std::string path, std::shared_ptr<Inode> inode, IoMode io)
        : File(std::move(path)),
          inode_(std::move(inode)),
          alignment_(io == IoMode::kDirect ? 4096 : 1) {}
    Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
      const auto address = reinterpret_cast<std::uintptr_t>(out.data());
      CHECK((offset | address | out.size()) % alignment_ == 0);
      const std::string& bytes = inode_->shown;
      if (offset >= bytes.size()) return std::size_t{0};
      const std::size_t size = std::min<std::size_t>(out.size(), bytes.size() - offset);
      std::memcpy(out.data(), bytes.data() + offset, size);
      return size;
    }
    Status WriteAt(std::uint64_t offset, std::string_view data) override {
      std::string& bytes = inode_->shown;
      if (bytes.size() < offset + data.size()) bytes.resize(offset + data.size());
      std::memcpy(bytes.data() + offset, data.data(), data.size());
      return OkStatus();
    }
    Status Sync() override {
      inode_->held = inode_->shown;
      return OkStatus();
    }
    Status Allocate(std::uint64_t size) override {
      if (inode_->shown.size() < size) inode_->shown.resize(size);
      return OkStatus();
    }
    Status Truncate(std::uint64_t size) override {
      inode_->shown.resize(size);
      return OkStatus();
    }
    Result<std::uint64_t> Size() override { return std::uint64_t{inode_->shown.size()}; }
    // To the byte, as no real file system can.
    std::uint64_t SkipUnwritten(std::uint64_t offset) override {
      const std::string& bytes = inode_->shown;
      return std::min(bytes.find_first_not_of('\0', offset), bytes.size());
    }
    Result<std::span<char>> Map(std::uint64_t) override { return Missing("mappings"); }
    void Prefetch(std::uint64_t, std::uint64_t) override {}
    std::size_t alignment() const override { return alignment_; }

   private:
    const std::shared_ptr<Inode> inode_;
    const std::size_t alignment_;
  };

  static Error Missing(const std::string& what) {
    return Error(Code::kNotSupported, "the disk in memory has no " + what);
  }
  static Error NoSuchFile(const std::string& operation, const std::string& path) {
    return {Code::kIoError, operation + " " + path + ": no such file"};
  }
  // A change of names: shown at once, held by the device after SyncDirectory.
  void ChangeNames(std::vector<std::string> paths, std::function<void(Names&)> change) {
    change(names_);
    pending_.push_back({std::move(paths), std::move(change)});
  }
  static std::string Torn(const Inode& inode, Random& random);

  Names names_;       // shown
  Names held_names_;  // by the device
  std::vector<NameChange> pending_;
};

inline Result<std::unique_ptr<File>> MemoryFileSystem::Open(const std::string& path, OpenMode mode,
                                                            IoMode io) {
  const auto found = names_.find(path);
  std::shared_ptr<Inode> inode = found == names_.end() ? nullptr : found->second;
  if (inode == nullptr && (mode == OpenMode::kRead || mode == OpenMode::kReadWrite)) {
    return NoSuchFile("open", path);
  }
  if (inode != nullptr && mode == OpenMode::kCreate) {
    return Error(Code::kIoError, "create " + path + ": it exists");
  }
  if (inode == nullptr) {
    inode = std::make_shared<Inode>();
    ChangeNames({path}, [path, inode](Names& names) { names[path] = inode; });
  }
  if (mode == OpenMode::kReplace) inode->shown.clear();
  return std::unique_ptr<File>(std::make_unique<OpenFile>(path, inode, io));
}

inline Result<std::vector<std::string>> MemoryFileSystem::List(const std::string& directory) {
  std::vector<std::string> out;
  for (const auto& [path, inode] : names_) {
    const std::size_t slash = path.rfind('/');
    if (path.substr(0, slash) == directory) out.push_back(path.substr(slash + 1));
  }
  return out;
}

inline Result<std::uint64_t> MemoryFileSystem::FileSize(const std::string& path) {
  if (!Has(path)) return NoSuchFile("size of", path);
  return std::uint64_t{names_.at(path)->shown.size()};
}

// Makes the names of all directories durable: a test that uses one at a time sees no difference.
inline Status MemoryFileSystem::SyncDirectory(const std::string&) {
  for (const NameChange& change : pending_) change.apply(held_names_);
  pending_.clear();
  return OkStatus();
}

inline Status MemoryFileSystem::Rename(const std::string& from, const std::string& to) {
  if (!Has(from)) return NoSuchFile("rename", from);
  ChangeNames({from, to}, [from, to](Names& names) {
    auto moved = names.extract(from);
    names.erase(to);
    moved.key() = to;
    names.insert(std::move(moved));
  });
  return OkStatus();
}

inline Status MemoryFileSystem::RemoveFile(const std::string& path) {
  if (!Has(path)) return NoSuchFile("remove", path);
  ChangeNames({path}, [path](Names& names) { names.erase(path); });
  return OkStatus();
}

inline std::string MemoryFileSystem::Torn(const Inode& inode, Random& random) {
  const std::size_t shown = inode.shown.size();
  const std::size_t held = inode.held.size();
  std::string out = inode.held;
  out.resize(random.OneIn(2) ? shown : std::min(shown, held));
  for (std::size_t at = 0; at < out.size(); at += kSector) {
    if (random.OneIn(2)) continue;
    const std::size_t size = std::min(kSector, out.size() - at);
    if (at < shown) inode.shown.copy(out.data() + at, std::min(size, shown - at), at);
  }
  return out;
}

inline void MemoryFileSystem::CutPower(Unsynced fate, Random& random) {
  std::set<std::string> lost;  // paths whose latest change is lost, and with it every later one
  for (const NameChange& change : pending_) {
    bool keep = fate == Unsynced::kKept || (fate == Unsynced::kTorn && !random.OneIn(3));
    for (const std::string& path : change.paths) keep = keep && !lost.contains(path);
    if (keep) {
      change.apply(held_names_);
    } else {
      lost.insert(change.paths.begin(), change.paths.end());
    }
  }
  std::set<Inode*> seen;  // a file may have several names
  const auto settle = [&](Inode& inode) {
    if (!seen.insert(&inode).second) return;
    if (fate == Unsynced::kLost) inode.shown = inode.held;
    if (fate == Unsynced::kTorn) inode.shown = Torn(inode, random);
    inode.held = inode.shown;
  };
  for (const auto& [path, inode] : held_names_) settle(*inode);
  names_ = held_names_;
  pending_.clear();
}

}  // namespace beachdb
