#include "tools/salvage/salvage.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "beachdb/db.h"
#include "format/file_names.h"
#include "io/file_system.h"
#include "kv/expiry.h"
#include "kv/internal_key.h"
#include "kv/range_cover.h"
#include "tools/salvage/log_entries.h"
#include "tools/salvage/source.h"
#include "tools/salvage/table_blocks.h"
#include "tools/salvage/table_cursor.h"

namespace beachdb::tools {
namespace {

// The entries of the logs, or of one table.
class Input {
 public:
  explicit Input(const std::vector<LogEntry>& entries) : entries_(&entries) {}
  explicit Input(TableCursor cursor) : cursor_(std::move(cursor)) {}

  Result<bool> Next() {
    if (cursor_) return cursor_->Next();
    return next_++ < entries_->size();
  }
  const std::string& key() const { return cursor_ ? cursor_->key() : entry().key; }
  std::uint64_t trailer() const { return cursor_ ? cursor_->trailer() : entry().trailer; }
  std::string_view value() const { return cursor_ ? cursor_->value() : entry().value; }

 private:
  const LogEntry& entry() const { return (*entries_)[next_ - 1]; }

  const std::vector<LogEntry>* entries_ = nullptr;
  std::size_t next_ = 0;
  std::optional<TableCursor> cursor_;
};

// Puts into DST, in batches: what is lost by a crash is DST, as a whole.
class Output {
 public:
  explicit Output(Db& db) : db_(db) {}

  // `stored`: with its end, if it is a put that has one.
  Status Put(std::string_view key, Kind kind, std::string_view stored) {
    constexpr std::size_t kBatchBytes = 1u << 20;
    RETURN_IF_ERROR(kind == Kind::kPutExpiring
                        ? batch_.PutExpiring(key, ValueBehindExpiry(stored), ExpiresAt(stored))
                        : batch_.Put(key, stored));
    ++keys_;
    return batch_.bytes().size() < kBatchBytes ? OkStatus() : Commit();
  }
  Status Commit() {
    RETURN_IF_ERROR(db_.Write(batch_, {.durability = Durability::kBuffered}));
    batch_.Clear();
    return OkStatus();
  }
  std::uint64_t keys() const { return keys_; }

 private:
  Db& db_;
  WriteBatch batch_;
  std::uint64_t keys_ = 0;
};

// Merges the inputs; of equal seqnos the earlier input's entry counts.
class Merge {
 public:
  // `deleted`: the newest deletion of a range over each key.
  Merge(std::vector<Input> inputs, RangeCover deleted)
      : inputs_(std::move(inputs)), deleted_(std::move(deleted)) {}

  Status Run(const SalvageOptions& options, std::uint64_t whole, Output& out) {
    for (std::size_t i = 0; i < inputs_.size(); ++i) RETURN_IF_ERROR(Advance(i));
    std::optional<std::string> key;  // the one whose newest version is done
    for (std::uint64_t done = 0; !heap_.empty(); ++done) {
      std::pop_heap(heap_.begin(), heap_.end(), later_);
      const std::size_t i = heap_.back();
      heap_.pop_back();
      const Input& input = inputs_[i];
      if (!key || *key != input.key()) {
        key = input.key();
        RETURN_IF_ERROR(Decide(input, out));
      }
      RETURN_IF_ERROR(Advance(i));
      constexpr std::uint64_t kOften = 1024;
      if (done % kOften == 0 && options.progress) options.progress(done, whole);
    }
    return out.Commit();
  }

 private:
  // The newest version of a key.
  Status Decide(const Input& input, Output& out) {
    const Kind kind = TrailerKind(input.trailer());
    const Seqno deleted = deleted_.At(input.key());
    if (kind == Kind::kDelete || (deleted != 0 && deleted >= TrailerSeqno(input.trailer()))) {
      return OkStatus();
    }
    return out.Put(input.key(), kind, input.value());
  }
  Status Advance(std::size_t i) {
    ASSIGN_OR_RETURN(const bool more, inputs_[i].Next());
    if (!more) return OkStatus();
    heap_.push_back(i);
    std::push_heap(heap_.begin(), heap_.end(), later_);
    return OkStatus();
  }

  struct Later {
    const std::vector<Input>* inputs;
    bool operator()(std::size_t a, std::size_t b) const {
      const Input& x = (*inputs)[a];
      const Input& y = (*inputs)[b];
      if (const int order = x.key().compare(y.key()); order != 0) return order > 0;
      const Seqno x_seqno = TrailerSeqno(x.trailer());
      const Seqno y_seqno = TrailerSeqno(y.trailer());
      return x_seqno != y_seqno ? x_seqno < y_seqno : a > b;
    }
  };

