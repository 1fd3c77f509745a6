// A batch of operations that commits as one.
//
// The batch is the unit of atomicity, of durability and of replication: readers, a crash and a
// replica see all of it or nothing. The operations apply in order: the last one on a key wins.
//
// Its bytes are the same in memory, in the write-ahead log and on the wire (docs/formats/batch.md).
//
// Thread safety: none; a batch belongs to one thread at a time.
// Errors: Put and Delete check the limits of the data model; a refused operation leaves the batch
// as it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"

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

  // Appends the operations of `other`.
  Status Append(const WriteBatch& other);

  void Clear();
  std::uint32_t count() const;  // operations
  bool empty() const { return count() == 0; }
  // The encoded batch; valid until the batch changes.
  std::string_view bytes() const { return rep_; }

 private:
  std::string rep_;
};

}  // namespace beachdb
