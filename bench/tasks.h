// The threads of a workload: each does one task, all begin together, and what they did becomes
// rows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "bench/lane.h"
#include "bench/workloads.h"

namespace beachdb::bench {

// What one thread does; its work is timed from the start of the first thread to the end of the
// last.
using Work = std::function<Status(Lane& lane, std::uint64_t deadline_ticks)>;

struct Task {
  std::string row;  // name of the row that it counts for
  std::string unit;
  std::uint64_t count_per_operation;
  std::uint64_t bytes_per_operation;  // keys and values written (Lane::CountWritten adds to it)
  Work work;
};

// No deadline for tasks that have a fixed amount of work.
enum class Until : std::uint8_t { kDone, kDeadline };

// Runs each task on a thread of its own, all at once. Tasks of the same row, which stand together,
// are added up. Fails if a task does, or any answer was wrong.
Result<std::vector<Row>> RunTasks(const Bench& bench, Until until, const std::vector<Task>& tasks);
Result<std::vector<Row>> RunOne(const Bench& bench, Until until, Task task);

// Bytes of a key and its value.
std::uint64_t RecordBytes(const Bench& bench);

// Errors for answers that are wrong.
Status CheckAnswers(const RecordChecker& checker);
Status Missing(std::string_view key);

// Walks the whole store, which must hold `want` records.
Status WalkOnce(Lane& lane, Direction direction, std::uint64_t want);

}  // namespace beachdb::bench
