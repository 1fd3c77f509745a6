// Walks keys that lie sorted in a vector: the cheapest source there can be, so that what stands
// above it is what is measured.
//
// Thread safety: none. Lifetime: the keys must outlive it. Errors: none.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kv/internal_key.h"
#include "kv/iterator.h"

namespace beachdb::bench {

// `Key` has data() and size(). A seek goes to an end: seeking is not what it is for.
template <typename Key>
class KeyIterator {
 public:
  explicit KeyIterator(const std::vector<Key>& keys) : keys_(&keys) {}
  bool Valid() const { return at_ < keys_->size(); }
  std::string_view user_key() const { return {(*keys_)[at_].data(), (*keys_)[at_].size()}; }
  std::uint64_t trailer() const { return PackTrailer(1, Kind::kPut); }
  std::string_view value() const { return {}; }
  Status status() const { return OkStatus(); }
  void SeekToFirst() { at_ = 0; }
  void SeekToLast() { at_ = keys_->size() - 1; }
  void Seek(std::string_view, std::uint64_t) { SeekToFirst(); }
  void SeekForPrev(std::string_view, std::uint64_t) { SeekToLast(); }
  void Next() { ++at_; }
  void Prev() { --at_; }

 private:
  const std::vector<Key>* keys_;
  std::size_t at_ = 0;
};

}  // namespace beachdb::bench
