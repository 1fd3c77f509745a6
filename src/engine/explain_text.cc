// Explanations as trees for people and as JSON for programs.
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/json_object.h"
#include "base/strings.h"
#include "beachdb/explain.h"
#include "format/file_names.h"

namespace beachdb {
namespace {

constexpr std::size_t kKeyShown = 24;  // bytes of a key in a range

std::string Micros(std::uint64_t nanos) {
  return fmt::format("{}.{} us", nanos / 1000, nanos % 1000 / 100);
}

std::string Counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

// One level of indentation of a tree: its items, each with whatever hangs below it.
struct Branch {
  std::string text;
  std::vector<Branch> below;
};

void Draw(const std::vector<Branch>& branches, const std::string& indent, std::string& out) {
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const bool last = i + 1 == branches.size();
    out += indent + (last ? "`- " : "|- ") + branches[i].text + "\n";
    Draw(branches[i].below, indent + (last ? "   " : "|  "), out);
  }
}

std::string AnswerOf(const GetExplanation& get) {
  switch (get.answer) {
    case Finding::kValue:
      return fmt::format("found: value of {}, written as seqno {}",
                         Counted(get.value ? get.value->size() : 0, "byte", "bytes"), get.seqno);
    case Finding::kTombstone:
      return fmt::format("not found: deleted by seqno {}", get.seqno);
    case Finding::kRangeDeleted:
      return fmt::format("not found: deleted with its range by seqno {}", get.seqno);
    case Finding::kExpired:
      return fmt::format("not found: the value of seqno {} has expired", get.seqno);
    default:
      return "not found: nowhere";
  }
}

std::string TextOf(const ExplainedBlock& block) {
  std::string text =
      fmt::format("block {} of {} at offset {}, {}, {}; {} heads compared of {}", block.number + 1,
                  block.blocks, block.offset, FormatBytes(block.bytes),
                  block.cached ? "from the cache" : "read from the file", block.compared,
                  Counted(block.entries, "entry", "entries"));
  if (block.newer > 0) {
    text += fmt::format(", {} passed", Counted(block.newer, "newer version", "newer versions"));
  }
  return text;
}

Branch BranchOf(const ExplainedTable& table) {
  Branch branch;
  branch.text = fmt::format("{} [{} .. {}]: {}", TableName(table.number),
                            EscapeBytes(table.smallest_key, kKeyShown),
                            EscapeBytes(table.largest_key, kKeyShown), FindingName(table.finding));
  if (table.nanos > 0) branch.text += ", " + Micros(table.nanos);
  if (table.opened) branch.text += ", opened for this read";
  if (table.block) branch.below.push_back({TextOf(*table.block), {}});
  return branch;
}

Branch BranchOf(const ExplainedMemTable& memtable) {
  std::string text = fmt::format("{} memtable, {}, {}: {}", memtable.active ? "active" : "full",
                                 Counted(memtable.entries, "entry", "entries"),
                                 FormatBytes(memtable.bytes), FindingName(memtable.finding));
  if (memtable.nanos > 0) text += ", " + Micros(memtable.nanos);
  return {std::move(text), {}};
}

Branch BranchOf(const ExplainedLevel& level) {
  Branch branch;
  branch.text = fmt::format("level {}, {}", level.level, Counted(level.files, "file", "files"));
  if (level.tables.empty()) branch.text += ": none reaches the key";
  for (const ExplainedTable& table : level.tables) branch.below.push_back(BranchOf(table));
  return branch;
}

Branch BranchOf(const ExplainedRun& run) {
  if (run.level < 0) return {run.active ? "active memtable" : "full memtable", {}};
  return {
      fmt::format("level {}, {} of {} entered: {} from the cache, {} from the file{}", run.level,
                  run.files_opened, Counted(run.files, "file", "files"),
                  Counted(run.blocks_cached, "block", "blocks"), run.blocks_read,
                  run.reads == 0 ? ""
                                 : fmt::format(" in {} of {}", Counted(run.reads, "read", "reads"),
                                               FormatBytes(run.bytes_read))),
      {}};
}

std::string JsonOf(const ExplainedBlock& block) {
  return JsonObject()
      .Add("number", block.number)
      .Add("blocks", block.blocks)
      .Add("offset", block.offset)
      .Add("bytes", block.bytes)
      .Add("cached", block.cached)
      .Add("entries", block.entries)
      .Add("compared", block.compared)
      .Add("newer", block.newer)
      .Text();
}

std::string JsonOf(const ExplainedTable& table) {
  JsonObject json;
  json.Add("file", TableName(table.number))
      .Add("number", table.number)
      .Add("smallest_key", table.smallest_key)
      .Add("largest_key", table.largest_key)
      .Add("finding", FindingName(table.finding))
      .Add("opened", table.opened)
      .Add("nanos", table.nanos);
  if (table.block) json.Raw("block", JsonOf(*table.block));
  return json.Text();
}

std::string JsonOf(const ExplainedMemTable& memtable) {
  return JsonObject()
      .Add("active", memtable.active)
      .Add("entries", memtable.entries)
      .Add("bytes", memtable.bytes)
      .Add("finding", FindingName(memtable.finding))
      .Add("nanos", memtable.nanos)
      .Text();
}

std::string JsonOf(const ExplainedRun& run) {
  return JsonObject()
      .Add("level", run.level)
      .Add("active", run.active)
      .Add("files", run.files)
      .Add("files_opened", run.files_opened)
      .Add("blocks_cached", run.blocks_cached)
      .Add("blocks_read", run.blocks_read)
      .Add("reads", run.reads)
      .Add("bytes_read", run.bytes_read)
      .Text();
}

std::string JsonOf(const ExplainedLevel& level);

template <typename Part>
std::string ArrayOf(const std::vector<Part>& parts) {
  std::vector<std::string> values;
  values.reserve(parts.size());
  for (const Part& part : parts) values.push_back(JsonOf(part));
  return JsonArray(values);
}

std::string JsonOf(const ExplainedLevel& level) {
  return JsonObject()
      .Add("level", level.level)
      .Add("files", level.files)
      .Raw("tables", ArrayOf(level.tables))
      .Text();
}

}  // namespace

