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
#include "tools/load_input.h"
#include "tools/load_position.h"
#include "tools/numbers.h"
#include "tools/progress.h"

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
  // `position`: where to store how far the load is; nullptr: nowhere.
  Loader(Db& db, LoadInput& input, LoadPositionFile* position)
      : db_(db), input_(input), position_(position) {}

  Status OpenAckLog(const std::string& path) { return ack_log_.Open(path); }

  // Passes over what an earlier load stored, and makes sure that it is this input.
  Status SkipTo(const LoadPosition& stored) {
    while (done_.offset < stored.offset) {
      ASSIGN_OR_RETURN(const bool more, input_.Next());
      if (!more) break;
      Advance(done_);
    }
    if (done_ == stored) return OkStatus();
    return Error(Code::kInvalidArgument,
                 fmt::format("{} is not the input whose load was interrupted: expected checksum "
                             "{:08x} of its first {} bytes, found {:08x} of {}; to start another "
                             "load remove {}",
                             input_.name(), stored.checksum, stored.offset, done_.checksum,
                             done_.offset, position_->path()));
  }

  // Loads unit by unit. One that cannot be taken ends it; those before it are committed.
  Status Run(Progress& progress) {
    read_ = done_;
    for (;;) {
      const auto more = input_.Next();
      if (!more.ok() || !*more) {
        RETURN_IF_ERROR(Commit());
        RETURN_IF_ERROR(more);
        return OkStatus();
      }
      if (const Status taken = Take(); !taken.ok()) {
        RETURN_IF_ERROR(Commit());
        return taken.error().WithContext(input_.Where());
      }
      if (batch_.count() >= kBatchRecords || batch_.bytes().size() >= kBatchBytes) {
        RETURN_IF_ERROR(Commit());
        progress.Show(committed_, input_.bytes_read(), input_.total_bytes());
      }
    }
  }

  std::uint64_t committed() const { return committed_; }

 private:
  Status Take() {
    // A batch of the stream may be as large as a batch can be.
    if (input_.size() > kBatchBytes) RETURN_IF_ERROR(Commit());
    RETURN_IF_ERROR(input_.AddTo(batch_));
    Advance(read_);
    return OkStatus();
  }

  void Advance(LoadPosition& position) const {
    position.offset += input_.size();
    position.lines = input_.line_number();
    position.records += input_.records();
    if (position_ != nullptr) position.checksum = input_.Extend(position.checksum);
  }

  Status Commit() {
    if (batch_.empty()) return {};
    RETURN_IF_ERROR(db_.Write(batch_));
    committed_ += batch_.count();
    batch_.Clear();
    done_ = read_;
    if (position_ != nullptr) RETURN_IF_ERROR(position_->Write(done_));
    return ack_log_.Append(done_.lines != 0 ? done_.lines : done_.records);
  }

  Db& db_;
  LoadInput& input_;
  LoadPositionFile* position_;
  AckLog ack_log_;
  WriteBatch batch_;
  LoadPosition read_;  // the batch included
  LoadPosition done_;  // durable
  std::uint64_t committed_ = 0;
};

// What --resume has to do before and behind the load itself.
Status LoadOn(Loader& loader, LoadPositionFile& position, LoadPosition& resumed_at,
              Progress& progress) {
  ASSIGN_OR_RETURN(const auto stored, position.Read());
  if (stored) {
    RETURN_IF_ERROR(loader.SkipTo(*stored));
    resumed_at = *stored;
  }
  RETURN_IF_ERROR(loader.Run(progress));
  return position.Remove();
}

}  // namespace

Outcome Load(const Common& common, const LoadArguments& arguments, Console& console) {
  if (arguments.sorted) return LoadSorted(common, arguments, console);
  ASSIGN_OR_RETURN(LoadInput input, LoadInput::Open(arguments.file, arguments.format));
  ASSIGN_OR_RETURN(DatabaseUse db, OpenDatabase(common, IfMissing::kCreate));
  LoadPositionFile position(common.directory);
  LoadPosition resumed_at;
  Loader loader(*db, input, arguments.resume ? &position : nullptr);
  if (!arguments.ack_log.empty()) RETURN_IF_ERROR(loader.OpenAckLog(arguments.ack_log));
  Status loaded;
  {
    Progress progress(console, "loading  ", "records");
    loaded =
        arguments.resume ? LoadOn(loader, position, resumed_at, progress) : loader.Run(progress);
  }
  if (!loaded.ok()) {
    return Error(loaded.error().code(),
                 fmt::format("{}; {} before it committed", loaded.error().message(),
                             Counted(resumed_at.records + loader.committed(), "record")));
  }
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    JsonWriter json;
    json.Number("loaded", loader.committed()).Number("bytes_read", input.bytes_read());
    if (arguments.resume) json.Number("resumed_at", resumed_at.records);
    console.WriteLine(json.ToString());
  } else {
    std::string line = fmt::format("loaded {} ({})", Counted(loader.committed(), "record"),
                                   FormatBytes(input.bytes_read()));
    if (resumed_at.offset > 0) {
      line += fmt::format(", behind {} of the load before", Counted(resumed_at.records, "record"));
    }
    console.WriteLine(line);
  }
  return kExitDone;
}

}  // namespace beachdb::tools
