// The tables of a bulk load, built beside the one who adds the entries.
//
// The caller gathers a table's worth of entries, a piece. Pieces wait for a thread of the load
// lane; where one is waiting already the caller builds a table himself, so that all processors and
// the device are at work.
//
// Thread safety: none; inside, pieces are handed over under a mutex. Memory: five pieces, each of
// the size of a table, but of at most an eighth of the memory budget; beyond that budget.
// Errors: of the file system and the table builder, found at the next piece or in Finish.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "engine/engine_context.h"
#include "engine/ingest.h"
#include "engine/lsm_tree.h"
#include "io/executor.h"
#include "manifest/file_metadata.h"

namespace beachdb {

class BulkTables {
 public:
  BulkTables(EngineContext& context, Executor& executor, LsmTree& tree);
  ~BulkTables();  // removes the tables, unless they were settled
  BulkTables(const BulkTables&) = delete;
  BulkTables& operator=(const BulkTables&) = delete;

  // REQUIRES: the key comes after the one before; both are within the limits.
  Status Add(std::string_view key, std::string_view value);
  // Completes the tables: synced, their names durable, in key order. Once.
  Result<std::vector<FileMetadata>> Finish();
  // What became of them (NewFiles::Settle).
  void Settle(const Status& installed, bool poisoned) { made_.Settle(installed, poisoned); }

 private:
  struct Piece;
  class Workshop;
  // Keeps the database open: until the last file is removed.
  class Alive {
   public:
    explicit Alive(EngineContext& context);
    ~Alive();
    Alive(const Alive&) = delete;
    Alive& operator=(const Alive&) = delete;

   private:
    EngineContext& context_;
  };

  Status HandOver();

  const Alive alive_;
  Executor& executor_;
  const std::size_t piece_bytes_;
  std::shared_ptr<Workshop> workshop_;  // shared with the tasks that are scheduled
  std::unique_ptr<Piece> filling_;      // nullptr: none is begun
  NewFiles made_;
};

}  // namespace beachdb
