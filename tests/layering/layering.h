// Holds the sources against the floor plan in src/LAYERS. Reads files only; builds nothing.
//
// What must hold, each with the number that the tests cite:
//   1. LAYERS is readable, and a layer stands only on layers above its own line: no circle of
//   layers.
//   2. Every folder of src/ is a layer, and no source lies outside one.
//   3. A file of src/<layer> includes, in quotes, only its own layer, the listed ones and the
//   public
//      API. A test (x_test.cc, x_test_util.h) may also include tests/support; nothing else may
//      include a test's header.
//   4. The public API and the examples include nothing of ours but the public API.
//   5. No file includes itself over others: no circle of files.
//   6. Every layer has a README.md of 1 to 20 lines.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace beachdb {

// One line per fault, `path:line: what is wrong`; empty when all is well.
std::vector<std::string> CheckLayering(const std::filesystem::path& root);

}  // namespace beachdb
