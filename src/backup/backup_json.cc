// What the calls of beachdb/backup.h report, for programs.
#include <string>
#include <vector>

#include "base/json_object.h"
#include "beachdb/backup.h"

namespace beachdb {
namespace {

std::string TextsOf(const std::vector<std::string>& texts) {
  std::vector<std::string> values;
  values.reserve(texts.size());
  for (const std::string& text : texts) values.push_back(JsonText(text));
  return JsonArray(values);
}

}  // namespace

std::string BackupInfo::ToJson() const {
  return JsonObject()
      .Add("id", id)
      .Add("created_micros", created_micros)
      .Add("database", database)
      .Add("last_seqno", last_seqno)
      .Add("durable_index", durable_index)
      .Add("files", files)
      .Add("bytes", bytes)
      .Add("new_files", new_files)
      .Add("new_bytes", new_bytes)
      .Text();
}

std::string BackupList::ToJson() const {
  std::vector<std::string> infos;
  infos.reserve(backups.size());
  for (const BackupInfo& info : backups) infos.push_back(info.ToJson());
  return JsonObject().Raw("backups", JsonArray(infos)).Raw("problems", TextsOf(problems)).Text();
}

std::string BackupVerifyReport::ToJson() const {
  return JsonObject()
      .Add("ok", problems.empty())
      .Add("backups", backups)
      .Add("files", files)
      .Add("bytes", bytes)
      .Add("unused_files", unused_files)
      .Raw("problems", TextsOf(problems))
      .Text();
}

std::string PruneReport::ToJson() const {
  return JsonObject()
      .Add("removed", removed)
      .Add("kept", kept)
      .Add("files", files)
      .Add("bytes", bytes)
      .Text();
}

}  // namespace beachdb
