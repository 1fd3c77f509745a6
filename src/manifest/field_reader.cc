#include "manifest/field_reader.h"

#include "base/check.h"
#include "base/coding.h"

namespace beachdb {

void PutField(std::string& out, std::uint32_t tag, std::string_view contents) {
  PutVarint32(out, tag);
  PutLengthPrefixed(out, contents);
}

void PutVarintField(std::string& out, std::uint32_t tag, std::uint64_t value) {
  PutVarint32(out, tag);
  PutVarint32(out, static_cast<std::uint32_t>(VarintLength(value)));
  PutVarint64(out, value);
}

Status FieldReader::Next() {
  CHECK(!AtEnd());
  const std::uint32_t previous = tag_;
  offset_ = payload_.size() - rest_.size();
  if (!GetVarint32(rest_, tag_) || tag_ == 0) {
    return Error(Code::kCorruption, "offset " + std::to_string(offset_) + ": no valid field tag");
  }
  if (tag_ < previous) {
    return Damage("stands behind a field of tag " + std::to_string(previous) +
                  "; tags never descend");
  }
  const std::string_view from_length = rest_;
  if (!GetLengthPrefixed(rest_, contents_)) {
    std::string_view in = from_length;
    std::uint32_t length = 0;
    if (!GetVarint32(in, length)) return Damage("has no valid length");
    return Damage("claims " + std::to_string(length) + " bytes, " + std::to_string(in.size()) +
                  " are left");
  }
  return OkStatus();
}

Status FieldReader::TakeVarint(std::string_view what, std::uint64_t& value) {
  if (GetVarint64(contents_, value)) return OkStatus();
  return Damage(std::string(what) + " is cut short or malformed");
}

Status FieldReader::TakeByte(std::string_view what, unsigned char& value) {
  if (contents_.empty()) return Damage(std::string(what) + " is cut short");
  value = static_cast<unsigned char>(contents_.front());
  contents_.remove_prefix(1);
  return OkStatus();
}

Status FieldReader::TakeFixed32(std::string_view what, std::uint32_t& value) {
  if (GetFixed32(contents_, value)) return OkStatus();
  return Damage(std::string(what) + " is cut short");
}

Status FieldReader::TakeLengthPrefixed(std::string_view what, std::string& value) {
  std::string_view bytes;
  if (!GetLengthPrefixed(contents_, bytes)) return Damage(std::string(what) + " is cut short");
  value = bytes;
  return OkStatus();
}

Status FieldReader::Finish() const {
  if (contents_.empty()) return OkStatus();
  return Damage("has " + std::to_string(contents_.size()) + " bytes too many");
}

Status FieldReader::OnlyVarint(std::string_view what, bool seen, std::uint64_t& value) {
  if (seen) return Damage(std::string(what) + " is there twice");
  if (auto taken = TakeVarint(what, value); !taken.ok()) return taken;
  return Finish();
}

Status FieldReader::Unknown() const {
  if (tag_ % 2 == 1) return OkStatus();
  return Error(Code::kNotSupported,
               "offset " + std::to_string(offset_) + ": field of tag " + std::to_string(tag_) +
                   " is unknown to this build and must not be ignored; open the database with "
                   "the newer build that wrote it");
}

Error FieldReader::Damage(std::string_view what) const {
  return {Code::kCorruption, "offset " + std::to_string(offset_) + ": field of tag " +
                                 std::to_string(tag_) + ": " + std::string(what)};
}

}  // namespace beachdb
