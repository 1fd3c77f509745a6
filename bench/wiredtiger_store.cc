// WiredTiger: a B+tree with a log of its own, a page cache of its own and threads that write pages
// out. Set up as its large users run it: log on, a checkpoint a minute.
#include "bench/store.h"

#if BEACHDB_BENCH_WIREDTIGER

#include <sys/stat.h>
#include <wiredtiger.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"

namespace beachdb::bench {
namespace {

constexpr const char* kTable = "table:bench";
// Larger leaves scan faster, smaller ones miss faster; its default is 32 KiB, with pages that
// split at 5 MiB in memory.
constexpr std::size_t kLeafBytes = 16u << 10;
// Sessions: one for each thread of a workload, a few of the engine's own.
constexpr int kMaxSessions = 512;
constexpr std::size_t kLeastCacheBytes = 1u << 20;

WT_ITEM ToItem(std::string_view bytes) {
  WT_ITEM item{};
  item.data = bytes.data();
  item.size = bytes.size();
  return item;
}
std::string_view ToView(const WT_ITEM& item) {
  return {static_cast<const char*>(item.data), item.size};
}

Status Ours(int code) {
  if (code == 0) return {};
  return Error(Code::kIoError, fmt::format("wiredtiger: {}", wiredtiger_strerror(code)));
}

// Its sessions belong to one thread at a time, as ours do. The cursor is kept, as its guide
// advises, and reset after each operation, so that it pins nothing in between.
class WiredTigerSession final : public Session {
 public:
  explicit WiredTigerSession(WT_CONNECTION* connection) {
    opened_ = connection->open_session(connection, nullptr, nullptr, &session_);
    if (opened_ == 0) {
      opened_ = session_->open_cursor(session_, kTable, nullptr, nullptr, &cursor_);
    }
  }
  ~WiredTigerSession() override {
    if (session_ != nullptr) session_->close(session_, nullptr);
  }
  WiredTigerSession(const WiredTigerSession&) = delete;
  WiredTigerSession& operator=(const WiredTigerSession&) = delete;

  Status Put(std::string_view key, std::string_view value) override {
    RETURN_IF_ERROR(Ours(opened_));
    return Ours(Insert(key, value));
  }

  Status PutBatch(std::span<const Record> records) override {
    RETURN_IF_ERROR(Ours(opened_));
    RETURN_IF_ERROR(Ours(session_->begin_transaction(session_, nullptr)));
    for (const Record& record : records) {
      if (const int code = Insert(record.key, record.value); code != 0) {
        session_->rollback_transaction(session_, nullptr);
        return Ours(code);
      }
    }
    return Ours(session_->commit_transaction(session_, nullptr));
  }

  Status Delete(std::string_view key) override {
    RETURN_IF_ERROR(Ours(opened_));
    const WT_ITEM item = ToItem(key);
    cursor_->set_key(cursor_, &item);
    const int code = cursor_->remove(cursor_);
    RETURN_IF_ERROR(Ours(cursor_->reset(cursor_)));
    return code == WT_NOTFOUND ? OkStatus() : Ours(code);
  }

  Status DeleteRange(std::string_view from, std::string_view to) override {
    RETURN_IF_ERROR(Ours(opened_));
    WT_CURSOR* last = nullptr;
    RETURN_IF_ERROR(Ours(session_->open_cursor(session_, kTable, nullptr, nullptr, &last)));
    const int code = Truncate(from, to, last);
    RETURN_IF_ERROR(Ours(last->close(last)));
    RETURN_IF_ERROR(Ours(cursor_->reset(cursor_)));
    return code == WT_NOTFOUND ? OkStatus() : Ours(code);
  }

  Result<bool> Get(std::string_view key, RecordChecker& checker) override {
    RETURN_IF_ERROR(Ours(opened_));
    const Result<bool> found = Search(key, checker);
    RETURN_IF_ERROR(Ours(cursor_->reset(cursor_)));
    return found;
  }

  Result<std::size_t> MultiGet(std::span<const std::string_view> keys,
                               RecordChecker& checker) override {
    // No call for many keys: searches in one transaction.
    RETURN_IF_ERROR(Ours(opened_));
    RETURN_IF_ERROR(Ours(session_->begin_transaction(session_, "isolation=snapshot")));
    std::size_t found = 0;
    Status failed;
    for (const std::string_view key : keys) {
      const Result<bool> got = Search(key, checker);
      if (!got.ok()) {
        failed = got.error();
        break;
      }
      if (*got) ++found;
    }
    RETURN_IF_ERROR(Ours(session_->rollback_transaction(session_, nullptr)));  // resets the cursor
    if (!failed.ok()) return failed.error();
    return found;
  }

  // While the cursor stands on a record, its session reads one state.
  Status Walk(std::string_view start, std::uint64_t limit, Direction direction,
              RecordChecker& checker) override {
    RETURN_IF_ERROR(Ours(opened_));
    int code = Position(start, direction);
    const auto step = direction == Direction::kForward ? cursor_->next : cursor_->prev;
    for (; limit > 0 && code == 0; --limit) {
      WT_ITEM key{};
      WT_ITEM value{};
      code = cursor_->get_key(cursor_, &key);
      if (code == 0) code = cursor_->get_value(cursor_, &value);
      if (code != 0) break;
      checker.Visit(ToView(key), ToView(value));
      if (limit > 1) code = step(cursor_);
    }
    RETURN_IF_ERROR(Ours(cursor_->reset(cursor_)));
    return code == WT_NOTFOUND ? OkStatus() : Ours(code);
  }

