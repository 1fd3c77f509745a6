// `beach why FILE`: where a table comes from and what became of it, from its own properties, the
// manifest and the events.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "format/file_names.h"
#include "io/file_system.h"
#include "tools/beach/commands.h"
#include "tools/closed_database.h"
#include "tools/encodings.h"
#include "tools/event_file.h"
#include "tools/json_writer.h"
#include "tools/numbers.h"

namespace beachdb::tools {
namespace {

using Json = nlohmann::json;

struct Told {
  std::string line;
  Json event;
};

// What the events say of a table: the one that made it, moves, and the one that used it up.
struct Life {
  std::vector<Told> events;
  bool used_up = false;
};

bool Names(const Json& event, const char* field, std::uint64_t number) {
  const auto files = event.find(field);
  return files != event.end() && files->is_array() &&
         std::find(files->begin(), files->end(), number) != files->end();
}

Result<Life> LifeOf(const std::string& directory, std::uint64_t number) {
  ASSIGN_OR_RETURN(EventFile file, EventFile::Open(directory));
  Life life;
  RETURN_IF_ERROR(file.Read([&](const Json& event, std::string_view line) {
    const std::string kind = event.value("event", "");
    const bool of_tables = kind == "compaction" || kind == "move";
    const bool consumed = of_tables && Names(event, "inputs", number);
    const bool made =
        (of_tables || kind == "flush" || kind == "recovery") && Names(event, "outputs", number);
    if (!consumed && !made) return;
    life.events.push_back({std::string(line), event});
    life.used_up = life.used_up || (kind == "compaction" && consumed);
  }));
  return life;
}

std::string InputsOf(const TableProperties& properties) {
  std::string names;
  for (const std::uint64_t input : properties.job.inputs) {
    if (!names.empty()) names += ' ';
    names += properties.job.origin == TableOrigin::kFlush ? LogName(input) : TableName(input);
  }
  return names;
}

std::string OriginOf(const TableProperties& properties) {
  return fmt::format("written by {} {} into level {}, from {}",
                     TableOriginName(properties.job.origin), properties.job.id,
                     properties.job.output_level, InputsOf(properties));
}

// Where the manifest has the table; nullopt: it does not name it.
std::optional<int> LevelOf(const ClosedDatabase& database, std::uint64_t number) {
  for (int level = 0; level < kLevels; ++level) {
    for (const FileRef& file : database.state.version->levels[static_cast<std::size_t>(level)]) {
      if (file->number == number) return level;
    }
  }
  return std::nullopt;
}

void PrintText(std::uint64_t number, std::optional<int> level,
               const std::optional<TableProperties>& properties, const Life& life,
               Console& console) {
  console.WriteLine(fmt::format("{}: {}", TableName(number),
                                level          ? fmt::format("alive in level {}", *level)
                                : life.used_up ? "merged into others; its entries live on there"
                                               : "not part of the database"));
  if (properties) {
    const TableProperties& p = *properties;
    console.WriteLine("  " + OriginOf(p));
    console.WriteLine(fmt::format(
        "  {}, {}, {} of keys and values in {}; seqnos {} to {}", Counted(p.entries, "entry"),
        Counted(p.tombstones, "tombstone"), FormatBytes(p.raw_key_bytes + p.raw_value_bytes),
        Counted(p.data_blocks, "block"), p.smallest_seqno, p.largest_seqno));
    console.WriteLine(
        fmt::format("  keys {} .. {}", EscapeBytes(p.smallest_key), EscapeBytes(p.largest_key)));
  }
  for (const Told& told : life.events) console.WriteLine("  " + EventText(told.event));
  if (life.events.empty()) {
    console.WriteLine("  EVENTS.log does not know it any more");
  }
}

std::string ToJson(std::uint64_t number, std::optional<int> level,
                   const std::optional<TableProperties>& properties, const Life& life) {
  std::string events = "[";
  for (const Told& told : life.events) {
    if (events.size() > 1) events += ",";
    events += told.line;
  }
  JsonWriter json;
  json.Bytes("file", TableName(number)).Bool("alive", level.has_value());
  if (level) json.Number("level", static_cast<std::uint64_t>(*level));
  if (properties) {
    const TableProperties& p = *properties;
    std::string inputs = "[";
    for (const std::uint64_t input : p.job.inputs) {
      if (inputs.size() > 1) inputs += ",";
      inputs += std::to_string(input);
    }
    json.Bytes("origin", TableOriginName(p.job.origin))
        .Number("job", p.job.id)
        .Raw("inputs", inputs + "]")
        .Number("entries", p.entries)
        .Number("tombstones", p.tombstones)
        .Bytes("smallest_key", p.smallest_key)
        .Bytes("largest_key", p.largest_key);
  }
  return json.Raw("events", events + "]").ToString();
}

}  // namespace

Outcome Why(const Common& common, const WhyArguments& arguments, Console& console) {
  const std::string name = arguments.file.substr(arguments.file.rfind('/') + 1);
  const auto parsed = ParseFileName(name);
  if (!parsed || parsed->type != FileType::kTable) {
    return Error(Code::kInvalidArgument,
                 fmt::format("'{}' is not the name of a table, such as 000007.sst",
                             EscapeBytes(arguments.file)));
  }
  ASSIGN_OR_RETURN(const ClosedDatabase database, ClosedDatabase::Read(common.directory));
  ASSIGN_OR_RETURN(const Life life, LifeOf(common.directory, parsed->number));
  const std::string path = JoinPath(common.directory, name);
  ASSIGN_OR_RETURN(const bool exists, PosixFileSystem().Exists(path));
  std::optional<TableProperties> properties;
  if (exists) {
    auto read = ReadTableProperties(path);
    // A writer may have removed it meanwhile; then the events know more.
    if (!read.ok() && read.error().code() != Code::kIoError) return read.error();
    if (read.ok()) properties = *std::move(read);
  }
  if (!properties && life.events.empty()) {
    fmt::print(stderr, "beach: there is no {}, and EVENTS.log does not know it\n", name);
    return kExitNotFound;
  }
  const auto level = LevelOf(database, parsed->number);
  if (common.json) {
    console.WriteLine(ToJson(parsed->number, level, properties, life));
  } else {
    PrintText(parsed->number, level, properties, life, console);
  }
  return kExitDone;
}

}  // namespace beachdb::tools
