#include "format/file_names.h"

#include <fmt/format.h>

namespace beachdb {

namespace {

constexpr std::string_view kTableSuffix = ".sst";
constexpr std::string_view kLogSuffix = ".wal";
constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::string_view kManifestPrefix = "MANIFEST-";
constexpr std::size_t kDigitsMin = 6;

// Exactly what "{:06}" makes, and nothing else, so that a name and a number are one to one.
std::optional<std::uint64_t> ParseNumber(std::string_view digits) {
  if (digits.size() < kDigitsMin || digits.size() > 20) return std::nullopt;
  if (digits.size() > kDigitsMin && digits[0] == '0') return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    if (__builtin_mul_overflow(number, 10u, &number)) return std::nullopt;
    if (__builtin_add_overflow(number, static_cast<unsigned>(c - '0'), &number)) {
      return std::nullopt;
    }
  }
  return number;
}

std::optional<ParsedName> Numbered(FileType type, std::string_view digits) {
  const std::optional<std::uint64_t> number = ParseNumber(digits);
  if (!number.has_value()) return std::nullopt;
  return ParsedName{type, *number};
}

}  // namespace

std::string TableName(std::uint64_t number) { return fmt::format("{:06}{}", number, kTableSuffix); }
std::string LogName(std::uint64_t number) { return fmt::format("{:06}{}", number, kLogSuffix); }
std::string ManifestName(std::uint64_t number) {
  return fmt::format("{}{:06}", kManifestPrefix, number);
}

std::string JoinPath(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') path += '/';
  path += name;
  return path;
}

std::optional<ParsedName> ParseFileName(std::string_view name) {
  if (name == kCurrentName) return ParsedName{FileType::kCurrent};
  if (name == kIdentityName) return ParsedName{FileType::kIdentity};
  if (name == kLockName) return ParsedName{FileType::kLock};
  if (name == kEventsName) return ParsedName{FileType::kEvents};
  if (name.starts_with(kManifestPrefix)) {
    const std::string_view rest = name.substr(kManifestPrefix.size());
    if (!rest.ends_with(kTemporarySuffix)) return Numbered(FileType::kManifest, rest);
  }
  if (name.ends_with(kTableSuffix)) {
    return Numbered(FileType::kTable, name.substr(0, name.size() - kTableSuffix.size()));
  }
  if (name.ends_with(kLogSuffix)) {
    return Numbered(FileType::kLog, name.substr(0, name.size() - kLogSuffix.size()));
  }
  if (name.size() > kTemporarySuffix.size() && name.ends_with(kTemporarySuffix)) {
    return ParsedName{FileType::kTemporary};
  }
  return std::nullopt;
}

}  // namespace beachdb
