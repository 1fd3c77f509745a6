#include "format/byte_labels.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/strings.h"
#include "format/file_header.h"

namespace beachdb {
namespace {

constexpr std::size_t kBytesPerLine = 16;
constexpr std::size_t kTextShown = 24;  // bytes

bool AllZero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

bool ByteLabels::Take(std::size_t size, std::string_view meaning) {
  const bool complete = size <= rest_.size();
  std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(bytes.size());
  const std::string cut =
      complete ? "" : fmt::format("{}: cut short, expected {} bytes", meaning, size);
  const std::string_view told = complete ? meaning : std::string_view(cut);
  if (bytes.size() > kBytesPerLine && AllZero(bytes)) {
    out_(DumpLine::HexZeros(offset_, bytes.size(), told));
    offset_ += bytes.size();
    return complete;
  }
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, kBytesPerLine);
    out_(DumpLine::Hex(offset_, line, told));
    offset_ += line.size();
    bytes.remove_prefix(line.size());
  }
  return complete;
}

bool ByteLabels::TakeZeros(std::size_t size) {
  return Take(size, AllZero(rest_.substr(0, size)) ? "zero" : "expected zeros");
}

bool ByteLabels::TakeText(std::size_t size, std::string_view name) {
  return Take(size, fmt::format("{} \"{}\"", name, EscapeBytes(rest_.substr(0, size), kTextShown)));
}

std::optional<std::uint8_t> ByteLabels::TakeByte(std::string_view name) {
  if (rest_.empty()) return std::nullopt;
  const auto value = static_cast<std::uint8_t>(rest_.front());
  Take(1, fmt::format("{} {}", name, value));
  return value;
}

std::optional<std::uint32_t> ByteLabels::TakeFixed32(std::string_view name, Base base) {
  std::string_view in = rest_;
  std::uint32_t value = 0;
  if (!GetFixed32(in, value)) {
    Take(sizeof value, name);
    return std::nullopt;
  }
  Take(sizeof value, base == Base::kHex ? fmt::format("{} {:08x}", name, value)
                                        : fmt::format("{} {}", name, value));
  return value;
}

std::optional<std::uint64_t> ByteLabels::TakeFixed64(std::string_view name) {
  std::string_view in = rest_;
  std::uint64_t value = 0;
  if (!GetFixed64(in, value)) {
    Take(sizeof value, name);
    return std::nullopt;
  }
  Take(sizeof value, fmt::format("{} {}", name, value));
  return value;
}

std::optional<std::uint64_t> ByteLabels::TakeVarint(std::string_view name) {
  std::string_view in = rest_;
  std::uint64_t value = 0;
  if (!GetVarint64(in, value)) {
    TakeRest(fmt::format("{}: cut short or no varint", name));
    return std::nullopt;
  }
  Take(rest_.size() - in.size(), fmt::format("{} {}", name, value));
  return value;
}

void LabelFileHeader(ByteLabels& bytes) {
  constexpr std::size_t kMagicSize = 8;
  constexpr std::size_t kChecksumAt = 60;
  const std::string_view whole = bytes.rest();
  bytes.TakeText(kMagicSize, "magic");
  bytes.TakeFixed32("format version");
  bytes.TakeFixed32("incompatible features", ByteLabels::Base::kHex);
  bytes.TakeFixed32("compatible features", ByteLabels::Base::kHex);
  bytes.TakeZeros(4);
  bytes.Take(DatabaseId().size(), "database identity");
  bytes.TakeFixed64("file number");
  bytes.TakeFixed64("creation time in us after 1970:");
  bytes.TakeZeros(4);
  if (whole.size() < kFileHeaderSize) return bytes.TakeRest("checksum: cut short");
  const std::uint32_t sum = crc32c::Value(whole.substr(0, kChecksumAt));
  const std::uint32_t found = LoadFixed32(whole.data() + kChecksumAt);
  bytes.Take(4, found == sum ? fmt::format("checksum {:08x}", found)
                             : fmt::format("checksum {:08x}, expected {:08x}", found, sum));
}

}  // namespace beachdb
