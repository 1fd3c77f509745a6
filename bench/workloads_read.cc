// Gets, seeks and scans.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/try.h"
#include "bench/tasks.h"
#include "bench/workload_functions.h"

namespace beachdb::bench {
namespace {

constexpr std::size_t kMultiGetKeys = 16;

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

template <std::uint64_t kRecords, Direction kDirection>
Rows SeekAndWalk(const Bench& bench) {
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

Rows ScanAll(const Bench& bench, Direction direction, std::uint64_t records) {
  auto rows = RunOne(bench, Until::kDeadline,
                     {"", "records", records, 0, [=](Lane& lane, std::uint64_t deadline) {
                        return lane.Repeat(Lane::kNoLimit, deadline,
                                           [&] { return WalkOnce(lane, direction, records); });
                      }});
  if (rows.ok()) rows->front().latency = {};  // that of a whole scan says nothing of a record
  return rows;
}

}  // namespace

Rows ReadRandom(const Bench& bench) {
  return RunTasks(bench, Until::kDeadline,
                  std::vector<Task>(static_cast<std::size_t>(bench.threads), RandomReader("")));
}

Rows ReadMissing(const Bench& bench) {
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

Rows ReadHot(const Bench& bench) {
  const auto drawn = ZipfIndexes(bench.keys.count(), kZipfTheta, 1u << 20, bench.seed);
  return RunOne(bench, Until::kDeadline,
                {"", "gets", 1, 0, [&](Lane& lane, std::uint64_t deadline) {
                   std::size_t i = 0;
                   return GetKeys(lane, deadline, [&] { return drawn[i++ & (drawn.size() - 1)]; });
                 }});
}

Rows MultiGet16(const Bench& bench) {
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

Rows SeekAnd10(const Bench& bench) { return SeekAndWalk<10, Direction::kForward>(bench); }
Rows SeekAnd10Back(const Bench& bench) { return SeekAndWalk<10, Direction::kReverse>(bench); }
Rows SeekAnd100(const Bench& bench) { return SeekAndWalk<100, Direction::kForward>(bench); }

Rows Scan(const Bench& bench) { return ScanAll(bench, Direction::kForward, bench.keys.count()); }
Rows ScanReverse(const Bench& bench) {
  return ScanAll(bench, Direction::kReverse, bench.keys.count());
}
Rows ScanTombstones(const Bench& bench) {
  return ScanAll(bench, Direction::kForward, ThinnedCount(bench.keys.count()));
}

Rows ReadWhileWriting(const Bench& bench) {
  Task writer{"its writer", "puts", 1, RecordBytes(bench), [](Lane& lane, std::uint64_t deadline) {
                std::uint64_t stamp = 2 * kOverwriteStamp;
                return lane.Repeat(Lane::kNoLimit, deadline,
                                   [&] { return lane.PutIndex(lane.RandomIndex(), stamp++); });
              }};
  return RunTasks(bench, Until::kDeadline, {RandomReader(""), std::move(writer)});
}

}  // namespace beachdb::bench
