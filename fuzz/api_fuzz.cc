// Any bytes as a sequence of calls of the public API, on a simulated disk, against the model: two
// bytes choose the configuration, then each step takes a few. What the engine answers wrongly stops
// the process.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "base/check.h"
#include "base/random.h"
#include "tests/metamorphic/runner.h"

namespace beachdb::metamorphic {
namespace {

constexpr std::size_t kStepsMax = 300;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool More() const { return size_ > 0; }
  std::uint8_t Byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  // One of few keys, or up to 15 bytes of the input.
  std::string Key() {
    const std::uint8_t head = Byte();
    if (head < 128) return std::string(1 + head % 4, static_cast<char>(head / 4));
    std::string key;
    for (int left = head % 16; left > 0; --left) key += static_cast<char>(Byte());
    return key.empty() ? std::string("k") : key;
  }
  std::string Bound() { return Byte() % 2 == 0 ? std::string() : Key(); }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

Write OneWrite(Input& input, std::uint32_t tag) {
  Write write{.key = input.Key(), .value = {}};
  const std::uint8_t size = input.Byte();
  if (size % 4 != 0) write.value = ValueSpec{tag, size < 250 ? size : size * 100u};
  if (size % 16 == 0) write.range_end = input.Key();
  if (size % 16 == 1) write.ends_at = input.Byte();
  return write;
}

Operation OneStep(Input& input, std::uint32_t tag) {
  Operation op;
  const std::uint8_t head = input.Byte();
  op.kind = static_cast<OpKind>(head % 19);
  const std::uint8_t more = input.Byte();
  op.slot = more % kSlots;
  op.state = more / 8 % 2 == 0 ? Operation::kNewest : more / 16 % kSlots;
  op.sync = more % 2 == 0;
  op.reverse = more % 2 == 1;
  switch (op.kind) {
    case OpKind::kWrite:
      op.writes.push_back(OneWrite(input, tag));
      break;
    case OpKind::kBatch:
      for (std::uint32_t i = 0; i < more % 8u; ++i) {
        op.writes.push_back(OneWrite(input, tag + i));
      }
      break;
    case OpKind::kGuarded:
      op.condition = static_cast<Condition>(more / 4 % 4);
      op.keys.push_back(input.Key());
      op.writes.push_back(OneWrite(input, tag));
      break;
    case OpKind::kTick:
      op.seconds = more;
      break;
    case OpKind::kMultiGet:
      for (int i = more % 8; i > 0; --i) op.keys.push_back(input.Key());
      break;
    case OpKind::kMove:
      op.move = static_cast<Move>(input.Byte() % 6);
      op.keys.push_back(input.Key());
      break;
    case OpKind::kCompact:
      op.lower = input.Bound();
      op.upper = input.Bound();
      if (!op.upper.empty() && op.upper < op.lower) std::swap(op.lower, op.upper);
      break;
    case OpKind::kIterator:
    case OpKind::kScan:
      op.lower = input.Bound();
      op.upper = input.Bound();
      op.prefix = input.Bound();
      break;
    default:
      op.keys.push_back(input.Key());
      break;
  }
  return op;
}

}  // namespace
}  // namespace beachdb::metamorphic

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beachdb;
  using namespace beachdb::metamorphic;
  Input input(data, size);
  Random random(input.Byte() * 256u + input.Byte());
  Config config = RandomConfig(random);
  config.world = Where::kInline;
  History history;
  while (input.More() && history.size() < kStepsMax) {
    history.push_back(OneStep(input, static_cast<std::uint32_t>(history.size() * 8 + 1)));
  }
  const RunOutcome outcome = RunOnBeachDb(history, config, "");
  if (outcome.mismatch) {
    std::fprintf(stderr, "step %zu: %s\n%s%s", outcome.mismatch->step,
                 outcome.mismatch->what.c_str(), ToText(config).c_str(), ToText(history).c_str());
  }
  CHECK(!outcome.mismatch.has_value());
  return 0;
}
