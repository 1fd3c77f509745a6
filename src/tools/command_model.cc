#include "tools/command_model.h"

#include <algorithm>
#include <string_view>

#include <CLI/CLI.hpp>

namespace beachdb::tools {
namespace {

// "text|hex|tsv" as choices; any other word is the name of a value.
std::vector<std::string> Choices(const std::string& text) {
  if (text.find('|') == std::string::npos) return {};
  std::vector<std::string> choices;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t bar = text.find('|', begin);
    choices.push_back(text.substr(begin, bar - begin));
    if (bar == std::string::npos) return choices;
    begin = bar + 1;
  }
}

OptionModel DescribeOption(const CLI::Option& option) {
  OptionModel model;
  for (const std::string& name : option.get_snames()) model.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) model.names.push_back("--" + name);
  model.about = option.get_description();
  if (option.get_items_expected_max() > 0) {
    const std::string& text = option.get_option_text();
    model.value = !text.empty() ? text : option.get_type_name();
    model.value = model.value.substr(0, model.value.find(':'));  // behind it: the check
    model.choices = Choices(text);
  }
  return model;
}

}  // namespace

CommandModel DescribeCommand(const CLI::App& app) {
  CommandModel model;
  model.name = app.get_name();
  model.about = app.get_description();
  model.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    if (option->nonpositional()) {
      model.options.push_back(DescribeOption(*option));
    } else {
      const std::string name = option->get_name(true);
      constexpr std::string_view kFiles[] = {"FILE", "DIR", "SRC", "DST"};
      model.arguments.push_back(
          {.name = name,
           .about = option->get_description(),
           .required = option->get_required(),
           .is_file = std::find(std::begin(kFiles), std::end(kFiles), name) != std::end(kFiles),
           .choices = Choices(option->get_option_text())});
    }
  }
  for (const CLI::App* command : app.get_subcommands({})) {
    model.commands.push_back(DescribeCommand(*command));
  }
  return model;
}

}  // namespace beachdb::tools
