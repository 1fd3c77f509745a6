#include <chrono>
#include <deque>
#include <string>
#include <thread>

#include "base/try.h"
#include "tools/beach/commands.h"
#include "tools/event_file.h"

namespace beachdb::tools {

Outcome PrintEvents(const Common& common, const EventsArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(EventFile file, EventFile::Open(common.directory));
  std::deque<std::string> newest;
  const auto shown = [&](const nlohmann::json& event, std::string_view line) {
    if (!arguments.kind.empty() && event.value("event", "") != arguments.kind) {
      return std::string();
    }
    return common.json ? std::string(line) : EventText(event);
  };
  RETURN_IF_ERROR(file.Read([&](const nlohmann::json& event, std::string_view line) {
    std::string text = shown(event, line);
    if (text.empty()) return;
    newest.push_back(std::move(text));
    if (arguments.last > 0 && newest.size() > arguments.last) newest.pop_front();
  }));
  for (const std::string& line : newest) console.WriteLine(line);
  // Until the user ends it, or the reader of the pipe has gone.
  while (arguments.follow && !console.closed()) {
    RETURN_IF_ERROR(console.Flush());
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    RETURN_IF_ERROR(file.Read([&](const nlohmann::json& event, std::string_view line) {
      const std::string text = shown(event, line);
      if (!text.empty()) console.WriteLine(text);
    }));
  }
  return kExitDone;
}

}  // namespace beachdb::tools
