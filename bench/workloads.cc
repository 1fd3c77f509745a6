#include "bench/workloads.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"
#include "bench/lane.h"

namespace beachdb::bench {
namespace {

constexpr std::uint64_t kBatchRecords = 100;
constexpr std::size_t kMultiGetKeys = 16;
constexpr double kZipfTheta = 0.99;

// What one thread does; its work is timed from the start of the first thread to the end of the
// last.
using Work = std::function<Status(Lane& lane, std::uint64_t deadline_ticks)>;

struct Task {
  std::string row;  // name of the row that it counts for
  std::string unit;
  std::uint64_t count_per_operation;
  std::uint64_t bytes_per_operation;  // keys and values written
  Work work;
};

std::uint64_t RecordBytes(const Bench& bench) { return kKeyBytes + bench.settings.value_bytes; }

// No deadline for tasks that have a fixed amount of work.
enum class Until : std::uint8_t { kDone, kDeadline };

Row MakeRow(const Task& task, const Histogram& ticks, std::uint64_t operations, double seconds) {
  const auto micros = [&](std::uint64_t t) { return TicksToNanos(t) * 1e-3; };
  Row row;
  row.name = task.row;
  row.unit = task.unit;
  row.count = operations * task.count_per_operation;
  row.seconds = seconds;
  row.user_bytes = operations * task.bytes_per_operation;
  row.latency = {micros(ticks.Percentile(50)), micros(ticks.Percentile(99)),
                 micros(ticks.Percentile(99.9)), micros(ticks.Max())};
  return row;
}

Status CheckAnswers(const RecordChecker& checker) {
  if (checker.wrong() == 0) return {};
  return Error(Code::kCorruption, fmt::format("{} wrong answers, the first: {}", checker.wrong(),
                                              checker.first_wrong()));
}

// Runs each task on a thread of its own, all at once. Tasks of the same row are added up.
Result<std::vector<Row>> RunTasks(const Bench& bench, Until until, const std::vector<Task>& tasks) {
  std::vector<std::unique_ptr<Lane>> lanes;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    lanes.push_back(std::make_unique<Lane>(bench.store.NewSession(), bench.keys,
                                           bench.settings.value_bytes, bench.seed + 1000 * i));
  }
  std::vector<Status> statuses(tasks.size());
  std::vector<std::uint64_t> ends(tasks.size());
  std::atomic<std::uint64_t> start_ticks{0};
  const std::uint64_t length = SecondsToTicks(bench.settings.seconds);

  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    threads.emplace_back([&, i] {
      std::uint64_t start = 0;
      while ((start = start_ticks.load(std::memory_order_acquire)) == 0) std::this_thread::yield();
      statuses[i] =
          tasks[i].work(*lanes[i], until == Until::kDeadline ? start + length : Lane::kNoDeadline);
      ends[i] = Ticks();
    });
  }
  const std::uint64_t start = Ticks();
  start_ticks.store(start, std::memory_order_release);
  for (std::thread& thread : threads) thread.join();
  const double seconds = TicksToNanos(*std::max_element(ends.begin(), ends.end()) - start) * 1e-9;

  std::vector<Row> rows;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    RETURN_IF_ERROR(statuses[i]);
    RETURN_IF_ERROR(CheckAnswers(lanes[i]->checker()));
    if (i > 0 && tasks[i].row == tasks[i - 1].row) continue;
    Histogram ticks;
    std::uint64_t operations = 0;
    for (std::size_t j = i; j < tasks.size() && tasks[j].row == tasks[i].row; ++j) {
      ticks.Merge(lanes[j]->latency_ticks());
      operations += lanes[j]->operations();
    }
    rows.push_back(MakeRow(tasks[i], ticks, operations, seconds));
  }
  return rows;
}

Result<std::vector<Row>> RunOne(const Bench& bench, Until until, Task task) {
  return RunTasks(bench, until, {std::move(task)});
}

// --- writing ---

Result<std::vector<Row>> FillSeq(const Bench& bench) {
  return RunOne(bench, Until::kDone,
                {"", "puts", 1, RecordBytes(bench), [](Lane& lane, std::uint64_t deadline) {
                   std::uint64_t i = 0;
                   return lane.Repeat(lane.keys().count(), deadline, [&] {
                     const std::uint64_t index = i++;
                     return lane.PutIndex(index, index);
                   });
                 }});
}

