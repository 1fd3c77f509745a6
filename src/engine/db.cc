// The public handles: thin shells around the engine.
#include "beachdb/db.h"

#include <cstdio>
#include <utility>

#include "base/failpoint.h"
#include "engine/db_iterator.h"
#include "engine/engine.h"
#include "kv/batch_format.h"

namespace beachdb {
namespace {

Status Closed() { return Error(Code::kShutDown, "the database is closed: open it again"); }

// One operation as a batch, in a buffer that the thread keeps.
Status WriteOne(Engine& engine, const BatchOp& op, const WriteOptions& options) {
  thread_local std::string batch;
  batch.assign(kBatchHeaderSize, '\0');
  if (Status appended = AppendBatchOp(batch, op); !appended.ok()) return appended;
  Status written = engine.Write(batch, 1, options);
  constexpr std::size_t kKeepMax = 1u << 20;  // bytes
  if (batch.capacity() > kKeepMax) std::string().swap(batch);
  return written;
}

}  // namespace

Db::Db(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Db::Db(Db&&) noexcept = default;

Db& Db::operator=(Db&& other) noexcept {
  std::swap(engine_, other.engine_);
  return *this;
}

Db::~Db() {
  if (engine_ == nullptr) return;
  if (const Status closed = Close(); !closed.ok()) {
    std::fprintf(stderr, "beachdb: closing: %s\n", closed.ToString().c_str());
  }
  // Readers still hold on to it: a leak is the lesser evil (engine.h, invariant 2).
  if (engine_ != nullptr && engine_->in_use()) static_cast<void>(engine_.release());
}

Result<Db> Db::Open(const std::string& directory, const Options& options) {
  if (const Status armed = ArmFailpointsFromEnvironment(); !armed.ok()) return armed.error();
  auto engine = Engine::Open(directory, options);
  if (!engine.ok()) return engine.error();
  return Db(std::move(engine).value());
}

Result<Db> Db::OpenReadOnly(const std::string& directory, const Options& options) {
  if (const Status armed = ArmFailpointsFromEnvironment(); !armed.ok()) return armed.error();
  auto engine = Engine::OpenReadOnly(directory, options);
  if (!engine.ok()) return engine.error();
  return Db(std::move(engine).value());
}

Status Db::Put(std::string_view key, std::string_view value, const WriteOptions& options) {
  if (engine_ == nullptr) return Closed();
  return WriteOne(*engine_, {Kind::kPut, key, value}, options);
}

Status Db::Delete(std::string_view key, const WriteOptions& options) {
  if (engine_ == nullptr) return Closed();
  return WriteOne(*engine_, {Kind::kDelete, key, {}}, options);
}

Status Db::DeleteRange(std::string_view begin, std::string_view end, const WriteOptions& options) {
  if (engine_ == nullptr) return Closed();
  return WriteOne(*engine_, {Kind::kDeleteRange, begin, end}, options);
}

Status Db::PutExpiring(std::string_view key, std::string_view value, std::uint64_t expires_at,
                       const WriteOptions& options) {
  WriteBatch batch;
  if (Status added = batch.PutExpiring(key, value, expires_at); !added.ok()) return added;
  return Write(batch, options);
}

Status Db::SetClock(std::function<std::uint64_t()> seconds) {
  if (engine_ == nullptr) return Closed();
  engine_->SetClock(std::move(seconds));
  return OkStatus();
}

Status Db::Write(const WriteBatch& batch, const WriteOptions& options) {
  if (engine_ == nullptr) return Closed();
  return engine_->Write(batch.bytes(), batch.count(), options);
}

Result<std::optional<std::string>> Db::Get(std::string_view key, const ReadOptions& options) const {
  std::string value;
  const auto found = Get(key, &value, options);
  if (!found.ok()) return found.error();
  if (!*found) return std::optional<std::string>();
  return std::optional<std::string>(std::move(value));
}

Result<bool> Db::Get(std::string_view key, std::string* value, const ReadOptions& options) const {
  if (engine_ == nullptr) return Closed().error();
  return engine_->Get(key, value, options);
}

Result<std::optional<PinnedValue>> Db::GetPinned(std::string_view key,
                                                 const ReadOptions& options) const {
  if (engine_ == nullptr) return Closed().error();
  return engine_->GetPinned(key, options);
}

Result<std::vector<std::optional<std::string>>> Db::MultiGet(std::span<const std::string_view> keys,
                                                             const ReadOptions& options) const {
  if (engine_ == nullptr) return Closed().error();
  return engine_->MultiGet(keys, options);
}

Iterator Db::NewIterator(const IteratorOptions& options) const {
  if (engine_ == nullptr) return Iterator(nullptr);
  return engine_->NewIterator(options);
}

Snapshot Db::GetSnapshot() const {
  if (engine_ == nullptr) return {nullptr, 0};
  return engine_->TakeSnapshot();
}

Result<GetExplanation> Db::Explain(std::string_view key, const ReadOptions& options) const {
  if (engine_ == nullptr) return Closed().error();
  return engine_->Explain(key, options);
}

Result<ScanExplanation> Db::ExplainScan(const IteratorOptions& options, ScanOrder order,
                                        std::uint64_t limit) const {
  if (engine_ == nullptr) return Closed().error();
  return engine_->ExplainScan(options, order, limit);
}

Result<std::vector<KeyVersion>> Db::History(std::string_view key) const {
  if (engine_ == nullptr) return Closed().error();
  return engine_->History(key);
}

Status Db::SyncWal() { return engine_ == nullptr ? Closed() : engine_->SyncWal(); }
Status Db::Flush() { return engine_ == nullptr ? Closed() : engine_->Flush(); }

Status Db::CompactRange(std::string_view from, std::string_view to) {
  return engine_ == nullptr ? Closed() : engine_->CompactRange(from, to);
}

Status Db::Checkpoint(const std::string& directory) {
  return engine_ == nullptr ? Closed() : engine_->Checkpoint(directory);
}

Result<BulkLoad> Db::NewBulkLoad() {
  if (engine_ == nullptr) return Closed().error();
  return engine_->NewBulkLoad();
}

Status Db::Ingest(std::span<const std::string> paths, IngestMode mode) {
  return engine_ == nullptr ? Closed() : engine_->Ingest(paths, mode).WithContext("ingest: ");
}

std::uint64_t Db::AppliedIndex() const { return engine_ == nullptr ? 0 : engine_->applied_index(); }
std::uint64_t Db::DurableIndex() const { return engine_ == nullptr ? 0 : engine_->durable_index(); }
Stats Db::GetStats() const { return engine_ == nullptr ? Stats{} : engine_->GetStats(); }

Status Db::SetEventListener(std::function<void(const Event&)> listener) {
  if (engine_ == nullptr) return Closed();
  engine_->events().SetListener(std::move(listener));
  return OkStatus();
}

std::vector<Event> Db::RecentEvents() const {
  return engine_ == nullptr ? std::vector<Event>() : engine_->events().Recent();
}

Result<VerifyReport> Db::Verify(const VerifyOptions& options) const {
  if (engine_ == nullptr) return Closed().error();
  return engine_->Verify(options);
}

Status Db::Close() {
  if (engine_ == nullptr) return Closed();
  Status closed = engine_->Close();
  if (!closed.ok() && closed.error().code() == Code::kBusy) return closed;
  engine_.reset();
  return closed;
}

// ---- Snapshot -----------------------------------------------------------------------------------

Snapshot::Snapshot(Snapshot&& other) noexcept
    : engine_(std::exchange(other.engine_, nullptr)), seqno_(other.seqno_) {}

Snapshot& Snapshot::operator=(Snapshot&& other) noexcept {
  std::swap(engine_, other.engine_);
  std::swap(seqno_, other.seqno_);
  return *this;
}

Snapshot::~Snapshot() {
  if (engine_ != nullptr) engine_->ReleaseSnapshot(seqno_);
}

// ---- Iterator -----------------------------------------------------------------------------------
// Without an implementation it is the iterator of a closed database.

Iterator::Iterator(std::unique_ptr<DbIterator> impl) : impl_(std::move(impl)) {}
Iterator::Iterator(Iterator&&) noexcept = default;
Iterator& Iterator::operator=(Iterator&&) noexcept = default;
Iterator::~Iterator() = default;

void Iterator::SeekToFirst() {
  if (impl_ != nullptr) impl_->SeekToFirst();
}
void Iterator::SeekToLast() {
  if (impl_ != nullptr) impl_->SeekToLast();
}
void Iterator::Seek(std::string_view target) {
  if (impl_ != nullptr) impl_->Seek(target);
}
void Iterator::SeekForPrev(std::string_view target) {
  if (impl_ != nullptr) impl_->SeekForPrev(target);
}
void Iterator::Next() { impl_->Next(); }
void Iterator::Prev() { impl_->Prev(); }
bool Iterator::Valid() const { return impl_ != nullptr && impl_->Valid(); }
std::string_view Iterator::key() const { return impl_->key(); }
std::string_view Iterator::value() const { return impl_->value(); }
std::uint64_t Iterator::expires_at() const { return impl_->expires_at(); }
Status Iterator::status() const { return impl_ == nullptr ? Closed() : impl_->status(); }

}  // namespace beachdb
