#include "tests/support/sample_files.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "beachdb/write_batch.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "io/clock.h"
#include "io/file_system.h"
#include "kv/batch_format.h"
#include "kv/expiry.h"
#include "manifest/manifest.h"
#include "sstable/table_builder.h"
#include "wal/log_writer.h"

namespace beachdb {
namespace {

constexpr DatabaseId kDatabase = {0xb3, 0xf0, 0xc2, 0xd1, 0x5a, 0x6e, 0x4c, 0x07,
                                  0x9b, 0x1d, 0x2f, 0x83, 0xe4, 0xa5, 0xc6, 0xd7};
constexpr std::uint64_t kCreatedMicros = 1'700'000'000'000'000;
constexpr std::uint64_t kLogBytes = 16u << 10;

class StillClock final : public Clock {
 public:
  std::uint64_t MonotonicNanos() override { return 1; }
  std::uint64_t WallMicros() override { return kCreatedMicros; }
  void SleepNanos(std::uint64_t /*nanos*/) override {}
};

void Succeed(const Status& status) { ASSERT_TRUE(status.ok()) << status.ToString(); }

FileMetadata TableOf(std::uint64_t number, std::string smallest, std::string largest,
                     Seqno smallest_seqno, Seqno largest_seqno) {
  return {.number = number,
          .size = 1000 * number,
          .checksum = static_cast<std::uint32_t>(number * 2654435761u),
          .entries = 200,
          .tombstones = 3,
          .distinct_keys = 190,
          .smallest = std::move(smallest),
          .largest = std::move(largest),
          .smallest_seqno = smallest_seqno,
          .largest_seqno = largest_seqno};
}

void WriteManifest(FileSystem& fs, const std::string& folder) {
  StillClock clock;
  auto manifest = Manifest::Create(fs, clock, folder, kDatabase);
  ASSERT_TRUE(manifest.ok()) << manifest.error().ToString();
  const auto apply = [&](VersionEdit edit) { Succeed((*manifest)->Apply(std::move(edit))); };
  (*manifest)->SkipFileNumber(12);
  apply(
      {.log_number = 8, .last_seqno = 300, .added = {{0, TableOf(7, "apple", "plum", 101, 300)}}});
  apply({.last_seqno = 400,
         .durable_index = 42,
         .added = {{0, TableOf(9, std::string("\x00\xff", 2), "\xfe", 301, 400)}}});
  apply({.added = {{6, TableOf(7, "apple", "plum", 101, 300)}}, .removed = {{0, 7}}});
  FileMetadata ranged = TableOf(11, "a", "z", 401, 500);
  ranged.range_tombstones = 2;
  FileMetadata from_outside = TableOf(12, "quince", "rhubarb", 501, 501);
  from_outside.origin = FileOrigin{.identity = {kDatabase, 77}, .base_seqno = 501};
  apply({.last_seqno = 501, .added = {{0, ranged}, {6, from_outside}}});
  Succeed(fs.WriteFileSynced(JoinPath(folder, kIdentityName), EncodeIdentity(kDatabase)));
}

// Appends batches as an engine would, densely from `next` on.
class SampleLog {
 public:
  SampleLog(std::unique_ptr<LogWriter> log, Seqno next) : log_(std::move(log)), next_(next) {}

  void Append(const WriteBatch& batch, Seqno durable, std::uint64_t applied_index) {
    const LogEntry entry{next_, applied_index, batch.bytes()};
    Succeed(log_->Append(std::span(&entry, 1), durable, LogPath::kWritten));
    next_ += batch.count();
  }
  RetiredLog Retire() { return log_->Retire(); }

