#include "format/identity.h"

#include <cstring>

#include "base/strings.h"
#include "base/try.h"
#include "format/file_names.h"
#include "format/text_line.h"

namespace beachdb {

namespace {
constexpr std::string_view kLabel = "beachdb-identity ";
constexpr std::string_view kVersion = "1 ";
}  // namespace

DatabaseId MakeDatabaseId(std::uint64_t random_high, std::uint64_t random_low) {
  DatabaseId id{};
  std::memcpy(id.data(), &random_high, 8);
  std::memcpy(id.data() + 8, &random_low, 8);
  id[6] = static_cast<unsigned char>((id[6] & 0x0f) | 0x40);
  id[8] = static_cast<unsigned char>((id[8] & 0x3f) | 0x80);
  return id;
}

std::string EncodeIdentity(const DatabaseId& id) {
  std::string words(kLabel);
  words += kVersion;
  words += FormatDatabaseId(id);
  return EncodeTextLine(words);
}

Result<DatabaseId> DecodeIdentity(std::string_view contents) {
  ASSIGN_OR_RETURN(const std::string line, DecodeTextLine(contents, kIdentityName));
  std::string_view words = line;
  if (!words.starts_with(kLabel)) {
    return Error(Code::kCorruption,
                 "IDENTITY: want a line that begins with \"beachdb-identity\", "
                 "found \"" +
                     EscapeBytes(line) + "\"");
  }
  words.remove_prefix(kLabel.size());
  if (!words.starts_with(kVersion)) {
    return Error(Code::kNotSupported, "IDENTITY: version " +
                                          EscapeBytes(words.substr(0, words.find(' '))) +
                                          ", this build reads 1: use a newer build");
  }
  return ParseDatabaseId(words.substr(kVersion.size())).WithContext("IDENTITY: ");
}

}  // namespace beachdb
