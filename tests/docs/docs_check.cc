#include "tests/docs/docs_check.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace beachdb {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Lines(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string Text(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Every first group of `pattern` in `text`.
std::set<std::string> Matches(const std::string& text, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    found.insert((*it)[1].str());
  }
  return found;
}

std::string WithoutIndent(const std::string& line) {
  const std::size_t start = line.find_first_not_of(" \t");
  return start == std::string::npos ? std::string() : line.substr(start);
}

// The lines of a file, or of a snippet, as one text in which indentation does not count.
std::string Flattened(const std::vector<std::string>& lines) {
  std::string text = "\n";
  for (const std::string& line : lines) text += WithoutIndent(line) + "\n";
  return text;
}

bool HasPlaceholder(const std::string& word) {
  static const std::regex kCapitals("(^|[^A-Za-z])[A-Z]{2,}($|[^A-Za-z.])");
  return word.find_first_of("<>*{}$") != std::string::npos ||
         word.find("...") != std::string::npos || std::regex_search(word, kCapitals);
}

class Checker {
 public:
  explicit Checker(fs::path root) : root_(std::move(root)) {}

  std::vector<std::string> Run() {
    ReadTree();
    for (const fs::path& page : Pages()) CheckPage(page);
    return complaints_;
  }

 private:
  void Complain(const fs::path& page, std::size_t line, const std::string& what) {
    complaints_.push_back(fmt::format("{}:{}: {}", page.generic_string(), line, what));
  }

  // What exists: targets, programs, presets, top folders, examples.
  void ReadTree() {
    static const std::regex kTarget(R"((?:^|\n)([a-z][a-z-]*):)");
    static const std::regex kPreset(R"re("name": "([a-z-]+)")re");
    targets_ = Matches(Text(root_ / "Makefile"), kTarget);
    presets_ = Matches(Text(root_ / "CMakePresets.json"), kPreset);
    if (fs::exists(root_ / "bench")) programs_ = {"bench", "bench_micro"};
    constexpr std::string_view kMain = "_main.cc";
    for (const std::string& name : NamesIn("src/tools")) {
      if (name.ends_with(kMain)) programs_.insert(name.substr(0, name.size() - kMain.size()));
    }
    for (const std::string& name : NamesIn("examples")) {
      if (name.ends_with(".cc")) examples_ += Flattened(Lines(root_ / "examples" / name));
    }
    for (const std::string& name : NamesIn("")) {
      if (fs::is_directory(root_ / name) && name != ".git" && name != "build" && name != "bin") {
        folders_.insert(name);
      }
    }
  }

