// A program's command line as plain data, taken from the description that --help prints, too: what
// completions and manual pages are made of.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): theirs
class App;
}  // namespace CLI

namespace beachdb::tools {

struct OptionModel {
  std::vector<std::string> names;    // "--from", "-h"
  std::string value;                 // what stands behind it, "DIR"; empty: it is a flag
  std::vector<std::string> choices;  // of the value; empty: anything
  std::string about;
};

struct ArgumentModel {
  std::string name;  // "KEY"
  std::string about;
  bool required = false;
  bool is_file = false;  // or a directory
  std::vector<std::string> choices;
};

struct CommandModel {
  std::string name;
  std::string about;
  std::string footer;  // examples first, then whatever else --help says
  std::vector<OptionModel> options;
  std::vector<ArgumentModel> arguments;
  std::vector<CommandModel> commands;
};

CommandModel DescribeCommand(const CLI::App& app);

}  // namespace beachdb::tools
