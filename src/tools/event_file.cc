#include "tools/event_file.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "format/file_names.h"
#include "io/file_system.h"
#include "tools/numbers.h"

namespace beachdb::tools {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kPiece = 1u << 20;  // bytes of one read; also the longest line believed
constexpr std::size_t kFilesShown = 8;      // of one row of names

std::uint64_t Number(const Json& event, const char* name) {
  const auto found = event.find(name);
  return found != event.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::string Text(const Json& event, const char* name) {
  const auto found = event.find(name);
  return found != event.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string Names(const Json& event, const char* field, std::string (*name)(std::uint64_t)) {
  const auto found = event.find(field);
  if (found == event.end() || !found->is_array() || found->empty()) return "nothing";
  std::string names;
  std::size_t shown = 0;
  for (const Json& number : *found) {
    if (!number.is_number_unsigned()) continue;
    if (shown++ == kFilesShown) {
      return names + fmt::format(" and {} more", found->size() - kFilesShown);
    }
    if (!names.empty()) names += ' ';
    names += name(number.get<std::uint64_t>());
  }
  return names;
}

std::string Duration(std::uint64_t micros) {
  if (micros < 1000) return fmt::format("{} us", micros);
  if (micros < 1'000'000) return fmt::format("{}.{} ms", micros / 1000, micros % 1000 / 100);
  return fmt::format("{}.{} s", micros / 1'000'000, micros % 1'000'000 / 100'000);
}

// What went through a job, and what became of it.
std::string Work(const Json& event) {
  std::string text = fmt::format(": {}", Counted(Number(event, "entries"), "entry"));
  const std::uint64_t shadowed = Number(event, "shadowed");
  const std::uint64_t tombstones = Number(event, "tombstones_dropped");
  if (shadowed > 0) text += fmt::format(", {} dropped as shadowed", Grouped(shadowed));
  if (tombstones > 0) text += fmt::format(", {} dropped", Counted(tombstones, "tombstone"));
  if (Number(event, "bytes_read") > 0) {
    text += ", read " + FormatBytes(Number(event, "bytes_read"));
  }
  return text + ", wrote " + FormatBytes(Number(event, "bytes_written"));
}

std::string Story(const Json& event, const std::string& kind) {
  if (kind == "flush") {
    return fmt::format("{} -> L0 {}{}", Names(event, "inputs", LogName),
                       Names(event, "outputs", TableName), Work(event));
  }
  if (kind == "compaction") {
    return fmt::format("L{} -> L{}: {} -> {}{}", Number(event, "input_level"),
                       Number(event, "output_level"), Names(event, "inputs", TableName),
                       Names(event, "outputs", TableName), Work(event));
  }
  if (kind == "move") {
    return fmt::format("L{} -> L{}: {}", Number(event, "input_level"),
                       Number(event, "output_level"), Names(event, "outputs", TableName));
  }
  if (kind == "recovery") {
    return fmt::format("{} from {} -> L0 {}", Text(event, "detail"),
                       Names(event, "inputs", LogName), Names(event, "outputs", TableName));
  }
  if (kind == "log") return Names(event, "outputs", LogName);
  return Text(event, "detail");
}

}  // namespace

Result<EventFile> EventFile::Open(const std::string& directory) {
  FileSystem& fs = PosixFileSystem();
  ASSIGN_OR_RETURN(const bool exists, fs.Exists(JoinPath(directory, kCurrentName)));
  if (!exists) {
    return Error(Code::kInvalidArgument, fmt::format("{} holds no database", directory));
  }
  return EventFile(JoinPath(directory, kEventsName));
}

Result<std::uint64_t> EventFile::Read(
    const std::function<void(const nlohmann::json& event, std::string_view line)>& sink) {
  FileSystem& fs = PosixFileSystem();
  ASSIGN_OR_RETURN(const bool exists, fs.Exists(path_));
  if (!exists) return std::uint64_t{0};
  ASSIGN_OR_RETURN(const std::unique_ptr<File> file, fs.Open(path_, OpenMode::kRead));
  ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
  if (size < offset_) offset_ = 0;  // it was cut down, or made anew
  std::uint64_t events = 0;
  std::string piece;
  for (;;) {
    piece.resize(kPiece);
    ASSIGN_OR_RETURN(const std::size_t got, file->ReadAt(offset_, piece));
    piece.resize(got);
    const std::size_t end = piece.rfind('\n');
    if (end == std::string::npos) {
      if (got < kPiece) return events;
      offset_ += got;  // a line of that length is none of ours
      continue;
    }
    for (std::size_t at = 0; at <= end;) {
      const std::size_t line_end = piece.find('\n', at);
      const std::string_view line = std::string_view(piece).substr(at, line_end - at);
      at = line_end + 1;
      const Json event = Json::parse(line, nullptr, false);
      if (!event.is_object()) continue;
      ++events;
      sink(event, line);
    }
    offset_ += end + 1;
  }
}

std::string EventText(const nlohmann::json& event) {
  const std::string kind = Text(event, "event");
  std::string text = fmt::format("{}  {:<10}", Text(event, "time"), kind);
  if (const std::string story = Story(event, kind); !story.empty()) text += "  " + story;
  if (Number(event, "micros") > 0) text += ", " + Duration(Number(event, "micros"));
  return text;
}

}  // namespace beachdb::tools
