#include <filesystem>

#include <gtest/gtest.h>

#include "bench/store.h"

namespace beachdb::bench {
namespace {

TEST(BeachDbVariantTest, OpensWithTheOptionChanged) {
  const std::string folder = ::testing::TempDir() + "beachdb_variant";
  std::filesystem::remove_all(folder);
  const auto tiny = BeachDbVariant("beachdb:memory_budget=1");
  ASSERT_TRUE(tiny.ok());
  EXPECT_EQ(tiny->name, "beachdb:memory_budget=1");
  const auto refused = tiny->open(folder, {});
  ASSERT_FALSE(refused.ok()) << "the option does not reach the database";
  const auto filters = BeachDbVariant("beachdb:filter_bits_per_key=0");
  ASSERT_TRUE(filters.ok());
  const auto opened = filters->open(folder, {});
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  EXPECT_TRUE((*opened)->Close().ok());
  std::filesystem::remove_all(folder);
}

TEST(BeachDbVariantTest, NamesWhatItDoesNotKnow) {
  for (const char* name :
       {"beachdb:", "beachdb:block_size", "beachdb:block_size=", "beachdb:block_size=4k",
        "beachdb:compression=3", "beachdb:cache=1", "rocksdb:block_size=1"}) {
    const auto variant = BeachDbVariant(name);
    ASSERT_FALSE(variant.ok()) << name;
    EXPECT_NE(std::string(variant.error().message()).find("block_size=0.."), std::string::npos);
  }
}

}  // namespace
}  // namespace beachdb::bench
