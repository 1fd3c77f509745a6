#include "backup/backup_record.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/crc32c.h"
#include "base/strings.h"
#include "base/try.h"

namespace beachdb {
namespace {

constexpr std::string_view kFirstLine = "beachdb-backup ";
constexpr std::uint64_t kVersion = 1;
constexpr std::string_view kRecordSuffix = ".backup";
constexpr std::string_view kTableSuffix = ".sst";
constexpr std::string_view kManifestSuffix = ".manifest";
constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::size_t kIdentityChars = 36;

bool IsDecimal(std::string_view text) {
  return !text.empty() && text.size() <= 20 && (text == "0" || text.front() != '0') &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

template <typename Number>
std::optional<Number> Parse(std::string_view text, int base) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> ParseDecimal(std::string_view text) {
  return IsDecimal(text) ? Parse<std::uint64_t>(text, 10) : std::nullopt;
}

std::optional<std::uint32_t> ParseChecksum(std::string_view text) {
  const bool form =
      text.size() == 8 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return form ? Parse<std::uint32_t>(text, 16) : std::nullopt;
}

// Takes what stands before the next `separator` off the front.
std::string_view TakeUntil(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  // The rest of the next line, which must begin with `name`.
  Result<std::string_view> Take(std::string_view name) {
    ++line_;
    const std::string_view line = TakeUntil(text_, '\n');
    if (!line.starts_with(name) || line.substr(name.size(), 1) != " ") {
      return Wrong(fmt::format("want \"{} ...\"", name), line);
    }
    return line.substr(name.size() + 1);
  }
  Status TakeNumber(std::string_view name, std::uint64_t& number) {
    ASSIGN_OR_RETURN(const std::string_view rest, Take(name));
    const auto parsed = ParseDecimal(rest);
    if (!parsed) return Wrong(fmt::format("want \"{} <number>\"", name), rest);
    number = *parsed;
    return OkStatus();
  }
  Status TakeFile(std::string_view name, StoredFile& file) {
    ASSIGN_OR_RETURN(const std::string_view line, Take(name));
    std::string_view rest = line;
    const auto number = ParseDecimal(TakeUntil(rest, ' '));
    const auto size = ParseDecimal(TakeUntil(rest, ' '));
    const auto checksum = ParseChecksum(rest);
    if (!number || !size || !checksum) {
      return Wrong(fmt::format("want \"{} <number> <bytes> <8 hex digits>\"", name), line);
    }
    file = {*number, *size, *checksum};
    return OkStatus();
  }
  Error Wrong(const std::string& want, std::string_view found) const {
    return {Code::kCorruption,
            fmt::format("line {}: {}, found \"{}\"", line_, want, EscapeBytes(found))};
  }

 private:
  std::string_view text_;
  int line_ = 0;
};

// Takes the last line off, which vouches for those before it.
Status CheckLastLine(std::string_view& text) {
  constexpr std::string_view kEnd = "end ";
  constexpr std::size_t kSize = kEnd.size() + 8 + 1;
  const std::string_view last = text.substr(text.size() - std::min(text.size(), kSize));
  const auto checksum = last.size() == kSize && last.starts_with(kEnd) && last.ends_with('\n')
                            ? ParseChecksum(last.substr(kEnd.size(), 8))
                            : std::nullopt;
  if (!checksum) {
    return Error(Code::kCorruption,
                 fmt::format("want \"end <8 hex digits>\" as the last line of {} bytes, found "
                             "\"{}\": the file is cut short, or damaged",
                             text.size(), EscapeBytes(last)));
  }
  text.remove_suffix(kSize);
  if (!text.empty() && text.back() != '\n') {
    return Error(Code::kCorruption, fmt::format("want a newline before the last line, found \"{}\"",
                                                EscapeBytes(text.substr(text.size() - 1))));
  }
  const std::uint32_t found = crc32c::Value(text);
  if (found == *checksum) return OkStatus();
  return Error(Code::kCorruption,
               fmt::format("checksum mismatch: the last line says {:08x}, the {} bytes before it "
                           "have {:08x}",
                           *checksum, text.size(), found));
}

std::string LineOf(std::string_view name, const StoredFile& file) {
  return fmt::format("{} {} {} {:08x}\n", name, file.number, file.size, file.checksum);
}

}  // namespace

std::uint64_t BackupRecord::bytes() const {
  std::uint64_t sum = manifest.size;
  for (const StoredFile& table : tables) sum += table.size;
  return sum;
}

BackupInfo BackupRecord::ToInfo() const {
  return {.id = id,
          .created_micros = created_micros,
          .database = FormatDatabaseId(database),
          .last_seqno = last_seqno,
          .durable_index = durable_index,
          .files = tables.size() + 1,
          .bytes = bytes(),
          .new_files = new_files,
          .new_bytes = new_bytes};
}

std::string EncodeBackupRecord(const BackupRecord& record) {
  std::string text = fmt::format(
      "{}{}\nid {}\ncreated_micros {}\ndatabase {}\nlast_seqno {}\ndurable_index {}\n"
      "new_files {}\nnew_bytes {}\n",
      kFirstLine, kVersion, record.id, record.created_micros, FormatDatabaseId(record.database),
      record.last_seqno, record.durable_index, record.new_files, record.new_bytes);
  text += LineOf("manifest", record.manifest);
  for (const StoredFile& table : record.tables) text += LineOf("table", table);
  return text + fmt::format("end {:08x}\n", crc32c::Value(text));
}

Result<BackupRecord> DecodeBackupRecord(std::string_view text) {
  RETURN_IF_ERROR(CheckLastLine(text));
  LineReader lines(text);
  std::uint64_t version = 0;
  RETURN_IF_ERROR(lines.TakeNumber(kFirstLine.substr(0, kFirstLine.size() - 1), version));
  if (version != kVersion) {
    return Error(
        Code::kNotSupported,
        fmt::format("the record is of version {}, this build reads {}", version, kVersion));
  }
  BackupRecord record;
  RETURN_IF_ERROR(lines.TakeNumber("id", record.id));
  RETURN_IF_ERROR(lines.TakeNumber("created_micros", record.created_micros));
  ASSIGN_OR_RETURN(const std::string_view database, lines.Take("database"));
  ASSIGN_OR_RETURN(record.database, ParseDatabaseId(database));
  RETURN_IF_ERROR(lines.TakeNumber("last_seqno", record.last_seqno));
  RETURN_IF_ERROR(lines.TakeNumber("durable_index", record.durable_index));
  RETURN_IF_ERROR(lines.TakeNumber("new_files", record.new_files));
  RETURN_IF_ERROR(lines.TakeNumber("new_bytes", record.new_bytes));
  RETURN_IF_ERROR(lines.TakeFile("manifest", record.manifest));
  while (!lines.at_end()) {
    StoredFile table;
    RETURN_IF_ERROR(lines.TakeFile("table", table));
    if (!record.tables.empty() && table.number <= record.tables.back().number) {
      return lines.Wrong(fmt::format("want a table above {}", record.tables.back().number),
                         std::to_string(table.number));
    }
    record.tables.push_back(table);
  }
  return record;
}

std::string RecordName(std::uint64_t id) { return fmt::format("{:06}{}", id, kRecordSuffix); }

std::optional<std::uint64_t> ParseRecordName(std::string_view name) {
  if (!name.ends_with(kRecordSuffix)) return std::nullopt;
  std::string_view digits = name.substr(0, name.size() - kRecordSuffix.size());
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  const auto id = ParseDecimal(digits);
  return id && RecordName(*id) == name ? id : std::nullopt;
}

std::string StoredName(const DatabaseId& database, const StoredFile& file, StoredKind kind) {
  return fmt::format("{}-{:06}-{}-{:08x}{}", FormatDatabaseId(database), file.number, file.size,
                     file.checksum, kind == StoredKind::kTable ? kTableSuffix : kManifestSuffix);
}

bool IsStoredName(std::string_view name) {
  if (name.ends_with(kTemporarySuffix)) name.remove_suffix(kTemporarySuffix.size());
  const bool is_table = name.ends_with(kTableSuffix);
  if (!is_table && !name.ends_with(kManifestSuffix)) return false;
  std::string_view rest = name.substr(0, name.rfind('.'));
  const auto database = ParseDatabaseId(rest.substr(0, kIdentityChars));
  if (!database.ok() || rest.size() <= kIdentityChars + 1) return false;
  rest.remove_prefix(kIdentityChars + 1);
  std::string_view digits = TakeUntil(rest, '-');
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  const auto number = ParseDecimal(digits);
  const auto size = ParseDecimal(TakeUntil(rest, '-'));
  const auto checksum = ParseChecksum(rest);
  if (!number || !size || !checksum) return false;
  return StoredName(*database, {*number, *size, *checksum},
                    is_table ? StoredKind::kTable : StoredKind::kManifest) == name;
}

}  // namespace beachdb
