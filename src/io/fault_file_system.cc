#include "io/fault_file_system.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/try.h"

namespace beachdb {

namespace {

std::string_view LastComponent(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 == 0: the whole of it
}

bool Matches(const Fault& fault, const FileCall& call) {
  if (!fault.ops.empty() &&
      std::find(fault.ops.begin(), fault.ops.end(), call.op) == fault.ops.end()) {
    return false;
  }
  return LastComponent(call.path).find(fault.name) != std::string_view::npos ||
         LastComponent(call.target).find(fault.name) != std::string_view::npos;
}

}  // namespace

std::string_view FileOpName(FileOp op) {
  static constexpr std::string_view kNames[kFileOpCount] = {
      "read",   "write",  "sync", "allocate", "truncate",         "size",
      "map",    "open",   "list", "exists",   "create-directory", "sync-directory",
      "rename", "remove", "link", "lock",     "free-space"};
  return kNames[static_cast<std::size_t>(op)];
}

std::string FileCall::ToString() const {
  std::string text(FileOpName(op));
  text += ' ';
  text += LastComponent(path);
  if (!target.empty()) {
    text += ' ';
    text += LastComponent(target);
  }
  const bool part = op == FileOp::kSync && size != 0;
  if (op == FileOp::kRead || op == FileOp::kWrite || part) {
    text += ' ' + std::to_string(offset) + '+' + std::to_string(size);
  } else if (size != 0) {
    text += ' ' + std::to_string(size);
  }
  if (failed) text += " failed";
  return text;
}

// A file whose every call asks the file system first.
class FaultFile final : public File {
 public:
  FaultFile(FaultFileSystem& fs, std::unique_ptr<File> base)
      : File(base->path()), fs_(fs), base_(std::move(base)) {}

  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    Fault fault;
    const Status verdict =
        fs_.Admit({.op = FileOp::kRead, .path = path(), .offset = offset, .size = out.size()},
                  kReads, &fault);
    if (verdict.ok()) return base_->ReadAt(offset, out);
    if (!fault.short_read) return verdict.error();
    const std::size_t part = std::min(fault.partial_bytes, out.size()) / alignment() * alignment();
    return base_->ReadAt(offset, out.first(part));
  }

  Status WriteAt(std::uint64_t offset, std::string_view data) override {
    const FileCall call{
        .op = FileOp::kWrite, .path = path(), .offset = offset, .size = data.size()};
    Fault fault;
    if (Status verdict = fs_.Admit(call, kChanges, &fault); !verdict.ok()) {
      const std::size_t partial =
          std::min(fault.partial_bytes, data.size()) / alignment() * alignment();
      if (partial > 0) RETURN_IF_ERROR(base_->WriteAt(offset, data.substr(0, partial)));
      return verdict;
    }
    ASSIGN_OR_RETURN(const Growth growth, GrowTo(offset + data.size()));
    if (growth.granted == growth.wanted) return base_->WriteAt(offset, data);
    const std::uint64_t lacking = std::min<std::uint64_t>(growth.Lacking(), data.size());
    const std::size_t whole = (data.size() - lacking) / alignment() * alignment();
    if (whole > 0) RETURN_IF_ERROR(base_->WriteAt(offset, data.substr(0, whole)));
    return fs_.NoSpaceError(call);
  }

  Status Sync() override {
    RETURN_IF_ERROR(fs_.Admit({.op = FileOp::kSync, .path = path()}, kChanges));
    return base_->Sync();
  }
  Status SyncRange(std::uint64_t offset, std::uint64_t size) override {
    RETURN_IF_ERROR(
        fs_.Admit({.op = FileOp::kSync, .path = path(), .offset = offset, .size = size}, kChanges));
    return base_->SyncRange(offset, size);
  }

  Status Allocate(std::uint64_t size) override {
    const FileCall call{.op = FileOp::kAllocate, .path = path(), .size = size};
    RETURN_IF_ERROR(fs_.Admit(call, kChanges));
    ASSIGN_OR_RETURN(const Growth growth, GrowTo(size));
    if (growth.granted == growth.wanted) return base_->Allocate(size);
    fs_.GiveSpace(growth.granted);
    return fs_.NoSpaceError(call);
  }

  Status Truncate(std::uint64_t size) override {
    RETURN_IF_ERROR(fs_.Admit({.op = FileOp::kTruncate, .path = path(), .size = size}, kChanges));
    ASSIGN_OR_RETURN(const std::uint64_t now, base_->Size());
    RETURN_IF_ERROR(base_->Truncate(size));
    if (size < now) fs_.GiveSpace(now - size);
    return OkStatus();
  }

