#include "record/record_writer.h"

#include <cstring>

#include "base/check.h"
#include "base/coding.h"

namespace beachdb {

char* RecordWriter::Encode(char* out, std::uint64_t offset, RecordType type, std::string_view head,
                           std::string_view body) const {
  const std::size_t length = head.size() + body.size();
  CHECK(length <= kMaxRecordPayload && offset % kRecordAlignment == 0);
  const std::size_t size = RecordSize(length);
  // The padding first, by whole: the payload then covers what is not padding.
  std::memset(out + size - kRecordAlignment, 0, kRecordAlignment);
  StoreFixed32(out + 4, static_cast<std::uint32_t>(length));
  StoreFixed32(out + 8, static_cast<std::uint32_t>(type));
  StoreFixed32(out + 12, number_);
  char* p = out + kRecordHeaderSize;
  if (!head.empty()) std::memcpy(p, head.data(), head.size());
  if (!body.empty()) std::memcpy(p + head.size(), body.data(), body.size());
  const std::string_view covered(out + 4, kRecordHeaderSize - 4 + length);
  StoreFixed32(out, BoundChecksum(seed_, offset, covered));
  return out + size;
}

void RecordWriter::AppendTo(std::string& out, std::uint64_t offset, RecordType type,
                            std::string_view payload) const {
  const std::size_t begin = out.size();
  out.resize(begin + RecordSize(payload.size()));
  Encode(out.data() + begin, offset, type, {}, payload);
}

}  // namespace beachdb
