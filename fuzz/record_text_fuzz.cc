// Lines that `beach load` reads: whatever they are, they are refused or mean one record, which
// comes back from its own text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "tools/encodings.h"
#include "tools/record_text.h"

namespace {

using beachdb::tools::ParseJsonLine;
using beachdb::tools::ParseTsvLine;
using beachdb::tools::TextRecord;

bool Same(const beachdb::Result<TextRecord>& a, const TextRecord& b) {
  return a.ok() && a->key == b.key && a->value == b.value &&
         a->expires_at.value_or(0) == b.expires_at.value_or(0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (line.find('\n') != std::string_view::npos) return 0;  // two lines, then
  for (const auto& record : {ParseTsvLine(line), ParseJsonLine(line)}) {
    if (!record.ok()) continue;
    const std::uint64_t end = record->expires_at.value_or(0);
    CHECK(
        Same(ParseJsonLine(beachdb::tools::ToJsonLine(record->key, record->value, end)), *record));
    if (record->expires_at) continue;  // which TSV cannot say
    CHECK(Same(ParseTsvLine(beachdb::tools::ToTsvLine(record->key, record->value)), *record));
  }
  // TSV has one text for each record.
  if (const auto record = ParseTsvLine(line); record.ok()) {
    CHECK(beachdb::tools::ToTsvLine(record->key, record->value) == line);
  }
  if (const auto bytes = beachdb::tools::Base64Decode(line)) {
    CHECK(beachdb::tools::Base64Encode(*bytes) == line);
  }
  static_cast<void>(beachdb::tools::Readable(line));
  return 0;
}
