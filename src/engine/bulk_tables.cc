#include "engine/bulk_tables.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <iterator>
#include <new>
#include <utility>

#include "base/aligned_buffer.h"
#include "base/coding.h"
#include "base/mutex.h"
#include "base/try.h"
#include "compaction/table_writer.h"
#include "engine/job_output.h"
#include "kv/internal_key.h"

namespace beachdb {
namespace {

// A piece in memory: the sizes of a key and of its value, four bytes each, then their bytes.
constexpr std::size_t kSizes = 8;
// At most: one is filled, one waits, and the caller and every thread build one.
constexpr std::size_t kPieces = 3 + kLoadThreads;

}  // namespace

struct BulkTables::Piece {
  AlignedBuffer memory;
  std::size_t used = 0;             // bytes of it
  std::vector<FileMetadata> files;  // once it is built

  // nullptr: the piece is full.
  char* Room(std::size_t size) {
    if (size > memory.size() - used) return nullptr;
    return memory.data() + std::exchange(used, used + size);
  }
};

// Outlives the load where a task has not been started by then: it finds nothing to do.
class BulkTables::Workshop {
 public:
  Workshop(EngineContext& context, Executor& executor, LsmTree& tree)
      : executor_(executor),
        output_(OutputOf(context, tree, stop_)),
        options_{.block_size = context.options.block_size,
                 .filter_bits_per_key = context.options.filter_bits_per_key,
                 .compression = context.options.bottom_compression} {
    spare_.reserve(kPieces);
  }

  // An empty piece of at least `bytes`, with the memory of one that is built where there is one.
  std::unique_ptr<Piece> NewPiece(std::size_t bytes) {
    auto piece = std::make_unique<Piece>();
    {
      MutexLock lock(mu_);
      if (!spare_.empty()) {
        piece->memory = std::move(spare_.back());
        spare_.pop_back();
      }
    }
    // That of a giant is too large: the tables behind it would be so, too.
    const std::size_t size = piece->memory.size();
    if (size < bytes || size >= bytes + AlignedBuffer::kAlignment) {
      piece->memory = AlignedBuffer(bytes);
    }
    return piece;
  }

  // Takes the piece. Where memory runs out the caller keeps it.
  void Offer(std::unique_ptr<Piece>& piece) {
    MutexLock lock(mu_);
    pieces_.emplace_back();
    pieces_.back() = std::move(piece);
  }
  std::size_t waiting() {
    MutexLock lock(mu_);
    return pieces_.size() - next_;
  }
  // Whether one more task is to be scheduled for what waits.
  bool WantsTask() {
    MutexLock lock(mu_);
    if (next_ == pieces_.size() || tasks_ == kLoadThreads) return false;
    ++tasks_;
    return true;
  }
  void Task() {
    while (BuildNext()) {
    }
    MutexLock lock(mu_);
    --tasks_;
  }

  // Builds the oldest piece that waits. False: none does.
  bool BuildNext() {
    Piece* piece = nullptr;
    {
      MutexLock lock(mu_);
      if (next_ == pieces_.size()) return false;
      piece = pieces_[next_++].get();
      ++building_;
    }
    Status built = Build(*piece);
    MutexLock lock(mu_);
    if (failure_.ok()) failure_ = std::move(built);
    spare_.push_back(std::move(piece->memory));
    --building_;
    changed_.NotifyAll();
    return true;
  }

  Status failure() {
    MutexLock lock(mu_);
    return failure_;
  }
  // No piece is begun any more; those under way end early. Returns when none is.
  void Abandon() {
    stop_.store(true, std::memory_order_relaxed);
    MutexLock lock(mu_);
    next_ = pieces_.size();
    AwaitBuilt();
  }
  // Returns when no piece is under way. REQUIRES: none waits.
  void Await() {
    MutexLock lock(mu_);
    AwaitBuilt();
  }
  // Of the pieces that are built, in key order. REQUIRES: none waits, or is under way.
  std::vector<FileMetadata> TakeFiles() {
    MutexLock lock(mu_);
    std::vector<FileMetadata> files;
    for (const std::unique_ptr<Piece>& piece : pieces_) {
      std::move(piece->files.begin(), piece->files.end(), std::back_inserter(files));
    }
    pieces_.clear();
    next_ = 0;
    return files;
  }

