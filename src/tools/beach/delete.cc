#include <utility>

#include <fmt/format.h>

#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/json_writer.h"
#include "tools/line_reader.h"
#include "tools/numbers.h"
#include "tools/record_text.h"

namespace beachdb::tools {
namespace {

constexpr std::uint32_t kBatchKeys = 1000;

// Deletes in batches, each durable before the next begins.
class Deleter {
 public:
  explicit Deleter(Db& db) : db_(db) {}

  Status Add(std::string_view key) {
    RETURN_IF_ERROR(batch_.Delete(key));
    return batch_.count() == kBatchKeys ? Commit() : OkStatus();
  }
  Status Commit() {
    if (batch_.empty()) return {};
    RETURN_IF_ERROR(db_.Write(batch_));
    deleted_ += batch_.count();
    batch_.Clear();
    return {};
  }
  std::uint64_t deleted() const { return deleted_; }

 private:
  Db& db_;
  WriteBatch batch_;
  std::uint64_t deleted_ = 0;
};

Status DeleteLines(const Common& common, const std::string& file, Deleter& deleter) {
  ASSIGN_OR_RETURN(LineReader reader, LineReader::Open(file));
  for (;;) {
    ASSIGN_OR_RETURN(const auto line, reader.Next());
    if (!line) return {};
    const auto add = [&]() -> Status {
      ASSIGN_OR_RETURN(const std::string key, common.hex
                                                  ? ArgumentBytes(common, std::string(line->text))
                                                  : TsvUnescape(line->text));
      return deleter.Add(key);
    };
    if (const Status added = add(); !added.ok()) {
      RETURN_IF_ERROR(deleter.Commit());
      return added.error().WithContext(fmt::format("{}:{}: after {}: ", reader.name(),
                                                   reader.line_number(),
                                                   Counted(deleter.deleted(), "deletion")));
    }
  }
}

}  // namespace

Outcome Delete(const Common& common, const DeleteArguments& arguments, Console& console) {
  std::vector<std::string> keys;
  for (const std::string& key : arguments.keys) {
    ASSIGN_OR_RETURN(std::string bytes, ArgumentBytes(common, key));
    keys.push_back(std::move(bytes));
  }
  ASSIGN_OR_RETURN(DatabaseUse db, OpenDatabase(common, IfMissing::kRefuse));
  Deleter deleter(*db);
  for (const std::string& key : keys) RETURN_IF_ERROR(deleter.Add(key));
  if (!arguments.from_file.empty()) {
    RETURN_IF_ERROR(DeleteLines(common, arguments.from_file, deleter));
  }
  RETURN_IF_ERROR(deleter.Commit());
  RETURN_IF_ERROR(db.Close());
  if (common.json) console.WriteLine(JsonWriter().Number("deleted", deleter.deleted()).ToString());
  return kExitDone;
}

}  // namespace beachdb::tools
