#include "tests/c_api/c_coverage.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "tests/c_api/header_reader.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

// How the C name of a member begins. Two prefixes: C needs both.
const std::map<std::string, std::vector<std::string>>& Prefixes() {
  static const std::map<std::string, std::vector<std::string>> kPrefixes = {
      {"", {"beachdb_"}},
      {"Db", {"beachdb_"}},
      {"Error", {"beachdb_error_"}},
      {"Iterator", {"beachdb_iterator_"}},
      {"PinnedValue", {"beachdb_pinned_"}},
      {"Snapshot", {"beachdb_snapshot_"}},
      {"Stats", {"beachdb_stats_"}},
      {"VerifyReport", {"beachdb_verify_report_"}},
      {"WriteBatch", {"beachdb_batch_"}},
      {"BackupOptions", {"beachdb_backup_options_set_"}},
      {"Options", {"beachdb_options_set_"}},
      {"WriteOptions", {"beachdb_write_options_set_"}},
      {"ReadOptions", {"beachdb_read_options_set_", "beachdb_iterator_options_set_"}},
      {"IteratorOptions", {"beachdb_iterator_options_set_"}},
      {"Code", {"BEACHDB_"}},
      {"Compression", {"BEACHDB_COMPRESSION_"}},
      {"Durability", {"BEACHDB_"}},
      {"LogLevel", {"BEACHDB_LOG_"}},
      {"LogOwner", {"BEACHDB_LOG_OWNER_"}},
      {"MemTableKind", {"BEACHDB_MEMTABLE_"}},
      {"ScanOrder", {"BEACHDB_SCAN_"}},
      {"BulkLoad", {"beachdb_bulk_load_"}},
      {"IngestMode", {"BEACHDB_INGEST_"}},
      {"TableFileBuilder", {"beachdb_table_file_"}},
      {"TableFileOptions", {"beachdb_table_file_options_set_"}},
  };
  return kPrefixes;
}

// What has no C function of its name, and why that is right.
bool IsToldOtherwise(const Member& member) {
  static const std::set<std::string_view> kTold = {
      "Options::environment",  // replaces the world by C++ objects
      "TableFileOptions::environment",
      "BackupOptions::environment",
      "Error::WithContext",  // for errors on their way up through C++
      "OkStatus",            // NULL
      "Db::GetStats",        // beachdb_stats_to_string and _to_json
      "FindingName",         // in the JSON of an explanation
      "EventKindName",       // in that of an event
      "VersionKindName",     // in that of a version
  };
  // Results are handles and error handles; figures are named in the JSON (another test), and so is
  // what explanations and events are made of.
  static const std::set<std::string_view> kScopes = {
      "Result", "VerifyOptions", "VerifyDepth", "LevelStats", "TableStats", "Event", "EventKind",
      "Finding", "VersionKind", "KeyVersion", "GetExplanation", "ScanExplanation", "ExplainedTable",
      "ExplainedRun", "ExplainedMemTable", "ExplainedLevel", "ExplainedBlock",
      // Reports in JSON; progress comes as arguments.
      "BackupInfo", "BackupList", "BackupVerifyReport", "PruneReport", "BackupProgress"};
  const bool is_figure = member.scope == "Stats" && member.kind == MemberKind::kField;
  return is_figure || kScopes.contains(member.scope) || kTold.contains(member.QualifiedName());
}

// "MultiGet" and "multi_get": "multi_get". The k of an enumerator or a constant goes.
std::string SnakeCase(const Member& member) {
  std::string name = member.name;
  const bool has_k = member.kind == MemberKind::kEnumerator || member.kind == MemberKind::kConstant;
  if (has_k && name.starts_with('k')) name.erase(0, 1);
  std::string snake;
  for (const char c : name) {
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (upper && !snake.empty() && snake.back() != '_') snake += '_';
    snake += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (has_k) {
    std::transform(snake.begin(), snake.end(), snake.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  }
  return snake;
}

std::string TextOf(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Every word of c.h that names something of ours: functions, enumerators, macros.
std::set<std::string> WordsOfC(const fs::path& path) {
  static const std::regex kComment("//[^\n]*");
  static const std::regex kWord(R"(\b(?:BEACHDB_[A-Z0-9_]+|beachdb_[a-z0-9_]+(?=\()))");
  const std::string text = std::regex_replace(TextOf(path), kComment, "");
  std::set<std::string> words;
  for (std::sregex_iterator it(text.begin(), text.end(), kWord), end; it != end; ++it) {
    words.insert(it->str());
  }
  return words;
}

}  // namespace

std::vector<std::string> CheckCCoverage(const fs::path& root) {
  const fs::path folder = root / "include" / "beachdb";
  const std::set<std::string> words = WordsOfC(folder / "c.h");
  std::vector<fs::path> headers;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != "c.h") headers.push_back(entry.path());
  }
  std::sort(headers.begin(), headers.end());

  std::vector<std::string> complaints;
  for (const fs::path& header : headers) {
    for (const Member& member : PublicMembers(TextOf(header))) {
      if (IsToldOtherwise(member)) continue;
      const std::string where =
          fmt::format("{}: {}", header.filename().string(), member.QualifiedName());
      const auto prefixes = Prefixes().find(member.scope);
      if (prefixes == Prefixes().end()) {
        complaints.push_back(where + ": tests/c_api/c_coverage.cc knows no C name for its class");
        continue;
      }
      for (std::string prefix : prefixes->second) {
        if (member.kind == MemberKind::kConstant) prefix = "BEACHDB_";
        const std::string want = prefix + SnakeCase(member);
        if (!words.contains(want)) complaints.push_back(where + ": c.h lacks " + want);
      }
    }
  }
  return complaints;
}

}  // namespace beachdb
