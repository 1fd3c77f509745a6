// A worker process as its controller holds it.
//
// Thread safety: none. Lifetime: the destructor kills the process, if it still runs, and waits for
// its end: no worker outlives its controller. Only this process is ever signalled.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb::tools::crash {

class Child {
 public:
  // Starts `program worker` with BEACHDB_FAILPOINTS set; what it says on stderr is appended to
  // `error_file`.
  static Result<Child> Start(const std::string& program, const std::string& failpoints,
                             const std::string& error_file);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  ~Child();

  // False: it has gone.
  bool Send(std::string_view text) const;

  enum class Read : std::uint8_t { kLine, kEnd, kTimeout };
  // The next line of its output, without the newline. kEnd: it has closed its output; what stands
  // behind the last newline is dropped.
  Read NextLine(std::string* line, std::uint64_t timeout_ms);

  void Kill();
  // Waits for the end; the status of waitpid(2).
  int Wait();

 private:
  Child(pid_t pid, int in, int out) : pid_(pid), in_(in), out_(out) {}

  pid_t pid_;
  int in_;   // its standard input
  int out_;  // its standard output
  std::string buffer_;
  std::optional<int> status_;
};

}  // namespace beachdb::tools::crash
