// Holds the documentation against the tree: what a page tells a reader to type, open or include
// must exist. Reads files only.
//
// Looked at in every *.md file, in fenced code and in `inline code`:
//   1. `make X`: X is a target of the Makefile.
//   2. `bin/X`: X is a program that the build makes.
//   3. A path that starts with a folder of this repository exists. A word with a placeholder
//      (<...>, *, {...}, or a name in capitals such as NAME) is not a path.
//   4. `--preset X`: X stands in CMakePresets.json.
// And beside the code:
//   5. A link to a file leads to one.
//   6. A C++ block of README.md or docs/ is a verbatim piece of a program in examples/, which is
//      compiled and run by the tests. Indentation may differ.
//   7. Every other block of theirs is in a language that some test runs: sh, console, hex, cmake;
//   or
//      it is a picture (no language), or JSON.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace beachdb {

// One line per fault, `page:line: what is wrong`; empty when all is well.
std::vector<std::string> CheckDocs(const std::filesystem::path& root);

}  // namespace beachdb
