// LMDB: a copy-on-write B+tree in one mapped file. It has no cache of its own (the page cache
// serves), no background work, no checksums, and one writer at a time.
#include "bench/store.h"

#if BEACHDB_BENCH_LMDB

#include <lmdb.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"

namespace beachdb::bench {
namespace {

MDB_val ToVal(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};  // LMDB does not write through it
}
std::string_view ToView(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}

Status Ours(int code) {
  if (code == MDB_SUCCESS) return {};
  return Error(Code::kIoError, fmt::format("lmdb: {}", mdb_strerror(code)));
}

class LmdbSession final : public Session {
 public:
  LmdbSession(MDB_env* env, MDB_dbi dbi) : env_(env), dbi_(dbi) {}
  ~LmdbSession() override {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
    if (reader_ != nullptr) mdb_txn_abort(reader_);
  }
  LmdbSession(const LmdbSession&) = delete;
  LmdbSession& operator=(const LmdbSession&) = delete;

  Status Put(std::string_view key, std::string_view value) override {
    const Record record{key, value};
    return PutBatch({&record, 1});
  }

  Status PutBatch(std::span<const Record> records) override {
    MDB_txn* txn = nullptr;
    int code = mdb_txn_begin(env_, nullptr, 0, &txn);
    if (code != MDB_SUCCESS) return Ours(code);
    for (const Record& record : records) {
      MDB_val key = ToVal(record.key);
      MDB_val value = ToVal(record.value);
      code = mdb_put(txn, dbi_, &key, &value, 0);
      if (code != MDB_SUCCESS) {
        mdb_txn_abort(txn);
        return Ours(code);
      }
    }
    return Ours(mdb_txn_commit(txn));
  }

  Status Delete(std::string_view key) override {
    MDB_txn* txn = nullptr;
    int code = mdb_txn_begin(env_, nullptr, 0, &txn);
    if (code != MDB_SUCCESS) return Ours(code);
    MDB_val k = ToVal(key);
    code = mdb_del(txn, dbi_, &k, nullptr);
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
      mdb_txn_abort(txn);
      return Ours(code);
    }
    return Ours(mdb_txn_commit(txn));
  }

  Status DeleteRange(std::string_view from, std::string_view to) override {
    // No call for a range: a cursor that deletes what it stands on.
    MDB_txn* txn = nullptr;
    int code = mdb_txn_begin(env_, nullptr, 0, &txn);
    if (code != MDB_SUCCESS) return Ours(code);
    MDB_cursor* cursor = nullptr;
    MDB_val key = ToVal(from);
    MDB_val value{};
    code = mdb_cursor_open(txn, dbi_, &cursor);
    if (code == MDB_SUCCESS) code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (code == MDB_SUCCESS && ToView(key) < to) {
      code = mdb_cursor_del(cursor, 0);
      if (code == MDB_SUCCESS) code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    if (cursor != nullptr) mdb_cursor_close(cursor);
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
      mdb_txn_abort(txn);
      return Ours(code);
    }
    return Ours(mdb_txn_commit(txn));
  }

  Result<bool> Get(std::string_view key, RecordChecker& checker) override {
    const ReadScope scope(*this);
    if (scope.code() != MDB_SUCCESS) return Ours(scope.code()).error();
    return GetInScope(key, checker);
  }

  Result<std::size_t> MultiGet(std::span<const std::string_view> keys,
                               RecordChecker& checker) override {
    const ReadScope scope(*this);
    if (scope.code() != MDB_SUCCESS) return Ours(scope.code()).error();
    std::size_t found = 0;
    for (const std::string_view key : keys) {
      const Result<bool> got = GetInScope(key, checker);
      if (!got.ok()) return got.error();
      if (*got) ++found;
    }
    return found;
  }

  Status Walk(std::string_view start, std::uint64_t limit, Direction direction,
              RecordChecker& checker) override {
    const ReadScope scope(*this);
    if (scope.code() != MDB_SUCCESS) return Ours(scope.code());
    int code = cursor_ == nullptr ? mdb_cursor_open(reader_, dbi_, &cursor_)
                                  : mdb_cursor_renew(reader_, cursor_);
    if (code != MDB_SUCCESS) return Ours(code);
    MDB_val key{};
    MDB_val value{};
    code = Position(start, direction, key, value);
    const MDB_cursor_op step = direction == Direction::kForward ? MDB_NEXT : MDB_PREV;
    for (; limit > 0 && code == MDB_SUCCESS; --limit) {
      checker.Visit(ToView(key), ToView(value));
      if (limit > 1) code = mdb_cursor_get(cursor_, &key, &value, step);
    }
    return code == MDB_NOTFOUND ? OkStatus() : Ours(code);
  }

 private:
  // The session's read transaction, renewed for one operation: a reader that stays would keep the
  // writer from using freed pages again.
  class ReadScope {
   public:
    explicit ReadScope(LmdbSession& session) : session_(session) {
      code_ = session.reader_ == nullptr
                  ? mdb_txn_begin(session.env_, nullptr, MDB_RDONLY, &session.reader_)
                  : mdb_txn_renew(session.reader_);
    }
    ~ReadScope() {
      if (code_ == MDB_SUCCESS) mdb_txn_reset(session_.reader_);
    }
    ReadScope(const ReadScope&) = delete;
    ReadScope& operator=(const ReadScope&) = delete;
    int code() const { return code_; }

