#include "tools/prompt.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include <editline/readline.h>

#include "base/try.h"

namespace beachdb::tools {
namespace {

constexpr int kHistoryMax = 1000;  // lines

// libedit calls back without a context: what the one Prompt that has the terminal completes with.
Prompt::Complete& Completer() {
  static Prompt::Complete complete;
  return complete;
}

// The candidates, the first of them being what all have in common, as libedit wants them: every
// piece from malloc, and nullptr behind the last.
char** ToMatches(const std::vector<std::string>& candidates) {
  if (candidates.empty()) return nullptr;
  std::string common = candidates.front();
  for (const std::string& candidate : candidates) {
    std::size_t same = 0;
    while (same < common.size() && same < candidate.size() && common[same] == candidate[same]) {
      ++same;
    }
    common.resize(same);
  }
  const std::size_t count = candidates.size() == 1 ? 1 : candidates.size() + 1;
  auto** matches = static_cast<char**>(std::malloc((count + 1) * sizeof(char*)));
  if (matches == nullptr) return nullptr;
  // Nothing is left to choose: on to the next word.
  if (candidates.size() == 1) common += ' ';
  matches[0] = ::strdup(common.c_str());
  for (std::size_t i = 1; i < count; ++i) matches[i] = ::strdup(candidates[i - 1].c_str());
  matches[count] = nullptr;
  return matches;
}

char** Attempt(const char* word, int start, int /*end*/) {
  ::rl_attempted_completion_over = 1;  // never names of files
  if (!Completer()) return nullptr;
  const std::string_view line(::rl_line_buffer);
  return ToMatches(Completer()(line.substr(0, static_cast<std::size_t>(start)), word));
}

}  // namespace

Prompt::Prompt(std::string name, std::string history)
    : name_(std::move(name)), history_(std::move(history)) {}

Prompt::Prompt(Prompt&& other) noexcept
    : name_(std::move(other.name_)),
      history_(std::move(other.history_)),
      reader_(std::move(other.reader_)),
      active_(std::exchange(other.active_, false)) {}

Result<Prompt> Prompt::Open(const Console& console, std::string name, std::string history,
                            Complete complete) {
  Prompt prompt(std::move(name), std::move(history));
  if (::isatty(STDIN_FILENO) != 1 || !console.out_is_terminal()) {
    ASSIGN_OR_RETURN(LineReader reader, LineReader::Open("-"));
    prompt.reader_.emplace(std::move(reader));
    return prompt;
  }
  prompt.active_ = true;
  Completer() = std::move(complete);
  ::rl_initialize();
  ::rl_attempted_completion_function = Attempt;
  ::rl_completion_append_character = 0;  // ToMatches has seen to it
  ::using_history();
  ::stifle_history(kHistoryMax);
  // None yet, or none that can be read: then it begins anew.
  if (!prompt.history_.empty()) static_cast<void>(::read_history(prompt.history_.c_str()));
  return prompt;
}

Prompt::~Prompt() {
  if (!active_) return;
  Completer() = nullptr;
  if (history_.empty()) return;
  const mode_t before = ::umask(0077);  // what was typed is nobody else's
  static_cast<void>(::write_history(history_.c_str()));
  ::umask(before);
}

Result<std::optional<std::string>> Prompt::Next() {
  if (reader_) {
    ASSIGN_OR_RETURN(const auto line, reader_->Next());
    if (!line) return std::optional<std::string>();
    return std::optional<std::string>(line->text);
  }
  char* typed = ::readline(name_.c_str());
  if (typed == nullptr) return std::optional<std::string>();
  std::string line(typed);
  std::free(typed);
  if (line.find_first_not_of(" \t") != std::string::npos) ::add_history(line.c_str());
  return std::optional<std::string>(std::move(line));
}

Result<std::vector<std::string>> SplitWords(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && quote != '\'') {
      if (++i == line.size()) {
        return Error(Code::kInvalidArgument, "expected a character behind the last backslash");
      }
      // Within "" a backslash stands for itself but before " and itself.
      if (quote == '"' && line[i] != '"' && line[i] != '\\') word += '\\';
      word += line[i];
      in_word = true;
    } else if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) {
    return Error(Code::kInvalidArgument, std::string("expected a closing ") + quote);
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace beachdb::tools
