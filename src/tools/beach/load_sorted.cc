// `beach load --sorted`: the records go straight into tables, all of them as one write.
#include <utility>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "kv/batch_format.h"
#include "tools/beach/database.h"
#include "tools/json_writer.h"
#include "tools/load_input.h"
#include "tools/numbers.h"
#include "tools/progress.h"

namespace beachdb::tools {
namespace {

constexpr std::uint64_t kShowEvery = 65'536;  // records

Status AddUnit(const LoadInput& input, WriteBatch& batch, BulkLoad& load) {
  batch.Clear();
  RETURN_IF_ERROR(input.AddTo(batch));
  BatchReader reader(batch.bytes());
  for (BatchOp op; reader.Next(op);) {
    if (op.kind != Kind::kPut) {
      return Error(Code::kInvalidArgument, "a sorted load takes puts alone: leave out --sorted");
    }
    RETURN_IF_ERROR(load.Add(op.key, op.value));
  }
  return OkStatus();
}

Status AddAll(LoadInput& input, BulkLoad& load, Progress& progress) {
  WriteBatch batch;
  std::uint64_t shown = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, input.Next());
    if (!more) return OkStatus();
    if (const Status added = AddUnit(input, batch, load); !added.ok()) {
      return added.error().WithContext("nothing was loaded; " + input.Where());
    }
    if (load.entries() / kShowEvery == shown) continue;
    shown = load.entries() / kShowEvery;
    progress.Show(load.entries(), input.bytes_read(), input.total_bytes());
  }
}

}  // namespace

Outcome LoadSorted(const Common& common, const LoadArguments& arguments, Console& console) {
  if (arguments.resume || !arguments.ack_log.empty()) {
    return Error(Code::kInvalidArgument,
                 "--sorted is all or nothing: leave out --resume and --ack-log");
  }
  ASSIGN_OR_RETURN(LoadInput input, LoadInput::Open(arguments.file, arguments.format));
  ASSIGN_OR_RETURN(DatabaseUse db, OpenDatabase(common, IfMissing::kCreate));
  std::uint64_t loaded = 0;
  {
    ASSIGN_OR_RETURN(BulkLoad load, db->NewBulkLoad());
    Progress progress(console, "loading  ", "records");
    RETURN_IF_ERROR(AddAll(input, load, progress));
    RETURN_IF_ERROR(load.Commit());
    loaded = load.entries();
  }
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    console.WriteLine(
        JsonWriter().Number("loaded", loaded).Number("bytes_read", input.bytes_read()).ToString());
  } else {
    console.WriteLine(
        fmt::format("loaded {} ({})", Counted(loaded, "record"), FormatBytes(input.bytes_read())));
  }
  return kExitDone;
}

}  // namespace beachdb::tools
