#include "tests/layering/layering.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

#include <fmt/format.h>

namespace beachdb {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadmeLinesMax = 20;

std::vector<std::string> Lines(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool StartsWithFolder(const std::string& path, const std::string& folder) {
  return path.starts_with(folder + "/");
}

// x_test.cc, x_test.c, and what tests of a layer share: x_test_util.h, x_test_util.cc.
bool IsTest(const std::string& name) {
  static const std::regex kTest(R"(.*_test(\.cc?|_[a-z]+\.(h|cc)))");
  return std::regex_match(name, kTest);
}

struct Include {
  std::string target;
  std::size_t line = 0;
  bool quoted = false;
};

std::vector<Include> IncludesOf(const fs::path& path) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
  std::vector<Include> includes;
  std::size_t number = 0;
  for (const std::string& line : Lines(path)) {
    ++number;
    std::smatch match;
    if (std::regex_search(line, match, kInclude)) {
      includes.push_back({match[2].str(), number, match[1].str() == "\""});
    }
  }
  return includes;
}

class Checker {
 public:
  explicit Checker(fs::path root) : root_(std::move(root)) {}

  std::vector<std::string> Run() {
    ReadPlan();
    CheckFolders();
    for (const fs::path& path : SourcesUnder("include")) CheckIncludes(path, {"beachdb"});
    for (const fs::path& path : SourcesUnder("examples")) CheckIncludes(path, {"beachdb"});
    for (const auto& [layer, below] : plan_) CheckLayer(layer, below);
    CheckCircles();
    return complaints_;
  }

 private:
  void Complain(const fs::path& path, std::size_t line, const std::string& what) {
    complaints_.push_back(fmt::format("{}:{}: {}", path.generic_string(), line, what));
  }

  // Paths relative to the root, sorted.
  std::vector<fs::path> SourcesUnder(const fs::path& folder) const {
    std::vector<fs::path> sources;
    if (!fs::is_directory(root_ / folder)) return sources;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / folder)) {
      const std::string extension = entry.path().extension();
      if (extension == ".h" || extension == ".cc" || extension == ".c") {
        sources.push_back(fs::relative(entry.path(), root_));
      }
    }
    std::sort(sources.begin(), sources.end());
    return sources;
  }

  void ReadPlan() {
    const fs::path path = "src/LAYERS";
    std::size_t number = 0;
    for (const std::string& line : Lines(root_ / path)) {
      ++number;
      if (line.empty() || line.front() == '#') continue;
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos) {
        Complain(path, number, "expected 'layer: layers below'");
        continue;
      }
      const std::string layer = line.substr(0, colon);
      std::istringstream words(line.substr(colon + 1));
      std::set<std::string> below;
      for (std::string lower; words >> lower;) {
        if (!plan_.contains(lower)) {
          Complain(path, number,
                   fmt::format("{} stands on {}, which no line above names", layer, lower));
        }
        below.insert(lower);
      }
      if (!plan_.emplace(layer, below).second) {
        Complain(path, number, fmt::format("{} is named twice", layer));
      }
    }
    if (plan_.empty()) Complain(path, number, "names no layer");
  }

  void CheckFolders() {
    for (const auto& entry : fs::directory_iterator(root_ / "src")) {
      const std::string name = entry.path().filename();
      if (entry.is_directory() ? !plan_.contains(name)
                               : entry.path().extension() != "" && name != "README.md") {
        Complain(fs::path("src") / name, 1, "is not a layer of src/LAYERS");
      }
    }
  }

  void CheckLayer(const std::string& layer, const std::set<std::string>& below) {
    const fs::path folder = fs::path("src") / layer;
    const std::vector<fs::path> sources = SourcesUnder(folder);
    if (sources.empty()) return;  // planned, not built yet
    std::set<std::string> allowed = below;
    allowed.insert(layer);
    allowed.insert("beachdb");
    for (const fs::path& path : sources) CheckIncludes(path, allowed);

    const std::size_t lines = Lines(root_ / folder / "README.md").size();
    if (lines == 0) {
      Complain(folder / "README.md", 1, "every layer needs one: purpose, invariant, reading order");
    } else if (lines > kReadmeLinesMax) {
      Complain(folder / "README.md", lines, fmt::format("has more than {} lines", kReadmeLinesMax));
    }
  }

  void CheckIncludes(const fs::path& path, const std::set<std::string>& allowed) {
    const bool is_test = IsTest(path.filename());
    for (const Include& include : IncludesOf(root_ / path)) {
      const std::string folder = include.target.substr(0, include.target.find('/'));
      const bool ours = plan_.contains(folder) || folder == "beachdb";
      if (!include.quoted) {
        if (ours && include.target != folder) {
          Complain(path, include.line, fmt::format("include \"{}\" with quotes", include.target));
        }
        continue;
      }
      graph_[IncludeName(path)].push_back(include.target);
      if (is_test && StartsWithFolder(include.target, "tests/support")) continue;
      if (!is_test && IsTest(include.target)) {
        Complain(path, include.line, fmt::format("\"{}\" is for tests only", include.target));
      }
      if (include.target == folder) {
        Complain(path, include.line, fmt::format("\"{}\" lacks its layer", include.target));
      } else if (!allowed.contains(folder)) {
        Complain(path, include.line, fmt::format("may not include \"{}\"", include.target));
      }
    }
  }

  // The name under which others include the file: "base/arena.h".
  static std::string IncludeName(const fs::path& path) {
    const std::string name = path.generic_string();
    return name.substr(name.find('/') + 1);
  }

  void CheckCircles() {
    std::vector<std::string> trail;
    for (const auto& [file, targets] : graph_) Visit(file, trail);
  }

  // Depth first. `trail` is the way here; a file that is on it already closes a circle.
  void Visit(const std::string& file, std::vector<std::string>& trail) {
    const auto seen = std::find(trail.begin(), trail.end(), file);
    if (seen != trail.end()) {
      std::string circle;
      for (auto it = seen; it != trail.end(); ++it) circle += *it + " > ";
      complaints_.push_back(fmt::format("{}:1: circle of includes: {}{}", *seen, circle, file));
      return;
    }
    const auto node = graph_.find(file);
    if (node == graph_.end() || !visited_.insert(file).second) return;
    trail.push_back(file);
    for (const std::string& target : node->second) Visit(target, trail);
    trail.pop_back();
  }

  const fs::path root_;
  std::map<std::string, std::set<std::string>> plan_;      // layer -> the layers below it
  std::map<std::string, std::vector<std::string>> graph_;  // file -> what it includes in quotes
  std::set<std::string> visited_;
  std::vector<std::string> complaints_;
};

}  // namespace

std::vector<std::string> CheckLayering(const fs::path& root) { return Checker(root).Run(); }

}  // namespace beachdb
