// Lines of a file or of standard input, as a stream: memory holds one line and one buffer.
//
// Thread safety: none.
// Limits: a line of at most kMaxLineBytes.
// Errors: kInvalidArgument: cannot be opened (a wrong name), or a line beyond the limit.
// kIoError: reading failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "beachdb/result.h"
#include "tools/input_file.h"

namespace beachdb::tools {

class LineReader {
 public:
  static constexpr std::size_t kMaxLineBytes = 256u << 20;

  // "-" is standard input.
  static Result<LineReader> Open(const std::string& path);

  struct Line {
    std::string_view text;  // without its newline; valid until the next call
    bool ended;             // false: the input ended without a newline
  };
  // nullopt: the end.
  Result<std::optional<Line>> Next();

  const std::string& name() const { return file_.name(); }    // for messages
  std::uint64_t line_number() const { return line_number_; }  // of the last line; the first is 1
  std::uint64_t bytes_read() const { return file_.bytes_read(); }
  // 0: unknown (a pipe).
  std::uint64_t total_bytes() const { return file_.total_bytes(); }

 private:
  explicit LineReader(InputFile file) : file_(std::move(file)) {}

  InputFile file_;
  std::uint64_t line_number_ = 0;
  std::string buffer_;
  std::size_t begin_ = 0;  // what is before it was handed out
  bool at_end_ = false;
};

}  // namespace beachdb::tools
