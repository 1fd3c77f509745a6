// The lines that dumps are made of, whatever the file: what a line tells of, then named values.
// A program prints them for people or for programs, a test looks at them:
//
//   out(DumpLine("record").Number("offset", 4096).Bytes("key", key));
//
//   text   record   offset 4096  key "conch"
//   JSON   {"line":"record","offset":4096,"key":"conch"}       (tools/dump_json.h)
//
// Names are lower case with underscores, which text shows as spaces.
//
// Thread safety: none. Lifetime: names and bytes are views and must outlive the line, which a sink
// takes apart before it returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace beachdb {

class DumpLine {
 public:
  enum class Kind : std::uint8_t {
    kInteger,
    kText,   // a name or a sum of ours
    kWords,  // a sentence: text shows it without its name
    kBytes,  // a user's: anything may be in it, of any length
  };
  struct Value {
    std::string_view name;
    Kind kind = Kind::kInteger;
    std::uint64_t number = 0;  // kInteger
    std::string text;          // kText, kWords
    std::string_view bytes;    // kBytes
  };

  explicit DumpLine(std::string_view label) : label_(label) {}
  // Tells of a part of what the line before it tells of: text is set in.
  static DumpLine PartOf(std::string_view label);
  // `bytes` of the file at `offset`, and what they mean, as in the hex examples of docs/formats:
  //   text   00001000: 70 6e 2e e2                                      | checksum e22e6e70
  //   JSON   {"line":"hex","offset":4096,"hex":"706e2ee2","meaning":"checksum e22e6e70"}
  static DumpLine Hex(std::uint64_t offset, std::string_view bytes, std::string_view meaning);
  // The same for `times` zeros, which are shown as one.
  static DumpLine HexZeros(std::uint64_t offset, std::uint64_t times, std::string_view meaning);

  DumpLine& Number(std::string_view name, std::uint64_t number);
  DumpLine& Text(std::string_view name, std::string_view text);
  // Eight hex digits.
  DumpLine& Checksum(std::string_view name, std::uint32_t checksum);
  DumpLine& Words(std::string_view name, std::string_view words);
  DumpLine& Bytes(std::string_view name, std::string_view bytes);

  std::string_view label() const { return label_; }
  const std::vector<Value>& values() const { return values_; }

  // The line for people, without the newline. At most `bytes_limit` bytes of each key or value are
  // shown; what is cut says how many there are.
  std::string ToText(std::size_t bytes_limit) const;

 private:
  std::string HexText() const;

  std::string_view label_;
  std::size_t indent_ = 0;
  std::vector<Value> values_;
};

using DumpSink = std::function<void(const DumpLine& line)>;

// Where one dump tells its lines, and how many of them tell of damage.
class DumpReport {
 public:
  // `sink` must outlive it; `path` is the file's.
  DumpReport(const DumpSink& sink, std::string_view path) : sink_(sink), path_(path) {}

  void Tell(const DumpLine& line) const { sink_(line); }
  // The line "file": its path, whole, and its size in bytes.
  void TellFile(std::uint64_t bytes) const;
  // A line "problem": what is damaged ("record 3"), at which offset of the file, and what was
  // expected and found. A message that begins with the file's name or that offset does not say them
  // twice.
  void Problem(std::string_view where, std::uint64_t offset, std::string_view message);

  std::uint64_t problems() const { return problems_; }
  const DumpSink& sink() const { return sink_; }

 private:
  const DumpSink& sink_;
  std::string path_;
  std::uint64_t problems_ = 0;
};

}  // namespace beachdb