   private:
    LmdbSession& session_;
    int code_;
  };

  Result<bool> GetInScope(std::string_view key, RecordChecker& checker) {
    MDB_val k = ToVal(key);
    MDB_val value{};
    const int code = mdb_get(reader_, dbi_, &k, &value);
    if (code == MDB_NOTFOUND) return false;
    if (code != MDB_SUCCESS) return Ours(code).error();
    checker.Answer(key, ToView(value));
    return true;
  }

  int Position(std::string_view start, Direction direction, MDB_val& key, MDB_val& value) {
    if (start.empty()) {
      return mdb_cursor_get(cursor_, &key, &value,
                            direction == Direction::kForward ? MDB_FIRST : MDB_LAST);
    }
    key = ToVal(start);
    const int code = mdb_cursor_get(cursor_, &key, &value, MDB_SET_RANGE);
    if (direction == Direction::kForward) return code;
    if (code == MDB_NOTFOUND) return mdb_cursor_get(cursor_, &key, &value, MDB_LAST);
    if (code != MDB_SUCCESS || ToView(key) == start) return code;
    return mdb_cursor_get(cursor_, &key, &value, MDB_PREV);
  }

  MDB_env* env_;
  MDB_dbi dbi_;
  MDB_txn* reader_ = nullptr;
  MDB_cursor* cursor_ = nullptr;
};

class LmdbStore final : public Store {
 public:
  LmdbStore() = default;
  ~LmdbStore() override { Release(); }
  LmdbStore(const LmdbStore&) = delete;
  LmdbStore& operator=(const LmdbStore&) = delete;

  int Open(const std::string& directory, const StoreConfig& config) {
    directory_ = directory;
    config_ = config;
    ::mkdir(directory.c_str(), 0755);  // if this fails, so does the open below
    // Half-full pages after random inserts, freed pages that a reader holds, and room to spare: the
    // file is sparse, so a large map costs nothing.
    const std::size_t map_bytes = (std::size_t{1} << 30) + config.expected_bytes * 8;
    unsigned flags = MDB_NOTLS;
    if (config.ack == Ack::kUnsynced) flags |= MDB_NOSYNC | MDB_WRITEMAP;
    int code = mdb_env_create(&env_);
    if (code == MDB_SUCCESS) code = mdb_env_set_mapsize(env_, map_bytes);
    if (code == MDB_SUCCESS) code = mdb_env_open(env_, directory.c_str(), flags, 0644);
    MDB_txn* txn = nullptr;
    if (code == MDB_SUCCESS) code = mdb_txn_begin(env_, nullptr, 0, &txn);
    if (code == MDB_SUCCESS) code = mdb_dbi_open(txn, nullptr, 0, &dbi_);
    if (code == MDB_SUCCESS) return mdb_txn_commit(txn);
    if (txn != nullptr) mdb_txn_abort(txn);
    return code;
  }

  std::unique_ptr<Session> NewSession() override {
    return std::make_unique<LmdbSession>(env_, dbi_);
  }

  // A copy without free pages, in the order of the keys, takes the place of the file.
  Status Compact() override {
    const std::string copy = directory_ + "/copy";
    std::error_code error;
    std::filesystem::create_directory(copy, error);
    RETURN_IF_ERROR(Ours(mdb_env_copy2(env_, copy.c_str(), MDB_CP_COMPACT)));
    Release();
    std::filesystem::rename(copy + "/data.mdb", directory_ + "/data.mdb", error);
    if (error) return Error(Code::kIoError, "lmdb: moving its copy: " + error.message());
    std::filesystem::remove_all(copy, error);
    return Ours(Open(std::string(directory_), StoreConfig(config_)));
  }

  Status Close() override {
    Release();
    return {};
  }

 private:
  void Release() {
    if (env_ != nullptr) mdb_env_close(std::exchange(env_, nullptr));
  }

  std::string directory_;
  StoreConfig config_;
  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
};

Result<std::unique_ptr<Store>> Open(const std::string& directory, const StoreConfig& config) {
  if (config.packing == Packing::kLz4) {
    return Error(Code::kNotSupported, "lmdb has no compression: leave it out of this run");
  }
  auto store = std::make_unique<LmdbStore>();
  if (const int code = store->Open(directory, config); code != MDB_SUCCESS) {
    return Ours(code).error();
  }
  return std::unique_ptr<Store>(std::move(store));
}

std::string Describe(const StoreConfig&) {
  return "unsynced rows: NOSYNC and WRITEMAP; synced rows: default flags; one transaction a write; "
         "no cache of its own (page cache), no checksums";
}

}  // namespace

std::optional<Engine> LmdbEngine() {
  return Engine{"lmdb",
                fmt::format("{}.{}.{} ({})", MDB_VERSION_MAJOR, MDB_VERSION_MINOR,
                            MDB_VERSION_PATCH, BEACHDB_BENCH_SYSTEM),
                "weaker: survive the death of the process, but a power cut may take the whole file",
                Describe,
                Open,
                /*has_log=*/false};
}

}  // namespace beachdb::bench

#else

std::optional<beachdb::bench::Engine> beachdb::bench::LmdbEngine() { return std::nullopt; }

#endif