Result<std::vector<Row>> FillRandom(const Bench& bench) {
  const auto order = ShuffledIndexes(bench.keys.count(), bench.seed);
  return RunOne(bench, Until::kDone,
                {"", "puts", 1, RecordBytes(bench), [&](Lane& lane, std::uint64_t deadline) {
                   std::uint64_t i = 0;
                   return lane.Repeat(order.size(), deadline, [&] {
                     const std::uint64_t index = order[i++];
                     return lane.PutIndex(index, index);
                   });
                 }});
}

// Puts batches of keys that `next_index` gives, until `batches` are written or time is up.
Status PutBatches(Lane& lane, std::uint64_t batches, std::uint64_t deadline,
                  const std::function<std::uint64_t()>& next_index) {
  std::array<Key, kBatchRecords> keys;
  std::array<std::string, kBatchRecords> values;
  std::array<Record, kBatchRecords> records;
  return lane.Repeat(batches, deadline, [&] {
    for (std::size_t i = 0; i < kBatchRecords; ++i) {
      const std::uint64_t index = next_index();
      keys[i] = lane.keys().At(index);
      values[i] = lane.MakeValue(keys[i].view(), index);
      records[i] = {keys[i].view(), values[i]};
    }
    return lane.session().PutBatch(records);
  });
}

Result<std::vector<Row>> FillBatch(const Bench& bench) {
  // Whole batches only; the key count is a multiple (runner.cc rounds it up).
  const auto order = ShuffledIndexes(bench.keys.count(), bench.seed);
  return RunOne(bench, Until::kDone,
                {"", "puts", kBatchRecords, kBatchRecords * RecordBytes(bench),
                 [&](Lane& lane, std::uint64_t deadline) {
                   std::uint64_t i = 0;
                   return PutBatches(lane, order.size() / kBatchRecords, deadline,
                                     [&] { return order[i++]; });
                 }});
}

// The stamps of overwrites begin here, so that they differ from those of the fill.
constexpr std::uint64_t kOverwriteStamp = std::uint64_t{1} << 32;

Result<std::vector<Row>> Overwrite(const Bench& bench) {
  return RunOne(bench, Until::kDone,
                {"", "puts", 1, RecordBytes(bench), [](Lane& lane, std::uint64_t deadline) {
                   std::uint64_t stamp = kOverwriteStamp;
                   return lane.Repeat(lane.keys().count(), deadline,
                                      [&] { return lane.PutIndex(lane.RandomIndex(), stamp++); });
                 }});
}

// Each thread has keys of its own, so that afterwards there are as many as were acknowledged.
Result<std::vector<Row>> FillSync(const Bench& bench) {
  const auto order = ShuffledIndexes(bench.keys.count(), bench.seed);
  const auto threads = static_cast<std::uint64_t>(bench.threads);
  std::vector<Task> tasks;
  for (std::uint64_t t = 0; t < threads; ++t) {
    tasks.push_back({"", "acks", 1, RecordBytes(bench),
                     [&order, t, threads](Lane& lane, std::uint64_t deadline) {
                       std::uint64_t i = t;
                       return lane.Repeat(order.size() / threads, deadline, [&] {
                         const std::uint64_t index = order[i];
                         i += threads;
                         return lane.PutIndex(index, index);
                       });
                     }});
  }
  return RunTasks(bench, Until::kDeadline, tasks);
}

Result<std::vector<Row>> SyncBatch(const Bench& bench) {
  const auto order = ShuffledIndexes(bench.keys.count(), bench.seed);
  auto rows = RunOne(
      bench, Until::kDeadline,
      {"", "acks", 1, kBatchRecords * RecordBytes(bench), [&](Lane& lane, std::uint64_t deadline) {
         std::uint64_t i = 0;
         return PutBatches(lane, order.size() / kBatchRecords, deadline,
                           [&] { return order[i++]; });
       }});
  return rows;
}

