// What a workload should have left.
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/try.h"
#include "bench/tasks.h"
#include "bench/workload_functions.h"

namespace beachdb::bench {

Status WalkAll(const Bench& bench, std::uint64_t count) {
  Lane lane(bench.store.NewSession(), bench.keys, bench.settings.value_bytes, bench.seed);
  RETURN_IF_ERROR(WalkOnce(lane, Direction::kForward, count));
  return CheckAnswers(lane.checker());
}

Status HoldsAllKeys(const Bench& bench, const std::vector<Row>&) {
  return WalkAll(bench, bench.keys.count());
}

Status HoldsTheAcknowledged(const Bench& bench, const std::vector<Row>& rows) {
  return WalkAll(bench, rows.front().user_bytes / RecordBytes(bench));
}

Status HoldsTheThinned(const Bench& bench, const std::vector<Row>&) {
  return WalkAll(bench, ThinnedCount(bench.keys.count()));
}

// The overwrites are drawn again from the same seed, which tells for every key the stamp of its
// newest value.
Status HoldsTheNewest(const Bench& bench, const std::vector<Row>&) {
  RETURN_IF_ERROR(WalkAll(bench, bench.keys.count()));
  std::vector<std::uint64_t> newest(bench.keys.count());
  for (std::uint64_t i = 0; i < newest.size(); ++i) newest[i] = i;
  Random random(bench.seed);
  for (std::uint64_t i = 0; i < newest.size(); ++i) {
    newest[random.Uniform(newest.size())] = kOverwriteStamp + i;
  }
  return CheckStamps(bench, newest);
}

Status CheckStamps(const Bench& bench, const std::vector<std::uint64_t>& newest) {
  constexpr std::uint64_t kSample = 20'000;
  const std::uint64_t step = newest.size() / kSample + 1;
  const auto session = bench.store.NewSession();
  RecordChecker checker(bench.settings.value_bytes);
  std::vector<std::uint64_t> stamps;
  checker.KeepStamps(&stamps);
  for (std::uint64_t i = 0; i < newest.size(); i += step) {
    const Key key = bench.keys.At(i);
    ASSIGN_OR_RETURN(const bool found, session->Get(key.view(), checker));
    if (!found) return Missing(key.view());
    if (stamps.back() != newest[i]) checker.Wrong("a value that was overwritten", key.view());
  }
  return CheckAnswers(checker);
}

}  // namespace beachdb::bench
