// Copies what can be read of a damaged database into a new one.
//
// Of each key the newest readable version counts, by seqno; if that is a deletion, the key is not
// written. DST appears when it is whole: until then it is called DST.unfinished.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "beachdb/result.h"
#include "tools/salvage/report.h"

namespace beachdb::tools {

struct SalvageOptions {
  std::string source;
  std::string destination;
  // Hears how many entries are merged, and how many there are. Empty: nobody wants to know.
  std::function<void(std::uint64_t done, std::uint64_t whole)> progress;
};

// kInvalidArgument: SRC holds no database, or DST (or what an interrupted salvage left of it) is
// there already. kBusy: a process has SRC open. An error says that no DST was made.
Result<SalvageReport> Salvage(const SalvageOptions& options);

}  // namespace beachdb::tools
