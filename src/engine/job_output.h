// Where flushes, compactions, recoveries and bulk loads write their tables: into the database.
#pragma once

#include <atomic>

#include "cache/block_cache.h"
#include "compaction/table_writer.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"

namespace beachdb {

// `stop`, `cache`: see OutputContext. All four must outlive it.
OutputContext OutputOf(EngineContext& context, LsmTree& tree, const std::atomic<bool>& stop,
                       BlockCache* cache = nullptr);

}  // namespace beachdb
