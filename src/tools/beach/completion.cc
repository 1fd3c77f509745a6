#include "tools/beach/completion.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "tools/beach/command_line.h"
#include "tools/beach/commands.h"

namespace beachdb::tools {
namespace {

// A command and the words that lead to it: "explain get".
struct Place {
  std::string path;
  const CommandModel* command;
};

void AddPlaces(const std::string& path, const CommandModel& command, std::vector<Place>& places) {
  places.push_back({path, &command});
  for (const CommandModel& below : command.commands) {
    AddPlaces(path.empty() ? below.name : path + " " + below.name, below, places);
  }
}

std::vector<Place> PlacesOf(const CommandModel& program) {
  std::vector<Place> places;
  AddPlaces("", program, places);
  return places;
}

// What may stand at a place: verbs first, then its options, then those of the program.
std::vector<std::string> WordsAt(const CommandModel& program, const CommandModel& command) {
  std::vector<std::string> words;
  for (const CommandModel& below : command.commands) words.push_back(below.name);
  for (const ArgumentModel& argument : command.arguments) {
    words.insert(words.end(), argument.choices.begin(), argument.choices.end());
  }
  const auto add = [&](const CommandModel& of) {
    for (const OptionModel& option : of.options) {
      for (const std::string& name : option.names) {
        if (!name.starts_with("--")) continue;
        if (std::find(words.begin(), words.end(), name) == words.end()) words.push_back(name);
      }
    }
  };
  add(command);
  add(program);
  return words;
}

bool TakesFiles(const CommandModel& command) {
  return std::any_of(command.arguments.begin(), command.arguments.end(),
                     [](const ArgumentModel& argument) { return argument.is_file; });
}

std::string Joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

// Every option with a value, as the shell patterns of "PATH OPTION", which common options match at
// any place.
template <typename Visit>
void VisitValues(const CommandModel& program, Visit visit) {
  for (const Place& place : PlacesOf(program)) {
    for (const OptionModel& option : place.command->options) {
      if (option.value.empty()) continue;
      for (const std::string& name : option.names) {
        visit(place.path.empty() ? "*' " + name + "'" : "'" + place.path + " " + name + "'",
              option);
      }
    }
  }
}

// What bash and zsh have in common: a loop that finds the verb and passes over values.
std::string FindPath(const CommandModel& program, std::string_view indent) {
  std::string values;
  VisitValues(program, [&](const std::string& pattern, const OptionModel&) {
    values += (values.empty() ? "" : " | ") + pattern;
  });
  std::string text =
      fmt::format("{}case \"$path $word\" in\n{}  {}) skip=1 ;;\n", indent, indent, values);
  for (const Place& place : PlacesOf(program)) {
    if (place.path.empty()) continue;
    const std::size_t blank = place.path.rfind(' ');
    const std::string before = blank == std::string::npos ? "" : place.path.substr(0, blank);
    const std::string word = blank == std::string::npos ? place.path : place.path.substr(blank + 1);
    text += fmt::format("{}  '{} {}') path='{}' ;;\n", indent, before, word, place.path);
  }
  return text + fmt::format("{}esac\n", indent);
}

// A case for each option with a value; `list` and `files` are the commands that offer them.
std::string CompleteValues(const CommandModel& program, std::string_view list,
                           std::string_view directories, std::string_view files) {
  std::string text = "  case \"$path $prev\" in\n";
  VisitValues(program, [&](const std::string& pattern, const OptionModel& option) {
    if (!option.choices.empty()) {
      text += fmt::format("    {}) {} return ;;\n", pattern,
                          fmt::format(fmt::runtime(list), Joined(option.choices)));
    } else if (option.value == "DIR") {
      text += fmt::format("    {}) {} return ;;\n", pattern, directories);
    } else if (option.value == "FILE") {
      text += fmt::format("    {}) {} return ;;\n", pattern, files);
    } else {
      text += fmt::format("    {}) return ;;\n", pattern);
    }
  });
  return text + "  esac\n";
}

std::string CompleteWords(const CommandModel& program) {
  std::string text = "  case $path in\n";
  for (const Place& place : PlacesOf(program)) {
    text +=
        fmt::format("    '{}') words='{}' files={} ;;\n", place.path,
                    Joined(WordsAt(program, *place.command)), TakesFiles(*place.command) ? 1 : 0);
  }
  return text + "  esac\n";
}

std::string BashScript(const CommandModel& program) {
  std::string text = fmt::format(
      "# Completion of {0} for bash, made by `{0} completion bash`.\n_{0}() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  local path='' skip='' word words='' files=0 i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    word=${{COMP_WORDS[i]}}\n"
      "    if [[ -n $skip ]]; then skip=''; continue; fi\n",
      program.name);
  text += FindPath(program, "    ") + "  done\n";
  text += CompleteValues(program, "mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\");",
                         "mapfile -t COMPREPLY < <(compgen -d -- \"$cur\");",
                         "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\");");
  text += CompleteWords(program);
  text +=
      "  if [[ $cur == -* || $files == 0 ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
      "  else\n"
      "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
      "  fi\n}\n";
  return text + fmt::format("complete -o filenames -F _{0} {0}\n", program.name);
}

std::string ZshScript(const CommandModel& program) {
  std::string text = fmt::format(
      "#compdef {0}\n# Completion of {0} for zsh, made by `{0} completion zsh`.\n_{0}() {{\n"
      "  local cur=$words[CURRENT] prev=$words[CURRENT-1]\n"
      "  local -a given=(\"${{(@)words[2,CURRENT-1]}}\")\n"
      "  local path='' skip='' word words='' files=0\n"
      "  for word in \"${{(@)given}}\"; do\n"
      "    if [[ -n $skip ]]; then skip=''; continue; fi\n",
      program.name);
  // `path` is bound to PATH in zsh.
  const auto renamed = [](std::string part) {
    for (std::size_t at = 0; (at = part.find("$path", at)) != std::string::npos; at += 6) {
      part.replace(at, 5, "$place");
    }
    for (std::size_t at = 0; (at = part.find(" path=", at)) != std::string::npos; at += 7) {
      part.replace(at, 6, " place=");
    }
    return part;
  };
  text += FindPath(program, "    ") + "  done\n";
  text += CompleteValues(program, "compadd -- {};", "_files -/;", "_files;");
  text += CompleteWords(program);
  text +=
      "  if [[ $cur == -* || $files == 0 ]]; then\n"
      "    compadd -- ${=words}\n"
      "  else\n"
      "    _files\n"
      "  fi\n}\n";
  text +=
      fmt::format("if [[ $funcstack[1] == _{0} ]]; then _{0} \"$@\"; else compdef _{0} {0}; fi\n",
                  program.name);
  return renamed(text);
}

// A word for fish within ''.
std::string FishQuote(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + "'";
}

std::string FishScript(const CommandModel& program) {
  std::string text = fmt::format(
      "# Completion of {0} for fish, made by `{0} completion fish`.\n"
      "complete -c {0} -f\n",
      program.name);
  for (const Place& place : PlacesOf(program)) {
    std::string condition = "true";
    if (!place.path.empty()) {
      std::string words = place.path;
      condition = "__fish_seen_subcommand_from " + words.substr(0, words.find(' '));
      if (const std::size_t blank = words.rfind(' '); blank != std::string::npos) {
        condition += "; and __fish_seen_subcommand_from " + words.substr(blank + 1);
      }
    }
    for (const CommandModel& below : place.command->commands) {
      text += fmt::format("complete -c {} -n {} -a {} -d {}\n", program.name,
                          FishQuote(place.path.empty() ? "__fish_use_subcommand" : condition),
                          below.name, FishQuote(below.about));
    }
    for (const OptionModel& option : place.command->options) {
      std::string line = fmt::format("complete -c {} -n {}", program.name, FishQuote(condition));
      for (const std::string& name : option.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!option.choices.empty()) {
        line += " -x -a " + FishQuote(Joined(option.choices));
      } else if (!option.value.empty()) {
        line += " -r";
        if (option.value == "FILE") line += " -F";
        if (option.value == "DIR") line += " -a '(__fish_complete_directories)'";
      }
      text += line + " -d " + FishQuote(option.about) + "\n";
    }
    for (const ArgumentModel& argument : place.command->arguments) {
      if (argument.choices.empty()) continue;
      text += fmt::format("complete -c {} -n {} -a {}\n", program.name, FishQuote(condition),
                          FishQuote(Joined(argument.choices)));
    }
    if (TakesFiles(*place.command)) {
      text += fmt::format("complete -c {} -n {} -F\n", program.name, FishQuote(condition));
    }
  }
  return text;
}

}  // namespace

std::string CompletionScript(Shell shell, const CommandModel& program) {
  switch (shell) {
    case Shell::kBash:
      return BashScript(program);
    case Shell::kZsh:
      return ZshScript(program);
    case Shell::kFish:
      return FishScript(program);
  }
  return {};
}

std::vector<std::string> CompletionsOf(const std::vector<std::string>& words,
                                       std::string_view word) {
  CommandModel program;
  DescribeBeach([&](const CLI::App& app) { program = DescribeCommand(app); });
  const CommandModel* command = &program;
  for (const std::string& given : words) {
    const auto below = std::find_if(command->commands.begin(), command->commands.end(),
                                    [&](const CommandModel& c) { return c.name == given; });
    if (below != command->commands.end()) command = &*below;
  }
  std::vector<std::string> candidates;
  if (!words.empty()) {
    for (const OptionModel& option : command->options) {
      if (std::find(option.names.begin(), option.names.end(), words.back()) == option.names.end()) {
        continue;
      }
      candidates = option.choices;
    }
  }
  // A word without dashes may be a verb; a key is for the caller.
  if (candidates.empty() && (word.starts_with('-') || !command->commands.empty())) {
    candidates = WordsAt(program, *command);
  }
  std::erase_if(candidates, [&](const std::string& c) { return !c.starts_with(word); });
  if (word.empty()) std::erase_if(candidates, [](const auto& c) { return c.starts_with('-'); });
  return candidates;
}

Outcome PrintCompletion(const Common& /*common*/, const CompletionArguments& arguments,
                        Console& console) {
  DescribeBeach([&](const CLI::App& app) {
    console.Write(CompletionScript(arguments.shell, DescribeCommand(app)));
  });
  return kExitDone;
}

}  // namespace beachdb::tools
