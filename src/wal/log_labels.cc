#include "wal/log_labels.h"

#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "kv/internal_key.h"

namespace beachdb {
namespace {

std::string_view RecordTypeName(std::uint8_t type) {
  switch (type) {
    case 1:
      return "batch";
    case 2:
      return "manifest snapshot";
    case 3:
      return "manifest edit";
    default:
      return "unknown";
  }
}

// A size and as many bytes. False: they are not there.
bool LabelSized(ByteLabels& bytes, std::string_view what) {
  const auto size = bytes.TakeVarint(fmt::format("{} size", what));
  if (!size.has_value()) return false;
  if (*size > bytes.rest().size()) {
    bytes.TakeRest(fmt::format("{}: cut short, expected {} bytes", what, *size));
    return false;
  }
  return bytes.TakeText(*size, what);
}

// False: the rest cannot be told apart.
bool LabelOperation(ByteLabels& bytes) {
  const auto kind = static_cast<Kind>(bytes.rest().front());
  if (kind != Kind::kPut && kind != Kind::kDelete) {
    bytes.TakeRest(fmt::format("kind {}, expected 1 or 2: not readable from here",
                               static_cast<unsigned>(kind)));
    return false;
  }
  bytes.Take(1, kind == Kind::kPut ? "kind 2: put" : "kind 1: delete");
  return LabelSized(bytes, "key") && (kind == Kind::kDelete || LabelSized(bytes, "value"));
}

}  // namespace

void LabelRecordHeader(ByteLabels& bytes) {
  bytes.TakeFixed32("checksum", ByteLabels::Base::kHex);
  bytes.TakeFixed32("length");
  if (!bytes.rest().empty()) {
    const auto type = static_cast<std::uint8_t>(bytes.rest().front());
    bytes.Take(1, fmt::format("type {}: {}", type, RecordTypeName(type)));
  }
  bytes.TakeZeros(3);
  bytes.TakeFixed32("number");
}

void LabelLogEntry(ByteLabels& bytes) {
  bytes.TakeFixed64("first seqno");
  bytes.TakeFixed64("durable seqno");
  bytes.TakeFixed64("applied index");
  const auto count = bytes.TakeFixed32("operation count");
  if (!count.has_value()) return;
  for (std::uint32_t i = 0; i < *count && !bytes.rest().empty(); ++i) {
    if (!LabelOperation(bytes)) return;
  }
  bytes.TakeRest("left over behind the last operation");
}

}  // namespace beachdb
