// The bytes of a batch: the same in a WriteBatch, in the write-ahead log and on the wire.
// Specified in docs/formats/batch.md; that table is checked by batch_format_test.cc.
//
//   offset  size  field
//        0     4  operation count
//        4     n  operations, back to back:
//                   1       kind            kPut or kDelete (kv/internal_key.h)
//                   varint  key size        1 to kMaxKeySize
//                   k       key
//                   varint  value size      kPut only; 0 to kMaxValueSize
//                   v       value           kPut only
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

inline std::size_t BatchOpSizeMax(std::string_view key, std::string_view value) {
  return 1 + 5 + key.size() + 5 + value.size();
}

// kInvalidArgument, and `batch` unchanged, when a limit would be passed.
Status AppendBatchOp(std::string& batch, const BatchOp& op);

std::uint32_t BatchCount(std::string_view batch);

// Checks every byte: counts, kinds, sizes, nothing left over. kCorruption names the operation and
// its offset; kNotSupported a reserved kind.
Status ValidateBatch(std::string_view batch);

// Walks a batch that was validated or that we made: the hot path from the log to the memtable, so
// it checks nothing. `Next` returns false at the end.
class BatchReader {
 public:
  explicit BatchReader(std::string_view validated)
      : p_(validated.data() + kBatchHeaderSize), end_(validated.data() + validated.size()) {}

  bool Next(BatchOp& op) {
    if (p_ == end_) return false;
    op.kind = static_cast<Kind>(*p_++);
    op.key = TakeSized();
    op.value = op.kind == Kind::kPut ? TakeSized() : std::string_view();
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
