// Power cuts around Db::Ingest and bulk loads: tables that are copied in, moved in, and written in
// place.
#pragma once

#include <string>

namespace beachdb {

// The first cut that breaks the contract; empty: none does.
std::string CutAroundIngest();

}  // namespace beachdb
