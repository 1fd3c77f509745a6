#include "tools/man_page.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <sstream>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace beachdb::tools {
namespace {

// Text as roff takes it: nothing in it is a request or an escape.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// What a footer is made of: blocks of lines, by the line that begins them.
struct Footer {
  std::vector<std::string> examples;
  std::vector<std::string> notes;
  std::vector<std::string> exit_codes;
};

Footer Split(const std::string& text) {
  constexpr std::string_view kExit = "Exit codes: ";
  Footer footer;
  std::vector<std::string>* into = &footer.notes;
  for (std::string line : LinesOf(text)) {
    if (line == "Examples:") {
      into = &footer.examples;
      continue;
    }
    if (line.starts_with(kExit)) {
      into = &footer.exit_codes;
      line.erase(0, kExit.size());
    } else if (into == &footer.examples && !line.empty() && !line.starts_with(' ')) {
      into = &footer.notes;
    }
    into->push_back(line);
  }
  const auto trim = [](std::vector<std::string>& lines) {
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    while (!lines.empty() && lines.front().empty()) lines.erase(lines.begin());
  };
  trim(footer.examples);
  trim(footer.notes);
  trim(footer.exit_codes);
  return footer;
}

class Page {
 public:
  void Section(std::string_view name) { Line(fmt::format(".SH {}", name)); }
  void Line(std::string_view line) {
    // A paragraph begins behind a heading anyway.
    if (line == ".PP" && behind_heading_) return;
    behind_heading_ = line.starts_with(".SH ") || line.starts_with(".SS ");
    text_ += std::string(line) + "\n";
  }

  // As they stand.
  void Verbatim(const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    Line(".PP");
    Line(".nf");
    for (const std::string& line : lines) Line(line.empty() ? "\\&" : Escaped(line));
    Line(".fi");
  }
  // As paragraphs, each filled; indented lines as they stand.
  void Prose(const std::vector<std::string>& lines) {
    bool open = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].empty()) {
        open = false;
      } else if (lines[i].starts_with(' ')) {
        std::vector<std::string> block;
        for (; i < lines.size() && lines[i].starts_with(' '); ++i) block.push_back(lines[i]);
        --i;
        Verbatim(block);
        open = false;
      } else {
        if (!open) Line(".PP");
        open = true;
        Line(Escaped(lines[i]));
      }
    }
  }
  void Options(const std::vector<OptionModel>& options) {
    for (const OptionModel& option : options) {
      std::string head;
      for (const std::string& name : option.names) {
        head += (head.empty() ? "\\fB" : ", \\fB") + Escaped(name) + "\\fR";
      }
      if (!option.value.empty()) head += " \\fI" + Escaped(option.value) + "\\fR";
      Item(head, option.about);
    }
  }
  void Arguments(const std::vector<ArgumentModel>& arguments) {
    for (const ArgumentModel& argument : arguments) {
      if (!argument.about.empty()) Item("\\fI" + Escaped(argument.name) + "\\fR", argument.about);
    }
  }

  const std::string& text() const { return text_; }

 private:
  void Item(const std::string& head, const std::string& about) {
    Line(".TP");
    Line(head);
    Line(about.empty() ? "\\&" : Escaped(about));
  }

  std::string text_;
  bool behind_heading_ = false;
};

// "KEY VALUE [FILE]", each in italics.
std::string Positionals(const CommandModel& command) {
  std::string text;
  for (const ArgumentModel& argument : command.arguments) {
    const std::string name = "\\fI" + Escaped(argument.name) + "\\fR";
    text += argument.required ? " " + name : " [" + name + "]";
  }
  return text;
}

void AddCommand(Page& page, const std::string& path, const CommandModel& command,
                const std::vector<OptionModel>& common) {
  page.Line(fmt::format(".SS \"{}{}{}\"", Escaped(path),
                        command.options.empty() ? "" : " [OPTIONS]", Positionals(command)));
  page.Prose(LinesOf(command.about));
  page.Arguments(command.arguments);
  std::vector<OptionModel> own;
  std::copy_if(command.options.begin(), command.options.end(), std::back_inserter(own),
               [&](const OptionModel& option) {
                 return std::none_of(common.begin(), common.end(), [&](const OptionModel& known) {
                   return known.names == option.names;  // --help
                 });
               });
  page.Options(own);
  const Footer footer = Split(command.footer);
  page.Prose(footer.notes);
  page.Verbatim(footer.examples);
  page.Prose(footer.exit_codes);
  for (const CommandModel& below : command.commands) {
    AddCommand(page, path + " " + below.name, below, common);
  }
}

}  // namespace

std::string ManPage(const CommandModel& program, std::string_view what, std::string_view version) {
  std::string title = program.name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const Footer footer = Split(program.footer);
  Page page;
  page.Line(fmt::format(".TH {} 1 \"\" \"{}\" \"User Commands\"", title, version));
  page.Section("NAME");
  page.Line(fmt::format("{} \\- {}", program.name, Escaped(what)));
  page.Section("SYNOPSIS");
  page.Line(fmt::format("\\fB{}\\fR [\\fIOPTIONS\\fR]{}{}", program.name,
                        program.commands.empty() ? "" : " \\fIVERB\\fR ...", Positionals(program)));
  page.Section("DESCRIPTION");
  page.Prose(LinesOf(program.about));
  page.Arguments(program.arguments);
  page.Prose(footer.notes);
  page.Section("OPTIONS");
  page.Options(program.options);
  if (!program.commands.empty()) page.Section("VERBS");
  for (const CommandModel& command : program.commands) {
    AddCommand(page, command.name, command, program.options);
  }
  if (!footer.examples.empty()) page.Section("EXAMPLES");
  page.Verbatim(footer.examples);
  if (!footer.exit_codes.empty()) page.Section("EXIT STATUS");
  page.Prose(footer.exit_codes);
  return page.text();
}

void AddManFlag(CLI::App& app, std::string what, std::string version) {
  app.add_flag_callback("--man",
                        [&app, what = std::move(what), version = std::move(version)] {
                          const std::string page = ManPage(DescribeCommand(app), what, version);
                          std::fwrite(page.data(), 1, page.size(), stdout);
                          throw CLI::Success();
                        })
      ->group("");
}

}  // namespace beachdb::tools
