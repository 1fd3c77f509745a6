// The snapshots that are alive, and the seqno up to which commits are visible.
//
// Both stand behind one lock because they must be read together: a flush or compaction may drop a
// version only if no snapshot sees it that exists or can still come to exist. New snapshots are
// taken at the visible seqno, which only grows; so what is hidden from every live snapshot and from
// the visible seqno, both read at one moment under the lock, is hidden for ever.
//
// Thread safety: all of it. Readers of the newest state only load `visible()`.
#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <vector>

#include "base/mutex.h"
#include "kv/internal_key.h"

namespace beachdb {

class SnapshotList {
 public:
  Seqno visible() const { return visible_.load(std::memory_order_acquire); }
  // Called in commit order only.
  void Publish(Seqno seqno) { visible_.store(seqno, std::memory_order_release); }

  Seqno Take() {
    MutexLock lock(mu_);
    const Seqno seqno = visible();
    live_.insert(seqno);
    return seqno;
  }
  void Release(Seqno seqno) {
    MutexLock lock(mu_);
    live_.erase(live_.find(seqno));
  }

  // The live snapshots, ascending. What lies above the last of them may be reduced to its newest
  // version as far as it is visible.
  std::vector<Seqno> Live() const {
    MutexLock lock(mu_);
    return {live_.begin(), live_.end()};
  }
  std::uint64_t count() const {
    MutexLock lock(mu_);
    return live_.size();
  }
  // 0: none.
  Seqno oldest() const {
    MutexLock lock(mu_);
    return live_.empty() ? 0 : *live_.begin();
  }
  // The oldest state that anybody can read, now or later.
  Seqno OldestReadable() const {
    MutexLock lock(mu_);
    return live_.empty() ? visible() : *live_.begin();
  }

 private:
  mutable Mutex mu_;
  std::multiset<Seqno> live_ GUARDED_BY(mu_);
  std::atomic<Seqno> visible_{0};
};

}  // namespace beachdb
