// Watches the size of single allocations of this thread, where a sanitizer lets us (elsewhere it
// sees none): so a length that a damaged file claims is caught when it is believed.
#pragma once

#include <cstddef>

namespace beachdb {

class AllocationLimit {
 public:
  explicit AllocationLimit(std::size_t bytes);
  ~AllocationLimit();
  AllocationLimit(const AllocationLimit&) = delete;
  AllocationLimit& operator=(const AllocationLimit&) = delete;

  // The largest allocation above the limit; 0: none.
  std::size_t largest() const;
};

}  // namespace beachdb
