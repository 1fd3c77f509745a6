// Bytes of a file or of standard input, as a stream.
//
// Thread safety: none.
// Errors: kInvalidArgument: cannot be opened (a wrong name). kIoError: reading failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "beachdb/result.h"

namespace beachdb::tools {

class InputFile {
 public:
  // "-" is standard input.
  static Result<InputFile> Open(const std::string& path);

  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) = delete;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  // Fewer bytes than asked: there may be more; none: the end.
  Result<std::size_t> Read(std::span<char> out);

  const std::string& name() const { return name_; }  // for messages
  std::uint64_t bytes_read() const { return bytes_read_; }
  // 0: unknown (a pipe).
  std::uint64_t total_bytes() const { return total_bytes_; }

 private:
  InputFile(std::string name, int fd, std::uint64_t total_bytes);

  std::string name_;
  int fd_;
  std::uint64_t total_bytes_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace beachdb::tools
