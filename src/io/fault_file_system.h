// A file system that fails when a test asks it to, in front of one that works.
//
//   FaultFileSystem fs(PosixFileSystem());
//   // One failed fdatasync.
//   fs.Inject({.ops = {FileOp::kSync}, .name = ".wal", .times = 1});
//   // The fourth write is torn.
//   fs.Inject({.ops = {FileOp::kWrite}, .name = "MANIFEST", .skip = 3, .times = 1,
//              .partial_bytes = 100});
//   // A table that is unreadable.
//   fs.Inject({.ops = {FileOp::kRead}, .name = "000007.sst"});
//   // A disk that is full after another MiB, until AddSpace.
//   fs.LimitSpace(1 << 20);
//   // The process "dies" at its n-th change from now on.
//   fs.FreezeAfter(n);
//
// What fails: see Fault. A failed call has no effect on the files below, but for `partial_bytes`.
// Faults are asked in the order of their injection, and the first that applies decides.
//
// What it cannot do: stores through File::Map go to the mapping, not through here, so neither a
// fault nor Freeze stops them (fail kMap to forbid mappings). Synced and unsynced bytes are not
// told apart: what was written before a Freeze is all there when the directory is opened again, as
// after the death of the process, not as after a power cut.
//
// Thread safety: all calls. Lifetime: outlives its files and locks; `base` outlives it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "io/file_system.h"

namespace beachdb {

enum class FileOp : std::uint8_t {
  // Calls of File.
  kRead,
  kWrite,
  kSync,
  kAllocate,
  kTruncate,
  kSize,  // File::Size and FileSystem::FileSize
  kMap,
  // Calls of FileSystem.
  kOpen,
  kList,
  kExists,
  kCreateDirectory,
  kSyncDirectory,
  kRename,
  kRemove,
  kLink,
  kLock,
  kFreeSpace,
};
inline constexpr std::size_t kFileOpCount = static_cast<std::size_t>(FileOp::kFreeSpace) + 1;

// "write", "sync": for messages of tests.
std::string_view FileOpName(FileOp op);

// One call, as it was asked for.
struct FileCall {
  FileOp op;
  std::string path;
  std::string target;        // Rename, Link: the new path
  std::uint64_t offset = 0;  // kRead, kWrite, kSync of a range
  std::uint64_t size = 0;    // the same: bytes; kAllocate, kTruncate, kMap: the new size
  bool failed = false;       // by a fault of ours (errors of the system below are not noted)

  // "write 000007.sst 4096+8192", "rename CURRENT.tmp CURRENT": names without folders.
  std::string ToString() const;
};

// Which calls fail, and how.
struct Fault {
  static constexpr std::uint64_t kAlways = std::numeric_limits<std::uint64_t>::max();

  std::vector<FileOp> ops;        // which calls; empty: all of them
  std::string name;               // part of the last component of the path (Rename, Link: of
                                  // either path); empty: every file
  std::uint64_t skip = 0;         // matching calls that go through first
  std::uint64_t times = kAlways;  // then so many fail; after them calls go through again
  Code code = Code::kIoError;     // kNoSpace for a full disk
  std::size_t partial_bytes = 0;  // of a failing write: this many bytes still reach the file
  // A failing read returns no error but `partial_bytes` bytes, as if the file ended there.
  bool short_read = false;
  // Called for each call that fails, with no lock held: what a disk does to its cache when a sync
  // fails (SimDisk::DropDirty).
  std::function<void(const FileCall&)> then;
};

class FaultFileSystem final : public FileSystem {
 public:
  explicit FaultFileSystem(FileSystem& base) : base_(base) {}

  // Faults.
  using FaultId = std::uint64_t;
  FaultId Inject(Fault fault) EXCLUDES(mu_);
  void Remove(FaultId id) EXCLUDES(mu_);
  // Ends all faults, the freeze and the limit of space.
  void Heal() EXCLUDES(mu_);

  // From now on, or after `changes` more of them went through, every call that changes a file or a
  // directory fails with kIoError; reads go on. The state below is what a dead process leaves.
  void Freeze() EXCLUDES(mu_) { FreezeAfter(0); }
  void FreezeAfter(std::uint64_t changes) EXCLUDES(mu_);
  bool frozen() const EXCLUDES(mu_);

  // A disk with `bytes` left: writes and allocations that make a file longer use them up, removing
  // and truncating give them back, and a write that does not fit writes what does, then fails with
  // kNoSpace. FreeSpace tells what is left.
  void LimitSpace(std::uint64_t bytes) EXCLUDES(mu_);
  void AddSpace(std::uint64_t bytes) EXCLUDES(mu_);  // REQUIRES: a limit

  // What happened. Calls are counted and recorded whether they fail or not.
  std::uint64_t Count(FileOp op) const EXCLUDES(mu_);
  std::uint64_t ChangeCount() const EXCLUDES(mu_);  // calls that change a file or a directory
  std::uint64_t FaultCount() const EXCLUDES(mu_);   // calls that a fault, freeze or limit failed
  // Starts with an empty recording / ends it and returns the calls in order.
  void StartRecording() EXCLUDES(mu_);
  std::vector<FileCall> StopRecording() EXCLUDES(mu_);

  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode, IoMode io) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  Result<bool> Exists(const std::string& path) override;
  Result<std::uint64_t> FileSize(const std::string& path) override;
  Status CreateDirectory(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status RemoveFile(const std::string& path) override;
  Status Link(const std::string& from, const std::string& to) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
  Result<std::uint64_t> FreeSpace(const std::string& path) override;
  std::size_t OpenFilesMax() const override { return base_.OpenFilesMax(); }

 private:
  friend class FaultFile;

  enum class Effect : std::uint8_t { kReads, kChanges };
  struct Active {
    FaultId id;
    Fault fault;
  };

  // Counts and records the call, and decides: ok, or the error that the caller gets. For a read or
  // write that fails, `fault` becomes what makes it fail, unless that is the freeze.
  Status Admit(FileCall call, Effect effect, Fault* fault = nullptr) EXCLUDES(mu_);
  Status Judge(const FileCall& call, Effect effect, Fault* hit) REQUIRES(mu_);

  // Takes up to `bytes` of the space that is left; returns how many were there. No limit: all.
  std::uint64_t TakeSpace(std::uint64_t bytes) EXCLUDES(mu_);
  void GiveSpace(std::uint64_t bytes) EXCLUDES(mu_);
  Error NoSpaceError(const FileCall& call) EXCLUDES(mu_);

  FileSystem& base_;
  mutable Mutex mu_;
  std::vector<Active> faults_ GUARDED_BY(mu_);
  FaultId next_id_ GUARDED_BY(mu_) = 1;
  std::optional<std::uint64_t> changes_left_ GUARDED_BY(mu_);  // until the freeze
  std::optional<std::uint64_t> space_left_ GUARDED_BY(mu_);
  std::array<std::uint64_t, kFileOpCount> counts_ GUARDED_BY(mu_){};
  std::uint64_t change_count_ GUARDED_BY(mu_) = 0;
  std::uint64_t fault_count_ GUARDED_BY(mu_) = 0;
  bool recording_ GUARDED_BY(mu_) = false;
  std::vector<FileCall> calls_ GUARDED_BY(mu_);
};

}  // namespace beachdb
