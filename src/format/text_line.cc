#include "format/text_line.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/strings.h"

namespace beachdb {

namespace {
constexpr std::size_t kTailSize = 10;  // a space, 8 digits, a newline
}  // namespace

std::string EncodeTextLine(std::string_view words) {
  CHECK(words.find('\n') == std::string_view::npos);
  CHECK(words.size() + kTailSize <= kTextLineSizeMax);
  return fmt::format("{} {:08x}\n", words, crc32c::Value(words));
}

Result<std::string> DecodeTextLine(std::string_view contents, std::string_view what) {
  const auto bad = [&](std::string_view why) {
    return Error(Code::kCorruption, fmt::format("{}: {}, found \"{}\" ({} bytes)", what, why,
                                                EscapeBytes(contents), contents.size()));
  };
  if (contents.empty()) return bad("the file is empty, want one line");
  if (contents.size() > kTextLineSizeMax || contents.size() < kTailSize) {
    return bad(fmt::format("want one line of {} to {} bytes", kTailSize, kTextLineSizeMax));
  }
  if (contents.find('\n') != contents.size() - 1) {
    return bad("want one line that ends in a newline");
  }
  const std::string_view words = contents.substr(0, contents.size() - kTailSize);
  const std::string want = fmt::format(" {:08x}\n", crc32c::Value(words));
  if (contents.substr(words.size()) != want) {
    return bad(fmt::format("checksum mismatch, want {}", want.substr(1, 8)));
  }
  return std::string(words);
}

}  // namespace beachdb