  Result<std::uint64_t> Size() override {
    RETURN_IF_ERROR(fs_.Admit({.op = FileOp::kSize, .path = path()}, kReads));
    return base_->Size();
  }

  Result<std::span<char>> Map(std::uint64_t size) override {
    RETURN_IF_ERROR(fs_.Admit({.op = FileOp::kMap, .path = path(), .size = size}, kReads));
    return base_->Map(size);
  }

  void Unload(std::uint64_t offset, std::uint64_t size) override { base_->Unload(offset, size); }
  std::uint64_t SkipUnwritten(std::uint64_t offset) override {
    return base_->SkipUnwritten(offset);
  }
  void Prefetch(std::uint64_t offset, std::uint64_t size) override {
    base_->Prefetch(offset, size);
  }
  std::size_t alignment() const override { return base_->alignment(); }

 private:
  static constexpr auto kReads = FaultFileSystem::Effect::kReads;
  static constexpr auto kChanges = FaultFileSystem::Effect::kChanges;

  struct Growth {
    std::uint64_t wanted;   // bytes by which the file gets longer
    std::uint64_t granted;  // of them: taken from the space that was left
    std::uint64_t Lacking() const { return wanted - granted; }
  };
  Result<Growth> GrowTo(std::uint64_t end) {
    ASSIGN_OR_RETURN(const std::uint64_t now, base_->Size());
    const std::uint64_t wanted = end > now ? end - now : 0;
    return Growth{wanted, fs_.TakeSpace(wanted)};
  }

  FaultFileSystem& fs_;
  std::unique_ptr<File> base_;
};

FaultFileSystem::FaultId FaultFileSystem::Inject(Fault fault) {
  MutexLock lock(mu_);
  faults_.push_back({next_id_, std::move(fault)});
  return next_id_++;
}

void FaultFileSystem::Remove(FaultId id) {
  MutexLock lock(mu_);
  std::erase_if(faults_, [id](const Active& active) { return active.id == id; });
}

void FaultFileSystem::Heal() {
  MutexLock lock(mu_);
  faults_.clear();
  changes_left_.reset();
  space_left_.reset();
}

void FaultFileSystem::FreezeAfter(std::uint64_t changes) {
  MutexLock lock(mu_);
  changes_left_ = changes;
}

bool FaultFileSystem::frozen() const {
  MutexLock lock(mu_);
  return changes_left_ == 0;
}

void FaultFileSystem::LimitSpace(std::uint64_t bytes) {
  MutexLock lock(mu_);
  space_left_ = bytes;
}

void FaultFileSystem::AddSpace(std::uint64_t bytes) {
  MutexLock lock(mu_);
  CHECK(space_left_.has_value());
  *space_left_ += bytes;
}

std::uint64_t FaultFileSystem::Count(FileOp op) const {
  MutexLock lock(mu_);
  return counts_[static_cast<std::size_t>(op)];
}

std::uint64_t FaultFileSystem::ChangeCount() const {
  MutexLock lock(mu_);
  return change_count_;
}

std::uint64_t FaultFileSystem::FaultCount() const {
  MutexLock lock(mu_);
  return fault_count_;
}

void FaultFileSystem::StartRecording() {
  MutexLock lock(mu_);
  recording_ = true;
  calls_.clear();
}

std::vector<FileCall> FaultFileSystem::StopRecording() {
  MutexLock lock(mu_);
  recording_ = false;
  return std::exchange(calls_, {});
}

Status FaultFileSystem::Admit(FileCall call, Effect effect, Fault* fault) {
  Fault hit;
  Status verdict;
  {
    MutexLock lock(mu_);
    counts_[static_cast<std::size_t>(call.op)] += 1;
    if (effect == Effect::kChanges) change_count_ += 1;
    verdict = Judge(call, effect, &hit);
    call.failed = !verdict.ok();
    if (call.failed) fault_count_ += 1;
    if (recording_) calls_.push_back(call);
  }
  if (call.failed && hit.then) hit.then(call);
  if (fault != nullptr) *fault = std::move(hit);
  return verdict;
}

