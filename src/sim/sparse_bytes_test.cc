#include "sim/sparse_bytes.h"

#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace beachdb {
namespace {

TEST(SparseBytesTest, AnyCallsLeaveWhatAStringWouldHold) {
  Random random(7);
  for (int round = 0; round < 20; ++round) {
    SparseBytes bytes;
    std::string model;
    for (int step = 0; step < 60; ++step) {
      const std::uint64_t offset = random.Uniform(20'000);
      const std::uint64_t size = random.Uniform(9'000);
      switch (random.Uniform(4)) {
        case 0:
          bytes.Resize(offset);
          model.resize(offset);
          break;
        case 1:
          if (model.size() < offset + size) model.resize(offset + size);
          model.replace(offset, size, size, '\0');
          bytes.WriteZeros(offset, size);
          break;
        default: {
          const std::string data(size, static_cast<char>(random.Uniform(3)));
          if (model.size() < offset + size) model.resize(offset + size);
          model.replace(offset, size, data);
          bytes.Write(offset, data);
        }
      }
      ASSERT_TRUE(bytes.ToString() == model) << "round " << round << ", step " << step;
    }
  }
}

TEST(SparseBytesTest, ACopyDoesNotSeeLaterWrites) {
  SparseBytes bytes;
  bytes.Write(0, "before");
  const SparseBytes copy = bytes;
  bytes.Write(0, "after!");
  EXPECT_EQ(copy.ToString(), "before");
}

}  // namespace
}  // namespace beachdb
