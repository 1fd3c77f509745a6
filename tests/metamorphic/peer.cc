// The model against an independent engine: where the two disagree about a history, the model, the
// generator's meaning of a step, or the peer is wrong, and no comparison with the model is worth
// anything.
#include "tests/metamorphic/runner.h"

#if BEACHDB_PEER_LEVELDB

#include <array>
#include <filesystem>
#include <memory>

#include <leveldb/db.h>
#include <leveldb/iterator.h>
#include <leveldb/options.h>
#include <leveldb/write_batch.h>

#include "base/strings.h"
#include "tests/model/model.h"

namespace beachdb::metamorphic {
namespace {

leveldb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

class PeerRunner {
 public:
  PeerRunner(const History& history, std::string directory)
      : history_(history), directory_(std::move(directory)) {
    std::filesystem::remove_all(directory_);
  }
  ~PeerRunner() {
    ReleaseAll();
    db_.reset();
    std::filesystem::remove_all(directory_);
  }
  PeerRunner(const PeerRunner&) = delete;
  PeerRunner& operator=(const PeerRunner&) = delete;

  RunOutcome Run() {
    Open();
    for (step_ = 0; step_ < history_.size() && !outcome_.mismatch; ++step_) Do(history_[step_]);
    if (!outcome_.mismatch) Scan(nullptr, model_.seqno(), {.kind = OpKind::kScan});
    return outcome_;
  }

 private:
  struct Held {
    const leveldb::Snapshot* snapshot = nullptr;
    std::uint64_t seqno = 0;
  };

  void Fail(const std::string& what) {
    if (!outcome_.mismatch) outcome_.mismatch = Mismatch{step_, "the peer: " + what};
  }
  void Ok(const leveldb::Status& status) {
    if (!status.ok()) Fail(status.ToString());
  }

  void Open() {
    leveldb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = 64u << 10;
    leveldb::DB* db = nullptr;
    Ok(leveldb::DB::Open(options, directory_, &db));
    db_.reset(db);
  }
  void ReleaseAll() {
    for (Held& held : held_) {
      if (held.snapshot != nullptr) db_->ReleaseSnapshot(held.snapshot);
      held = {};
    }
  }

  void Do(const Operation& op) {
    Held newest{nullptr, model_.seqno()};
    const Held& held = op.state == Operation::kNewest ||
                               held_[static_cast<std::size_t>(op.state)].snapshot == nullptr
                           ? newest
                           : held_[static_cast<std::size_t>(op.state)];
    switch (op.kind) {
      case OpKind::kWrite:
      case OpKind::kBatch:
        return DoWrite(op);
      case OpKind::kGet:
      case OpKind::kMultiGet:
      case OpKind::kPin:
        for (const std::string& key : op.keys) Get(held, key);
        return;
      case OpKind::kSnapshot: {
        Held& slot = held_[static_cast<std::size_t>(op.slot)];
        if (slot.snapshot != nullptr) db_->ReleaseSnapshot(slot.snapshot);
        slot = {db_->GetSnapshot(), model_.seqno()};
        return;
      }
      case OpKind::kRelease: {
        Held& slot = held_[static_cast<std::size_t>(op.slot)];
        if (slot.snapshot != nullptr) db_->ReleaseSnapshot(slot.snapshot);
        slot = {};
        return;
      }
      case OpKind::kScan:
        return Scan(held.snapshot, held.seqno, op);
      case OpKind::kReopen:
        ReleaseAll();
        db_.reset();
        return Open();
      default:
        return;
    }
  }

  void DoWrite(const Operation& op) {
    leveldb::WriteBatch batch;
    for (const Write& write : op.writes) {
      if (!write.IsReal()) continue;
      if (!write.range_end.empty()) {
        // It has none: key by key, as one step of the model.
        for (const std::string& key : model_.KeysIn(write.key, write.range_end)) {
          batch.Delete(ToSlice(key));
        }
        model_.DeleteRange(write.key, write.range_end);
      } else if (write.value) {
        std::string value = write.value->Bytes();
        batch.Put(ToSlice(write.key), ToSlice(value));
        model_.Set(write.key, std::move(value));
      } else {
        batch.Delete(ToSlice(write.key));
        model_.Set(write.key, std::nullopt);
      }
    }
    Ok(db_->Write({}, &batch));
  }

  void Get(const Held& held, const std::string& key) {
    leveldb::ReadOptions options;
    options.snapshot = held.snapshot;
    std::string value;
    const leveldb::Status status = db_->Get(options, ToSlice(key), &value);
    if (!status.IsNotFound()) Ok(status);
    std::optional<std::string> got;
    if (status.ok()) got = std::move(value);
    ++outcome_.answers;
    if (got != model_.Get(key, held.seqno)) Fail("get \"" + EscapeBytes(key) + "\" differs");
  }

  // LevelDB has no bounds: the test walks from the lower one and stops at the upper one.
  void Scan(const leveldb::Snapshot* snapshot, std::uint64_t seqno, const Operation& op) {
    leveldb::ReadOptions options;
    options.snapshot = snapshot;
    const std::unique_ptr<leveldb::Iterator> it(db_->NewIterator(options));
    Model::Entries got;
    it->Seek(ToSlice(op.lower));
    for (; it->Valid(); it->Next()) {
      std::string key = it->key().ToString();
      if (!op.upper.empty() && key >= op.upper) break;
      if (!key.starts_with(op.prefix)) continue;
      got.emplace_back(std::move(key), it->value().ToString());
    }
    Ok(it->status());
    outcome_.answers += got.size() + 1;
    if (got != model_.Scan(seqno, op.lower, op.upper, op.prefix)) Fail("a scan differs");
  }

  const History& history_;
  const std::string directory_;
  std::unique_ptr<leveldb::DB> db_;
  std::array<Held, kSlots> held_;
  Model model_;
  std::size_t step_ = 0;
  RunOutcome outcome_;
};

}  // namespace

RunOutcome RunOnPeer(const History& history, const std::string& directory) {
  return PeerRunner(history, directory).Run();
}

}  // namespace beachdb::metamorphic

#else

namespace beachdb::metamorphic {
RunOutcome RunOnPeer(const History&, const std::string&) { return {}; }
}  // namespace beachdb::metamorphic

#endif
