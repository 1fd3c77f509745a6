// Walks entries that lie sorted in a vector: the plainest EntryIterator, what tests and benchmarks
// put in place of a table or a memtable.
//
// Thread safety: none. Lifetime: the entries must outlive it.
// Errors: fails on request (FailAt), to show what stands above it that sources do fail.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "kv/internal_key.h"
#include "kv/iterator.h"

namespace beachdb {

struct Entry {
  std::string key;
  std::uint64_t trailer = 0;
  std::string value;

  friend bool operator==(const Entry&, const Entry&) = default;
};

inline int CompareEntries(const Entry& a, const Entry& b) {
  return CompareInternal(a.key, a.trailer, b.key, b.trailer);
}
inline bool EntryBefore(const Entry& a, const Entry& b) { return CompareEntries(a, b) < 0; }

class VectorIterator {
 public:
  // REQUIRES: in internal key order.
  explicit VectorIterator(const std::vector<Entry>& sorted) : entries_(&sorted) {}

  // From now on, to step on the entry at `index` is an error, not an entry.
  void FailAt(std::size_t index) { fail_at_ = index; }

  bool Valid() const { return position_ < entries_->size() && position_ != fail_at_; }
  std::string_view user_key() const { return (*entries_)[position_].key; }
  std::uint64_t trailer() const { return (*entries_)[position_].trailer; }
  std::string_view value() const { return (*entries_)[position_].value; }
  Status status() const {
    if (position_ != fail_at_) return OkStatus();
    return Error(Code::kCorruption, "entry " + std::to_string(position_) + " is made to fail");
  }

  void SeekToFirst() { position_ = 0; }
  void SeekToLast() { position_ = entries_->empty() ? kEnd : entries_->size() - 1; }
  void Seek(std::string_view key, std::uint64_t trailer) {
    position_ = FirstNotBefore(key, trailer);
  }
  void SeekForPrev(std::string_view key, std::uint64_t trailer) {
    position_ = FirstNotBefore(key, trailer);
    if (position_ < entries_->size() &&
        CompareInternal(user_key(), this->trailer(), key, trailer) == 0) {
      return;
    }
    Prev();
  }
  void Next() { ++position_; }
  void Prev() { position_ = position_ == 0 ? kEnd : position_ - 1; }

 private:
  static constexpr std::size_t kEnd = std::numeric_limits<std::size_t>::max() - 1;
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  std::size_t FirstNotBefore(std::string_view key, std::uint64_t trailer) const {
    const auto found =
        std::partition_point(entries_->begin(), entries_->end(), [&](const Entry& entry) {
          return CompareInternal(entry.key, entry.trailer, key, trailer) < 0;
        });
    return static_cast<std::size_t>(found - entries_->begin());
  }

  const std::vector<Entry>* entries_;
  std::size_t position_ = kEnd;
  std::size_t fail_at_ = kNever;
};

static_assert(EntryIterator<VectorIterator>);

}  // namespace beachdb
