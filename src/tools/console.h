// Where a command writes. Standard output holds results only: progress and errors go to stderr.
//
// Thread safety: none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb::tools {

class Console {
 public:
  Console();

  bool out_is_terminal() const { return out_is_terminal_; }
  bool err_is_terminal() const { return err_is_terminal_; }
  // Columns of the terminal; 80 where there is none.
  std::size_t width() const { return width_; }

  // Buffered. After the reader of a pipe has gone (`beach scan | head`), text goes nowhere and
  // closed() is true: a reason to stop, not an error.
  void Write(std::string_view text);
  void WriteLine(std::string_view text) {
    Write(text);
    Write("\n");
  }
  bool closed() const { return closed_; }
  // Writes the buffer. kIoError: not all of the output has arrived.
  Status Flush();

 private:
  std::string buffer_;
  bool out_is_terminal_;
  bool err_is_terminal_;
  std::size_t width_;
  bool closed_ = false;
  Status failed_;
};

}  // namespace beachdb::tools
