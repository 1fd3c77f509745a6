#include "engine/table_cache.h"

#include <utility>

#include "base/epoch.h"
#include "base/try.h"
#include "format/file_names.h"

namespace beachdb {

TableSlot::~TableSlot() {
  CloseLater();
  cache_.Forget(*this);
  if (obsolete_.load(std::memory_order_acquire)) cache_.remove_(*file_);
}

Result<std::shared_ptr<Table>> TableSlot::Open() {
  {
    const EpochGuard guard;
    if (Table* table = Pinned()) return table->shared_from_this();
  }
  std::shared_ptr<Table> opened;
  {
    MutexLock lock(mu_);
    used_.store(true, std::memory_order_relaxed);
    if (table_ != nullptr) return table_;
    ASSIGN_OR_RETURN(opened, cache_.OpenTable(*file_));
    table_ = opened;
    pinned_.store(opened.get(), std::memory_order_release);
    cache_.memory_.fetch_add(opened->memory_usage(), std::memory_order_relaxed);
    cache_.open_.fetch_add(1, std::memory_order_relaxed);
  }
  // Outside the lock: closing idle tables takes their locks, and this one may be among them.
  if (cache_.IsBeyond(cache_.memory_max_, cache_.open_max_)) cache_.CloseIdleTables();
  return opened;
}

bool TableSlot::CloseIfIdle() {
  if (used_.exchange(false, std::memory_order_relaxed)) return false;
  MutexLock lock(mu_);
  if (table_ == nullptr) return false;
  // At once, by whoever needs the room: left for later, tables would be opened faster than closed.
  Retire(new std::shared_ptr<Table>(UnpinLocked()),
         [](void* table) { delete static_cast<std::shared_ptr<Table>*>(table); });
  return true;
}

// Where a compaction ends, many tables close together, and to evict the blocks of one takes
// milliseconds: the reader that happens to leave last shall not spend them.
void TableSlot::CloseLater() {
  struct Closing {
    Executor& executor;
    std::shared_ptr<Table> table;
  };
  MutexLock lock(mu_);
  if (table_ == nullptr) return;
  Retire(new Closing{cache_.executor_, UnpinLocked()}, [](void* object) {
    const std::unique_ptr<Closing> closing(static_cast<Closing*>(object));
    closing->executor.Schedule(Lane::kRemove, [table = std::move(closing->table)] {});
  });
}

std::shared_ptr<Table> TableSlot::UnpinLocked() {
  pinned_.store(nullptr, std::memory_order_release);
  cache_.memory_.fetch_sub(table_->memory_usage(), std::memory_order_relaxed);
  cache_.open_.fetch_sub(1, std::memory_order_relaxed);
  return std::exchange(table_, nullptr);
}

TableCache::TableCache(FileSystem& fs, std::string directory, const DatabaseId& database,
                       BlockCache& blocks, std::size_t memory_max,
                       std::function<void(const FileMetadata&)> remove, IoMode io,
                       const Logger& log, Executor& executor)
    : fs_(fs),
      directory_(std::move(directory)),
      database_(database),
      blocks_(blocks),
      memory_max_(memory_max),
      open_max_(fs.OpenFilesMax() / 2),  // logs and jobs need files, too, and so does the program
      remove_(std::move(remove)),
      io_(io),
      log_(log),
      executor_(executor) {}

TableCache::~TableCache() = default;

TableRef TableCache::SlotOf(const FileRef& file) {
  MutexLock lock(mu_);
  std::weak_ptr<TableSlot>& entry = slots_[file->number];
  TableRef slot = entry.lock();
  if (slot == nullptr) {
    slot = std::make_shared<TableSlot>(*this, file);
    entry = slot;
  }
  return slot;
}

Result<std::shared_ptr<Table>> TableCache::OpenTable(const FileMetadata& file) {
  const std::string path = JoinPath(directory_, TableName(file.number));
  ASSIGN_OR_RETURN(std::unique_ptr<File> opened, fs_.Open(path, OpenMode::kRead, io_));
  NoteFallback(*opened);
  ASSIGN_OR_RETURN(std::unique_ptr<Table> table,
                   Table::Open(std::move(opened), file.IdentityIn(database_), file.size, blocks_,
                               &counters_, file.base_seqno()));
  return std::shared_ptr<Table>(std::move(table));
}

void TableCache::NoteFallback(const File& file) {
  if (io_ != IoMode::kDirect || file.alignment() != 1) return;
  if (fell_back_.exchange(true, std::memory_order_relaxed)) return;
  log_.Warning(file.path() +
               ": the file system has no O_DIRECT: tables are read through the page cache");
}

void TableCache::Forget(const TableSlot& slot) {
  MutexLock lock(mu_);
  const auto it = slots_.find(slot.file().number);
  // The number may stand for a younger slot of the same file by now.
  if (it != slots_.end() && it->second.expired()) slots_.erase(it);
}

void TableCache::CloseIdleTables() {
  // A CLOCK over the open tables: the hand takes the mark of use first, and closes what has none.
  // It makes room for some more, since to come here costs a look at every table there is.
  const std::size_t memory_goal = memory_max_ - memory_max_ / 16;
  const std::size_t open_goal = open_max_ - open_max_ / 16;
  std::vector<TableRef> slots;
  {
    MutexLock lock(mu_);
    const auto hand = slots_.upper_bound(clock_hand_);
    const auto collect = [&](auto from, auto to) {
      for (auto it = from; it != to; ++it) {
        if (TableRef slot = it->second.lock()) slots.push_back(std::move(slot));
      }
    };
    collect(hand, slots_.end());
    collect(slots_.begin(), hand);
  }
  for (int round = 0; round < 2; ++round) {
    for (const TableRef& slot : slots) {
      if (!IsBeyond(memory_goal, open_goal)) return;
      if (slot->CloseIfIdle()) {
        MutexLock lock(mu_);
        clock_hand_ = slot->file().number;
      }
    }
  }
}

}  // namespace beachdb
