#include "wal/log_securer.h"

#include <algorithm>

#include "base/try.h"
#include "format/file_names.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kPiece = 1u << 20;

Status RewriteAndSync(File& file, std::uint64_t from, std::uint64_t to) {
  std::vector<char> piece(std::min(kPiece, to - from));
  while (from < to) {
    const std::span<char> wanted(piece.data(), std::min<std::uint64_t>(piece.size(), to - from));
    ASSIGN_OR_RETURN(const std::size_t read, file.ReadAt(from, wanted));
    if (read < wanted.size()) {
      return Error(Code::kIoError, file.path() + ": the log shrank while it was replayed");
    }
    RETURN_IF_ERROR(file.WriteAt(from, std::string_view(wanted.data(), read)));
    from += read;
  }
  return file.Sync();
}

}  // namespace

void LogSecurer::Add(std::uint64_t log_number, const LogRecord& record, std::uint64_t size) {
  if (logs_.empty() || logs_.back().number != log_number) logs_.push_back({log_number, {}, 0});
  Log& log = logs_.back();
  if (log.marks.empty() || record.offset - log.marks.back().offset >= kMarkEvery) {
    log.marks.push_back({record.offset, record.first_seqno});
  }
  log.end = record.offset + size;
  durable_ = std::max(durable_, record.durable_seqno);
}

std::uint64_t LogSecurer::UnprovenFrom(const Log& log) const {
  // From the last mark that does not lie behind the first seqno without a claim.
  auto mark = std::upper_bound(log.marks.begin(), log.marks.end(), durable_ + 1,
                               [](Seqno seqno, const Mark& m) { return seqno < m.first_seqno; });
  if (mark != log.marks.begin()) --mark;
  return mark->offset;
}

Status LogSecurer::Secure(FileSystem& fs, const std::string& directory) const {
  for (std::size_t i = 0; i < logs_.size(); ++i) {
    const Log& log = logs_[i];
    const bool proven =
        i + 1 < logs_.size() && logs_[i + 1].marks.front().first_seqno <= durable_ + 1;
    if (proven) continue;
    ASSIGN_OR_RETURN(const auto file,
                     fs.Open(JoinPath(directory, LogName(log.number)), OpenMode::kReadWrite));
    RETURN_IF_ERROR(RewriteAndSync(*file, UnprovenFrom(log), log.end));
  }
  return OkStatus();
}

}  // namespace beachdb
