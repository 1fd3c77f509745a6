#include <chrono>
#include <deque>
#include <thread>

#include "base/try.h"
#include "tools/beach/commands.h"
#include "tools/closed_database.h"
#include "tools/event_file.h"
#include "tools/numbers.h"
#include "tools/tree_picture.h"

namespace beachdb::tools {
namespace {

constexpr std::size_t kJobsShown = 5;

// The latest flushes and compactions, oldest first.
Result<std::string> LatestJobs(const std::string& directory, std::size_t width) {
  ASSIGN_OR_RETURN(EventFile file, EventFile::Open(directory));
  std::deque<std::string> lines;
  RETURN_IF_ERROR(file.Read([&](const nlohmann::json& event, std::string_view) {
    const std::string kind = event.value("event", "");
    if (kind != "flush" && kind != "compaction" && kind != "move") return;
    lines.push_back(EventText(event).substr(0, width));
    if (lines.size() > kJobsShown) lines.pop_front();
  }));
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text.empty() ? text : "\nlatest jobs\n" + text;
}

Result<std::string> Picture(const Common& common, const PictureOptions& options) {
  ASSIGN_OR_RETURN(const ClosedDatabase database, ClosedDatabase::Read(common.directory));
  const Stats stats = database.ToStats();
  if (common.json) return TreeJson(stats) + "\n";
  std::string picture = TreePicture(stats, options);
  if (database.logs > 0) {
    picture += "\n" + Counted(database.logs, "log") + " beside it, for what is not in tables yet\n";
  }
  ASSIGN_OR_RETURN(const std::string jobs, LatestJobs(common.directory, options.width));
  return picture + jobs;
}

}  // namespace

Outcome PrintTree(const Common& common, const TreeArguments& arguments, Console& console) {
  const PictureOptions options{.width = console.width(),
                               .ink = console.out_is_terminal() ? Ink::kTerminal : Ink::kPlain};
  for (;;) {
    ASSIGN_OR_RETURN(const std::string picture, Picture(common, options));
    const bool redraw = arguments.watch && console.out_is_terminal() && !common.json;
    if (redraw) console.Write("\x1b[H\x1b[J");
    console.Write(picture);
    if (!arguments.watch || console.closed()) return kExitDone;
    RETURN_IF_ERROR(console.Flush());
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace beachdb::tools
