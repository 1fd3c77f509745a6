// Opening a database: how long until the first get is answered.
//
// Reopen: one that was closed. Recovery: one whose process died, and whose log must be read first.
// The log is filled by a process that has room to keep all of it in memory, so that nothing of it
// is in tables yet, and that ends without closing. Its writes are synced, so that every engine must
// know them again; the page cache still holds them.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/try.h"
#include "bench/measure.h"
#include "bench/process.h"
#include "bench/tasks.h"
#include "bench/workload_functions.h"

namespace beachdb::bench {
namespace {

constexpr std::uint64_t kBatchRecords = 1000;
constexpr std::uint64_t kMostLogBytes = 256u << 20;  // where nobody says how many

// Records of the log: whole batches, at least one.
std::uint64_t LogRecords(const Settings& settings) {
  const std::uint64_t record = kKeyBytes + settings.value_bytes;
  const std::uint64_t bytes =
      settings.log_bytes > 0 ? settings.log_bytes : std::min(settings.keys * record, kMostLogBytes);
  return std::max(bytes / record / kBatchRecords, std::uint64_t{1}) * kBatchRecords;
}

// Record i goes to the index order[i % count].
Status PutTheLog(const Site& site, Session& session) {
  const auto order = ShuffledIndexes(site.keys.count(), site.seed);
  ValueMaker values(site.settings.value_bytes, site.seed);
  std::array<Key, kBatchRecords> keys;
  std::array<std::string, kBatchRecords> bytes;
  std::array<Record, kBatchRecords> records;
  for (std::uint64_t stamp = 0; stamp < LogRecords(site.settings);) {
    for (std::size_t i = 0; i < kBatchRecords; ++i, ++stamp) {
      keys[i] = site.keys.At(order[stamp % order.size()]);
      bytes[i] = values.Make(keys[i].view(), stamp);
      records[i] = {keys[i].view(), bytes[i]};
    }
    RETURN_IF_ERROR(session.PutBatch(records));
  }
  return {};
}

Status FillAndAbandon(const Site& site) {
  StoreConfig roomy = site.config;
  roomy.ack = Ack::kSynced;
  const std::uint64_t log_bytes =
      LogRecords(site.settings) * (kKeyBytes + site.settings.value_bytes);
  roomy.write_buffer_bytes = std::max(roomy.write_buffer_bytes, 3 * log_bytes);
  roomy.cache_bytes = std::max(roomy.cache_bytes, 6 * log_bytes);
  ASSIGN_OR_RETURN(auto opened, site.engine.open(site.directory, roomy));
  Store* const abandoned = opened.release();  // closing it would empty the log
  return PutTheLog(site, *abandoned->NewSession());
}

// Gets `first` from the store that was just opened; the row is about both together.
Rows OpenAndGet(const Bench& bench, const Key& first, const char* unit, std::uint64_t count) {
  const std::uint64_t before_get = Ticks();
  RecordChecker checker(bench.settings.value_bytes);
  const auto session = bench.store.NewSession();
  ASSIGN_OR_RETURN(const bool found, session->Get(first.view(), checker));
  const std::uint64_t ticks = bench.open_ticks + (Ticks() - before_get);
  if (!found) return Missing(first.view()).error();
  RETURN_IF_ERROR(CheckAnswers(checker));
  Row row;
  row.unit = unit;
  row.count = count;
  row.seconds = TicksToNanos(ticks) * 1e-9;
  const double micros = row.seconds * 1e6;
  row.latency = {micros, micros, micros, micros};
  return std::vector<Row>{row};
}

}  // namespace

Status LeaveALog(const Site& site) {
  const Result<std::string> said = RunInChild([&] {
    const Status status = FillAndAbandon(site);
    return status.ok() ? std::string() : status.error().ToString();
  });
  if (!said.ok()) return said.error();
  return said->empty() ? OkStatus() : Error(Code::kIoError, *said);
}

Rows Reopen(const Bench& bench) { return OpenAndGet(bench, bench.keys.At(0), "opens", 1); }

Rows Recovery(const Bench& bench) {
  return OpenAndGet(bench, bench.keys.At(ShuffledIndexes(bench.keys.count(), bench.seed)[0]),
                    "KiB of log", LogRecords(bench.settings) * RecordBytes(bench) >> 10);
}

Status HoldsTheLog(const Bench& bench, const std::vector<Row>&) {
  const auto order = ShuffledIndexes(bench.keys.count(), bench.seed);
  const std::uint64_t records = LogRecords(bench.settings);
  RETURN_IF_ERROR(WalkAll(bench, std::min<std::uint64_t>(records, order.size())));
  if (records < order.size()) return {};
  std::vector<std::uint64_t> newest(order.size());
  for (std::uint64_t stamp = 0; stamp < records; ++stamp) {
    newest[order[stamp % order.size()]] = stamp;
  }
  return CheckStamps(bench, newest);
}

}  // namespace beachdb::bench
