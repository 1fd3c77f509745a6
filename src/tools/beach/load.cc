#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/json_writer.h"
#include "tools/line_reader.h"
#include "tools/numbers.h"
#include "tools/progress.h"
#include "tools/record_text.h"

namespace beachdb::tools {
namespace {

// A batch is committed when it has reached either.
constexpr std::uint32_t kBatchRecords = 1000;
constexpr std::size_t kBatchBytes = 1u << 20;

// Tells an observer, as soon as a batch is durable, up to which line of the input that is. Written
// with one write(2) a line, so that it survives if this process is killed.
class AckLog {
 public:
  AckLog() = default;
  ~AckLog() {
    if (fd_ >= 0) ::close(fd_);
  }
  AckLog(const AckLog&) = delete;
  AckLog& operator=(const AckLog&) = delete;

  Status Open(const std::string& path) {
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd_ < 0) return Failed("opening", path);
    path_ = path;
    return {};
  }

  Status Append(std::uint64_t line_number) {
    if (fd_ < 0) return {};
    const std::string line = std::to_string(line_number) + "\n";
    if (::write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) return {};
    return Failed("writing", path_);
  }

 private:
  static Error Failed(const char* doing, const std::string& path) {
    return {Code::kIoError, fmt::format("{} {}: {}", doing, path, std::strerror(errno))};
  }

  int fd_ = -1;
  std::string path_;
};

class Loader {
 public:
  Loader(Db& db, LineReader& reader, const LoadArguments& arguments)
      : db_(db), reader_(reader), format_(arguments.format) {}

  Status OpenAckLog(const std::string& path) { return ack_log_.Open(path); }

  // Loads line by line. A line that cannot be taken ends it; those before it are committed.
  Status Run(Progress& progress) {
    for (;;) {
      const Result<bool> taken = TakeLine();
      if (!taken.ok()) {
        RETURN_IF_ERROR(Commit());
        return taken.error().WithContext(
            fmt::format("{}:{}: ", reader_.name(), reader_.line_number()));
      }
      if (!*taken) return Commit();
      if (batch_.count() >= kBatchRecords || batch_.bytes().size() >= kBatchBytes) {
        RETURN_IF_ERROR(Commit());
        progress.Show(committed_, reader_.bytes_read(), reader_.total_bytes());
      }
    }
  }

  std::uint64_t committed() const { return committed_; }

 private:
  // Adds the next line to the batch; false: there is none.
  Result<bool> TakeLine() {
    ASSIGN_OR_RETURN(const auto line, reader_.Next());
    if (!line) return false;
    // JSON tells by itself whether it is whole; TSV that was cut off may look like a shorter value.
    if (!line->ended && format_ == LoadFormat::kTsv) {
      return Error(Code::kInvalidArgument,
                   "expected a newline at the end of the last line, found the end of the input: "
                   "the line may be cut short");
    }
    ASSIGN_OR_RETURN(const TextRecord record, format_ == LoadFormat::kTsv
                                                  ? ParseTsvLine(line->text)
                                                  : ParseJsonLine(line->text));
    RETURN_IF_ERROR(batch_.Put(record.key, record.value));
    batch_end_ = reader_.line_number();
    return true;
  }

  Status Commit() {
    if (batch_.empty()) return {};
    RETURN_IF_ERROR(db_.Write(batch_));
    committed_ += batch_.count();
    batch_.Clear();
    return ack_log_.Append(batch_end_);
  }

  Db& db_;
  LineReader& reader_;
  const LoadFormat format_;
  AckLog ack_log_;
  WriteBatch batch_;
  std::uint64_t batch_end_ = 0;  // the last line of the batch
  std::uint64_t committed_ = 0;
};

}  // namespace

Outcome Load(const Common& common, const LoadArguments& arguments, Console& console) {
  if (arguments.sorted) return LoadSorted(common, arguments, console);
  ASSIGN_OR_RETURN(LineReader reader, LineReader::Open(arguments.file));
  ASSIGN_OR_RETURN(Db db, OpenDatabase(common, IfMissing::kCreate));
  Loader loader(db, reader, arguments);
  if (!arguments.ack_log.empty()) RETURN_IF_ERROR(loader.OpenAckLog(arguments.ack_log));
  Status loaded;
  {
    Progress progress(console, "loading  ", "records");
    loaded = loader.Run(progress);
  }
  if (!loaded.ok()) {
    return Error(loaded.error().code(),
                 fmt::format("{}; {} before it committed", loaded.error().message(),
                             Counted(loader.committed(), "record")));
  }
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    console.WriteLine(JsonWriter()
                          .Number("loaded", loader.committed())
                          .Number("bytes_read", reader.bytes_read())
                          .ToString());
  } else {
    console.WriteLine(fmt::format("loaded {} ({})", Counted(loader.committed(), "record"),
                                  FormatBytes(reader.bytes_read())));
  }
  return kExitDone;
}

}  // namespace beachdb::tools
