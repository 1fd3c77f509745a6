// Lines that somebody types, with editing, history and completion (libedit); from a pipe or a file
// plain lines. At most one at a time, as libedit has one terminal.
//
// Thread safety: none. Lifetime: `complete` is called until it dies.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "tools/console.h"
#include "tools/line_reader.h"

namespace beachdb::tools {

class Prompt {
 public:
  // What the word `word`, which stands behind `before` in its line, may become.
  using Complete =
      std::function<std::vector<std::string>(std::string_view before, std::string_view word)>;

  // `name` stands before the cursor. `history`: a file; empty: none.
  static Result<Prompt> Open(const Console& console, std::string name, std::string history,
                             Complete complete);
  ~Prompt();
  Prompt(Prompt&& other) noexcept;
  Prompt& operator=(Prompt&&) = delete;
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;

  // nullopt: the end.
  Result<std::optional<std::string>> Next();
  bool is_terminal() const { return !reader_.has_value(); }

 private:
  Prompt(std::string name, std::string history);

  std::string name_;
  std::string history_;
  std::optional<LineReader> reader_;  // where nobody types
  bool active_ = false;               // this one has the terminal
};

// The words of a line as a shell splits it: by blanks, but for those within '' or "" or behind a
// backslash. kInvalidArgument: a quote that is not closed, or a backslash at the end.
Result<std::vector<std::string>> SplitWords(std::string_view line);

}  // namespace beachdb::tools
