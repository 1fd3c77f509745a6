#include "sim/sim_disk.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/try.h"
#include "sim/sim_scheduler.h"

namespace beachdb {
namespace {

constexpr std::size_t kDirectAlignment = 4096;
constexpr std::uint64_t kFreeSpace = std::uint64_t{1} << 40;

constexpr std::array<char, SparseBytes::kPage> kZeroPage{};

Error Refused(const std::string& call, const std::string& path, std::string_view why) {
  return {Code::kIoError, call + " " + path + ": " + std::string(why)};
}

}  // namespace

// A file as the kernel shows it. Guarded by SimDisk::mu_.
class SimDisk::Inode {
 public:
  explicit Inode(std::uint32_t number) : number_(number) {}
  ~Inode() {
    if (!mapping_.empty()) ::munmap(mapping_.data(), mapping_.size());
  }
  Inode(const Inode&) = delete;
  Inode& operator=(const Inode&) = delete;

  std::uint32_t number() const { return number_; }
  SparseBytes& bytes() { return bytes_; }
  std::span<char> mapping() { return mapping_; }

  // What was written by a call shows in the mapping too.
  void WriteThrough(std::uint64_t offset, std::string_view data) {
    bytes_.Write(offset, data);
    if (offset >= mapping_.size()) return;
    const std::size_t size = std::min<std::size_t>(data.size(), mapping_.size() - offset);
    std::memcpy(mapping_.data() + offset, data.data(), size);
  }

  bool MapAll(std::uint64_t size) {
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return false;
    mapping_ = std::span<char>(static_cast<char*>(memory), size);
    for (std::uint64_t at = 0; at < size; at += SparseBytes::kPage) {
      const std::size_t piece = std::min<std::uint64_t>(SparseBytes::kPage, size - at);
      const char* page = bytes_.PageAt(at / SparseBytes::kPage);
      if (page != nullptr) std::memcpy(mapping_.data() + at, page, piece);
    }
    return true;
  }

 private:
  const std::uint32_t number_;
  SparseBytes bytes_;
  std::span<char> mapping_;  // one for all who map it, for as long as the file lives
};

class SimFile final : public File {
 public:
  SimFile(SimDisk& disk, std::string path, SimDisk::InodeRef inode, IoMode io)
      : File(std::move(path)),
        disk_(disk),
        inode_(std::move(inode)),
        alignment_(io == IoMode::kDirect ? kDirectAlignment : 1) {}

  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    CheckAligned(offset, out.data(), out.size());
    return disk_.Read(*inode_, offset, out);
  }
  Status WriteAt(std::uint64_t offset, std::string_view data) override {
    CheckAligned(offset, data.data(), data.size());
    disk_.Write(*inode_, path(), offset, data);
    return OkStatus();
  }
  Status Sync() override {
    disk_.SyncData(*inode_, path(), 0, 0);
    return OkStatus();
  }
  Status SyncRange(std::uint64_t offset, std::uint64_t size) override {
    CHECK(size > 0);
    disk_.SyncData(*inode_, path(), offset, size);
    return OkStatus();
  }
  Status Allocate(std::uint64_t size) override {
    if (size > disk_.SizeOf(*inode_)) disk_.Resize(*inode_, path(), size);
    return OkStatus();
  }
  Status Truncate(std::uint64_t size) override {
    disk_.Resize(*inode_, path(), size);
    return OkStatus();
  }
  Result<std::uint64_t> Size() override { return disk_.SizeOf(*inode_); }
  Result<std::span<char>> Map(std::uint64_t size) override {
    return disk_.Map(inode_, path(), size);
  }
  void Prefetch(std::uint64_t, std::uint64_t) override {}
  std::size_t alignment() const override { return alignment_; }

 private:
  void CheckAligned(std::uint64_t offset, const void* data, std::size_t size) const {
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    CHECK(((offset | address | size) & (alignment_ - 1)) == 0);
  }

  SimDisk& disk_;
  const SimDisk::InodeRef inode_;
  const std::size_t alignment_;
};

