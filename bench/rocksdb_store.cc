// RocksDB, set up as its tuning guide advises for a store that fits in the cache.
#include "bench/store.h"

#if BEACHDB_BENCH_ROCKSDB

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/statistics.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>
#include <rocksdb/write_batch.h>

namespace beachdb::bench {
namespace {

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Status Ours(const rocksdb::Status& status) {
  if (status.ok()) return {};
  return Error(Code::kIoError, "rocksdb: " + status.ToString());
}

class RocksDbSession final : public Session {
 public:
  RocksDbSession(rocksdb::DB& db, const StoreConfig& config) : db_(db) {
    write_.sync = config.ack == Ack::kSynced;
    read_.async_io = config.direct_reads;  // for builds that can: what one MultiGet misses, at once
  }

  Status Put(std::string_view key, std::string_view value) override {
    return Ours(db_.Put(write_, ToSlice(key), ToSlice(value)));
  }

  Status PutBatch(std::span<const Record> records) override {
    batch_.Clear();
    for (const Record& record : records) {
      if (auto s = batch_.Put(ToSlice(record.key), ToSlice(record.value)); !s.ok()) return Ours(s);
    }
    return Ours(db_.Write(write_, &batch_));
  }

  Status Delete(std::string_view key) override { return Ours(db_.Delete(write_, ToSlice(key))); }
  Status DeleteRange(std::string_view from, std::string_view to) override {
    return Ours(db_.DeleteRange(write_, db_.DefaultColumnFamily(), ToSlice(from), ToSlice(to)));
  }

  Result<bool> Get(std::string_view key, RecordChecker& checker) override {
    pinned_[0].Reset();
    const rocksdb::Status status =
        db_.Get(read_, db_.DefaultColumnFamily(), ToSlice(key), pinned_.data());
    if (status.IsNotFound()) return false;
    if (!status.ok()) return Ours(status).error();
    checker.Answer(key, ToView(pinned_[0]));
    return true;
  }

  Result<std::size_t> MultiGet(std::span<const std::string_view> keys,
                               RecordChecker& checker) override {
    std::size_t found = 0;
    while (!keys.empty()) {
      const std::size_t n = std::min(keys.size(), pinned_.size());
      for (std::size_t i = 0; i < n; ++i) {
        slices_[i] = ToSlice(keys[i]);
        pinned_[i].Reset();
      }
      db_.MultiGet(read_, db_.DefaultColumnFamily(), n, slices_.data(), pinned_.data(),
                   statuses_.data());
      for (std::size_t i = 0; i < n; ++i) {
        if (statuses_[i].IsNotFound()) continue;
        if (!statuses_[i].ok()) return Ours(statuses_[i]).error();
        checker.Answer(keys[i], ToView(pinned_[i]));
        ++found;
      }
      keys = keys.subspan(n);
    }
    return found;
  }

  Status Walk(std::string_view start, std::uint64_t limit, Direction direction,
              RecordChecker& checker) override {
    const std::unique_ptr<rocksdb::Iterator> it(db_.NewIterator(read_));
    if (direction == Direction::kForward) {
      start.empty() ? it->SeekToFirst() : it->Seek(ToSlice(start));
      for (; limit > 0 && it->Valid(); --limit) {
        checker.Visit(ToView(it->key()), ToView(it->value()));
        if (limit > 1) it->Next();
      }
    } else {
      start.empty() ? it->SeekToLast() : it->SeekForPrev(ToSlice(start));
      for (; limit > 0 && it->Valid(); --limit) {
        checker.Visit(ToView(it->key()), ToView(it->value()));
        if (limit > 1) it->Prev();
      }
    }
    return Ours(it->status());
  }

 private:
  rocksdb::DB& db_;
  rocksdb::WriteOptions write_;
  rocksdb::ReadOptions read_;
  rocksdb::WriteBatch batch_;
  std::array<rocksdb::Slice, 32> slices_;
  std::array<rocksdb::PinnableSlice, 32> pinned_;
  std::array<rocksdb::Status, 32> statuses_;
};

rocksdb::Options MakeOptions(const StoreConfig& config) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = config.write_buffer_bytes;
  options.max_write_buffer_number = 4;
  options.max_background_jobs = config.background_jobs;
  options.compression =
      config.packing == Packing::kLz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  options.level_compaction_dynamic_level_bytes = true;
  options.max_bytes_for_level_base = 4 * config.write_buffer_bytes;
  options.target_file_size_base = 32u << 20;
  options.recycle_log_file_num = 4;
  options.max_open_files = -1;
  options.avoid_unnecessary_blocking_io = true;
  options.use_direct_reads = config.direct_reads;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;

  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(config.cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(config.bloom_bits, false));
  table.format_version = 5;
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  table.data_block_hash_table_util_ratio = 0.75;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

class RocksDbStore final : public Store {
 public:
  RocksDbStore(std::unique_ptr<rocksdb::DB> db, const StoreConfig& config)
      : db_(std::move(db)), config_(config) {}

  std::unique_ptr<Session> NewSession() override {
    return std::make_unique<RocksDbSession>(*db_, config_);
  }

  bool Busy() override {
    for (const char* property : {"rocksdb.num-running-compactions", "rocksdb.num-running-flushes",
                                 "rocksdb.compaction-pending", "rocksdb.mem-table-flush-pending"}) {
      std::uint64_t value = 0;
      if (db_->GetIntProperty(property, &value) && value != 0) return true;
    }
    return false;
  }

  Status Compact() override { return Ours(db_->CompactRange({}, nullptr, nullptr)); }
  Status Close() override { return Ours(db_->Close()); }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  StoreConfig config_;
};

// Version 11 hands over a smart pointer, versions before it a bare one. A template, so that only
// the call that this version has must compile.
template <typename Db>
rocksdb::Status OpenDb(const rocksdb::Options& options, const std::string& directory,
                       std::unique_ptr<Db>* db) {
  if constexpr (requires { Db::Open(options, directory, db); }) {
    return Db::Open(options, directory, db);
  } else {
    Db* bare = nullptr;
    rocksdb::Status status = Db::Open(options, directory, &bare);
    db->reset(bare);
    return status;
  }
}

Result<std::unique_ptr<Store>> Open(const std::string& directory, const StoreConfig& config) {
  std::unique_ptr<rocksdb::DB> db;
  const rocksdb::Status status = OpenDb(MakeOptions(config), directory, &db);
  if (!status.ok()) return Ours(status).error();
  return std::unique_ptr<Store>(std::make_unique<RocksDbStore>(std::move(db), config));
}

std::string Describe(const StoreConfig& config) {
  return fmt::format(
      "leveled, dynamic level sizes, L1 {} MiB, tables 32 MiB, block hash index, format 5, "
      "4 write buffers, 4 recycled logs, {} background jobs, checksums verified",
      4 * config.write_buffer_bytes >> 20, config.background_jobs);
}

}  // namespace

std::optional<Engine> RocksDbEngine() {
  return Engine{
      .name = "rocksdb",
      .version =
          fmt::format("{} ({})", rocksdb::GetRocksVersionAsString(), BEACHDB_BENCH_ROCKSDB_BUILD),
      .unsynced_writes =
          "survive the death of the process; the end of the log may go in a power cut",
      .describe = Describe,
      .open = Open,
      .can_read_directly = true,
  };
}

}  // namespace beachdb::bench

#else

std::optional<beachdb::bench::Engine> beachdb::bench::RocksDbEngine() { return std::nullopt; }

#endif