 private:
  int Insert(std::string_view key, std::string_view value) {
    const WT_ITEM k = ToItem(key);
    const WT_ITEM v = ToItem(value);
    cursor_->set_key(cursor_, &k);
    cursor_->set_value(cursor_, &v);
    return cursor_->insert(cursor_);  // overwrites, and leaves the cursor nowhere
  }

  Result<bool> Search(std::string_view key, RecordChecker& checker) {
    const WT_ITEM item = ToItem(key);
    cursor_->set_key(cursor_, &item);
    int code = cursor_->search(cursor_);
    if (code == WT_NOTFOUND) return false;
    WT_ITEM value{};
    if (code == 0) code = cursor_->get_value(cursor_, &value);
    if (code != 0) return Ours(code).error();
    checker.Answer(key, ToView(value));
    return true;
  }

  // Its call takes the first and the last key that go.
  int Truncate(std::string_view from, std::string_view to, WT_CURSOR* last) {
    const WT_ITEM behind = ToItem(to);
    last->set_key(last, &behind);
    int side = 0;  // where it landed: below 0 before `to`
    int code = last->search_near(last, &side);
    if (code == 0 && side >= 0) code = last->prev(last);
    if (code == 0) code = Position(from, Direction::kForward);
    return code == 0 ? session_->truncate(session_, nullptr, cursor_, last, nullptr) : code;
  }

  int Position(std::string_view start, Direction direction) {
    const bool forward = direction == Direction::kForward;
    if (start.empty()) return forward ? cursor_->next(cursor_) : cursor_->prev(cursor_);
    const WT_ITEM item = ToItem(start);
    cursor_->set_key(cursor_, &item);
    int side = 0;  // where it landed: below 0 before `start`, above 0 after it
    const int code = cursor_->search_near(cursor_, &side);
    if (code != 0) return code;
    if (forward && side < 0) return cursor_->next(cursor_);
    if (!forward && side > 0) return cursor_->prev(cursor_);
    return 0;
  }

  int opened_ = 0;  // the code that opening gave
  WT_SESSION* session_ = nullptr;
  WT_CURSOR* cursor_ = nullptr;
};

std::string Configuration(const StoreConfig& config) {
  return fmt::format(
      "create,cache_size={},session_max={},log=(enabled=true,file_max=100MB),"
      "transaction_sync=(enabled={},method=fsync),checkpoint=(wait=60,log_size=2GB),"
      "eviction=(threads_min={},threads_max={}),statistics=(none)",
      std::max(config.cache_bytes, kLeastCacheBytes), kMaxSessions, config.ack == Ack::kSynced,
      std::min(config.background_jobs, 20), std::min(config.background_jobs, 20));
}

class WiredTigerStore final : public Store {
 public:
  WiredTigerStore() = default;
  ~WiredTigerStore() override { static_cast<void>(Release()); }
  WiredTigerStore(const WiredTigerStore&) = delete;
  WiredTigerStore& operator=(const WiredTigerStore&) = delete;

  int Open(const std::string& directory, const StoreConfig& config) {
    ::mkdir(directory.c_str(), 0755);  // if this fails, so does the open below
    int code =
        wiredtiger_open(directory.c_str(), nullptr, Configuration(config).c_str(), &connection_);
    WT_SESSION* session = nullptr;
    if (code == 0) code = connection_->open_session(connection_, nullptr, nullptr, &session);
    if (code != 0) return code;
    const std::string table =
        fmt::format("key_format=u,value_format=u,leaf_page_max={},checksum=on", kLeafBytes);
    code = session->create(session, kTable, table.c_str());  // does nothing if it is there
    const int closed = session->close(session, nullptr);
    return code != 0 ? code : closed;
  }

  std::unique_ptr<Session> NewSession() override {
    return std::make_unique<WiredTigerSession>(connection_);
  }

  // Gives space back: a tree has nothing to merge.
  Status Compact() override {
    WT_SESSION* session = nullptr;
    RETURN_IF_ERROR(Ours(connection_->open_session(connection_, nullptr, nullptr, &session)));
    const int code = session->compact(session, kTable, nullptr);
    RETURN_IF_ERROR(Ours(session->close(session, nullptr)));
    return Ours(code);
  }

  Status Close() override { return Ours(Release()); }

 private:
  int Release() {
    WT_CONNECTION* connection = std::exchange(connection_, nullptr);
    return connection == nullptr ? 0 : connection->close(connection, nullptr);
  }

  WT_CONNECTION* connection_ = nullptr;
};

Result<std::unique_ptr<Store>> Open(const std::string& directory, const StoreConfig& config) {
  if (config.packing == Packing::kLz4) {
    return Error(Code::kNotSupported,
                 "wiredtiger is built without lz4: leave it out, or drop --compression");
  }
  auto store = std::make_unique<WiredTigerStore>();
  if (const int code = store->Open(directory, config); code != 0) return Ours(code).error();
  return std::unique_ptr<Store>(std::move(store));
}

std::string Describe(const StoreConfig& config) {
  return fmt::format(
      "B+tree, leaves {} KiB, log on, a checkpoint every 60 s or 2 GB of log, {} eviction threads, "
      "checksums on",
      kLeafBytes >> 10, std::min(config.background_jobs, 20));
}

}  // namespace

std::optional<Engine> WiredTigerEngine() {
  int major = 0;
  int minor = 0;
  int patch = 0;
  static_cast<void>(wiredtiger_version(&major, &minor, &patch));
  return Engine{
      "wiredtiger", fmt::format("{}.{}.{} ({})", major, minor, patch, BEACHDB_BENCH_SYSTEM),
      "weaker: those still in its log buffer are lost when the process dies", Describe, Open};
}

}  // namespace beachdb::bench

#else

std::optional<beachdb::bench::Engine> beachdb::bench::WiredTigerEngine() { return std::nullopt; }

#endif
