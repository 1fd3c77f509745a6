// Puts, batches, synced puts, deletes and the compaction by hand.
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/try.h"
#include "bench/measure.h"
#include "bench/tasks.h"
#include "bench/workload_functions.h"

namespace beachdb::bench {
namespace {

constexpr std::uint64_t kBatchRecords = 100;
constexpr std::uint64_t kRangeKeys = 100;  // of which a quarter is left in State::kThinned

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

// Each thread has keys of its own, so that afterwards there are as many as were acknowledged.
Rows FillInShares(const Bench& bench, Until until, const char* unit) {
  const auto order = ShuffledIndexes(bench.keys.count(), bench.seed);
  const auto threads = static_cast<std::uint64_t>(bench.threads);
  std::vector<Task> tasks;
  for (std::uint64_t t = 0; t < threads; ++t) {
    tasks.push_back(
        {"", unit, 1, RecordBytes(bench), [&order, t, threads](Lane& lane, std::uint64_t deadline) {
           std::uint64_t i = t;
           const std::uint64_t share = (order.size() + threads - 1 - t) / threads;
           return lane.Repeat(share, deadline, [&] {
             const std::uint64_t index = order[i];
             i += threads;
             return lane.PutIndex(index, index);
           });
         }});
  }
  return RunTasks(bench, until, tasks);
}

}  // namespace

Rows FillSeq(const Bench& bench) {
  return RunOne(bench, Until::kDone,
                {"", "puts", 1, RecordBytes(bench), [](Lane& lane, std::uint64_t deadline) {
                   std::uint64_t i = 0;
                   return lane.Repeat(lane.keys().count(), deadline, [&] {
                     const std::uint64_t index = i++;
                     return lane.PutIndex(index, index);
                   });
                 }});
}

Rows FillBatch(const Bench& bench) {
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

Rows FillRandom(const Bench& bench) { return FillInShares(bench, Until::kDone, "puts"); }
Rows FillSync(const Bench& bench) { return FillInShares(bench, Until::kDeadline, "acks"); }

Rows Overwrite(const Bench& bench) {
  return RunOne(bench, Until::kDone,
                {"", "puts", 1, RecordBytes(bench), [](Lane& lane, std::uint64_t deadline) {
                   std::uint64_t stamp = kOverwriteStamp;
                   return lane.Repeat(lane.keys().count(), deadline,
                                      [&] { return lane.PutIndex(lane.RandomIndex(), stamp++); });
                 }});
}

Rows SyncBatch(const Bench& bench) {
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

Rows Compact(const Bench& bench) {
  const std::uint64_t begin = Ticks();
  RETURN_IF_ERROR(bench.store.Compact());
  Row row;
  row.unit = "records";
  row.count = bench.keys.count();
  row.seconds = TicksToNanos(Ticks() - begin) * 1e-9;
  return std::vector<Row>{row};
}

Rows DeleteSeq(const Bench& bench) {
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

Rows DeleteRanges(const Bench& bench) {
  const std::uint64_t ranges = bench.keys.count() / (2 * kRangeKeys);
  const std::uint64_t left = ThinnedCount(bench.keys.count()) - ThinnedCount(ranges * kRangeKeys);
  ASSIGN_OR_RETURN(
      std::vector<Row> rows,
      RunOne(bench, Until::kDone,
             {"", "ranges", 1, 2 * kKeyBytes, [ranges](Lane& lane, std::uint64_t deadline) {
                std::uint64_t at = 0;
                return lane.Repeat(ranges, deadline, [&] {
                  const Key from = lane.keys().At(at);
                  const Key to = lane.keys().At(at + kRangeKeys);
                  at += 2 * kRangeKeys;
                  return lane.session().DeleteRange(from.view(), to.view());
                });
              }}));
  ASSIGN_OR_RETURN(
      std::vector<Row> scan,
      RunOne(bench, Until::kDeadline,
             {"the scan behind it", "records", left, 0, [left](Lane& lane, std::uint64_t deadline) {
                return lane.Repeat(Lane::kNoLimit, deadline,
                                   [&] { return WalkOnce(lane, Direction::kForward, left); });
              }}));
  scan.front().latency = {};  // that of a whole scan says nothing of a record
  rows.push_back(std::move(scan.front()));
  return rows;
}

}  // namespace beachdb::bench