Result<std::vector<Row>> DeleteSeq(const Bench& bench) {
  const std::uint64_t deletes = bench.keys.count() - ThinnedCount(bench.keys.count());
  return RunOne(bench, Until::kDone,
                {"", "deletes", 1, kKeyBytes, [deletes](Lane& lane, std::uint64_t deadline) {
                   std::uint64_t i = 0;
                   return lane.Repeat(deletes, deadline, [&] {
                     if (i % 4 == 3) ++i;
                     return lane.session().Delete(lane.keys().At(i++).view());
                   });
                 }});
}

// --- reading ---

Status Missing(std::string_view key) {
  return Error(Code::kCorruption, fmt::format("key {} is missing", key));
}

// Gets the keys that `next_index` gives, all of which must be there.
template <typename NextIndex>
Status GetKeys(Lane& lane, std::uint64_t deadline, NextIndex&& next_index) {
  return lane.Repeat(Lane::kNoLimit, deadline, [&]() -> Status {
    const Key key = lane.keys().At(next_index());
    const Result<bool> found = lane.session().Get(key.view(), lane.checker());
    if (!found.ok()) return found.error();
    return *found ? OkStatus() : Missing(key.view());
  });
}

Task RandomReader(std::string row) {
  return {std::move(row), "gets", 1, 0, [](Lane& lane, std::uint64_t deadline) {
            return GetKeys(lane, deadline, [&] { return lane.RandomIndex(); });
          }};
}

Result<std::vector<Row>> ReadRandom(const Bench& bench) {
  return RunTasks(bench, Until::kDeadline,
                  std::vector<Task>(static_cast<std::size_t>(bench.threads), RandomReader("")));
}

Result<std::vector<Row>> ReadMissing(const Bench& bench) {
  return RunOne(bench, Until::kDeadline,
                {"", "gets", 1, 0, [](Lane& lane, std::uint64_t deadline) {
                   return lane.Repeat(Lane::kNoLimit, deadline, [&]() -> Status {
                     const Key key = lane.keys().Absent(lane.RandomIndex());
                     const Result<bool> found = lane.session().Get(key.view(), lane.checker());
                     if (!found.ok()) return found.error();
                     if (*found) lane.checker().Wrong("a value that was never written", key.view());
                     return {};
                   });
                 }});
}

Result<std::vector<Row>> ReadHot(const Bench& bench) {
  const auto drawn = ZipfIndexes(bench.keys.count(), kZipfTheta, 1u << 20, bench.seed);
  return RunOne(bench, Until::kDeadline,
                {"", "gets", 1, 0, [&](Lane& lane, std::uint64_t deadline) {
                   std::size_t i = 0;
                   return GetKeys(lane, deadline, [&] { return drawn[i++ & (drawn.size() - 1)]; });
                 }});
}

Result<std::vector<Row>> MultiGet16(const Bench& bench) {
  return RunOne(bench, Until::kDeadline,
                {"", "keys", kMultiGetKeys, 0, [](Lane& lane, std::uint64_t deadline) {
                   std::array<Key, kMultiGetKeys> keys;
                   std::array<std::string_view, kMultiGetKeys> views;
                   for (std::size_t i = 0; i < kMultiGetKeys; ++i) views[i] = keys[i].view();
                   return lane.Repeat(Lane::kNoLimit, deadline, [&]() -> Status {
                     for (Key& key : keys) key = lane.keys().At(lane.RandomIndex());
                     const Result<std::size_t> found =
                         lane.session().MultiGet(views, lane.checker());
                     if (!found.ok()) return found.error();
                     return *found == kMultiGetKeys ? OkStatus() : Missing(keys[0].view());
                   });
                 }});
}

template <std::uint64_t kRecords, Direction kDirection>
Result<std::vector<Row>> SeekAndWalk(const Bench& bench) {
  return RunOne(
      bench, Until::kDeadline,
      {"", "seeks", 1, 0, [](Lane& lane, std::uint64_t deadline) {
         return lane.Repeat(Lane::kNoLimit, deadline, [&]() -> Status {
           const std::uint64_t index = lane.RandomIndex();
           const Key key = lane.keys().At(index);
           RecordChecker& checker = lane.checker();
           checker.BeginWalk(kDirection == Direction::kForward ? RecordChecker::Order::kAscending
                                                               : RecordChecker::Order::kDescending);
           RETURN_IF_ERROR(lane.session().Walk(key.view(), kRecords, kDirection, checker));
           const std::uint64_t beyond =
               kDirection == Direction::kForward ? lane.keys().count() - index : index + 1;
           if (checker.walked() != std::min(kRecords, beyond)) {
             checker.Wrong("a walk of the wrong length", key.view());
           }
           if (!checker.BeganAt(key.view())) {
             checker.Wrong("a walk that began elsewhere", key.view());
           }
           return {};
         });
       }});
}

