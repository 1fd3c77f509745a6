#include "engine/job_output.h"

namespace beachdb {

OutputContext OutputOf(EngineContext& context, LsmTree& tree, const std::atomic<bool>& stop,
                       BlockCache* cache) {
  return {.fs = context.fs,
          .clock = context.clock,
          .directory = context.directory,
          .database = context.database,
          .io = context.options.direct_writes ? IoMode::kDirect : IoMode::kBuffered,
          .new_file_number = [&tree] { return tree.NewFileNumber(); },
          .cache = cache,
          .stop = stop};
}

}  // namespace beachdb
