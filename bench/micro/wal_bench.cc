// What a log append, a sync and a recovery cost. docs/decisions/0005-wal.md keeps the ratios; run
// in one go and compare within the run, for absolute numbers move with the machine. The files are
// made in the working directory: run where the database would be.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/logger.h"
#include "base/mutex.h"
#include "beachdb/write_batch.h"
#include "format/file_names.h"
#include "io/file_system.h"
#include "wal/log_recovery.h"
#include "wal/log_writer.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kCapacity = 64u << 20;
constexpr DatabaseId kDatabase = {1};

// A directory of logs that goes away with the benchmark.
class Logs {
 public:
  Logs() {
    std::filesystem::remove_all(kDirectory);
    std::filesystem::create_directory(kDirectory);
  }
  ~Logs() { std::filesystem::remove_all(kDirectory); }
  Logs(const Logs&) = delete;
  Logs& operator=(const Logs&) = delete;

  static std::string Path(std::uint64_t number) { return JoinPath(kDirectory, LogName(number)); }

  std::unique_ptr<LogWriter> Create() {
    const FileIdentity identity{kDatabase, ++number_};
    auto log = LogWriter::Create(PosixFileSystem(), Path(number_), identity, kCapacity, 1);
    CHECK(log.ok());
    return std::move(log).value();
  }
  // A log whose blocks were all written in a former life.
  std::unique_ptr<LogWriter> Recycled() {
    auto old = Create();
    const std::string zeros(kCapacity - kLogDataStart, '\0');
    auto file = PosixFileSystem().Open(old->path(), OpenMode::kReadWrite);
    CHECK(file.ok() && (*file)->WriteAt(kLogDataStart, zeros).ok() && (*file)->Sync().ok());
    const std::string from = Path(number_++);
    auto log = LogWriter::Recycle(PosixFileSystem(), from, Path(number_), {kDatabase, number_},
                                  kCapacity, {.written_through = kCapacity, .synced = true}, 1);
    CHECK(log.ok());
    return std::move(log).value();
  }

  static constexpr const char* kDirectory = "wal_bench.tmp";

 private:
  std::uint64_t number_ = 0;
};

std::string Batch() {
  WriteBatch batch;
  CHECK(batch.Put("key0000000000000", std::string(100, 'v')).ok());
  return std::string(batch.bytes());
}

void Append(benchmark::State& state, LogPath how) {
  Logs logs;
  auto log = logs.Recycled();
  const std::string batch = Batch();
  Seqno seqno = 1;
  for (auto _ : state) {
    if (!log->HasRoom(batch.size(), 1)) {
      state.PauseTiming();
      log = logs.Recycled();
      state.ResumeTiming();
    }
    const LogEntry entry{seqno++, 0, batch};
    CHECK(log->Append(std::span(&entry, 1), 0, how).ok());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(Append, mapped, LogPath::kMapped);
BENCHMARK_CAPTURE(Append, written, LogPath::kWritten);

enum class Blocks : std::uint8_t { kRecycled, kUnwritten, kPrewritten };

// One synced commit after the other.
void AppendAndSync(benchmark::State& state, LogPath how, Blocks blocks) {
  Logs logs;
  const auto make = [&] { return blocks == Blocks::kRecycled ? logs.Recycled() : logs.Create(); };
  auto log = make();
  // Past what Create has written, so that every sync meets blocks as the name says.
  const std::string batch = Batch();
  const std::string large(LogWriter::kPrewriteBytes, 'x');
  Seqno seqno = 1;
  const auto append = [&](std::string_view bytes) {
    const LogEntry entry{seqno++, 0, bytes};
    CHECK(log->Append(std::span(&entry, 1), 0, how).ok());
  };
  append(large);
  CHECK(log->Sync().ok());
  for (auto _ : state) {
    append(batch);
    CHECK(log->Sync().ok());
    if (blocks == Blocks::kPrewritten && log->needs_prewrite()) {
      state.PauseTiming();  // another thread's work
      CHECK(log->PrewriteAhead().ok());
      state.ResumeTiming();
    }
    CHECK(log->HasRoom(batch.size(), 1));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(AppendAndSync, written_recycled, LogPath::kWritten, Blocks::kRecycled)
    ->UseRealTime();
BENCHMARK_CAPTURE(AppendAndSync, written_prewritten, LogPath::kWritten, Blocks::kPrewritten)
    ->UseRealTime();
BENCHMARK_CAPTURE(AppendAndSync, written_unwritten, LogPath::kWritten, Blocks::kUnwritten)
    ->UseRealTime();
BENCHMARK_CAPTURE(AppendAndSync, mapped_recycled, LogPath::kMapped, Blocks::kRecycled)
    ->UseRealTime();

// Several syncs of one log in flight.
void OverlappedSyncs(benchmark::State& state) {
  static std::unique_ptr<Logs> logs;
  static std::unique_ptr<LogWriter> log;
  static Mutex mu;
  static Seqno seqno = 1;
  if (state.thread_index() == 0) {
    logs = std::make_unique<Logs>();
    log = logs->Recycled();
  }
  const std::string batch = Batch();
  for (auto _ : state) {
    {
      MutexLock lock(mu);
      const LogEntry entry{seqno++, 0, batch};
      CHECK(log->Append(std::span(&entry, 1), 0, LogPath::kWritten).ok());
    }
    CHECK(log->Sync().ok());
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) {
    log.reset();
    logs.reset();
  }
}
BENCHMARK(OverlappedSyncs)->Threads(1)->Threads(2)->Threads(4)->UseRealTime();

// 256 MiB of logs with 2.2 million batches, read and validated, but not applied.
void Recover(benchmark::State& state) {
  Logs logs;
  std::vector<std::uint64_t> numbers;
  const std::string batch = Batch();
  Seqno seqno = 1;
  std::uint64_t bytes = 0;
  for (int i = 0; i < 4; ++i) {
    const auto log = logs.Create();
    numbers.push_back(log->number());
    for (; log->HasRoom(batch.size(), 1); ++seqno) {
      const LogEntry entry{seqno, 0, batch};
      CHECK(log->Append(std::span(&entry, 1), 0, LogPath::kMapped).ok());
    }
    bytes += log->bytes_appended();
  }
  const Logger logger([](LogLevel, std::string_view) {});
  for (auto _ : state) {
    const auto report =
        RecoverLogs(PosixFileSystem(), Logs::kDirectory, kDatabase, numbers, 0, logger,
                    [](Seqno, std::uint64_t, std::string_view) { return OkStatus(); });
    CHECK(report.ok() && report->last_seqno == seqno - 1);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}
BENCHMARK(Recover)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace beachdb
