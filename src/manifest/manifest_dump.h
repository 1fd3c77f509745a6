// A MANIFEST in words, for people: the core of manifest_dump. Needs the file alone, no engine and
// no CURRENT, and shows what is readable of a damaged one.
//
// Every line begins with what it tells of: "header", "record" with its offset, "problem",
// "version". The same bytes give the same text. Limits: one record in memory, and the version that
// the file adds up to.
#pragma once

#include <string>

#include "beachdb/result.h"
#include "io/file_system.h"

namespace beachdb {

struct ManifestDump {
  std::string text;
  // Damage: a bad header, record or edit, and bytes behind the last record. Each has a line in
  // `text` that tells the offset, what was expected and what was found.
  int problems = 0;
};

// An error only if the file cannot be read.
Result<ManifestDump> DumpManifest(FileSystem& fs, const std::string& path);

}  // namespace beachdb
