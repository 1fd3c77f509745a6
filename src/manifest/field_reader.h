// A manifest payload is a row of fields, read here and written by PutField.
//
//   size  field
//      v  tag       varint32; what the field is
//      v  length    varint32; bytes of the contents
//      n  contents
//
// Tags never descend, so that equal changes are equal bytes. A reader that meets a tag it does not
// know refuses when the tag is even (ignoring it would give a wrong state) and skips the field when
// it is odd. Specified in docs/formats/manifest.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb {

void PutField(std::string& out, std::uint32_t tag, std::string_view contents);
void PutVarintField(std::string& out, std::uint32_t tag, std::uint64_t value);

// Takes the fields of one payload in turn. Thread safety: none. The payload must outlive it.
// Errors: kCorruption with the offset in the payload, kNotSupported for an unknown even tag.
class FieldReader {
 public:
  explicit FieldReader(std::string_view payload) : payload_(payload), rest_(payload) {}

  bool AtEnd() const { return rest_.empty(); }
  // Moves to the next field. REQUIRES: !AtEnd().
  Status Next();

  std::uint32_t tag() const { return tag_; }
  // What is left of the field's contents; the Take functions eat it from the front.
  std::string_view contents() const { return contents_; }

  Status TakeVarint(std::string_view what, std::uint64_t& value);
  Status TakeByte(std::string_view what, unsigned char& value);
  Status TakeFixed32(std::string_view what, std::uint32_t& value);
  Status TakeLengthPrefixed(std::string_view what, std::string& value);
  // The field has nothing but what was taken.
  Status Finish() const;
  // The field is one varint, met once: `seen` says whether it was met before.
  Status OnlyVarint(std::string_view what, bool seen, std::uint64_t& value);

  // For a field whose tag the caller does not know: ok to go on, or kNotSupported.
  Status Unknown() const;
  // An error that names the field that is being read and where in the payload it begins.
  Error Damage(std::string_view what) const;

 private:
  std::string_view payload_;
  std::string_view rest_;
  std::string_view contents_;
  std::uint32_t tag_ = 0;
  std::uint64_t offset_ = 0;  // of the current field in the payload
};

}  // namespace beachdb
