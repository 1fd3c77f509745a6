// `beach load --sorted`: the records go straight into tables, all of them as one write.
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

constexpr std::uint64_t kShowEvery = 65'536;  // records

Status AddLine(const LineReader::Line& line, LoadFormat format, BulkLoad& load) {
  // JSON tells by itself whether it is whole; TSV that was cut off may look like a shorter value.
  if (!line.ended && format == LoadFormat::kTsv) {
    return Error(Code::kInvalidArgument,
                 "expected a newline at the end of the last line, found the end of the input: "
                 "the line may be cut short");
  }
  ASSIGN_OR_RETURN(const TextRecord record,
                   format == LoadFormat::kTsv ? ParseTsvLine(line.text) : ParseJsonLine(line.text));
  return load.Add(record.key, record.value);
}

Status AddAll(LineReader& reader, LoadFormat format, BulkLoad& load, Progress& progress) {
  for (;;) {
    ASSIGN_OR_RETURN(const auto line, reader.Next());
    if (!line) return OkStatus();
    const Status added = AddLine(*line, format, load);
    if (!added.ok()) {
      return added.error().WithContext(
          fmt::format("nothing was loaded; {}:{}: ", reader.name(), reader.line_number()));
    }
    if (load.entries() % kShowEvery == 0) {
      progress.Show(load.entries(), reader.bytes_read(), reader.total_bytes());
    }
  }
}

}  // namespace

Outcome LoadSorted(const Common& common, const LoadArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(LineReader reader, LineReader::Open(arguments.file));
  ASSIGN_OR_RETURN(Db db, OpenDatabase(common, IfMissing::kCreate));
  std::uint64_t loaded = 0;
  {
    ASSIGN_OR_RETURN(BulkLoad load, db.NewBulkLoad());
    Progress progress(console, "loading  ", "records");
    RETURN_IF_ERROR(AddAll(reader, arguments.format, load, progress));
    RETURN_IF_ERROR(load.Commit());
    loaded = load.entries();
  }
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    console.WriteLine(
        JsonWriter().Number("loaded", loaded).Number("bytes_read", reader.bytes_read()).ToString());
  } else {
    console.WriteLine(
        fmt::format("loaded {} ({})", Counted(loaded, "record"), FormatBytes(reader.bytes_read())));
  }
  return kExitDone;
}

}  // namespace beachdb::tools
