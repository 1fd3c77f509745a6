#include "tests/support/sim_workload.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "tests/support/scan.h"

namespace beachdb {

Options SimOptions(SimWorld& world, std::uint64_t variant, std::vector<std::string>* log,
                   LogOwner log_owner) {
  Random random(variant);
  Options options;
  options.environment = &world;
  options.log_owner = log_owner;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  options.table_size = 64u << 10;
  options.block_size = random.OneIn(2) ? 512 : 4096;
  options.filter_bits_per_key = random.OneIn(4) ? 0 : 10;
  options.compression = static_cast<Compression>(random.Uniform(3));
  options.bottom_compression = static_cast<Compression>(random.Uniform(3));
  options.direct_writes = !random.OneIn(4);
  options.memtable = random.OneIn(3) ? MemTableKind::kSkipList : MemTableKind::kRadixTree;
  options.log = [log](LogLevel, std::string_view line) {
    if (log != nullptr) log->emplace_back(line);
  };
  return options;
}

namespace {

class Run {
 public:
  explicit Run(const WorkloadShape& shape)
      : shape_(shape), world_(disk_, shape.seed, shape.threads), random_(shape.seed) {
    recording_.oracle.writers.resize(shape.writers);
  }

  Recording Record() {
    world_.Run([this] {
      for (std::size_t phase = 0; phase < shape_.phases && ok(); ++phase) RunPhase(phase);
    });
    recording_.journal = disk_.TakeJournal();
    return std::move(recording_);
  }

 private:
  using Call = std::function<void(Db&)>;
  struct Actor {
    std::string name;
    std::vector<Call> calls;
  };
  struct Held {
    Snapshot snapshot;
    KeyValues contents;
  };

  bool ok() const { return recording_.failure.empty(); }
  bool caller_logs() const { return shape_.log_owner == LogOwner::kCaller; }
  void Expect(const Status& status, const char* what) {
    if (!status.ok() && ok()) recording_.failure = std::string(what) + ": " + status.ToString();
  }

  void RunPhase(std::size_t phase) {
    const Options options = SimOptions(world_, shape_.seed * 31 + phase, nullptr, shape_.log_owner);
    auto db = Db::Open(kSimDirectory, options);
    if (!db.ok()) {
      recording_.failure = "open: " + db.error().ToString();
      return;
    }
    const std::uint64_t opened = disk_.Mark();
    if (phase == 0) recording_.opened_at = opened;
    std::vector<Actor> actors(1 + shape_.writers);
    actors[0] = {"keeper", KeeperCalls()};
    for (std::size_t w = 0; w < shape_.writers; ++w) {
      actors[w + 1] = {"writer " + std::to_string(w), WriterCalls(w)};
    }
    if (shape_.threads == SimWorld::Threads::kInterleaved) {
      RunInterleaved(*db, actors);
    } else {
      RunInline(*db, actors);
    }
    DropSnapshots(*db);
    Durable(*db, "close", [](Db& open) { return open.Close(); });
  }

  void RunInterleaved(Db& db, std::vector<Actor>& actors) {
    std::vector<SimScheduler::ThreadId> threads;
    for (Actor& actor : actors) {
      threads.push_back(world_.scheduler().Spawn(actor.name, [&db, &actor] {
        for (const Call& call : actor.calls) {
          SimScheduler::Yield();
          call(db);
        }
      }));
    }
    for (const SimScheduler::ThreadId thread : threads) world_.scheduler().Join(thread);
  }

  void RunInline(Db& db, std::vector<Actor>& actors) {
    for (;;) {
      std::erase_if(actors, [](const Actor& actor) { return actor.calls.empty(); });
      if (actors.empty()) return;
      // Writers have the most calls, so all run out at about the same time.
      std::size_t left = 0;
      for (const Actor& actor : actors) left += actor.calls.size();
      std::size_t dice = random_.Uniform(left);
      auto actor = actors.begin();
      while (dice >= actor->calls.size()) dice -= (actor++)->calls.size();
      actor->calls.front()(db);
      actor->calls.erase(actor->calls.begin());
      if (random_.OneIn(3)) world_.RunTasks();
    }
  }

  std::vector<Call> WriterCalls(std::size_t writer) {
    std::vector<Call> calls;
    for (std::size_t i = 0; i < shape_.batches; ++i) {
      const bool sync = !caller_logs() && random_.OneIn(shape_.sync_one_in);
      calls.emplace_back([this, writer, sync](Db& db) { WriteNext(db, writer, sync); });
      if (!caller_logs() && random_.OneIn(8)) {
        calls.emplace_back(
            [this](Db& db) { Durable(db, "sync", [](Db& open) { return open.SyncWal(); }); });
      }
    }
    return calls;
  }

  std::vector<Call> KeeperCalls() {
    std::vector<Call> calls;
    for (std::size_t i = 0; i < shape_.keeper_calls; ++i) {
      switch (random_.Uniform(5)) {
        case 0:
        case 1:
          calls.emplace_back(
              [this](Db& db) { Durable(db, "flush", [](Db& open) { return open.Flush(); }); });
          break;
        case 2:
          calls.emplace_back([this](Db& db) {
            Durable(db, "compact", [](Db& open) { return open.CompactRange(); });
          });
          break;
        case 3:
          calls.emplace_back([this](Db& db) {
            Snapshot snapshot = db.GetSnapshot();
            KeyValues contents = ScanAll(db, &snapshot);
            held_.push_back({std::move(snapshot), std::move(contents)});
          });
          break;
        default:
          calls.emplace_back([this](Db& db) { DropSnapshots(db); });
          break;
      }
    }
    return calls;
  }

  void WriteNext(Db& db, std::size_t writer, bool sync) {
    WriterLog& log = recording_.oracle.writers[writer];
    KeyValues state = log.states.back();
    BatchShape shape = shape_.batch;
    shape.seed = shape_.seed;
    const WriteBatch batch = MakeBatch(shape, writer, log.last() + 1, state);
    log.states.push_back(std::move(state));
    log.batches.push_back({.started = disk_.Mark(), .sync = sync, .operations = batch.count()});
    const Status written =
        db.Write(batch, {.durability = sync ? Durability::kSync : Durability::kBuffered,
                         .applied_index = caller_logs() ? log.last() : 0});
    Expect(written, "write");
    log.batches.back().acknowledged = disk_.Mark();
    if (caller_logs()) {
      const std::uint64_t durable = db.DurableIndex();
      recording_.oracle.promises.push_back({disk_.Mark(), durable});
    }
  }

  template <typename DurableCall>
  void Durable(Db& db, const char* what, DurableCall call) {
    Barrier barrier{.started = disk_.Mark()};
    Expect(call(db), what);
    barrier.acknowledged = disk_.Mark();
    recording_.oracle.barriers.push_back(barrier);
  }

  void DropSnapshots(Db& db) {
    while (!held_.empty()) {
      const Held held = std::move(held_.back());
      held_.pop_back();
      if (ScanAll(db, &held.snapshot) != held.contents && ok()) {
        recording_.failure = "a snapshot changed while it was held";
      }
    }
  }

  const WorkloadShape shape_;
  SimDisk disk_;
  SimWorld world_;
  Random random_;
  Recording recording_;
  std::vector<Held> held_;
};

}  // namespace

Recording RunWorkload(const WorkloadShape& shape) { return Run(shape).Record(); }

}  // namespace beachdb