std::string FindingName(Finding finding) {
  switch (finding) {
    case Finding::kNotAsked:
      return "not asked";
    case Finding::kRange:
      return "out of range";
    case Finding::kFilter:
      return "excused by its filter";
    case Finding::kAbsent:
      return "searched in vain";
    case Finding::kValue:
      return "value";
    case Finding::kTombstone:
      return "deletion";
    case Finding::kRangeDeleted:
      return "range deletion";
    case Finding::kExpired:
      return "expired";
  }
  return "unknown";
}

std::string GetExplanation::ToString() const {
  std::vector<Branch> branches;
  for (const ExplainedMemTable& memtable : memtables) branches.push_back(BranchOf(memtable));
  for (const ExplainedLevel& level : levels) branches.push_back(BranchOf(level));
  branches.push_back({fmt::format("{}; {}", AnswerOf(*this), Micros(nanos)), {}});
  std::string out = fmt::format("get {} at seqno {}\n", EscapeBytes(key, 4 * key.size()), snapshot);
  Draw(branches, "", out);
  return out;
}

std::string GetExplanation::ToJson() const {
  JsonObject json;
  json.Add("key", key)
      .Add("snapshot", snapshot)
      .Raw("memtables", ArrayOf(memtables))
      .Raw("levels", ArrayOf(levels))
      .Add("answer", FindingName(answer))
      .Add("seqno", seqno);
  if (value) {
    json.Add("value", *value);
  } else {
    json.Raw("value", "null");
  }
  return json.Add("nanos", nanos).Text();
}

std::string VersionKindName(VersionKind kind) {
  switch (kind) {
    case VersionKind::kPut:
      return "put";
    case VersionKind::kDelete:
      return "delete";
    case VersionKind::kPutExpiring:
      return "put_expiring";
    case VersionKind::kDeleteRange:
      return "delete_range";
  }
  return "unknown";
}

std::string KeyVersion::ToJson() const {
  JsonObject json;
  json.Add("seqno", seqno).Add("kind", VersionKindName(kind)).Add("value_bytes", value_bytes);
  if (kind == VersionKind::kPutExpiring) json.Add("expires_at", expires_at);
  json.Add("place", level < 0 ? "memory" : "table");
  if (level >= 0) json.Add("level", level).Add("file", TableName(table));
  return json.Text();
}

std::string ScanExplanation::ToString() const {
  std::vector<Branch> branches;
  for (const ExplainedRun& run : runs) branches.push_back(BranchOf(run));
  branches.push_back({Counted(files_outside, "file", "files") + " outside the bounds", {}});
  std::string dead =
      fmt::format("dead entries passed: {}, {}, {}", Counted(tombstones, "deletion", "deletions"),
                  Counted(older_versions, "older version", "older versions"),
                  Counted(newer_versions, "newer version", "newer versions"));
  if (range_deleted > 0) dead += fmt::format(", {} in deleted ranges", range_deleted);
  if (expired > 0) dead += fmt::format(", {} expired", expired);
  dead += fmt::format("; {} over the rest of a row", Counted(jumps, "jump", "jumps"));
  branches.push_back({std::move(dead), {}});
  branches.push_back(
      {fmt::format("{}; {}", Counted(records, "record", "records"), Micros(nanos)), {}});
  const auto bound = [](const std::string& key, const char* none) {
    return key.empty() ? std::string(none) : EscapeBytes(key, 4 * key.size());
  };
  std::string out = fmt::format("scan from {} to {} at seqno {}\n", bound(lower, "the first key"),
                                bound(upper, "the last key"), snapshot);
  Draw(branches, "", out);
  return out;
}

std::string ScanExplanation::ToJson() const {
  return JsonObject()
      .Add("lower", lower)
      .Add("upper", upper)
      .Add("snapshot", snapshot)
      .Raw("runs", ArrayOf(runs))
      .Add("files_outside", files_outside)
      .Add("records", records)
      .Add("tombstones", tombstones)
      .Add("older_versions", older_versions)
      .Add("newer_versions", newer_versions)
      .Add("range_deleted", range_deleted)
      .Add("expired", expired)
      .Add("jumps", jumps)
      .Add("nanos", nanos)
      .Text();
}

}  // namespace beachdb
