#include "tools/dump_json.h"

#include "tools/json_writer.h"

namespace beachdb::tools {

std::string ToJson(const DumpLine& line, std::size_t bytes_limit) {
  JsonWriter json;
  json.Bytes("line", line.label());
  for (const DumpLine::Value& value : line.values()) {
    switch (value.kind) {
      case DumpLine::Kind::kInteger:
        json.Number(value.name, value.number);
        break;
      case DumpLine::Kind::kText:
      case DumpLine::Kind::kWords:
        json.Bytes(value.name, value.text);
        break;
      case DumpLine::Kind::kBytes:
        json.Bytes(value.name, value.bytes.substr(0, bytes_limit));
        if (value.bytes.size() > bytes_limit) {
          json.Number(std::string(value.name) + "_bytes", value.bytes.size());
        }
        break;
    }
  }
  return json.ToString();
}

}  // namespace beachdb::tools
