#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/failpoint_list.h"
#include "tools/beach/commands.h"
#include "tools/json_writer.h"

namespace beachdb::tools {

Outcome PrintFailpoints(const Common& common, Console& console) {
  if (common.json) {
    std::string list;
    for (const FailpointInfo& point : kFailpoints) {
      list += list.empty() ? "" : ",";
      list += JsonWriter()
                  .Bytes("name", point.name)
                  .Bytes("kind", FailpointKindName(point.kind))
                  .Bytes("file", "src/" + std::string(point.file))
                  .Bytes("meaning", point.meaning)
                  .ToString();
    }
    console.WriteLine("[" + list + "]");
    return kExitDone;
  }
  std::size_t width = 0;
  for (const FailpointInfo& point : kFailpoints) width = std::max(width, point.name.size());
  for (const FailpointInfo& point : kFailpoints) {
    console.WriteLine(fmt::format("{:<{}}  {:<5}  {}", point.name, width,
                                  FailpointKindName(point.kind), point.meaning));
  }
  return kExitDone;
}

}  // namespace beachdb::tools