Status FaultFileSystem::Judge(const FileCall& call, Effect effect, Fault* hit) {
  if (effect == Effect::kChanges && changes_left_.has_value()) {
    if (*changes_left_ == 0) {
      return Error(Code::kIoError, call.ToString() + ": the file system is frozen");
    }
    *changes_left_ -= 1;
  }
  for (Active& active : faults_) {
    Fault& fault = active.fault;
    if (!Matches(fault, call)) continue;
    if (fault.skip > 0) {
      fault.skip -= 1;
      continue;
    }
    if (fault.times == 0) continue;
    if (fault.times != Fault::kAlways) fault.times -= 1;
    *hit = fault;
    return Error(fault.code, call.ToString() + ": injected fault");
  }
  return OkStatus();
}

std::uint64_t FaultFileSystem::TakeSpace(std::uint64_t bytes) {
  MutexLock lock(mu_);
  if (!space_left_.has_value()) return bytes;
  const std::uint64_t taken = std::min(bytes, *space_left_);
  *space_left_ -= taken;
  return taken;
}

void FaultFileSystem::GiveSpace(std::uint64_t bytes) {
  MutexLock lock(mu_);
  if (space_left_.has_value()) *space_left_ += bytes;
}

Error FaultFileSystem::NoSpaceError(const FileCall& call) {
  MutexLock lock(mu_);
  fault_count_ += 1;
  return Error(Code::kNoSpace, call.ToString() + ": no space left on the limited device");
}

Result<std::unique_ptr<File>> FaultFileSystem::Open(const std::string& path, OpenMode mode,
                                                    IoMode io) {
  const bool changes = mode == OpenMode::kCreate || mode == OpenMode::kReplace;
  RETURN_IF_ERROR(
      Admit({.op = FileOp::kOpen, .path = path}, changes ? Effect::kChanges : Effect::kReads));
  std::uint64_t replaced = 0;
  if (mode == OpenMode::kReplace) {
    if (const auto size = base_.FileSize(path); size.ok()) replaced = *size;
  }
  ASSIGN_OR_RETURN(auto file, base_.Open(path, mode, io));
  GiveSpace(replaced);
  return std::unique_ptr<File>(std::make_unique<FaultFile>(*this, std::move(file)));
}

Result<std::vector<std::string>> FaultFileSystem::List(const std::string& directory) {
  RETURN_IF_ERROR(Admit({.op = FileOp::kList, .path = directory}, Effect::kReads));
  return base_.List(directory);
}

Result<bool> FaultFileSystem::Exists(const std::string& path) {
  RETURN_IF_ERROR(Admit({.op = FileOp::kExists, .path = path}, Effect::kReads));
  return base_.Exists(path);
}

Result<std::uint64_t> FaultFileSystem::FileSize(const std::string& path) {
  RETURN_IF_ERROR(Admit({.op = FileOp::kSize, .path = path}, Effect::kReads));
  return base_.FileSize(path);
}

Status FaultFileSystem::CreateDirectory(const std::string& path) {
  RETURN_IF_ERROR(Admit({.op = FileOp::kCreateDirectory, .path = path}, Effect::kChanges));
  return base_.CreateDirectory(path);
}

Status FaultFileSystem::SyncDirectory(const std::string& path) {
  RETURN_IF_ERROR(Admit({.op = FileOp::kSyncDirectory, .path = path}, Effect::kChanges));
  return base_.SyncDirectory(path);
}

Status FaultFileSystem::Rename(const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(Admit({.op = FileOp::kRename, .path = from, .target = to}, Effect::kChanges));
  return base_.Rename(from, to);
}

Status FaultFileSystem::RemoveFile(const std::string& path) {
  RETURN_IF_ERROR(Admit({.op = FileOp::kRemove, .path = path}, Effect::kChanges));
  const auto size = base_.FileSize(path);
  RETURN_IF_ERROR(base_.RemoveFile(path));
  if (size.ok()) GiveSpace(*size);
  return OkStatus();
}

Status FaultFileSystem::Link(const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(Admit({.op = FileOp::kLink, .path = from, .target = to}, Effect::kChanges));
  return base_.Link(from, to);
}

Result<std::unique_ptr<FileLock>> FaultFileSystem::Lock(const std::string& path) {
  RETURN_IF_ERROR(Admit({.op = FileOp::kLock, .path = path}, Effect::kReads));
  return base_.Lock(path);
}

Result<std::uint64_t> FaultFileSystem::FreeSpace(const std::string& path) {
  RETURN_IF_ERROR(Admit({.op = FileOp::kFreeSpace, .path = path}, Effect::kReads));
  {
    MutexLock lock(mu_);
    if (space_left_.has_value()) return *space_left_;
  }
  return base_.FreeSpace(path);
}

}  // namespace beachdb
