#include "bench/tasks.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"
#include "bench/measure.h"

namespace beachdb::bench {
namespace {

Row MakeRow(const Task& task, const Histogram& ticks, std::uint64_t operations,
            std::uint64_t written_bytes, double seconds) {
  const auto micros = [&](std::uint64_t t) { return TicksToNanos(t) * 1e-3; };
  Row row;
  row.name = task.row;
  row.unit = task.unit;
  row.count = operations * task.count_per_operation;
  row.seconds = seconds;
  row.user_bytes = operations * task.bytes_per_operation + written_bytes;
  row.latency = {micros(ticks.Percentile(50)), micros(ticks.Percentile(99)),
                 micros(ticks.Percentile(99.9)), micros(ticks.Max())};
  return row;
}

}  // namespace

std::uint64_t RecordBytes(const Bench& bench) { return kKeyBytes + bench.settings.value_bytes; }

Status CheckAnswers(const RecordChecker& checker) {
  if (checker.wrong() == 0) return {};
  return Error(Code::kCorruption, fmt::format("{} wrong answers, the first: {}", checker.wrong(),
                                              checker.first_wrong()));
}

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
    std::uint64_t written_bytes = 0;
    for (std::size_t j = i; j < tasks.size() && tasks[j].row == tasks[i].row; ++j) {
      ticks.Merge(lanes[j]->latency_ticks());
      operations += lanes[j]->operations();
      written_bytes += lanes[j]->written_bytes();
    }
    rows.push_back(MakeRow(tasks[i], ticks, operations, written_bytes, seconds));
  }
  return rows;
}

Result<std::vector<Row>> RunOne(const Bench& bench, Until until, Task task) {
  return RunTasks(bench, until, {std::move(task)});
}

Status Missing(std::string_view key) {
  return Error(Code::kCorruption, fmt::format("key {} is missing", key));
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

}  // namespace beachdb::bench
