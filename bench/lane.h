// One thread of a workload: its session, its randomness, its checks and its clock.
//
// Latency is sampled. The first operations are all timed; from their mean it follows how many to
// leave out, so that reading the clock stays below 3% of the work (a sampled maximum may miss the
// slowest operation; operations slower than about 3 us are all timed).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/histogram.h"
#include "base/random.h"
#include "bench/measure.h"
#include "bench/records.h"
#include "bench/store.h"

namespace beachdb::bench {

class Lane {
 public:
  Lane(std::unique_ptr<Session> session, const KeySpace& keys, std::size_t value_bytes,
       std::uint64_t seed)
      : session_(std::move(session)),
        keys_(keys),
        random_(seed),
        values_(value_bytes, seed),
        checker_(value_bytes) {}

  Session& session() { return *session_; }
  const KeySpace& keys() const { return keys_; }
  RecordChecker& checker() { return checker_; }
  std::uint64_t RandomIndex() { return Uniform(keys_.count()); }
  std::uint64_t Uniform(std::uint64_t n) { return random_.Uniform(n); }

  // Puts a fresh value under the key of `index`.
  Status PutIndex(std::uint64_t index, std::uint64_t stamp) {
    const Key key = keys_.At(index);
    return session_->Put(key.view(), values_.Make(key.view(), stamp));
  }
  std::string_view MakeValue(std::string_view key, std::uint64_t stamp) {
    return values_.Make(key, stamp);
  }

  // Calls `operation` (Status()) `limit` times, or until the deadline, whichever comes first; but
  // `least` times in any case, however late a busy machine has let this thread begin.
  template <typename Operation>
  Status Repeat(std::uint64_t limit, std::uint64_t deadline_ticks, Operation&& operation,
                std::uint64_t least = 1) {
    std::uint64_t untimed = 0;  // operations still to run before the next timed one
    while (operations_ < limit) {
      if (untimed > 0) {
        --untimed;
        if (Status s = operation(); !s.ok()) return s;
        ++operations_;
        continue;
      }
      const std::uint64_t begin = Ticks();
      if (begin >= deadline_ticks && operations_ >= least) break;
      if (Status s = operation(); !s.ok()) return s;
      latency_ticks_.Add(Ticks() - begin);
      ++operations_;
      if (operations_ == kProbes) leave_out_ = SamplesToLeaveOut();
      untimed = leave_out_;
    }
    return {};
  }
  static constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};
  static constexpr std::uint64_t kNoDeadline = ~std::uint64_t{0};

  // For tasks whose operations do not all write the same: bytes of keys and values.
  void CountWritten(std::uint64_t bytes) { written_bytes_ += bytes; }
  std::uint64_t written_bytes() const { return written_bytes_; }
  std::uint64_t operations() const { return operations_; }
  const Histogram& latency_ticks() const { return latency_ticks_; }

 private:
  static constexpr std::uint64_t kProbes = 256;

  std::uint64_t SamplesToLeaveOut() const {
    // The median, not the mean: one slow operation must not make every one be timed.
    const double operation_nanos = TicksToNanos(latency_ticks_.Percentile(50));
    const double cost_nanos = 2 * Rate().nanos_per_call + 5;  // two readings and the histogram
    const double wanted = cost_nanos / (0.03 * (operation_nanos + 1));
    return wanted < 1 ? 0 : static_cast<std::uint64_t>(wanted < 63 ? wanted : 63);
  }

  std::unique_ptr<Session> session_;
  const KeySpace& keys_;
  Random random_;
  ValueMaker values_;
  RecordChecker checker_;
  Histogram latency_ticks_;
  std::uint64_t operations_ = 0;
  std::uint64_t written_bytes_ = 0;
  std::uint64_t leave_out_ = 0;
};

}  // namespace beachdb::bench
