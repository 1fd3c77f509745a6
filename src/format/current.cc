#include "format/current.h"

#include "base/strings.h"
#include "base/try.h"
#include "format/file_names.h"
#include "format/text_line.h"

namespace beachdb {

std::string EncodeCurrent(std::uint64_t manifest_number) {
  return EncodeTextLine(ManifestName(manifest_number));
}

Result<std::uint64_t> DecodeCurrent(std::string_view contents) {
  ASSIGN_OR_RETURN(const std::string name, DecodeTextLine(contents, kCurrentName));
  const auto parsed = ParseFileName(name);
  if (!parsed.has_value() || parsed->type != FileType::kManifest) {
    return Error(Code::kCorruption,
                 "CURRENT: want the name of a manifest (MANIFEST-000009), found \"" +
                     EscapeBytes(name) + "\"");
  }
  return parsed->number;
}

}  // namespace beachdb
