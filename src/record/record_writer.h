// Encodes the records of one file into memory that the caller owns: a buffer, or the mapped file.
//
// Thread safety: immutable once made; Encode may be called from any thread.
// Limits: a payload of at most kMaxRecordPayload bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/file_header.h"
#include "record/record_format.h"

namespace beachdb {

class RecordWriter {
 public:
  explicit RecordWriter(const FileIdentity& file)
      : seed_(IdentityChecksum(file)), number_(static_cast<std::uint32_t>(file.number)) {}

  // Writes the record that will stand at `offset` of the file, with the payload `head` followed by
  // `body`, to `out`, which has room for RecordSize(head.size() + body.size()) bytes. Returns the
  // end of the record. REQUIRES: offset is a multiple of kRecordAlignment.
  char* Encode(char* out, std::uint64_t offset, RecordType type, std::string_view head,
               std::string_view body) const;

  // The same, appended to a string.
  void AppendTo(std::string& out, std::uint64_t offset, RecordType type,
                std::string_view payload) const;

 private:
  std::uint32_t seed_;
  std::uint32_t number_;
};

}  // namespace beachdb
