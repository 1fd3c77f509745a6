#include <cstdio>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/encodings.h"
#include "tools/json_writer.h"
#include "tools/numbers.h"

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

// The check itself reports nothing until it is done; so say at least how much there is to read.
void Announce(const Stats& stats) {
  std::uint64_t bytes = 0;
  for (const TableStats& table : stats.tables) bytes += table.bytes;
  fmt::print(stderr, "verifying {}, {} ...\r", Counted(stats.tables.size(), "table file"),
             FormatBytes(bytes));
  std::fflush(stderr);
}

}  // namespace

Outcome Verify(const Common& common, Console& console) {
  ASSIGN_OR_RETURN(Db db, OpenToRead(common));
  if (console.err_is_terminal()) Announce(db.GetStats());
  const auto report = db.Verify();
  if (console.err_is_terminal()) fmt::print(stderr, "\r\x1b[K");
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
