#include "base/thread_number.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace beachdb::thread_number_internal {
namespace {

// Not the Mutex of base/mutex.h: a simulated schedule has no say in how threads begin and end.
struct Pool {
  std::mutex mu;
  std::vector<bool> taken;  // under mu
};

// Never destroyed: threads may end after main does.
Pool& ThePool() {
  static Pool& pool = *new Pool;
  return pool;
}

struct Owner {
  ~Owner() {
    Pool& pool = ThePool();
    const std::lock_guard lock(pool.mu);
    pool.taken[mine] = false;
    mine = kNone;
  }
};

}  // namespace

std::uint32_t Take() {
  {
    Pool& pool = ThePool();
    const std::lock_guard lock(pool.mu);
    const auto free = std::find(pool.taken.begin(), pool.taken.end(), false);
    mine = static_cast<std::uint32_t>(free - pool.taken.begin());
    if (free == pool.taken.end()) {
      pool.taken.push_back(true);
    } else {
      *free = true;
    }
  }
  thread_local const Owner owner;
  return mine;
}

}  // namespace beachdb::thread_number_internal
