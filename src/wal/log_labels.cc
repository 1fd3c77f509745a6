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

std::string_view ValueName(Kind kind) {
  switch (kind) {
    case Kind::kDeleteRange:
      return "end";
    case Kind::kGuard:
      return "condition";
    case Kind::kPutExpiring:
      return "expiry and value";
    default:
      return "value";
  }
}

// False: the rest cannot be told apart.
bool LabelOperation(ByteLabels& bytes) {
  const auto kind = static_cast<Kind>(bytes.rest().front());
  const std::string_view name = KindName(kind);
  if (name == "unknown") {
    bytes.TakeRest(fmt::format("kind {}, expected 1 to {}: not readable from here",
                               static_cast<unsigned>(kind),
                               static_cast<unsigned>(Kind::kPutExpiring)));
    return false;
  }
  bytes.Take(1, fmt::format("kind {}: {}", static_cast<unsigned>(kind), name));
  return LabelSized(bytes, "key") && (kind == Kind::kDelete || LabelSized(bytes, ValueName(kind)));
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
