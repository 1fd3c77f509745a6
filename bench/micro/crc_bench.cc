// CRC-32C of a log record, of a data block, of a compaction's read.
// docs/decisions/0002-isa-l-for-crc32c.md says why it is ISA-L's.
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/crc32c.h"

namespace beachdb {
namespace {

void BM_Crc32c(benchmark::State& state) {
  CHECK(crc32c::Value("123456789") == 0xe3069283);  // the check value that its catalogue gives
  const std::string data(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c::Value(data));
  state.SetBytesProcessed(state.range(0) * state.iterations());
}
BENCHMARK(BM_Crc32c)->ArgName("bytes")->Arg(24)->Arg(160)->Arg(4096)->Arg(1 << 20);

}  // namespace
}  // namespace beachdb