Status WalkOnce(Lane& lane, Direction direction, std::uint64_t want) {
  RecordChecker& checker = lane.checker();
  checker.BeginWalk(direction == Direction::kForward ? RecordChecker::Order::kAscending
                                                     : RecordChecker::Order::kDescending);
  RETURN_IF_ERROR(lane.session().Walk({}, ~std::uint64_t{0}, direction, checker));
  if (checker.walked() != want) {
    return Error(Code::kCorruption,
                 fmt::format("a full scan found {} records instead of {}", checker.walked(), want));
  }
  return {};
}

Result<std::vector<Row>> ScanAll(const Bench& bench, Direction direction, std::uint64_t records) {
  auto rows = RunOne(bench, Until::kDeadline,
                     {"", "records", records, 0, [=](Lane& lane, std::uint64_t deadline) {
                        return lane.Repeat(Lane::kNoLimit, deadline,
                                           [&] { return WalkOnce(lane, direction, records); });
                      }});
  if (rows.ok()) rows->front().latency = {};  // that of a whole scan says nothing of a record
  return rows;
}

Result<std::vector<Row>> Scan(const Bench& bench) {
  return ScanAll(bench, Direction::kForward, bench.keys.count());
}
Result<std::vector<Row>> ScanReverse(const Bench& bench) {
  return ScanAll(bench, Direction::kReverse, bench.keys.count());
}
Result<std::vector<Row>> ScanTombstones(const Bench& bench) {
  return ScanAll(bench, Direction::kForward, ThinnedCount(bench.keys.count()));
}

Result<std::vector<Row>> ReadWhileWriting(const Bench& bench) {
  Task writer{"its writer", "puts", 1, RecordBytes(bench), [](Lane& lane, std::uint64_t deadline) {
                std::uint64_t stamp = 2 * kOverwriteStamp;
                return lane.Repeat(Lane::kNoLimit, deadline,
                                   [&] { return lane.PutIndex(lane.RandomIndex(), stamp++); });
              }};
  return RunTasks(bench, Until::kDeadline, {RandomReader(""), std::move(writer)});
}

// --- checks afterwards ---

Status HoldsAllKeys(const Bench& bench, const std::vector<Row>&) {
  return WalkAll(bench, bench.keys.count());
}

Status HoldsTheAcknowledged(const Bench& bench, const std::vector<Row>& rows) {
  return WalkAll(bench, rows.front().user_bytes / RecordBytes(bench));
}

Status HoldsTheThinned(const Bench& bench, const std::vector<Row>&) {
  return WalkAll(bench, ThinnedCount(bench.keys.count()));
}

// Every key is there, and a sample of them holds what was written last: the overwrites are drawn
// again from the same seed, which tells for every key the stamp of its newest value.
Status HoldsTheNewest(const Bench& bench, const std::vector<Row>&) {
  RETURN_IF_ERROR(WalkAll(bench, bench.keys.count()));
  std::vector<std::uint64_t> newest(bench.keys.count());
  for (std::uint64_t i = 0; i < newest.size(); ++i) newest[i] = i;
  Random random(bench.seed);
  for (std::uint64_t i = 0; i < newest.size(); ++i) {
    newest[random.Uniform(newest.size())] = kOverwriteStamp + i;
  }
  constexpr std::uint64_t kSample = 20'000;
  const std::uint64_t step = newest.size() / kSample + 1;
  const auto session = bench.store.NewSession();
  RecordChecker checker(bench.settings.value_bytes);
  std::vector<std::uint64_t> stamps;
  checker.KeepStamps(&stamps);
  for (std::uint64_t i = 0; i < newest.size(); i += step) {
    const Key key = bench.keys.At(i);
    ASSIGN_OR_RETURN(const bool found, session->Get(key.view(), checker));
    if (!found) return Missing(key.view());
    if (stamps.back() != newest[i]) checker.Wrong("a value that was overwritten", key.view());
  }
  return CheckAnswers(checker);
}

}  // namespace

