#include "engine/checkpoint.h"

#include <algorithm>
#include <vector>

#include "base/failpoint.h"
#include "base/try.h"
#include "engine/pinned_tables.h"
#include "engine/recovery.h"
#include "format/file_names.h"
#include "manifest/manifest.h"

namespace beachdb {
namespace {

Status RefuseUsed(FileSystem& fs, const std::string& directory) {
  ASSIGN_OR_RETURN(const bool exists, fs.Exists(directory));
  if (!exists) return OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, fs.List(directory));
  if (names.empty()) return OkStatus();
  return Error(Code::kInvalidArgument, directory + " is not empty (" + names.front() +
                                           "): name a directory that does not exist yet");
}

class Checkpoint {
 public:
  Checkpoint(EngineContext& context, std::string directory)
      : context_(context), directory_(std::move(directory)) {}
  // What it made, unless it was kept.
  ~Checkpoint() {
    for (const std::string& name : made_) {
      // FAILPOINT: checkpoint_discard
      static_cast<void>(Step("checkpoint_discard",
                             [&] { return context_.fs.RemoveFile(JoinPath(directory_, name)); }));
    }
  }
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;

  Status Link(const std::string& name) {
    // FAILPOINT: checkpoint_link
    RETURN_IF_ERROR(Step("checkpoint_link", [&] {
      return context_.fs.Link(JoinPath(context_.directory, name), JoinPath(directory_, name));
    }));
    made_.push_back(name);
    return OkStatus();
  }
  // After it CURRENT is there, or whether it is is unknown: nothing may be taken away.
  Status Finish(const ManifestState& state, std::uint64_t next_file_number) {
    made_.clear();
    return Manifest::CreateWith(context_.fs, context_.clock, directory_, context_.database, state,
                                next_file_number);
  }

 private:
  EngineContext& context_;
  const std::string directory_;
  std::vector<std::string> made_;
};

}  // namespace

Status MakeCheckpoint(EngineContext& context, LsmTree& tree, const std::string& directory) {
  RETURN_IF_ERROR(RefuseUsed(context.fs, directory));
  RETURN_IF_ERROR(MakeDirectory(context.fs, context.logger, directory));
  const PinnedTables pinned(context, tree);
  Checkpoint checkpoint(context, directory);
  RETURN_IF_ERROR(checkpoint.Link(std::string(kIdentityName)));
  for (const auto& level : pinned.state().version->levels) {
    for (const FileRef& file : level) RETURN_IF_ERROR(checkpoint.Link(TableName(file->number)));
  }
  return checkpoint.Finish(pinned.state(), pinned.file_number());
}

}  // namespace beachdb