  std::vector<Input> inputs_;
  RangeCover deleted_;
  const Later later_{&inputs_};
  std::vector<std::size_t> heap_;
};

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::string ParentOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status CheckAbsent(FileSystem& fs, const std::string& path, const char* remedy) {
  ASSIGN_OR_RETURN(const bool exists, fs.Exists(path));
  if (!exists) return OkStatus();
  return Error(Code::kInvalidArgument,
               fmt::format("{} is there already, and nothing is overwritten: {}", path, remedy));
}

// Fills `directory` with a database of the merged entries.
Status WriteDatabase(const SalvageOptions& options, const std::string& directory,
                     std::vector<Input> inputs, RangeCover deleted, SalvageReport& report) {
  Options with;
  with.error_if_exists = true;
  with.log = [](LogLevel, std::string_view) {};
  ASSIGN_OR_RETURN(Db db, Db::Open(directory, with));
  Output out(db);
  RETURN_IF_ERROR(Merge(std::move(inputs), std::move(deleted)).Run(options, report.entries, out));
  report.keys = out.keys();
  RETURN_IF_ERROR(db.SyncWal());
  RETURN_IF_ERROR(db.Flush());
  return db.Close();
}

std::vector<TableBlocks> ReadTables(FileSystem& fs, const SalvageSource& source,
                                    SalvageReport& report) {
  std::vector<TableBlocks> tables;
  for (const SalvageSource::Table& table : source.tables) {
    tables.push_back(
        FindBlocks(fs, source.directory, source.identity, table.number, table.recorded.get()));
    TableBlocks& found = tables.back();
    ++report.tables;
    if (found.baseless) {
      report.may_reappear.push_back(
          fmt::format("{} was loaded as a whole, and only a MANIFEST knows when: what it holds "
                      "counts as older than everything else",
                      TableName(table.number)));
    }
    report.blocks += found.blocks.size();
    report.entries += found.entries;
    if (found.lost_entries && found.losses.size() > 1) {
      report.notes.push_back(fmt::format("{}: {} entries are lost in {} places",
                                         found.losses.front().file, *found.lost_entries,
                                         found.losses.size()));
    }
    std::move(found.losses.begin(), found.losses.end(), std::back_inserter(report.losses));
  }
  return tables;
}

RangeCover CoverOf(const std::vector<TableBlocks>& tables, const LogContents& logs) {
  std::vector<RangeTombstone> ranges;
  const auto add = [&](const std::vector<SalvagedRange>& found) {
    for (const SalvagedRange& range : found)
      ranges.push_back({range.begin, range.end, range.seqno});
  };
  for (const TableBlocks& table : tables) add(table.ranges);
  add(logs.ranges);
  return RangeCover(std::move(ranges));
}

}  // namespace

Result<SalvageReport> Salvage(const SalvageOptions& options) {
  FileSystem& fs = PosixFileSystem();
  const std::string destination = WithoutSlash(options.destination);
  const std::string unfinished = destination + ".unfinished";
  RETURN_IF_ERROR(CheckAbsent(fs, destination, "name another directory"));
  RETURN_IF_ERROR(CheckAbsent(fs, unfinished, "an interrupted salvage left it; remove it"));
  if (destination.starts_with(WithoutSlash(options.source) + "/")) {
    return Error(Code::kInvalidArgument, fmt::format("{} lies in {}, where nothing is written",
                                                     destination, options.source));
  }
  SalvageReport report;
  ASSIGN_OR_RETURN(const SalvageSource source, SalvageSource::Look(fs, options.source, report));
  const std::vector<TableBlocks> tables = ReadTables(fs, source, report);
  const LogContents logs = ReadLogs(fs, source, report);
  std::stable_sort(report.losses.begin(), report.losses.end(), [](const Loss& a, const Loss& b) {
    return std::tie(a.file, a.begin) < std::tie(b.file, b.begin);
  });
  if (!report.losses.empty()) {
    report.may_reappear.emplace_back(
        "where a lost part held the newest version or the deletion of a key, an older version "
        "shows");
  }

  std::vector<Input> inputs;
  inputs.emplace_back(logs.entries);
  // The later table first: of two equal entries it is the one that a merge wrote.
  for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
    inputs.emplace_back(TableCursor(fs, *table));
  }
  RETURN_IF_ERROR(
      WriteDatabase(options, unfinished, std::move(inputs), CoverOf(tables, logs), report)
          .WithContext("writing " + unfinished + ": "));
  RETURN_IF_ERROR(fs.Rename(unfinished, destination));
  RETURN_IF_ERROR(fs.SyncDirectory(ParentOf(destination)));
  return report;
}

}  // namespace beachdb::tools
