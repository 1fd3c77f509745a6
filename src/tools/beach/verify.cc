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

std::string ToJson(const VerifyReport& report) {
  std::string problems = "[";
  for (const std::string& problem : report.problems) {
    if (problems.size() > 1) problems += ",";
    problems += JsonQuote(Readable(problem));
  }
  return JsonWriter()
      .Bool("ok", report.problems.empty())
      .Number("files", report.files)
      .Number("bytes", report.bytes)
      .Number("blocks", report.blocks)
      .Number("entries", report.entries)
      .Raw("problems", problems + "]")
      .ToString();
}

}  // namespace

Outcome Verify(const Common& common, const VerifyArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(DatabaseUse db, OpenToRead(common));
  VerifyOptions options;
  options.depth = arguments.deep ? VerifyDepth::kTree : VerifyDepth::kFiles;
  const auto report = [&] {
    Progress progress(console, "verifying", Progress::kBytes);
    options.progress = [&](std::uint64_t done, std::uint64_t whole) {
      progress.Show(done, done, whole);
    };
    return db->Verify(options);
  }();
  if (!report.ok()) return report.error();
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    console.WriteLine(ToJson(*report));
  } else {
    for (const std::string& problem : report->problems) console.WriteLine("damaged: " + problem);
    console.WriteLine(fmt::format(
        "{}: {}, {}, {}, {}",
        report->problems.empty() ? "all is well" : Counted(report->problems.size(), "problem"),
        Counted(report->files, "file"), FormatBytes(report->bytes),
        Counted(report->blocks, "block"), Counted(report->entries, "entry")));
  }
  return report->problems.empty() ? kExitDone : kExitNotFound;
}

}  // namespace beachdb::tools
