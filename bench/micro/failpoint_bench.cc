// What a failpoint costs while nothing is armed: a call that does next to nothing, bare, behind a
// Step, and behind three points, as many as a synced commit passes. Compare within one run; a
// commit takes a microsecond at the very least.
#include <cstdint>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/failpoint.h"

namespace beachdb {
namespace {

Status Tick(std::uint64_t& ticks) {
  benchmark::DoNotOptimize(++ticks);
  return OkStatus();
}

// Nothing is armed, and every call was made.
void CheckAnswers(const benchmark::State& state, std::uint64_t ticks) {
  CHECK(!FailpointsLive() && ticks == static_cast<std::uint64_t>(state.iterations()));
}

void BM_Bare(benchmark::State& state) {
  std::uint64_t ticks = 0;
  for (auto _ : state) benchmark::DoNotOptimize(Tick(ticks).ok());
  CheckAnswers(state, ticks);
}
BENCHMARK(BM_Bare);

void BM_InAStep(benchmark::State& state) {
  std::uint64_t ticks = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Step("wal_append", [&] { return Tick(ticks); }).ok());
  }
  CheckAnswers(state, ticks);
}
BENCHMARK(BM_InAStep);

void BM_AsACommitPassesThem(benchmark::State& state) {
  std::uint64_t ticks = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Step("wal_append", [&] { return Tick(ticks); }).ok());
    CrashPoint("wal_after_append");
    benchmark::DoNotOptimize(ErrorPoint("wal_sync_error").ok());
  }
  CheckAnswers(state, ticks);
}
BENCHMARK(BM_AsACommitPassesThem);

}  // namespace
}  // namespace beachdb
