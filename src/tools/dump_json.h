// A line of a dump (format/dump_line.h) as one flat JSON object: what the dump programs print with
// --json.
//
//   {"line":"put","seqno":1001,"key":"conch","value":"spiral"}
//
// Keys and values that are no UTF-8 stand as base64 under the name with "_base64" added. Of one
// that is longer than the limit the first bytes are there, and "NAME_bytes" says how many it has.
#pragma once

#include <cstddef>
#include <string>

#include "format/dump_line.h"

namespace beachdb::tools {

std::string ToJson(const DumpLine& line, std::size_t bytes_limit);

}  // namespace beachdb::tools