  std::vector<std::string> NamesIn(const std::string& folder) const {
    std::vector<std::string> names;
    if (!fs::is_directory(root_ / folder)) return names;
    for (const auto& entry : fs::directory_iterator(root_ / folder)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  // Relative to the root, sorted.
  std::vector<fs::path> Pages() const {
    std::vector<fs::path> pages;
    for (const std::string& name : NamesIn("")) {
      if (name.ends_with(".md")) pages.emplace_back(name);
    }
    for (const std::string& folder : folders_) {
      for (const auto& entry : fs::recursive_directory_iterator(root_ / folder)) {
        if (entry.path().extension() == ".md") pages.push_back(fs::relative(entry.path(), root_));
      }
    }
    std::sort(pages.begin(), pages.end());
    return pages;
  }

  void CheckPage(const fs::path& page) {
    static const std::regex kInlineCode("`([^`]+)`");
    const std::vector<std::string> lines = Lines(root_ / page);
    bool in_code = false;
    std::string language;
    std::vector<std::string> block;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string line = WithoutIndent(lines[i]);
      if (line.starts_with("```")) {
        in_code = !in_code;
        if (in_code) {
          language = line.substr(3);
          if (ForReaders(page)) CheckLanguage(page, i + 1, language);
        } else if (language == "cpp" && ForReaders(page)) {
          CheckSnippet(page, i + 1 - block.size(), block);
        }
        block.clear();
      } else if (in_code) {
        block.push_back(line);
        if (language.empty() || language == "sh" || language == "console") {
          CheckCode(page, i + 1, line);
        }
      } else {
        for (const std::string& code : Matches(line, kInlineCode)) CheckCode(page, i + 1, code);
        CheckLinks(page, i + 1, line);
      }
    }
    if (in_code) Complain(page, lines.size(), "a code block is not closed");
  }

  // README.md and docs/: what users read.
  static bool ForReaders(const fs::path& page) {
    return page == "README.md" || *page.begin() == "docs";
  }

  // Code that nobody runs will be wrong one day.
  void CheckLanguage(const fs::path& page, std::size_t line, const std::string& language) {
    static const std::set<std::string> kTested = {
        "sh",       // tests/docs/sh_blocks_test.sh, tests/install/embed_test.sh
        "console",  // console_blocks.h
        "cpp",      // CheckSnippet
        "hex",      // the test of the format's layer
        "cmake",    // tests/install/embed_test.sh
        "text",     // the test of the format (backup_record_test.cc)
        "json",    ""};
    if (kTested.contains(language)) return;
    Complain(page, line,
             fmt::format("no test runs code in '{}': use sh, console or cpp", language));
  }

  void CheckSnippet(const fs::path& page, std::size_t line, const std::vector<std::string>& block) {
    if (examples_.find(Flattened(block)) == std::string::npos) {
      Complain(page, line, "this C++ is not a piece of any program in examples/");
    }
  }

  void CheckCode(const fs::path& page, std::size_t line, const std::string& code) {
    std::istringstream stream(code.substr(0, code.find(" #")));  // without a shell comment
    const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& word = words[i];
      const bool has_next = i + 1 < words.size();
      if (word == "make" && has_next) CheckTarget(page, line, words[i + 1]);
      if (word == "--preset" && has_next && !presets_.contains(words[i + 1])) {
        Complain(page, line, fmt::format("no preset '{}' in CMakePresets.json", words[i + 1]));
      }
      CheckPath(page, line, word);
    }
  }

  void CheckTarget(const fs::path& page, std::size_t line, const std::string& word) {
    static const std::regex kName("[a-z][a-z-]*");
    if (std::regex_match(word, kName) && !targets_.contains(word)) {
      Complain(page, line, fmt::format("no target '{}' in the Makefile", word));
    }
  }

  void CheckPath(const fs::path& page, std::size_t line, const std::string& word) {
    static const std::regex kPath(
        R"(\.?/?([A-Za-z0-9_.-]+)/([A-Za-z0-9_./-]*[A-Za-z0-9_/])[:,;.)]*)");
    std::smatch match;
    if (HasPlaceholder(word) || !std::regex_match(word, match, kPath)) return;
    const std::string folder = match[1].str();
    const std::string rest = match[2].str();
    if (folder == "bin") {
      if (!programs_.contains(rest)) Complain(page, line, fmt::format("no program bin/{}", rest));
    } else if (folders_.contains(folder) && !fs::exists(root_ / folder / rest)) {
      Complain(page, line, fmt::format("no file {}/{}", folder, rest));
    }
  }

  void CheckLinks(const fs::path& page, std::size_t line, const std::string& text) {
    static const std::regex kLink(R"(\]\(([^)# ]+)(?:#[^)]*)?\))");
    for (const std::string& target : Matches(text, kLink)) {
      if (target.find("://") != std::string::npos) continue;
      if (!fs::exists(root_ / page.parent_path() / target)) {
        Complain(page, line, fmt::format("the link to {} leads nowhere", target));
      }
    }
  }

  const fs::path root_;
  std::set<std::string> targets_;
  std::set<std::string> presets_;
  std::set<std::string> programs_;
  std::set<std::string> folders_;
  std::string examples_;  // every example, flattened
  std::vector<std::string> complaints_;
};

}  // namespace

std::vector<std::string> CheckDocs(const fs::path& root) { return Checker(root).Run(); }

}  // namespace beachdb
