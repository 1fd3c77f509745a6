// Any bytes as a batch: refused, or walked to the end and encoded to the same bytes again.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "beachdb/write_batch.h"
#include "kv/batch_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beachdb;
  const std::string input(data, data + size);
  auto batch = WriteBatch::FromBytes(input);
  if (!batch.ok()) return 0;
  std::string again(kBatchHeaderSize, '\0');
  BatchReader reader(batch->bytes());
  std::uint32_t count = 0;
  for (BatchOp op; reader.Next(op); ++count) CHECK(AppendBatchOp(again, op).ok());
  CHECK(count == batch->count());
  CHECK(again == input);
  return 0;
}
