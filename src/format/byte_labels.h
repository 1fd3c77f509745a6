// Takes the bytes of a file apart for people: every byte is shown once, in order, with its meaning
// (DumpLine::Hex). What a format's own labels are made of: wal/log_labels.h,
// sstable/table_labels.h.
//
//   ByteLabels bytes(out, 4096, record);
//   bytes.TakeFixed32("checksum", ByteLabels::Base::kHex);
//   const auto length = bytes.TakeFixed32("length");
//
// Nothing is trusted: a Take that wants more than is left shows what is left as cut short, and
// returns nothing. Memory: one line.
//
// Thread safety: none. Lifetime: sink and bytes must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "format/dump_line.h"

namespace beachdb {

class ByteLabels {
 public:
  enum class Base : std::uint8_t { kDecimal, kHex };

  // `offset`: of the first byte, in the file or in whatever the caller has announced.
  ByteLabels(const DumpSink& out, std::uint64_t offset, std::string_view bytes)
      : out_(out), offset_(offset), rest_(bytes) {}

  // Where the next Take begins, and what it finds.
  std::uint64_t offset() const { return offset_; }
  std::string_view rest() const { return rest_; }

  // The next `size` bytes, told as `meaning`. False: fewer are left.
  bool Take(std::size_t size, std::string_view meaning);
  // Bytes that must be zero; others are told as such.
  bool TakeZeros(std::size_t size);
  // `size` bytes of text, told as `name` and the text.
  bool TakeText(std::size_t size, std::string_view name);
  // A number, told as `name` and its value.
  std::optional<std::uint8_t> TakeByte(std::string_view name);
  std::optional<std::uint32_t> TakeFixed32(std::string_view name, Base base = Base::kDecimal);
  std::optional<std::uint64_t> TakeFixed64(std::string_view name);
  std::optional<std::uint64_t> TakeVarint(std::string_view name);
  // Whatever is left.
  void TakeRest(std::string_view meaning) { Take(rest_.size(), meaning); }

 private:
  const DumpSink& out_;
  std::uint64_t offset_;
  std::string_view rest_;
};

// The 64 bytes of format/file_header.h, right or wrong.
void LabelFileHeader(ByteLabels& bytes);

}  // namespace beachdb