class SimLock final : public FileLock {
 public:
  SimLock(SimDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  ~SimLock() override { disk_.Unlock(path_); }
  SimLock(const SimLock&) = delete;
  SimLock& operator=(const SimLock&) = delete;

 private:
  SimDisk& disk_;
  const std::string path_;
};

// ---- the journal --------------------------------------------------------------------------------

SimDisk::SimDisk(const DiskImage& image) {
  MutexLock lock(mu_);
  Load(image);
}

SimDisk::~SimDisk() = default;

void SimDisk::Load(const DiskImage& image) {
  files_.clear();
  directories_ = image.directories;
  const auto numbers = NumberFiles(image);
  std::map<std::uint32_t, InodeRef> inodes;
  for (const auto& [path, bytes] : image.files) {
    InodeRef& inode = inodes[numbers.at(bytes.get())];
    if (inode == nullptr) {
      inode = std::make_shared<Inode>(numbers.at(bytes.get()));
      inode->bytes() = *bytes;
    }
    files_[path] = inode;
  }
  next_file_ = static_cast<std::uint32_t>(numbers.size());
  journal_.start = image;
  journal_.events.clear();
}

std::uint64_t SimDisk::Note(DiskEvent event) {
  NoticeMappedStores();
  journal_.events.push_back(std::move(event));
  return journal_.events.size() - 1;
}

void SimDisk::NoticeMappedStores() {
  for (const std::weak_ptr<Inode>& mapped : mapped_) {
    if (const InodeRef inode = mapped.lock()) NoticeMappedStores(*inode);
  }
  std::erase_if(mapped_, [](const auto& mapped) { return mapped.expired(); });
}

void SimDisk::NoticeMappedStores(Inode& inode) {
  const std::span<char> mapping = inode.mapping();
  for (std::uint64_t at = 0; at < mapping.size(); at += SparseBytes::kPage) {
    const std::size_t piece = std::min<std::uint64_t>(SparseBytes::kPage, mapping.size() - at);
    const char* before = inode.bytes().PageAt(at / SparseBytes::kPage);
    if (before == nullptr) before = kZeroPage.data();
    const char* now = mapping.data() + at;
    if (std::memcmp(before, now, piece) == 0) continue;
    std::size_t first = 0;
    while (before[first] == now[first]) ++first;
    std::size_t end = piece;
    while (before[end - 1] == now[end - 1]) --end;
    std::string data(now + first, end - first);
    inode.bytes().Write(at + first, data);
    journal_.events.push_back({.op = DiskOp::kWrite,
                               .file = inode.number(),
                               .offset = at + first,
                               .size = end - first,
                               .data = std::move(data),
                               .path = "(mapped)",
                               .target = {}});
  }
}

std::uint64_t SimDisk::Mark() {
  MutexLock lock(mu_);
  return Note({});
}

std::uint64_t SimDisk::event_count() const {
  MutexLock lock(mu_);
  return journal_.events.size();
}

DiskJournal SimDisk::TakeJournal() {
  MutexLock lock(mu_);
  NoticeMappedStores();
  return std::exchange(journal_, {});
}

void SimDisk::CutPower(const CutPolicy& policy, std::uint64_t seed) {
  MutexLock lock(mu_);
  CHECK(locked_.empty());
  NoticeMappedStores();
  DiskHistory history(journal_);
  history.AdvanceTo(journal_.events.size());
  Load(history.Cut(policy, seed));
}

void SimDisk::DropDirty(const std::string& path, Dropped how) {
  MutexLock lock(mu_);
  const InodeRef inode = Find(path);
  if (inode == nullptr) return;
  Note({.op = DiskOp::kDropDirty, .file = inode->number(), .path = path});
  if (how == Dropped::kStays) return;
  DiskHistory history(journal_);
  history.AdvanceTo(journal_.events.size());
  // The size is the inode's, which the kernel keeps.
  const std::uint64_t size = inode->bytes().size();
  std::string bytes = history.Durable(inode->number()).ToString();
  bytes.resize(size, '\0');
  inode->WriteThrough(0, bytes);
}

// ---- calls of files -----------------------------------------------------------------------------

std::size_t SimDisk::Read(Inode& inode, std::uint64_t offset, std::span<char> out) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  NoticeMappedStores(inode);
  return inode.bytes().Read(offset, out);
}