 private:
  void AwaitBuilt() REQUIRES(mu_) {
    while (building_ > 0) executor_.Wait(mu_, changed_);
  }

  Status Build(Piece& piece) noexcept {
    try {
      ASSIGN_OR_RETURN(piece.files, BuildTables({piece.memory.data(), piece.used}));
      return OkStatus();
    } catch (const std::bad_alloc&) {
      return Error(Code::kIoError, "memory ran out in a bulk load");
    }
  }

  Result<std::vector<FileMetadata>> BuildTables(std::string_view entries) {
    TableWriter writer(output_, options_,
                       {.origin = TableOrigin::kIngest, .id = 0, .output_level = 0, .inputs = {}},
                       {});
    while (!entries.empty()) {
      const std::size_t key_size = LoadFixed32(entries.data());
      const std::size_t value_size = LoadFixed32(entries.data() + kSizes / 2);
      entries.remove_prefix(kSizes);
      RETURN_IF_ERROR(writer.Add(entries.substr(0, key_size), PackTrailer(0, Kind::kPut),
                                 entries.substr(key_size, value_size)));
      entries.remove_prefix(key_size + value_size);
    }
    return writer.Finish();
  }

  Executor& executor_;
  std::atomic<bool> stop_{false};
  OutputContext output_;
  const TableOptions options_;

  Mutex mu_;
  CondVar changed_;                                            // a piece was built
  std::deque<std::unique_ptr<Piece>> pieces_ GUARDED_BY(mu_);  // in key order
  std::size_t next_ GUARDED_BY(mu_) = 0;                       // the first of them that waits
  std::size_t building_ GUARDED_BY(mu_) = 0;
  int tasks_ GUARDED_BY(mu_) = 0;  // scheduled or running
  std::vector<AlignedBuffer> spare_ GUARDED_BY(mu_);
  Status failure_ GUARDED_BY(mu_);  // the first
};

BulkTables::Alive::Alive(EngineContext& context) : context_(context) {
  context_.counters.bulk_loads.fetch_add(1, std::memory_order_relaxed);
}

BulkTables::Alive::~Alive() {
  context_.counters.bulk_loads.fetch_sub(1, std::memory_order_release);
}

BulkTables::BulkTables(EngineContext& context, Executor& executor, LsmTree& tree)
    : alive_(context),
      executor_(executor),
      piece_bytes_(std::min(context.options.table_size, context.options.memory_budget / 8)),
      workshop_(std::make_shared<Workshop>(context, executor, tree)),
      made_(context) {}

BulkTables::~BulkTables() {
  workshop_->Abandon();
  for (const FileMetadata& file : workshop_->TakeFiles()) made_.Add(file.number);
}

Status BulkTables::Add(std::string_view key, std::string_view value) {
  const std::size_t size = kSizes + key.size() + value.size();
  char* out = filling_ == nullptr ? nullptr : filling_->Room(size);
  if (out == nullptr) {
    if (filling_ != nullptr) RETURN_IF_ERROR(HandOver());
    filling_ = workshop_->NewPiece(std::max(size, piece_bytes_));
    out = filling_->Room(size);
  }
  StoreFixed32(out, static_cast<std::uint32_t>(key.size()));
  StoreFixed32(out + kSizes / 2, static_cast<std::uint32_t>(value.size()));
  std::memcpy(out + kSizes, key.data(), key.size());
  if (!value.empty()) std::memcpy(out + kSizes + key.size(), value.data(), value.size());
  return OkStatus();
}

Status BulkTables::HandOver() {
  workshop_->Offer(filling_);
  if (workshop_->WantsTask()) {
    executor_.Schedule(Lane::kLoad, [workshop = workshop_] { workshop->Task(); });
  }
  while (workshop_->waiting() > 1) workshop_->BuildNext();
  return workshop_->failure();
}

Result<std::vector<FileMetadata>> BulkTables::Finish() {
  if (filling_ != nullptr) workshop_->Offer(filling_);
  while (workshop_->BuildNext()) {
  }
  workshop_->Await();
  RETURN_IF_ERROR(workshop_->failure());
  std::vector<FileMetadata> files = workshop_->TakeFiles();
  for (const FileMetadata& file : files) made_.Add(file.number);
  return files;
}

}  // namespace beachdb