 private:
  std::unique_ptr<LogWriter> log_;
  Seqno next_;
};

WriteBatch BatchOf(const std::vector<std::pair<std::string, std::string>>& puts) {
  WriteBatch batch;
  for (const auto& [key, value] : puts) Succeed(batch.Put(key, value));
  return batch;
}

// Since a seqno: RequireUnchanged needs a snapshot.
Status AppendUnchanged(WriteBatch& batch, std::string_view key, Seqno seqno) {
  std::string bytes(batch.bytes());
  const std::string guard =
      EncodeGuard({.condition = Guard::Condition::kUnchanged, .value = {}, .seqno = seqno});
  if (Status added = AppendBatchOp(bytes, {Kind::kGuard, key, guard}); !added.ok()) return added;
  auto made = WriteBatch::FromBytes(std::move(bytes));
  if (!made.ok()) return made.error();
  batch = *std::move(made);
  return OkStatus();
}

void WriteLogs(FileSystem& fs, const std::string& folder) {
  auto made = LogWriter::Create(fs, JoinPath(folder, kSampleLog), {kDatabase, 8}, kLogBytes,
                                kCreatedMicros);
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  SampleLog log(std::move(made).value(), 1001);
  WriteBatch doc = BatchOf({{"conch", "spiral"}});
  Succeed(doc.Delete("kelp"));
  log.Append(doc, 998, 42);
  log.Append(BatchOf({{std::string("\x00\xff\t", 3), "\xc3\x28"}, {"empty", ""}}), 1002, 0);
  log.Append(WriteBatch(), 1004, 43);
  log.Append(BatchOf({{"long", std::string(300, 'v')}}), 1004, 44);
  WriteBatch every_kind;
  Succeed(every_kind.RequireAbsent("crab"));
  Succeed(every_kind.RequireEqual("conch", "spiral"));
  Succeed(AppendUnchanged(every_kind, "kelp", 1002));
  Succeed(every_kind.DeleteRange("a", std::string("b\xff", 2)));
  Succeed(every_kind.PutExpiring("tide", "low", 1'800'000'000));
  log.Append(every_kind, 1005, 45);

  const std::string retired_path = JoinPath(folder, LogName(9));
  made = LogWriter::Create(fs, retired_path, {kDatabase, 9}, kLogBytes, kCreatedMicros);
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  SampleLog retired(std::move(made).value(), 1);
  for (int i = 0; i < 4; ++i) retired.Append(BatchOf({{"former", "life"}}), 0, 0);
  made = LogWriter::Recycle(fs, retired_path, JoinPath(folder, kSampleRecycledLog), {kDatabase, 10},
                            kLogBytes, retired.Retire(), kCreatedMicros);
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  SampleLog recycled(std::move(made).value(), 1006);
  recycled.Append(BatchOf({{"crab", "sideways"}}), 1005, 0);
}

// Neighbouring keys, one key with versions across blocks, tombstones, bytes that are no text.
void AddEntries(TableBuilder& table) {
  const auto add = [&](std::string_view key, Seqno seqno, Kind kind, std::string_view value) {
    Succeed(table.Add(key, PackTrailer(seqno, kind), value));
  };
  add(std::string("\x00\xff", 2), 3, Kind::kPut, "\xc3\x28");
  for (Seqno seqno = 30; seqno > 10; --seqno) {
    add("shell/abalone", seqno, seqno % 7 == 0 ? Kind::kDelete : Kind::kPut,
        seqno % 7 == 0 ? "" : fmt::format("version {}", seqno));
  }
  for (int i = 100; i < 120; ++i) {
    add(fmt::format("shell/conch{}", i), 31 + static_cast<Seqno>(i), Kind::kPut, "spiral, spiral");
  }
  add("shrimp", 9, Kind::kDelete, "");
  add("whale", 10, Kind::kPut, "");
}

void AddWideEntries(TableBuilder& table) {
  Succeed(table.Add("a", PackTrailer(2, Kind::kPut), "narrow"));
  Succeed(table.Add("b", PackTrailer(1, Kind::kPut), std::string(70'000, 'w')));
}

void AddExpiringEntries(TableBuilder& table) {
  Succeed(table.Add("moon", PackTrailer(3, Kind::kPutExpiring), WithExpiry(1'800'000'000, "new")));
  Succeed(table.Add("tide", PackTrailer(2, Kind::kPut), "low"));
}

void WriteTable(FileSystem& fs, const std::string& folder, const char* name,
                const TableOptions& options, const TableJob& job,
                void (*add_entries)(TableBuilder&) = AddEntries,
                std::span<const RangeTombstone> ranges = {}) {
  auto file = fs.Open(JoinPath(folder, name), OpenMode::kCreate);
  ASSERT_TRUE(file.ok()) << file.error().ToString();
  const FileIdentity identity{kDatabase, ParseFileName(name)->number};
  TableBuilder table(std::move(file).value(), identity, options, job, kCreatedMicros);
  add_entries(table);
  const auto summary = table.Finish(ranges);
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
}

}  // namespace

void WriteSampleFiles(const std::string& folder) {
  FileSystem& fs = PosixFileSystem();
  WriteManifest(fs, folder);  // first: it refuses a directory that has logs and tables
  WriteLogs(fs, folder);
  WriteTable(fs, folder, kSampleTable, {.block_size = 256},
             {.origin = TableOrigin::kFlush, .id = 1, .output_level = 0, .inputs = {6}});
  WriteTable(fs, folder, kSampleLz4Table,
             {.block_size = 1024, .filter_bits_per_key = 12, .compression = Compression::kLz4},
             {.origin = TableOrigin::kCompaction, .id = 2, .output_level = 6, .inputs = {7, 9}});
  WriteTable(fs, folder, kSampleWideTable, {.filter_bits_per_key = 0},
             {.origin = TableOrigin::kIngest, .id = 3, .output_level = 6}, AddWideEntries);
  const RangeTombstone ranges[] = {{"a", "moon", 7}, {"a", "b", 5}, {"tide", "tides", 6}};
  WriteTable(fs, folder, kSampleRangesTable, {},
             {.origin = TableOrigin::kFlush, .id = 4, .output_level = 0, .inputs = {8}},
             AddExpiringEntries, ranges);
}

}  // namespace beachdb
