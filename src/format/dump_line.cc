#include "format/dump_line.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/strings.h"

namespace beachdb {
namespace {

constexpr std::string_view kHexLabel = "hex";
constexpr std::size_t kPartIndent = 2;
constexpr std::size_t kLabelWidth = 9;         // columns before the first value
constexpr std::size_t kHexWidth = 16 * 3 - 1;  // of 16 bytes

std::string Spaced(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string ValueText(const DumpLine::Value& value, std::size_t bytes_limit) {
  switch (value.kind) {
    case DumpLine::Kind::kInteger:
      return fmt::format("{} {}", Spaced(value.name), value.number);
    case DumpLine::Kind::kText:
      return fmt::format("{} {}", Spaced(value.name), value.text);
    case DumpLine::Kind::kWords:
      return value.text;
    case DumpLine::Kind::kBytes:
      break;
  }
  const std::string shown =
      fmt::format("{} \"{}\"", Spaced(value.name), EscapeBytes(value.bytes, bytes_limit));
  if (value.bytes.size() <= bytes_limit) return shown;
  return fmt::format("{} of {} bytes", shown, value.bytes.size());
}

}  // namespace

DumpLine DumpLine::PartOf(std::string_view label) {
  DumpLine line(label);
  line.indent_ = kPartIndent;
  return line;
}

DumpLine DumpLine::Hex(std::uint64_t offset, std::string_view bytes, std::string_view meaning) {
  DumpLine line(kHexLabel);
  line.Number("offset", offset).Text("hex", HexEncode(bytes)).Words("meaning", meaning);
  return line;
}

DumpLine DumpLine::HexZeros(std::uint64_t offset, std::uint64_t times, std::string_view meaning) {
  DumpLine line = Hex(offset, std::string_view("\0", 1), meaning);
  line.Number("times", times);
  return line;
}

DumpLine& DumpLine::Number(std::string_view name, std::uint64_t number) {
  values_.push_back({name, Kind::kInteger, number, {}, {}});
  return *this;
}

DumpLine& DumpLine::Text(std::string_view name, std::string_view text) {
  values_.push_back({name, Kind::kText, 0, std::string(text), {}});
  return *this;
}

DumpLine& DumpLine::Checksum(std::string_view name, std::uint32_t checksum) {
  return Text(name, fmt::format("{:08x}", checksum));
}

DumpLine& DumpLine::Words(std::string_view name, std::string_view words) {
  values_.push_back({name, Kind::kWords, 0, std::string(words), {}});
  return *this;
}

DumpLine& DumpLine::Bytes(std::string_view name, std::string_view bytes) {
  values_.push_back({name, Kind::kBytes, 0, {}, bytes});
  return *this;
}

std::string DumpLine::ToText(std::size_t bytes_limit) const {
  if (label_ == kHexLabel) return HexText();
  std::string text(indent_, ' ');
  text += label_;
  text.resize(std::max(text.size(), kLabelWidth - 1), ' ');
  std::string_view gap = " ";
  for (const Value& value : values_) {
    text += gap;
    text += ValueText(value, bytes_limit);
    gap = "  ";
  }
  return text;
}

// The values of Hex and HexZeros, in their order.
std::string DumpLine::HexText() const {
  const std::string& digits = values_[1].text;
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    if (i > 0) bytes += ' ';
    bytes += digits.substr(i, 2);
  }
  if (values_.size() > 3) bytes += fmt::format(" ({} times)", values_[3].number);
  return fmt::format("{:08x}: {:<{}} | {}", values_[0].number, bytes, kHexWidth, values_[2].text);
}

void DumpReport::TellFile(std::uint64_t bytes) const {
  Tell(DumpLine("file").Text("path", EscapeBytes(path_, path_.size())).Number("bytes", bytes));
}

void DumpReport::Problem(std::string_view where, std::uint64_t offset, std::string_view message) {
  for (const std::string& known : {path_ + ": ", fmt::format("offset {}: ", offset)}) {
    if (message.starts_with(known)) message.remove_prefix(known.size());
  }
  ++problems_;
  Tell(
      DumpLine("problem").Words("where", where).Number("offset", offset).Words("message", message));
}

}  // namespace beachdb
