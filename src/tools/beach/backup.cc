#include "beachdb/backup.h"

#include <cstdio>
#include <ctime>
#include <string>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/encodings.h"
#include "tools/json_writer.h"
#include "tools/numbers.h"
#include "tools/progress.h"

namespace beachdb::tools {
namespace {

BackupOptions OptionsWith(Progress& progress) {
  BackupOptions options;
  options.progress = [&progress](const BackupProgress& done) {
    progress.Show(done.bytes >> 20, done.bytes, done.bytes_all);
  };
  return options;
}

std::string TimeOf(std::uint64_t micros) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}",
                     fmt::gmtime(static_cast<std::time_t>(micros / 1'000'000)));
}

std::string IdsOf(const std::vector<std::uint64_t>& ids) {
  return fmt::format("{}", fmt::join(ids, ", "));
}

void PrintProblems(const std::vector<std::string>& problems, Console& console) {
  for (const std::string& problem : problems) console.WriteLine("damaged: " + problem);
}

}  // namespace

Outcome CreateBackup(const Common& common, const BackupArguments& arguments, Console& console) {
  auto opened = OpenDatabase(common, IfMissing::kRefuse);
  if (!opened.ok() && opened.error().code() == Code::kBusy) {
    return Error(Code::kBusy, opened.error().message() +
                                  "; that program can make the backup while it goes on: "
                                  "CreateBackup, or beachdb_create_backup");
  }
  ASSIGN_OR_RETURN(DatabaseUse db, std::move(opened));
  const auto made = [&] {
    Progress progress(console, "copying", "MiB");
    return beachdb::CreateBackup(*db, arguments.repository, OptionsWith(progress));
  }();
  if (!made.ok()) return made.error();
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    console.WriteLine(made->ToJson());
  } else {
    console.WriteLine(fmt::format("backup {} in {}: {}, {} of them new", made->id,
                                  Readable(arguments.repository), Counted(made->files, "file"),
                                  Grouped(made->new_files)));
  }
  return kExitDone;
}

Outcome ListBackups(const Common& common, const BackupArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const BackupList list, beachdb::ListBackups(arguments.repository));
  const ExitCode code = list.problems.empty() ? kExitDone : kExitNotFound;
  if (common.json) {
    console.WriteLine(list.ToJson());
    return code;
  }
  console.WriteLine(fmt::format("{:>6}  {:<19}  {:>7}  {:>10}  {:>10}  {:>12}", "id", "made (UTC)",
                                "files", "size", "new", "seqno"));
  for (const BackupInfo& info : list.backups) {
    console.WriteLine(fmt::format("{:>6}  {:<19}  {:>7}  {:>10}  {:>10}  {:>12}", info.id,
                                  TimeOf(info.created_micros), info.files, FormatBytes(info.bytes),
                                  FormatBytes(info.new_bytes), info.last_seqno));
  }
  PrintProblems(list.problems, console);
  return code;
}

Outcome VerifyBackups(const Common& common, const BackupArguments& arguments, Console& console) {
  const auto report = [&] {
    Progress progress(console, "verifying", "MiB");
    return beachdb::VerifyBackups(arguments.repository, arguments.id, OptionsWith(progress));
  }();
  if (!report.ok()) return report.error();
  const bool sound = report->problems.empty();
  if (common.json) {
    console.WriteLine(report->ToJson());
  } else {
    PrintProblems(report->problems, console);
    console.WriteLine(fmt::format(
        "{}: {}, {}, {}", sound ? "all is well" : Counted(report->problems.size(), "problem"),
        Counted(report->backups, "backup"), Counted(report->files, "file"),
        FormatBytes(report->bytes)));
    if (report->unused_files > 0) {
      console.WriteLine(
          fmt::format("{} of no backup: the next create or prune removes what an "
                      "interrupted one has left",
                      Counted(report->unused_files, "file")));
    }
  }
  return sound ? kExitDone : kExitNotFound;
}

Outcome RestoreBackup(const Common& common, const BackupArguments& arguments, Console& console) {
  // Told before, because the newest may be another one afterwards.
  std::uint64_t id = arguments.id;
  if (id == 0) {
    ASSIGN_OR_RETURN(const BackupList list, beachdb::ListBackups(arguments.repository));
    if (!list.backups.empty()) id = list.backups.back().id;
  }
  const Status restored = [&] {
    Progress progress(console, "restoring", "MiB");
    return beachdb::RestoreBackup(arguments.repository, id, arguments.directory,
                                  OptionsWith(progress));
  }();
  RETURN_IF_ERROR(restored);
  if (common.json) {
    console.WriteLine(
        JsonWriter().Number("id", id).Bytes("directory", arguments.directory).ToString());
  } else {
    console.WriteLine(
        fmt::format("backup {} is a database in {}", id, Readable(arguments.directory)));
  }
  return kExitDone;
}

Outcome PruneBackups(const Common& common, const BackupArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const PruneReport report,
                   beachdb::PruneBackups(arguments.repository, arguments.keep));
  if (common.json) {
    console.WriteLine(report.ToJson());
    return kExitDone;
  }
  const std::string removed =
      report.removed.empty()
          ? "no backup removed"
          : fmt::format("removed {}: {}", Counted(report.removed.size(), "backup"),
                        IdsOf(report.removed));
  console.WriteLine(fmt::format("{}; {} freed, {} left", removed, FormatBytes(report.bytes),
                                Counted(report.kept, "backup")));
  return kExitDone;
}

}  // namespace beachdb::tools
