#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/try.h"
#include "tools/beach/command_line.h"
#include "tools/beach/completion.h"
#include "tools/beach/database.h"
#include "tools/prompt.h"

namespace beachdb::tools {
namespace {

constexpr std::size_t kKeysShown = 50;  // at most, as completions

std::string HistoryFile() {
  if (const char* named = std::getenv("BEACH_HISTORY")) return named;
  const char* home = std::getenv("HOME");
  return home == nullptr ? std::string() : std::string(home) + "/.beach_history";
}

// Keys that can be typed as they are.
bool IsPlain(std::string_view key) {
  for (const char c : key) {
    if (c <= ' ' || c == '\'' || c == '"' || c == '\\' || c == '\x7f') return false;
  }
  return !key.empty();
}

void AddKeys(const Db& db, std::string_view prefix, std::vector<std::string>& candidates) {
  IteratorOptions options;
  options.prefix = prefix;
  Iterator it = db.NewIterator(options);
  for (it.SeekToFirst(); it.Valid() && candidates.size() < kKeysShown; it.Next()) {
    if (IsPlain(it.key())) candidates.emplace_back(it.key());
  }
}

class Session {
 public:
  Session(const Common& common, Console& console) : common_(common), console_(console) {
    common_.kept = &kept_;
  }

  // Runs the commands until the end; returns the exit code of the first that failed.
  Outcome Run() {
    ASSIGN_OR_RETURN(Prompt prompt,
                     Prompt::Open(console_, "beach> ", HistoryFile(),
                                  [this](std::string_view before, std::string_view word) {
                                    return Complete(before, word);
                                  }));
    ExitCode first = kExitDone;
    while (!console_.closed()) {
      ASSIGN_OR_RETURN(const auto line, prompt.Next());
      if (!line) break;
      const auto words = SplitWords(*line);
      if (words.ok() && (words->empty() || words->front().starts_with('#'))) continue;
      if (words.ok() && (words->front() == "exit" || words->front() == "quit")) break;
      const ExitCode code = words.ok() ? RunCommand(*words) : Fail("beach", words.error());
      if (first == kExitDone) first = code;
    }
    if (kept_.db) RETURN_IF_ERROR(kept_.db->Close());
    return prompt.is_terminal() ? kExitDone : first;
  }

 private:
  ExitCode RunCommand(const std::vector<std::string>& words) {
    if (words.front() == "repl") {
      return Fail("beach", Error(Code::kInvalidArgument, "this is a session already"));
    }
    if (words.front() == "help") return RunInSession(common_, {"--help"}, console_);
    const ExitCode code = RunInSession(common_, words, console_);
    // After a failed sync the database is read-only until it is opened again: by the next command.
    if (code == kExitIo) kept_.db.reset();
    return code;
  }

  std::vector<std::string> Complete(std::string_view before, std::string_view word) const {
    const auto words = SplitWords(before);
    if (!words.ok()) return {};
    std::vector<std::string> candidates = CompletionsOf(*words, word);
    if (words->empty()) {
      for (const char* own : {"exit", "help"}) {
        if (std::string_view(own).starts_with(word)) candidates.emplace_back(own);
      }
    } else if (candidates.empty() && kept_.db) {
      AddKeys(*kept_.db, word, candidates);
    }
    return candidates;
  }

  Common common_;
  Console& console_;
  KeptDatabase kept_;
};

}  // namespace

Outcome Repl(const Common& common, Console& console) { return Session(common, console).Run(); }

}  // namespace beachdb::tools
