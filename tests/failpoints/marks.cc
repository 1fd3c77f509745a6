#include "tests/failpoints/marks.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "base/failpoint_list.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

// Where a step of the order may be called without a name, and why.
constexpr struct {
  std::string_view file;
  std::string_view call;
} kNotASite[] = {
    {"engine/write_path.cc", "log->Sync("},     // LogWriter::Sync, which has the names
    {"engine/write_path.cc", "active->Sync("},  // the same
    {"wal/log_writer.cc", "fs.RemoveFile("},    // on the way out with an error; best effort
};

std::string Trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

const FailpointInfo* Find(const std::string& name) {
  for (const FailpointInfo& info : kFailpoints) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

std::string FunctionOf(FailpointKind kind) {
  switch (kind) {
    case FailpointKind::kCrash:
      return "CrashPoint";
    case FailpointKind::kError:
      return "ErrorPoint";
    case FailpointKind::kStep:
      return "Step";
    case FailpointKind::kSync:
      return "SyncStep";
  }
  return {};
}

std::size_t LineAt(const std::string& text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(std::count(
                 text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

// The offset behind the bracket that closes the one at `open`.
std::size_t EndOfCall(const std::string& text, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (text[at] == '(') ++depth;
    if (text[at] == ')' && --depth == 0) return at + 1;
  }
  return text.size();
}

// The checks of one file.
class FileCheck {
 public:
  FileCheck(const SourceFile& file, std::map<std::string, int>& sites,
            std::vector<std::string>& faults)
      : file_(file), sites_(sites), faults_(faults) {
    std::istringstream in(file.text);
    for (std::string line; std::getline(in, line);) lines_.push_back(line);
  }

  void Run() {
    FindMarks();
    FindCalls();
    for (const auto& [name, line] : marks_) Fault(line, "the mark " + name + " has no call");
    FindBareSteps();
  }

 private:
  void Fault(std::size_t line, const std::string& what) {
    faults_.push_back(fmt::format("{}:{}: {}", file_.path, line, what));
  }

  void FindMarks() {
    static const std::regex kMark(R"(// FAILPOINT: ([a-z0-9_]+)$)");
    std::smatch match;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (std::regex_search(lines_[i], match, kMark)) {
        marks_.emplace(match[1], i + 1);
      } else if (lines_[i].find("FAILPOINT") != std::string::npos) {
        Fault(i + 1, "a mark reads `// FAILPOINT: <name>` and ends the line");
      }
    }
  }

  // The mark of `name` that belongs to a call on `line`: on it, or above it with nothing between
  // but other marks and the beginning of the statement.
  bool TakeMark(const std::string& name, std::size_t line) {
    const auto [begin, end] = marks_.equal_range(name);
    for (auto it = begin; it != end; ++it) {
      constexpr std::size_t kAbove = 4;  // lines: a statement that is broken before the call
      if (it->second > line + 2 || it->second + kAbove < line) continue;
      marks_.erase(it);
      return true;
    }
    return false;
  }

  void FindCalls() {
    static const std::regex kCall(
        R"re(\b(CrashPoint|ErrorPoint|Step|SyncStep|WriteFileSynced)\()re");
    static const std::regex kName(R"re("([a-z0-9_]+)")re");
    for (std::sregex_iterator it(file_.text.begin(), file_.text.end(), kCall), none; it != none;
         ++it) {
      const auto offset = static_cast<std::size_t>(it->position());
      const std::size_t line = LineAt(file_.text, offset);
      const std::size_t end = EndOfCall(file_.text, file_.text.find('(', offset));
      covered_.emplace_back(offset, end);
      const std::string call = file_.text.substr(offset, end - offset);
      // Other classes have a function Step, too; without the mark it is not ours.
      if ((*it)[1] == "Step" && call.find('"') == std::string::npos) continue;
      std::smatch name;
      if (!std::regex_search(call, name, kName)) {
        Fault(line, (*it)[1].str() + " without the name of a failpoint");
        continue;
      }
      std::string function = (*it)[1];
      if (function == "WriteFileSynced") function = "SyncStep";  // which it calls
      CheckSite(name[1], function, line);
    }
  }

  void CheckSite(const std::string& name, const std::string& function, std::size_t line) {
    if (!TakeMark(name, line)) Fault(line, fmt::format("want `// FAILPOINT: {}` here", name));
    ++sites_[name];
    const FailpointInfo* info = Find(name);
    if (info == nullptr) return Fault(line, name + " is not in base/failpoint_list.h");
    if (info->file != file_.path) {
      Fault(line, fmt::format("the list says that {} is in {}", name, info->file));
    }
    if (FunctionOf(info->kind) != function) {
      Fault(line, fmt::format("{} is of the kind {}: call {}, not {}", name,
                              FailpointKindName(info->kind), FunctionOf(info->kind), function));
    }
  }

  void FindBareSteps() {
    static const std::regex kStep(
        R"(([\w)]+(\.|->))?(Sync|SyncDirectory|Rename|RemoveFile|Truncate|WriteFileSynced)\()");
    for (std::sregex_iterator it(file_.text.begin(), file_.text.end(), kStep), none; it != none;
         ++it) {
      const auto offset = static_cast<std::size_t>(it->position());
      const std::string call = it->str();
      if (!(*it)[1].matched) continue;  // a declaration, or a function of the file itself
      const bool named = std::any_of(covered_.begin(), covered_.end(), [&](const auto& range) {
        return range.first <= offset && offset < range.second;
      });
      const bool excepted = std::any_of(
          std::begin(kNotASite), std::end(kNotASite),
          [&](const auto& known) { return known.file == file_.path && known.call == call; });
      const std::size_t line = LineAt(file_.text, offset);
      const bool comment = Trimmed(lines_[line - 1]).starts_with("//");
      const bool whole_call_named = call.find("WriteFileSynced") != std::string::npos;  // FindCalls
      if (named || excepted || comment || whole_call_named) continue;
      Fault(line, fmt::format("{}...): a step of the order without a name; wrap it in Step or "
                              "SyncStep (base/failpoint.h)",
                              call));
    }
  }

  const SourceFile& file_;
  std::map<std::string, int>& sites_;
  std::vector<std::string>& faults_;
  std::vector<std::string> lines_;
  std::multimap<std::string, std::size_t> marks_;  // name -> line; those without a call yet
  std::vector<std::pair<std::size_t, std::size_t>> covered_;
};

}  // namespace

std::vector<SourceFile> ReadEngineSources(const fs::path& root) {
  static const std::regex kTest(R"(_test(_[a-z]+)?\.(cc|h)$)");
  static const std::set<std::string> kOutside = {"base", "io", "sim", "tools"};
  std::vector<SourceFile> sources;
  for (const auto& entry : fs::recursive_directory_iterator(root / "src")) {
    const std::string path = fs::relative(entry.path(), root / "src").generic_string();
    if (!path.ends_with(".cc") && !path.ends_with(".h")) continue;
    if (std::regex_search(path, kTest) || kOutside.contains(path.substr(0, path.find('/'))))
      continue;
    std::ifstream in(entry.path());
    std::ostringstream text;
    text << in.rdbuf();
    sources.push_back({path, text.str()});
  }
  std::sort(sources.begin(), sources.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return sources;
}

std::vector<std::string> CheckMarks(const std::vector<SourceFile>& sources) {
  std::vector<std::string> faults;
  std::map<std::string, int> sites;
  for (const SourceFile& file : sources) FileCheck(file, sites, faults).Run();
  for (const FailpointInfo& info : kFailpoints) {
    const int found = sites[std::string(info.name)];
    if (found != 1) {
      faults.push_back(fmt::format("{}: {} has {} sites, want 1", info.file, info.name, found));
    }
  }
  return faults;
}

std::vector<std::string> CheckPage(const std::string& page) {
  std::vector<std::string> rows;
  std::istringstream in(page);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("| `")) rows.push_back(line);
  }
  std::vector<std::string> faults;
  for (std::size_t i = 0; i < std::max(rows.size(), kFailpointCount); ++i) {
    std::string want = "no more rows";
    if (i < kFailpointCount) {
      const FailpointInfo& info = kFailpoints[i];
      want = fmt::format("| `{}` | {} | {} | {} |", info.name, FailpointKindName(info.kind),
                         info.file, info.meaning);
    }
    const std::string found = i < rows.size() ? rows[i] : "no more rows";
    if (want != found) {
      faults.push_back(fmt::format("row {}:\n  want  {}\n  found {}", i + 1, want, found));
    }
  }
  return faults;
}

}  // namespace beachdb
