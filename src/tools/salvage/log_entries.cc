#include "tools/salvage/log_entries.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"
#include "format/file_names.h"
#include "kv/batch_format.h"
#include "kv/internal_key.h"
#include "wal/log_reader.h"
#include "wal/log_recovery.h"

namespace beachdb::tools {
namespace {

void AddBatch(Seqno seqno, std::string_view batch, LogContents& contents) {
  BatchReader reader(batch);
  for (BatchOp op; reader.Next(op); ++seqno) {
    switch (op.kind) {
      case Kind::kDelete:
      case Kind::kPut:
      case Kind::kPutExpiring:
        contents.entries.push_back(
            {std::string(op.key), PackTrailer(seqno, op.kind), std::string(op.value)});
        break;
      case Kind::kDeleteRange:
        contents.ranges.push_back({std::string(op.key), std::string(op.value), seqno});
        break;
      case Kind::kGuard:
        break;
    }
  }
}

// One log after the other, whatever is wrong with them.
class TolerantReader {
 public:
  TolerantReader(FileSystem& fs, const SalvageSource& source, SalvageReport& report)
      : fs_(fs), source_(source), report_(report), next_(source.last_seqno + 1) {}

  LogContents Run() {
    for (const std::uint64_t number : source_.logs) {
      name_ = LogName(number);
      const std::string path = JoinPath(source_.directory, name_);
      auto log = LogReader::Open(fs_, path, {source_.identity, number});
      if (!log.ok()) {
        OpenHole(0, SizeOf(path), log.error().message());
        continue;
      }
      Read(**log);
    }
    CloseHole();
    return std::move(contents_);
  }

 private:
  void Read(LogReader& log) {
    bool any = false;
    bool more = true;
    while (more) {
      const std::uint64_t at = log.offset();
      LogRecord record;
      const auto found = log.Next(record);
      const Status valid = found.ok() && *found ? ValidateBatch(record.batch) : OkStatus();
      if (found.ok() && *found && valid.ok()) {
        Take(record);
        any = true;
        continue;
      }
      const bool stopped = found.ok() && !*found;
      const std::string bad =
          stopped       ? log.stop().message
          : !found.ok() ? found.error().message()
                        : fmt::format("{}: offset {}: {}", log.path(), at, valid.error().message());
      const auto next = log.SeekValid(at + kRecordAlignment);
      more = next.ok() && *next;
      if (stopped && !more && IsCleanEnd(log.stop().fault)) break;
      std::uint64_t end = SizeOf(log.path());
      if (more) {
        end = log.offset();
      } else if (stopped) {
        end = std::min(end, at + RecordSize(log.stop().header.length));
      }
      OpenHole(at, end, bad);
    }
    if (!any && !log.header().ok() && !log.header_is_zeros()) {
      OpenHole(0, SizeOf(log.path()), log.header().error().message());
    }
    if (any && !log.header().ok()) {
      report_.notes.push_back(
          fmt::format("{}; its records are right, and used", log.header().error().message()));
    }
  }

  // A record says by its first seqno whether something is missing in front of it.
  void Take(const LogRecord& record) {
    const bool gap = source_.has_manifest ? record.first_seqno > next_
                                          : positioned_ && record.first_seqno > next_ && hole_;
    if (gap && !hole_) {
      OpenHole(0, record.offset,
               fmt::format("seqnos {} to {} are in no log that is there", next_,
                           record.first_seqno - 1));
    }
    if (hole_ && gap) hole_->entries = record.first_seqno - next_;
    // Nothing is missing: what stands between was dropped by an earlier recovery.
    if (hole_ && !gap && positioned_) hole_.reset();
    CloseHole();
    AddBatch(record.first_seqno, record.batch, contents_);
    next_ = record.next_seqno();
    positioned_ = true;
  }

  // Bad bytes, of which the next record will tell what was lost there.
  void OpenHole(std::uint64_t begin, std::uint64_t end, std::string reason) {
    if (hole_ && hole_->file == name_) {
      hole_->end = end;
      return;
    }
    CloseHole();
    hole_ = Loss{.file = name_,
                 .begin = begin,
                 .end = end,
                 .reason = std::move(reason),
                 .from = {},
                 .to = {},
                 .entries = {}};
  }
  void CloseHole() {
    if (!hole_) return;
    if (!hole_->entries) hole_->reason += "; nothing tells how much was lost there, if anything";
    report_.losses.push_back(*std::move(hole_));
    hole_.reset();
  }

  std::uint64_t SizeOf(const std::string& path) const {
    const auto size = fs_.FileSize(path);
    return size.ok() ? *size : 0;
  }

  FileSystem& fs_;
  const SalvageSource& source_;
  SalvageReport& report_;
  LogContents contents_;
  std::string name_;          // of the log that is read
  std::optional<Loss> hole_;  // in front of the record that comes next
  Seqno next_;                // what that must begin with
  bool positioned_ = false;   // next_ comes from a record
};

// By the rules of recovery; nothing: they say that the logs are damaged.
std::optional<LogContents> ReadByTheRules(FileSystem& fs, const SalvageSource& source,
                                          SalvageReport& report) {
  if (!source.has_manifest) return std::nullopt;
  LogContents contents;
  const Logger silent([](LogLevel, std::string_view) {});
  const auto read =
      RecoverLogs(fs, source.directory, source.identity, source.logs, source.last_seqno, silent,
                  [&](Seqno first, std::uint64_t, std::string_view batch) {
                    AddBatch(first, batch, contents);
                    return OkStatus();
                  });
  if (!read.ok()) return std::nullopt;
  if (read->torn) {
    report.notes.push_back(fmt::format(
        "{} was cut at offset {}, as recovery does: {}; nobody was promised what stood there",
        read->torn->file, read->torn->offset, read->torn->reason));
  }
  return contents;
}

}  // namespace

LogContents ReadLogs(FileSystem& fs, const SalvageSource& source, SalvageReport& report) {
  report.logs = source.logs.size();
  auto read = ReadByTheRules(fs, source, report);
  LogContents contents = read ? *std::move(read) : TolerantReader(fs, source, report).Run();
  std::vector<LogEntry>& entries = contents.entries;
  report.entries += entries.size();
  std::reverse(entries.begin(), entries.end());  // so that the later one of two equals is first
  std::stable_sort(entries.begin(), entries.end(), [](const LogEntry& a, const LogEntry& b) {
    const int order = a.key.compare(b.key);
    return order != 0 ? order < 0 : TrailerSeqno(a.trailer) > TrailerSeqno(b.trailer);
  });
  return contents;
}

}  // namespace beachdb::tools
