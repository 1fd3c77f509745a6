#include "base/page_pool.h"

#include "base/huge_pages.h"

namespace beachdb {

PagePool::~PagePool() {
  MutexLock lock(mu_);
  for (char* page : kept_) UnmapPages(page, kHugePage);
}

char* PagePool::Take() {
  char* page = nullptr;
  {
    MutexLock lock(mu_);
    if (kept_.empty()) return MapHugePages(kHugePage);
    page = kept_.back();
    kept_.pop_back();
  }
  kept_changed_(-static_cast<std::int64_t>(kHugePage));
  return page;
}

void PagePool::GiveBack(char* page) {
  {
    MutexLock lock(mu_);
    if ((kept_.size() + 1) * kHugePage <= keep_max_) {
      kept_.push_back(page);
      page = nullptr;
    }
  }
  if (page != nullptr) {
    UnmapPages(page, kHugePage);
  } else {
    kept_changed_(static_cast<std::int64_t>(kHugePage));
  }
}

}  // namespace beachdb