void SimDisk::Write(Inode& inode, const std::string& path, std::uint64_t offset,
                    std::string_view data) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  Note({.op = DiskOp::kWrite,
        .file = inode.number(),
        .offset = offset,
        .size = data.size(),
        .data = AllZeros(data) ? std::string() : std::string(data),
        .path = path,
        .target = {}});
  inode.WriteThrough(offset, data);
}

void SimDisk::Resize(Inode& inode, const std::string& path, std::uint64_t size) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  Note({.op = DiskOp::kResize, .file = inode.number(), .size = size, .path = path});
  inode.bytes().Resize(size);
}

std::uint64_t SimDisk::SizeOf(Inode& inode) {
  MutexLock lock(mu_);
  return inode.bytes().size();
}

Result<std::span<char>> SimDisk::Map(const InodeRef& inode, const std::string& path,
                                     std::uint64_t size) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  if (size > inode->bytes().size()) return Refused("map", path, "it is shorter than the mapping");
  if (!inode->mapping().empty()) {
    if (size > inode->mapping().size()) return Refused("map", path, "mapped before, and smaller");
    return inode->mapping().subspan(0, size);
  }
  if (!inode->MapAll(size)) return Refused("map", path, "no memory");
  mapped_.push_back(inode);
  return inode->mapping();
}

void SimDisk::SyncData(Inode& inode, const std::string& path, std::uint64_t offset,
                       std::uint64_t size) {
  SimScheduler::Yield();
  std::uint64_t begin = 0;
  {
    MutexLock lock(mu_);
    begin = Note({.op = DiskOp::kSyncData,
                  .file = inode.number(),
                  .offset = offset,
                  .size = size,
                  .path = path});
  }
  SimScheduler::Yield();
  MutexLock lock(mu_);
  Note({.op = DiskOp::kSyncEnd, .size = begin, .path = path});
}

// ---- calls of names -----------------------------------------------------------------------------

SimDisk::InodeRef SimDisk::Find(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second;
}

bool SimDisk::IsDirectory(const std::string& path) const {
  return path == "/" || directories_.contains(path);
}

Status SimDisk::CheckParent(const std::string& operation, const std::string& path) const {
  if (path.starts_with('/') && IsDirectory(ParentDirectory(path))) return OkStatus();
  return Refused(operation, path, "no such directory");
}

Result<std::unique_ptr<File>> SimDisk::Open(const std::string& path, OpenMode mode, IoMode io) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  RETURN_IF_ERROR(CheckParent("open", path));
  InodeRef inode = Find(path);
  const bool must_exist = mode == OpenMode::kRead || mode == OpenMode::kReadWrite;
  if (inode == nullptr && must_exist) return Refused("open", path, "no such file");
  if (IsDirectory(path)) return Refused("open", path, "it is a directory");
  if (inode != nullptr && mode == OpenMode::kCreate) return Refused("create", path, "it exists");
  if (inode == nullptr) {
    inode = std::make_shared<Inode>(next_file_++);
    Note({.op = DiskOp::kCreate, .file = inode->number(), .path = path});
    files_[path] = inode;
  } else if (mode == OpenMode::kReplace) {
    Note({.op = DiskOp::kResize, .file = inode->number(), .size = 0, .path = path});
    inode->bytes().Resize(0);
  }
  return std::unique_ptr<File>(std::make_unique<SimFile>(*this, path, std::move(inode), io));
}

Result<std::vector<std::string>> SimDisk::List(const std::string& directory) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  if (!IsDirectory(directory)) return Refused("list", directory, "no such directory");
  std::vector<std::string> names;
  for (const auto& [path, inode] : files_) {
    if (ParentDirectory(path) == directory) names.push_back(path.substr(path.rfind('/') + 1));
  }
  for (const std::string& path : directories_) {
    if (ParentDirectory(path) == directory) names.push_back(path.substr(path.rfind('/') + 1));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<bool> SimDisk::Exists(const std::string& path) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  return Find(path) != nullptr || IsDirectory(path);
}

Result<std::uint64_t> SimDisk::FileSize(const std::string& path) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  const InodeRef inode = Find(path);
  if (inode == nullptr) return Refused("size of", path, "no such file");
  return inode->bytes().size();
}

