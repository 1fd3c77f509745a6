// Holds the list of failpoints (base/failpoint_list.h) against the sources and the documentation.
//
// In every file of src/ that is no test, outside of io, sim and tools (which have no steps of the
// engine):
//   1. A call of CrashPoint, ErrorPoint, Step, SyncStep or a named WriteFileSynced has its mark,
//      `// FAILPOINT: <name>`, on its line or right above it, and a mark has its call.
//   2. The name is in the list, with this file and the kind that goes with the function.
//   3. Every name of the list has exactly one site.
//   4. A sync, a sync of a directory, a rename, a removal, a truncation or WriteFileSynced stands
//      inside one of those calls: no step of the order without a name.
// In docs/failpoints.md: one row for each point, in the order of the list, with the same words.
//
// Reads files only.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace beachdb {

struct SourceFile {
  std::string path;  // below src/
  std::string text;
};

std::vector<SourceFile> ReadEngineSources(const std::filesystem::path& root);

// One line per fault, "file:line: what is wrong"; empty when all is well.
std::vector<std::string> CheckMarks(const std::vector<SourceFile>& sources);
// The same for the page's text.
std::vector<std::string> CheckPage(const std::string& page);

}  // namespace beachdb
