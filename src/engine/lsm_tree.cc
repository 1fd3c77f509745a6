#include "engine/lsm_tree.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/epoch.h"
#include "base/try.h"

namespace beachdb {

LsmTree::LsmTree(std::unique_ptr<Manifest> manifest, TableCache& tables)
    : tables_(tables), manifest_(std::move(manifest)) {
  MutexLock lock(mu_);
  durable_ = manifest_->state();
}

LsmTree::~LsmTree() {
  if (ReadState* state = state_.exchange(nullptr)) state->Unref();
}

void LsmTree::Start(std::vector<MemTableRun> recovered, MemTableRef active,
                    std::uint64_t log_number) {
  MutexLock lock(mu_);
  CHECK(active_.table == nullptr);
  retired_.store(recovered.size(), std::memory_order_release);
  for (MemTableRun& run : recovered) waiting_.push_back(std::move(run));
  active_.table = std::move(active);
  active_.log_number = log_number;
  CHECK(PublishLocked() == nullptr);
}

ReadState* LsmTree::RefCurrent() const {
  EpochGuard guard;
  ReadState* state = Current();
  // The engine's own reference is dropped only after the guard, so this one is never the first.
  state->Ref();
  return state;
}

void LsmTree::GiveLog(std::shared_ptr<LogWriter> log) {
  MutexLock lock(mu_);
  CHECK(active_.log == nullptr && active_.table->empty() && log->number() >= active_.log_number);
  active_.log_number = log->number();
  active_.logs = {log->number()};
  active_.log = std::move(log);
}

void LsmTree::Switch(Seqno last_seqno, std::uint64_t applied_index, MemTableRef fresh) {
  ReadState* before = nullptr;
  {
    MutexLock lock(mu_);
    active_.last_seqno = last_seqno;
    active_.applied_index = applied_index;
    waiting_.push_back(std::exchange(active_, {}));
    const MemTableRun& before_it = waiting_.back();
    active_.table = std::move(fresh);
    active_.log_number = before_it.log_number + (before_it.log != nullptr ? 1 : 0);
    retired_.fetch_add(1, std::memory_order_release);
    before = PublishLocked();
  }
  RetireState(before);
}

MemTableRun LsmTree::OldestWaiting() const {
  MutexLock lock(mu_);
  return waiting_.empty() ? MemTableRun{} : waiting_.front();
}

std::uint64_t LsmTree::MemTableBytes() const {
  MutexLock lock(mu_);
  std::uint64_t bytes = active_.table->MemoryUsage();
  for (const MemTableRun& run : waiting_) bytes += run.table->MemoryUsage();
  return bytes;
}

std::vector<std::uint64_t> LsmTree::LogNumbers() const {
  MutexLock lock(mu_);
  std::set<std::uint64_t> numbers(active_.logs.begin(), active_.logs.end());
  for (const MemTableRun& run : waiting_) numbers.insert(run.logs.begin(), run.logs.end());
  return {numbers.begin(), numbers.end()};
}

Status LsmTree::InstallFlush(std::vector<FileMetadata> tables) {
  MutexLock manifest_lock(manifest_mu_);
  VersionEdit edit;
  for (FileMetadata& table : tables) edit.added.push_back({0, std::move(table)});
  {
    MutexLock lock(mu_);
    const MemTableRun& flushed = waiting_.front();
    const MemTableRun& next = waiting_.size() > 1 ? waiting_[1] : active_;
    edit.log_number = next.log_number;
    edit.last_seqno = std::max(durable_.last_seqno, flushed.last_seqno);
    edit.durable_index = std::max(durable_.durable_index, flushed.applied_index);
  }
  RETURN_IF_ERROR(manifest_->Apply(std::move(edit)));
  MemTableRun flushed;  // dies after the lock is released
  ReadState* before_flush = nullptr;
  {
    MutexLock lock(mu_);
    durable_ = manifest_->state();
    flushed = std::move(waiting_.front());
    waiting_.pop_front();
    before_flush = PublishLocked();
    flushed_.fetch_add(1, std::memory_order_release);
  }
  RetireState(before_flush);
  return OkStatus();
}

Status LsmTree::InstallEdit(VersionEdit edit) {
  MutexLock manifest_lock(manifest_mu_);
  const VersionRef before = manifest_->state().version;
  RETURN_IF_ERROR(manifest_->Apply(std::move(edit)));
  const VersionRef after = manifest_->state().version;
  // Marked while the old state still holds their slots, so that they go with its last reader.
  MarkObsolete(*before, *after);
  ReadState* replaced = nullptr;
  {
    MutexLock lock(mu_);
    durable_ = manifest_->state();
    if (active_.table != nullptr) replaced = PublishLocked();
  }
  RetireState(replaced);
  return OkStatus();
}

void LsmTree::MarkObsolete(const Version& before, const Version& after) {
  std::set<std::uint64_t> live;
  for (const auto& level : after.levels) {
    for (const FileRef& file : level) live.insert(file->number);
  }
  for (const auto& level : before.levels) {
    for (const FileRef& file : level) {
      if (!live.contains(file->number)) tables_.SlotOf(file)->MarkObsolete();
    }
  }
}

ReadState* LsmTree::PublishLocked() {
  std::vector<MemTableRef> waiting;
  for (auto it = waiting_.rbegin(); it != waiting_.rend(); ++it) waiting.push_back(it->table);
  waiting_count_.store(waiting_.size(), std::memory_order_release);
  auto* fresh = new ReadState(active_.table, std::move(waiting), durable_.version, tables_);
  return state_.exchange(fresh, std::memory_order_acq_rel);
}

void LsmTree::RetireState(ReadState* state) {
  if (state == nullptr) return;
  Retire(state, [](void* dead) { static_cast<ReadState*>(dead)->Unref(); });
}

VersionRef LsmTree::version() const {
  MutexLock lock(mu_);
  return durable_.version;
}

ManifestState LsmTree::manifest_state() const {
  MutexLock lock(mu_);
  return durable_;
}

}  // namespace beachdb