Status SimDisk::CreateDirectory(const std::string& path) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (Find(part) != nullptr) return Refused("create directory", part, "it is a file");
    if (!IsDirectory(part)) {
      Note({.op = DiskOp::kMakeDirectory, .path = part});
      directories_.insert(part);
    }
    if (slash == std::string::npos) return OkStatus();
  }
}

Status SimDisk::SyncDirectory(const std::string& path) {
  SimScheduler::Yield();
  std::uint64_t begin = 0;
  {
    MutexLock lock(mu_);
    if (!IsDirectory(path)) return Refused("sync directory", path, "no such directory");
    begin = Note({.op = DiskOp::kSyncNames, .path = path});
  }
  SimScheduler::Yield();
  MutexLock lock(mu_);
  Note({.op = DiskOp::kSyncEnd, .size = begin, .path = path});
  return OkStatus();
}

Status SimDisk::Rename(const std::string& from, const std::string& to) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  const InodeRef inode = Find(from);
  if (inode == nullptr) return Refused("rename", from, "no such file");
  if (ParentDirectory(from) != ParentDirectory(to) || IsDirectory(to)) {
    return Refused("rename", from + " to " + to, "only to a file of the same directory");
  }
  Note({.op = DiskOp::kRename, .path = from, .target = to});
  files_[to] = inode;
  files_.erase(from);
  return OkStatus();
}

Status SimDisk::RemoveFile(const std::string& path) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  if (Find(path) == nullptr) return Refused("remove", path, "no such file");
  Note({.op = DiskOp::kRemove, .path = path});
  files_.erase(path);
  return OkStatus();
}

Status SimDisk::Link(const std::string& from, const std::string& to) {
  SimScheduler::Yield();
  MutexLock lock(mu_);
  const InodeRef inode = Find(from);
  if (inode == nullptr) return Refused("link", from, "no such file");
  RETURN_IF_ERROR(CheckParent("link", to));
  if (Find(to) != nullptr || IsDirectory(to)) return Refused("link", to, "it exists");
  Note({.op = DiskOp::kLink, .file = inode->number(), .path = from, .target = to});
  files_[to] = inode;
  return OkStatus();
}

Result<std::unique_ptr<FileLock>> SimDisk::Lock(const std::string& path) {
  SimScheduler::Yield();
  {
    MutexLock lock(mu_);
    if (locked_.contains(path)) {
      return Error(Code::kBusy, "lock " + path + ": held by another database of this world");
    }
    locked_.insert(path);
  }
  std::unique_ptr<FileLock> held = std::make_unique<SimLock>(*this, path);
  ASSIGN_OR_RETURN(const std::unique_ptr<File> file, Open(path, OpenMode::kReplace));
  RETURN_IF_ERROR(file->WriteAt(0, "simulated\n"));
  return held;
}

void SimDisk::Unlock(const std::string& path) {
  MutexLock lock(mu_);
  locked_.erase(path);
}

Result<std::uint64_t> SimDisk::FreeSpace(const std::string&) { return kFreeSpace; }

// ---- for tests ----------------------------------------------------------------------------------

std::string SimDisk::Contents(const std::string& path) const {
  MutexLock lock(mu_);
  const InodeRef inode = Find(path);
  CHECK(inode != nullptr);
  return inode->bytes().ToString();
}

void SimDisk::SetContents(const std::string& path, std::string_view bytes) {
  MutexLock lock(mu_);
  const InodeRef inode = Find(path);
  CHECK(inode != nullptr);
  Note({.op = DiskOp::kResize, .file = inode->number(), .size = 0, .path = path});
  Note({.op = DiskOp::kWrite,
        .file = inode->number(),
        .size = bytes.size(),
        .data = AllZeros(bytes) ? std::string() : std::string(bytes),
        .path = path,
        .target = {}});
  const std::uint64_t begin =
      Note({.op = DiskOp::kSyncData, .file = inode->number(), .path = path});
  Note({.op = DiskOp::kSyncEnd, .size = begin, .path = path});
  inode->bytes().Resize(0);
  inode->WriteThrough(0, bytes);
}

bool SimDisk::Has(const std::string& path) const {
  MutexLock lock(mu_);
  return Find(path) != nullptr;
}

}  // namespace beachdb
