// Huge pages that were used before: taking one of these spares the system the clearing of 2 MiB,
// which costs a writer more than filling them does.
//
// Thread safety: all of it. Lifetime: that of whatever holds a page of it ends first.
// Limits: keeps `keep_max` bytes at most, what is beyond goes back to the system at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/mutex.h"

namespace beachdb {

class PagePool {
 public:
  // `kept_changed` is told by how many bytes what is kept has changed, so that it can be counted.
  explicit PagePool(
      std::size_t keep_max, std::function<void(std::int64_t)> kept_changed = [](std::int64_t) {})
      : keep_max_(keep_max), kept_changed_(std::move(kept_changed)) {}
  ~PagePool();
  PagePool(const PagePool&) = delete;
  PagePool& operator=(const PagePool&) = delete;

  // kHugePage bytes of any content; nullptr when the system has no memory left.
  char* Take();
  void GiveBack(char* page);

 private:
  const std::size_t keep_max_;
  const std::function<void(std::int64_t)> kept_changed_;
  Mutex mu_;
  std::vector<char*> kept_ GUARDED_BY(mu_);
};

}  // namespace beachdb
