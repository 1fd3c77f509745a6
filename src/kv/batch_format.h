// The bytes of a batch: the same in a WriteBatch, in the write-ahead log and on the wire.
// Specified in docs/formats/batch.md; that table is checked by batch_format_test.cc.
//
//   offset  size  field
//        0     4  operation count
//        4     n  operations, back to back:
//                   1       kind            kv/internal_key.h
//                   varint  key size        1 to kMaxKeySize
//                   k       key
//                   varint  value size      of every kind but kDelete; 0 to kMaxValueSize
//                   v       value
//
//   kind          key                value
//   kDelete       deleted            none
//   kPut          written            what it becomes
//   kDeleteRange  first deleted      the key behind the last one deleted: above the first
//   kPutExpiring  written            expiry and value (expiry.h)
//   kGuard        looked at          a condition (Guard); guards stand before all else
//
// The i-th operation of a batch that commits at first seqno s gets seqno s + i.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "kv/internal_key.h"

namespace beachdb {

inline constexpr std::size_t kBatchHeaderSize = 4;

struct BatchOp {
  Kind kind;
  std::string_view key;
  std::string_view value;  // empty for kDelete
};

// What must be true of a key for the batch to commit.
//
//   offset  size  field
//        0     1  condition           Condition
//        1     n  operand             kEqual: the value; kUnchanged: 8 bytes, a seqno
struct Guard {
  enum class Condition : std::uint8_t {
    kAbsent = 1,     // there is no value
    kEqual = 2,      // the value is this
    kUnchanged = 3,  // nothing was written to it behind this seqno
  };
  Condition condition = Condition::kAbsent;
  std::string_view value;
  Seqno seqno = 0;
};
std::string EncodeGuard(const Guard& guard);
// REQUIRES: of a batch that was validated.
Guard DecodeGuard(std::string_view encoded);

inline std::size_t BatchOpSizeMax(std::string_view key, std::string_view value) {
  return 1 + 5 + key.size() + 5 + value.size();
}

// kInvalidArgument, and `batch` unchanged, when a limit would be passed.
Status AppendBatchOp(std::string& batch, const BatchOp& op);
// The same at offset `at`, where an operation begins or the batch ends.
Status InsertBatchOp(std::string& batch, std::size_t at, const BatchOp& op);

// Where the guards of a valid batch end.
std::size_t GuardsEnd(std::string_view batch);
inline bool HasGuards(std::string_view batch) {
  return batch.size() > kBatchHeaderSize &&
         static_cast<Kind>(batch[kBatchHeaderSize]) == Kind::kGuard;
}

std::uint32_t BatchCount(std::string_view batch);

// Checks every byte: counts, kinds, sizes, nothing left over. kCorruption names the operation and
// its offset.
Status ValidateBatch(std::string_view batch);

// Walks a batch that was validated or that we made: the hot path from the log to the memtable, so
// it checks nothing. `Next` returns false at the end.
class BatchReader {
 public:
  explicit BatchReader(std::string_view validated)
      : p_(validated.data() + kBatchHeaderSize), end_(validated.data() + validated.size()) {}

  // Where the next operation begins.
  const char* position() const { return p_; }

  bool Next(BatchOp& op) {
    if (p_ == end_) return false;
    op.kind = static_cast<Kind>(*p_++);
    op.key = TakeSized();
    op.value = op.kind != Kind::kDelete ? TakeSized() : std::string_view();
    return true;
  }

 private:
  std::string_view TakeSized() {
    std::uint32_t size = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(*p_++);
      size |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const std::string_view bytes(p_, size);
    p_ += size;
    return bytes;
  }

  const char* p_;
  const char* end_;
};

}  // namespace beachdb
