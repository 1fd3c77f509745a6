#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "io/file_system.h"
#include "tools/beach/database.h"
#include "tools/export_stream.h"
#include "tools/json_writer.h"
#include "tools/numbers.h"
#include "tools/progress.h"
#include "tools/record_text.h"

namespace beachdb::tools {
namespace {

// A file that did not exist before, or the console.
class Output {
 public:
  explicit Output(Console& console) : console_(console) {}
  ~Output() {
    if (fd_ >= 0) ::close(fd_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Status Open(const std::string& path) {
    if (path == "-") return OkStatus();
    path_ = path;
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd_ >= 0) return OkStatus();
    if (errno == EEXIST) {
      return Error(Code::kInvalidArgument,
                   path + " is there already, and nothing is overwritten: name another file");
    }
    return Error(Code::kInvalidArgument,
                 fmt::format("cannot create {}: {}", path, std::strerror(errno)));
  }

  Status Write(std::string_view bytes) {
    bytes_ += bytes.size();
    if (path_.empty()) {
      console_.Write(bytes);
      return OkStatus();
    }
    constexpr std::size_t kBuffer = 1u << 20;
    buffer_ += bytes;
    return buffer_.size() < kBuffer ? OkStatus() : Flush();
  }

  // On stable storage, name and all.
  Status Finish() {
    if (path_.empty()) return console_.Flush();
    RETURN_IF_ERROR(Flush());
    if (::fsync(fd_) != 0) return Failed("syncing");
    const std::size_t slash = path_.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
    return PosixFileSystem().SyncDirectory(parent);
  }

  bool to_file() const { return !path_.empty(); }
  bool closed() const { return path_.empty() && console_.closed(); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  Status Flush() {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
      const ssize_t n = ::write(fd_, rest.data(), rest.size());
      if (n >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno != EINTR) {
        return Failed("writing");
      }
    }
    buffer_.clear();
    return OkStatus();
  }
  Error Failed(const char* doing) const {
    return {errno == ENOSPC ? Code::kNoSpace : Code::kIoError,
            fmt::format("{} {}: {}; what is in it so far is whole up to the last record but one",
                        doing, path_, std::strerror(errno))};
  }

  Console& console_;
  std::string path_;  // empty: the console
  int fd_ = -1;
  std::string buffer_;
  std::uint64_t bytes_ = 0;
};

Result<DatabaseId> IdentityOf(const std::string& directory) {
  constexpr std::uint64_t kLineMax = 4096;
  ASSIGN_OR_RETURN(const std::string line,
                   PosixFileSystem().ReadFile(JoinPath(directory, kIdentityName), kLineMax));
  return DecodeIdentity(line);
}

struct Exported {
  std::uint64_t records = 0;
  std::uint64_t ends_lost = 0;  // of them: whose end the format could not say
};

// Writes what the iterator shows.
Result<Exported> WriteRecords(Iterator& it, ExportFormat format, const DatabaseId& database,
                              Output& out, Progress& progress) {
  ExportWriter stream(database, [&](std::string_view bytes) { return out.Write(bytes); });
  Exported exported;
  for (it.SeekToFirst(); it.Valid() && !out.closed(); it.Next()) {
    switch (format) {
      case ExportFormat::kTsv:
        RETURN_IF_ERROR(out.Write(ToTsvLine(it.key(), it.value()) + "\n"));
        if (it.expires_at() != 0) ++exported.ends_lost;
        break;
      case ExportFormat::kJsonl:
        RETURN_IF_ERROR(out.Write(ToJsonLine(it.key(), it.value(), it.expires_at()) + "\n"));
        break;
      case ExportFormat::kBatches:
        RETURN_IF_ERROR(stream.Put(it.key(), it.value(), it.expires_at()));
        break;
    }
    constexpr std::uint64_t kOften = 256;
    if (++exported.records % kOften == 0) progress.Show(exported.records, 0, 0);
  }
  RETURN_IF_ERROR(it.status());
  if (format == ExportFormat::kBatches) RETURN_IF_ERROR(stream.Finish());
  return exported;
}

}  // namespace

Outcome Export(const Common& common, const ExportArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const std::string from, ArgumentBytes(common, arguments.from));
  ASSIGN_OR_RETURN(const std::string to, ArgumentBytes(common, arguments.to));
  ASSIGN_OR_RETURN(const std::string prefix, ArgumentBytes(common, arguments.prefix));
  ASSIGN_OR_RETURN(DatabaseUse db, OpenToRead(common));
  ASSIGN_OR_RETURN(const DatabaseId database, IdentityOf(common.directory));
  Output out(console);
  RETURN_IF_ERROR(out.Open(arguments.file));
  IteratorOptions options;
  options.fill_cache = false;
  options.lower = from;
  options.upper = to;
  options.prefix = prefix;
  Exported exported;
  {
    Progress progress(console, "exporting", "records");
    Iterator it = db->NewIterator(options);
    ASSIGN_OR_RETURN(exported, WriteRecords(it, arguments.format, database, out, progress));
  }
  RETURN_IF_ERROR(out.Finish());
  RETURN_IF_ERROR(db.Close());
  if (exported.ends_lost > 0) {
    fmt::print(stderr,
               "beach: note: {} would end by itself, which TSV cannot say: loaded again it stays "
               "for ever; --format jsonl and batches keep the end\n",
               Counted(exported.ends_lost, "record"));
  }
  if (!out.to_file()) return kExitDone;
  if (common.json) {
    console.WriteLine(
        JsonWriter().Number("exported", exported.records).Number("bytes", out.bytes()).ToString());
  } else {
    console.WriteLine(fmt::format("exported {} ({}) to {}", Counted(exported.records, "record"),
                                  FormatBytes(out.bytes()), arguments.file));
  }
  return kExitDone;
}

}  // namespace beachdb::tools
