// A batch of operations that commits as one.
//
// The batch is the unit of atomicity, of durability and of replication: readers, a crash and a
// replica see all of it or nothing. The operations apply in order: the last one on a key wins.
//
// Preconditions (the Require functions) make it conditional: it commits whole if all of them hold
// at its place in the commit order, and otherwise not at all (kConflict). That is compare-and-set,
// and the base of optimistic transactions: read at a Snapshot, note what was read with
// RequireUnchanged, write. Whatever the order of the calls, preconditions look at the state before
// the batch.
//
// Its bytes are the same in memory, in the write-ahead log and on the wire (docs/formats/batch.md).
//
// Thread safety: none; a batch belongs to one thread at a time.
// Errors: every operation checks the limits of the data model; a refused one (kInvalidArgument)
// leaves the batch as it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "beachdb/snapshot.h"

namespace beachdb {

class WriteBatch {
 public:
  WriteBatch();

  // Takes over the bytes of a batch that came from a log or a network. Everything is validated
  // before it is accepted: kCorruption names the operation and the offset.
  static Result<WriteBatch> FromBytes(std::string bytes);

  // kInvalidArgument: key empty or beyond kMaxKeySize, value beyond kMaxValueSize, or the batch
  // would exceed kMaxBatchSize.
  Status Put(std::string_view key, std::string_view value);
  Status Delete(std::string_view key);
  // Deletes every key in [begin, end). kInvalidArgument: either is no key, or begin >= end.
  Status DeleteRange(std::string_view begin, std::string_view end);
  // A put that ends: from second `expires_at` of the database's clock on (Db::SetClock) nobody sees
  // it any more, nor an older value of the key. The value may have kMaxValueSize - 8 bytes.
  Status PutExpiring(std::string_view key, std::string_view value, std::uint64_t expires_at);

  // The key has no value.
  Status RequireAbsent(std::string_view key);
  // The key has this value.
  Status RequireEqual(std::string_view key, std::string_view value);
  // Nothing was written to the key since the snapshot, not even the same value. The snapshot must
  // be alive when the batch commits: what only it sees is kept as long.
  Status RequireUnchanged(std::string_view key, const Snapshot& snapshot);

  // Appends the operations of `other`, its preconditions to those of this one.
  Status Append(const WriteBatch& other);

  void Clear();
  std::uint32_t count() const;  // operations, preconditions among them
  bool empty() const { return count() == 0; }
  // The encoded batch; valid until the batch changes.
  std::string_view bytes() const { return rep_; }

 private:
  Status Require(std::string_view key, std::string_view guard);

  std::string rep_;
  std::size_t guards_end_;  // preconditions stand first
};

}  // namespace beachdb
