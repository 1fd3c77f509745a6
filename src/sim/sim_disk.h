// A disk in memory, as the kernel shows it, that writes down every call, so that a power cut can be
// tried at each of them afterwards:
//
//   SimDisk disk;
//   ... run something over it ...
//   const DiskJournal journal = disk.TakeJournal();
//   DiskHistory history(journal);
//   history.AdvanceTo(17);                                      // the 18th event did not happen
//   SimDisk after(history.Cut({DataFate::kSectors, NameFate::kPrefix}, seed));
//
// One run serves every cut: nothing has to be run again up to the cut, and the run itself never has
// to be stopped.
//
// Reads see every write at once, as through a page cache. IoMode::kDirect demands alignment and is
// otherwise the same: to be past the page cache is not to be on stable storage. Stores through a
// mapping are noticed at the next call, page by page.
// Failing calls and a full disk are FaultFileSystem's (io/fault_file_system.h), in front of this.
//
// Under a SimScheduler every call is a point where another thread may go on, and a sync has one
// more in its middle: what is written meanwhile is not covered by it.
//
// Thread safety: all calls; stores through a mapping must not run beside calls (simulated threads
// do not). Lifetime: outlives its files and locks.
// Limits: paths are absolute; rename stays within a directory; the mappings of one file have one
// size.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "io/file_system.h"
#include "sim/disk_journal.h"
#include "sim/power_cut.h"

namespace beachdb {

class SimDisk final : public FileSystem {
 public:
  SimDisk() : SimDisk(DiskImage()) {}
  // A disk that was just switched on: all of `image` is durable.
  explicit SimDisk(const DiskImage& image);
  ~SimDisk() override;

  // Notes a point in time, and returns its index: a cut at it or before has not seen it.
  std::uint64_t Mark() EXCLUDES(mu_);
  std::uint64_t event_count() const EXCLUDES(mu_);
  // What happened. The disk must not be used any more.
  DiskJournal TakeJournal() EXCLUDES(mu_);

  // Cuts the power now and switches it on again. REQUIRES: no file is open, no lock is held.
  void CutPower(const CutPolicy& policy, std::uint64_t seed) EXCLUDES(mu_);
  // What a sync of the file that failed may do: what was written to it and not synced is given up.
  // kStays: reads still find it, until some time later; kGone: they find the durable bytes.
  enum class Dropped : std::uint8_t { kStays, kGone };
  void DropDirty(const std::string& path, Dropped how) EXCLUDES(mu_);

  // For tests that damage files: as if it had always been so, durable, no call.
  std::string Contents(const std::string& path) const EXCLUDES(mu_);
  void SetContents(const std::string& path, std::string_view bytes) EXCLUDES(mu_);
  bool Has(const std::string& path) const EXCLUDES(mu_);

  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode,
                                     IoMode io = IoMode::kBuffered) override;
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

 private:
  friend class SimFile;
  friend class SimLock;
  class Inode;
  using InodeRef = std::shared_ptr<Inode>;

  void Load(const DiskImage& image) REQUIRES(mu_);
  InodeRef Find(const std::string& path) const REQUIRES(mu_);
  bool IsDirectory(const std::string& path) const REQUIRES(mu_);
  Status CheckParent(const std::string& operation, const std::string& path) const REQUIRES(mu_);
  // Appends the event, behind the stores through mappings that came before it; returns its index.
  std::uint64_t Note(DiskEvent event) REQUIRES(mu_);
  void NoticeMappedStores() REQUIRES(mu_);
  void NoticeMappedStores(Inode& inode) REQUIRES(mu_);

  // The calls of SimFile.
  std::size_t Read(Inode& inode, std::uint64_t offset, std::span<char> out) EXCLUDES(mu_);
  void Write(Inode& inode, const std::string& path, std::uint64_t offset, std::string_view data)
      EXCLUDES(mu_);
  void Resize(Inode& inode, const std::string& path, std::uint64_t size) EXCLUDES(mu_);
  std::uint64_t SizeOf(Inode& inode) EXCLUDES(mu_);
  Result<std::span<char>> Map(const InodeRef& inode, const std::string& path, std::uint64_t size)
      EXCLUDES(mu_);
  // [offset, offset + size); all of it if the size is 0.
  void SyncData(Inode& inode, const std::string& path, std::uint64_t offset, std::uint64_t size)
      EXCLUDES(mu_);
  void Unlock(const std::string& path) EXCLUDES(mu_);

  mutable Mutex mu_;
  std::map<std::string, InodeRef> files_ GUARDED_BY(mu_);
  std::set<std::string> directories_ GUARDED_BY(mu_);
  std::set<std::string> locked_ GUARDED_BY(mu_);
  std::vector<std::weak_ptr<Inode>> mapped_ GUARDED_BY(mu_);
  std::uint32_t next_file_ GUARDED_BY(mu_) = 0;
  DiskJournal journal_ GUARDED_BY(mu_);
};

}  // namespace beachdb
