// LevelDB. It has one background thread, whatever is asked.
#include "bench/store.h"

#if BEACHDB_BENCH_LEVELDB

#include <utility>

#include <fmt/format.h>
#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/options.h>
#include <leveldb/write_batch.h>

namespace beachdb::bench {
namespace {

// Its default of 2 MiB makes hundreds of files; 8 MiB writes and reads faster here.
constexpr std::size_t kTableBytes = 8u << 20;

leveldb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(const leveldb::Slice& slice) { return {slice.data(), slice.size()}; }

Status Ours(const leveldb::Status& status) {
  if (status.ok()) return {};
  return Error(Code::kIoError, "leveldb: " + status.ToString());
}

class LevelDbSession final : public Session {
 public:
  LevelDbSession(leveldb::DB& db, const StoreConfig& config) : db_(db) {
    write_.sync = config.ack == Ack::kSynced;
  }

  Status Put(std::string_view key, std::string_view value) override {
    return Ours(db_.Put(write_, ToSlice(key), ToSlice(value)));
  }

  Status PutBatch(std::span<const Record> records) override {
    batch_.Clear();
    for (const Record& record : records) batch_.Put(ToSlice(record.key), ToSlice(record.value));
    return Ours(db_.Write(write_, &batch_));
  }

  Status Delete(std::string_view key) override { return Ours(db_.Delete(write_, ToSlice(key))); }

  Status DeleteRange(std::string_view from, std::string_view to) override {
    // No call for a range: one batch of the keys that are in it.
    batch_.Clear();
    const std::unique_ptr<leveldb::Iterator> it(db_.NewIterator(read_));
    for (it->Seek(ToSlice(from)); it->Valid() && ToView(it->key()) < to; it->Next()) {
      batch_.Delete(it->key());
    }
    if (!it->status().ok()) return Ours(it->status());
    return Ours(db_.Write(write_, &batch_));
  }

  Result<bool> Get(std::string_view key, RecordChecker& checker) override {
    return GetAt(read_, key, checker);
  }

  Result<std::size_t> MultiGet(std::span<const std::string_view> keys,
                               RecordChecker& checker) override {
    // No call for many keys: gets at one snapshot.
    leveldb::ReadOptions at_snapshot = read_;
    at_snapshot.snapshot = db_.GetSnapshot();
    std::size_t found = 0;
    Status failed;
    for (const std::string_view key : keys) {
      const Result<bool> got = GetAt(at_snapshot, key, checker);
      if (!got.ok()) {
        failed = got.error();
        break;
      }
      if (*got) ++found;
    }
    db_.ReleaseSnapshot(at_snapshot.snapshot);
    if (!failed.ok()) return failed.error();
    return found;
  }

  Status Walk(std::string_view start, std::uint64_t limit, Direction direction,
              RecordChecker& checker) override {
    const std::unique_ptr<leveldb::Iterator> it(db_.NewIterator(read_));
    if (direction == Direction::kForward) {
      start.empty() ? it->SeekToFirst() : it->Seek(ToSlice(start));
      for (; limit > 0 && it->Valid(); --limit) {
        checker.Visit(ToView(it->key()), ToView(it->value()));
        if (limit > 1) it->Next();
      }
      return Ours(it->status());
    }
    if (start.empty()) {
      it->SeekToLast();
    } else {
      it->Seek(ToSlice(start));
      if (!it->Valid()) {
        it->SeekToLast();
      } else if (it->key() != ToSlice(start)) {
        it->Prev();
      }
    }
    for (; limit > 0 && it->Valid(); --limit) {
      checker.Visit(ToView(it->key()), ToView(it->value()));
      if (limit > 1) it->Prev();
    }
    return Ours(it->status());
  }

 private:
  Result<bool> GetAt(const leveldb::ReadOptions& options, std::string_view key,
                     RecordChecker& checker) {
    const leveldb::Status status = db_.Get(options, ToSlice(key), &value_);
    if (status.IsNotFound()) return false;
    if (!status.ok()) return Ours(status).error();
    checker.Answer(key, value_);
    return true;
  }

  leveldb::DB& db_;
  leveldb::WriteOptions write_;
  leveldb::ReadOptions read_;
  leveldb::WriteBatch batch_;
  std::string value_;
};

class LevelDbStore final : public Store {
 public:
  explicit LevelDbStore(const StoreConfig& config)
      : config_(config),
        cache_(leveldb::NewLRUCache(config.cache_bytes)),
        filter_(leveldb::NewBloomFilterPolicy(config.bloom_bits)) {}

  Status Open(const std::string& directory) {
    leveldb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = config_.write_buffer_bytes;
    options.block_cache = cache_.get();
    options.filter_policy = filter_.get();
    options.max_file_size = kTableBytes;
    options.compression = leveldb::kNoCompression;
    leveldb::DB* db = nullptr;
    const leveldb::Status status = leveldb::DB::Open(options, directory, &db);
    db_.reset(db);
    return Ours(status);
  }

  std::unique_ptr<Session> NewSession() override {
    return std::make_unique<LevelDbSession>(*db_, config_);
  }

  Status Compact() override {
    db_->CompactRange(nullptr, nullptr);
    return {};
  }

  Status Close() override {
    db_.reset();
    return {};
  }

 private:
  StoreConfig config_;
  // The database, declared last, dies before what it uses.
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::DB> db_;
};

Result<std::unique_ptr<Store>> Open(const std::string& directory, const StoreConfig& config) {
  if (config.packing == Packing::kLz4) {
    return Error(Code::kNotSupported, "leveldb has no lz4: leave it out, or drop --compression");
  }
  auto store = std::make_unique<LevelDbStore>(config);
  if (Status status = store->Open(directory); !status.ok()) return status.error();
  return std::unique_ptr<Store>(std::move(store));
}

std::string Describe(const StoreConfig&) {
  return fmt::format(
      "tables {} MiB, 1 background thread, checksums not verified on reads (its default)",
      kTableBytes >> 20);
}

}  // namespace

std::optional<Engine> LevelDbEngine() {
  return Engine{"leveldb",
                fmt::format("{}.{} ({})", leveldb::kMajorVersion, leveldb::kMinorVersion,
                            BEACHDB_BENCH_SYSTEM),
                "survive the death of the process; the end of the log may go in a power cut",
                Describe, Open};
}

}  // namespace beachdb::bench

#else

std::optional<beachdb::bench::Engine> beachdb::bench::LevelDbEngine() { return std::nullopt; }

#endif
