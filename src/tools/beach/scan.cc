#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/encodings.h"
#include "tools/record_text.h"

namespace beachdb::tools {
namespace {

std::string ToLine(ScanFormat format, const Iterator& at) {
  const std::string_view key = at.key();
  const std::string_view value = at.value();
  switch (format) {
    case ScanFormat::kText:
      return Readable(key) + "  " + Readable(value);
    case ScanFormat::kHex:
      return HexEncode(key) + "\t" + HexEncode(value);
    case ScanFormat::kTsv:
      return ToTsvLine(key, value);
    case ScanFormat::kJsonl:
      return ToJsonLine(key, value, at.expires_at());
  }
  return {};
}

}  // namespace

Outcome Scan(const Common& common, const ScanArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const std::string from, ArgumentBytes(common, arguments.from));
  ASSIGN_OR_RETURN(const std::string to, ArgumentBytes(common, arguments.to));
  ASSIGN_OR_RETURN(const std::string prefix, ArgumentBytes(common, arguments.prefix));
  const ScanFormat format = common.json ? ScanFormat::kJsonl : arguments.format;
  ASSIGN_OR_RETURN(DatabaseUse db, OpenToRead(common));
  IteratorOptions options;
  options.fill_cache = false;
  options.lower = from;
  options.upper = to;
  options.prefix = prefix;
  {
    Iterator it = db->NewIterator(options);
    std::uint64_t shown = 0;
    for (arguments.reverse ? it.SeekToLast() : it.SeekToFirst(); it.Valid();
         arguments.reverse ? it.Prev() : it.Next()) {
      console.WriteLine(ToLine(format, it));
      ++shown;
      if (shown == arguments.limit || console.closed()) break;
    }
    RETURN_IF_ERROR(it.status());
  }
  RETURN_IF_ERROR(db.Close());
  return kExitDone;
}

}  // namespace beachdb::tools
