// Sorted input straight into the tables of a database: no log, no memtable, no merging.
//
//   auto load = db.NewBulkLoad();
//   for (const auto& [key, value] : sorted) RETURN(load->Add(key, value));
//   RETURN(load->Commit());
//
// It is one write: until Commit nobody sees any of it, afterwards all of it, and it is durable. Its
// place in the order of writes is that of Commit. The tables go as deep as nothing overlaps them:
// where the range was empty, to the bottom, where they are never rewritten unless newer writes come
// down to them.
//
// The tables are built on three threads, the caller's among them. Memory: five times the size of a
// table, but at most five eighths of Options::memory_budget, beyond that budget.
//
// Thread safety: none; loads of several threads run side by side, and beside readers and writers.
// Lifetime: must be gone before its Db is closed (Db::Close: kBusy).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb {

class BulkLoadWriter;
class Engine;

class BulkLoad {
 public:
  BulkLoad(BulkLoad&&) noexcept;
  BulkLoad& operator=(BulkLoad&&) noexcept;
  BulkLoad(const BulkLoad&) = delete;
  BulkLoad& operator=(const BulkLoad&) = delete;
  ~BulkLoad();  // without Commit: drops everything

  // Copies both. kInvalidArgument: the key is not above the one before, or beyond the limits. Those
  // of the file system may come some calls late. After an error every later call returns it.
  Status Add(std::string_view key, std::string_view value);
  // Once. Without entries it does nothing.
  Status Commit();

  std::uint64_t entries() const;

 private:
  friend class Engine;
  explicit BulkLoad(std::unique_ptr<BulkLoadWriter> writer);
  std::unique_ptr<BulkLoadWriter> writer_;
};

}  // namespace beachdb
