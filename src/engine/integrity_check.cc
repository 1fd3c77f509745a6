#include "engine/integrity_check.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "engine/tree_check.h"
#include "format/current.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "manifest/manifest_dump.h"
#include "wal/log_recovery.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kSmallFileMax = 4096;  // bytes of CURRENT and IDENTITY

std::string PathOf(const EngineContext& context, std::string_view name) {
  return JoinPath(context.directory, name);
}

template <typename T>
void Expect(VerifyReport& report, const std::string& path, std::string_view what, const T& found,
            const T& recorded) {
  if (found == recorded) return;
  report.problems.push_back(path + ": " + std::string(what) + " is " + found +
                            ", the manifest says " + recorded);
}

std::string Hex8(std::uint32_t number) { return fmt::format("{:08x}", number); }

void CheckTable(TableSlot& slot, VerifyReport& report) {
  ++report.files;
  const auto opened = slot.Open();
  if (!opened.ok()) {
    report.problems.push_back(opened.error().message());
    return;
  }
  Table& table = **opened;
  const FileMetadata& recorded = slot.file();
  Table::VerifyResult found = table.Verify();
  report.bytes += recorded.size;
  report.blocks += found.blocks;
  report.entries += found.entries;
  const bool readable = found.problems.empty();
  std::move(found.problems.begin(), found.problems.end(), std::back_inserter(report.problems));
  if (!readable) return;
  const TableProperties& properties = table.properties();
  const std::string& path = table.path();
  Expect(report, path, "the number of entries", std::to_string(found.entries),
         std::to_string(recorded.entries));
  Expect(report, path, "the number of tombstones", std::to_string(properties.tombstones),
         std::to_string(recorded.tombstones));
  Expect(report, path, "the number of distinct keys", std::to_string(properties.distinct_keys),
         std::to_string(recorded.distinct_keys));
  Expect(report, path, "the smallest key", EscapeBytes(properties.smallest_key),
         EscapeBytes(recorded.smallest));
  Expect(report, path, "the largest key", EscapeBytes(properties.largest_key),
         EscapeBytes(recorded.largest));
  Expect(report, path, "the smallest seqno",
         std::to_string(properties.smallest_seqno + recorded.base_seqno()),
         std::to_string(recorded.smallest_seqno));
  Expect(report, path, "the largest seqno",
         std::to_string(properties.largest_seqno + recorded.base_seqno()),
         std::to_string(recorded.largest_seqno));
  Expect(report, path, "the number of range tombstones",
         std::to_string(properties.range_tombstones), std::to_string(recorded.range_tombstones));
  Expect(report, path, "the checksum of the whole file", Hex8(found.file_checksum),
         Hex8(recorded.checksum));
}

Status CheckManifest(EngineContext& context, std::uint64_t live_manifest, VerifyReport& report) {
  report.files += 3;
  const std::string current_path = PathOf(context, kCurrentName);
  ASSIGN_OR_RETURN(const std::string current, context.fs.ReadFile(current_path, kSmallFileMax));
  const auto number = DecodeCurrent(current);
  if (!number.ok()) {
    report.problems.push_back(context.directory + "/" + number.error().message());
    return OkStatus();
  }
  if (*number != live_manifest) {
    report.problems.push_back(current_path + ": names " + ManifestName(*number) +
                              ", the live one is " + ManifestName(live_manifest));
  }
  ASSIGN_OR_RETURN(const std::string identity,
                   context.fs.ReadFile(PathOf(context, kIdentityName), kSmallFileMax));
  const auto id = DecodeIdentity(identity);
  if (!id.ok()) {
    report.problems.push_back(context.directory + "/" + id.error().message());
  } else if (*id != context.database) {
    report.problems.push_back(PathOf(context, kIdentityName) + ": names " + FormatDatabaseId(*id) +
                              ", this database is " + FormatDatabaseId(context.database));
  }
  const std::string manifest_path = PathOf(context, ManifestName(live_manifest));
  ASSIGN_OR_RETURN(const std::uint64_t problems,
                   DumpManifest(context.fs, manifest_path, {}, [](const DumpLine&) {}));
  ASSIGN_OR_RETURN(const std::uint64_t size, context.fs.FileSize(manifest_path));
  report.bytes += current.size() + identity.size() + size;
  if (problems > 0) {
    report.problems.push_back(manifest_path + ": " + std::to_string(problems) +
                              " problems; manifest_dump shows them");
  }
  return OkStatus();
}

// The rule of recovery, without its consequences: damage below an acknowledged write is reported,
// the unfinished end of a log that is being written is not.
Status CheckLogs(EngineContext& context, LsmTree& tree, VerifyReport& report) {
  const Logger silent([](LogLevel, std::string_view) {});
  // A record that was read while it was being stored looks damaged, and one behind it may vouch
  // for it a moment later. Real damage is still there when looked at again.
  constexpr int kLooksMax = 3;
  for (int look = 1;; ++look) {
    const std::vector<std::uint64_t> logs = tree.LogNumbers();
    if (logs.empty()) return OkStatus();
    const auto read = RecoverLogs(
        context.fs, context.directory, context.database, logs, tree.manifest_state().last_seqno,
        silent, [](Seqno, std::uint64_t, std::string_view) { return OkStatus(); });
    if (read.ok()) {
      report.files += logs.size();
      report.bytes += read->bytes;
      return OkStatus();
    }
    // A flush may have retired a log meanwhile.
    if (look < kLooksMax) continue;
    if (tree.LogNumbers() != logs) return OkStatus();  // its content is in tables, checked there
    if (read.error().code() != Code::kCorruption) return read.error();
    report.files += logs.size();
    report.problems.push_back(read.error().message());
    return OkStatus();
  }
}

}  // namespace

VerifyReport CheckTableContents(LsmTree& tree, const VerifyOptions& options) {
  VerifyReport report;
  const ReadStateRef state(tree.RefCurrent());
  std::uint64_t whole = 0;
  std::uint64_t done = 0;
  for (const LevelView& level : state->levels) {
    for (const TableRef& slot : level.tables()) whole += slot->file().size;
  }
  if (options.depth == VerifyDepth::kTree) whole *= 2;
  const auto passed = [&](const FileMetadata& file) {
    done += file.size;
    if (options.progress) options.progress(done, whole);
  };
  for (const LevelView& level : state->levels) {
    for (const TableRef& slot : level.tables()) {
      CheckTable(*slot, report);
      passed(slot->file());
    }
  }
  if (options.depth == VerifyDepth::kTree) CheckTree(*state, passed, report);
  return report;
}

Result<VerifyReport> CheckIntegrity(EngineContext& context, LsmTree& tree,
                                    const VerifyOptions& options) {
  VerifyReport report = CheckTableContents(tree, options);
  RETURN_IF_ERROR(tree.HoldManifest(
      [&](std::uint64_t number) { return CheckManifest(context, number, report); }));
  RETURN_IF_ERROR(CheckLogs(context, tree, report));
  return report;
}

}  // namespace beachdb