Status WalkAll(const Bench& bench, std::uint64_t count) {
  Lane lane(bench.store.NewSession(), bench.keys, bench.settings.value_bytes, bench.seed);
  RETURN_IF_ERROR(WalkOnce(lane, Direction::kForward, count));
  return CheckAnswers(lane.checker());
}

std::vector<Workload> AllWorkloads(int threads) {
  using enum State;
  constexpr Ack kSynced = Ack::kSynced;
  constexpr Ack kUnsynced = Ack::kUnsynced;
  constexpr auto kForward = Direction::kForward;
  constexpr auto kReverse = Direction::kReverse;
  // clang-format off
  return {
      {"fillseq", "put every key in order", kEmpty, kEmpty, kUnsynced, 1, FillSeq, HoldsAllKeys},
      {"fillbatch", "put every key in random order, 100 a batch", kEmpty, kEmpty, kUnsynced, 1, FillBatch, HoldsAllKeys},
      {"fillsync-1", "synced puts of new keys, 1 thread", kEmpty, kEmpty, kSynced, 1, FillSync, HoldsTheAcknowledged},
      {"fillsync-4", "the same with 4 threads", kEmpty, kEmpty, kSynced, 4, FillSync, HoldsTheAcknowledged},
      {"fillsync-16", "the same with 16 threads", kEmpty, kEmpty, kSynced, 16, FillSync, HoldsTheAcknowledged},
      {"fillsync-64", "the same with 64 threads", kEmpty, kEmpty, kSynced, 64, FillSync, HoldsTheAcknowledged},
      {"syncbatch", "synced batches of 100 puts, 1 thread", kEmpty, kEmpty, kSynced, 1, SyncBatch, HoldsTheAcknowledged},
      {"fillrandom", "put every key in random order", kEmpty, kFilled, kUnsynced, 1, FillRandom, HoldsAllKeys},
      {"overwrite", "put random keys, as many as there are", kFilled, kNatural, kUnsynced, 1, Overwrite, HoldsTheNewest},
      {"readrandom", "get random keys, 1 thread", kNatural, kNatural, kUnsynced, 1, ReadRandom},
      {fmt::format("readrandom-{}", threads), fmt::format("the same with {} threads (--threads)", threads), kNatural, kNatural, kUnsynced, threads, ReadRandom},
      {"readmissing", "get keys that are not there", kNatural, kNatural, kUnsynced, 1, ReadMissing},
      {"readhot", "get keys by a Zipf distribution (0.99)", kNatural, kNatural, kUnsynced, 1, ReadHot},
      {"multiget16", "get 16 random keys in one call", kNatural, kNatural, kUnsynced, 1, MultiGet16},
      {"seek+10", "new iterator, seek, 10 records", kNatural, kNatural, kUnsynced, 1, SeekAndWalk<10, kForward>},
      {"seek-10", "the same backwards", kNatural, kNatural, kUnsynced, 1, SeekAndWalk<10, kReverse>},
      {"seek+100", "new iterator, seek, 100 records", kNatural, kNatural, kUnsynced, 1, SeekAndWalk<100, kForward>},
      {"scan", "every record, forwards", kNatural, kNatural, kUnsynced, 1, Scan},
      {"scanreverse", "every record, backwards", kNatural, kNatural, kUnsynced, 1, ScanReverse},
      {"readwhilewriting", "1 thread gets beside 1 that overwrites", kNatural, kDisturbed, kUnsynced, 2, ReadWhileWriting, HoldsAllKeys},
      {"deleteseq", "delete three keys of four, in order", kDisturbed, kThinned, kUnsynced, 1, DeleteSeq, HoldsTheThinned},
      {"scantombstones", "every record that is left", kThinned, kThinned, kUnsynced, 1, ScanTombstones},
  };
  // clang-format on
}

}  // namespace beachdb::bench
