#include <fmt/format.h>

#include "base/try.h"
#include "format/file_names.h"
#include "tools/beach/database.h"
#include "tools/encodings.h"
#include "tools/numbers.h"

namespace beachdb::tools {
namespace {

void Print(const Common& common, const std::string& text, const std::string& json,
           Console& console) {
  if (common.json) {
    console.WriteLine(json);
  } else {
    console.Write(text);
  }
}

std::string Described(const KeyVersion& version) {
  switch (version.kind) {
    case VersionKind::kPut:
      return "value of " + Counted(version.value_bytes, "byte");
    case VersionKind::kDelete:
      return "deletion";
    case VersionKind::kPutExpiring:
      return fmt::format("value of {}, expires at {}", Counted(version.value_bytes, "byte"),
                         version.expires_at);
    case VersionKind::kDeleteRange:
      return "deletion of its range";
  }
  return "unknown";
}

std::string PlaceOf(const KeyVersion& version) {
  if (version.level < 0) return "memory";
  return fmt::format("level {}, {}", version.level, TableName(version.table));
}

}  // namespace

Outcome ExplainGet(const Common& common, const ExplainGetArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const std::string key, ArgumentBytes(common, arguments.key));
  ASSIGN_OR_RETURN(DatabaseUse db, OpenToRead(common));
  ASSIGN_OR_RETURN(const GetExplanation explanation, db->Explain(key));
  RETURN_IF_ERROR(db.Close());
  Print(common, explanation.ToString(), explanation.ToJson(), console);
  return explanation.value ? kExitDone : kExitNotFound;
}

Outcome ExplainScan(const Common& common, const ScanArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const std::string from, ArgumentBytes(common, arguments.from));
  ASSIGN_OR_RETURN(const std::string to, ArgumentBytes(common, arguments.to));
  ASSIGN_OR_RETURN(const std::string prefix, ArgumentBytes(common, arguments.prefix));
  ASSIGN_OR_RETURN(DatabaseUse db, OpenToRead(common));
  IteratorOptions bounds;
  bounds.lower = from;
  bounds.upper = to;
  bounds.prefix = prefix;
  ASSIGN_OR_RETURN(
      const ScanExplanation explanation,
      db->ExplainScan(bounds, arguments.reverse ? ScanOrder::kReverse : ScanOrder::kForward,
                      arguments.limit));
  RETURN_IF_ERROR(db.Close());
  Print(common, explanation.ToString(), explanation.ToJson(), console);
  return kExitDone;
}

Outcome History(const Common& common, const HistoryArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const std::string key, ArgumentBytes(common, arguments.key));
  ASSIGN_OR_RETURN(DatabaseUse db, OpenToRead(common));
  ASSIGN_OR_RETURN(const std::vector<KeyVersion> versions, db->History(key));
  RETURN_IF_ERROR(db.Close());
  for (const KeyVersion& version : versions) {
    if (common.json) {
      console.WriteLine(version.ToJson());
      continue;
    }
    console.WriteLine(
        fmt::format("seqno {:<12} {:<24} {}", version.seqno, Described(version), PlaceOf(version)));
  }
  if (versions.empty() && !common.json) {
    fmt::print(stderr, "beach: no version of this key is held: {}\n", Readable(key));
  }
  return versions.empty() ? kExitNotFound : kExitDone;
}

}  // namespace beachdb::tools
