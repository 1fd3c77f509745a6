#include "tools/line_reader.h"

#include <utility>

#include <fmt/format.h>

#include "base/try.h"

namespace beachdb::tools {
namespace {

constexpr std::size_t kChunkBytes = 256u << 10;

}  // namespace

Result<LineReader> LineReader::Open(const std::string& path) {
  ASSIGN_OR_RETURN(InputFile file, InputFile::Open(path));
  return LineReader(std::move(file));
}

Result<std::optional<LineReader::Line>> LineReader::Next() {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t newline = buffer_.find('\n', searched);
    if (newline != std::string::npos) {
      ++line_number_;
      const std::string_view text(buffer_.data() + begin_, newline - begin_);
      begin_ = newline + 1;
      return std::optional<Line>(Line{text, true});
    }
    if (at_end_) {
      if (begin_ == buffer_.size()) return std::optional<Line>();
      ++line_number_;
      const std::string_view text = std::string_view(buffer_).substr(begin_);
      begin_ = buffer_.size();
      return std::optional<Line>(Line{text, false});
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    if (searched > kMaxLineBytes) {
      return Error(Code::kInvalidArgument,
                   fmt::format("{}:{}: the line is longer than {} MiB", name(), line_number_ + 1,
                               kMaxLineBytes >> 20));
    }
    buffer_.resize(searched + kChunkBytes);
    const auto got = file_.Read({buffer_.data() + searched, kChunkBytes});
    buffer_.resize(searched + (got.ok() ? *got : 0));
    RETURN_IF_ERROR(got);
    at_end_ = *got == 0;
  }
}

}  // namespace beachdb::tools
