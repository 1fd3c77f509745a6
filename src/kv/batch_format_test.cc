#include "kv/batch_format.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/random.h"
#include "beachdb/options.h"
#include "beachdb/write_batch.h"
#include "tests/support/doc_example.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::vector<std::string> Walk(std::string_view batch) {
  std::vector<std::string> ops;
  BatchReader reader(batch);
  for (BatchOp op; reader.Next(op);) {
    ops.push_back(
        fmt::format("{} {}={}", op.kind == Kind::kPut ? "put" : "delete", op.key, op.value));
  }
  return ops;
}

// A batch header that counts `count` operations, then `bytes`.
std::string Raw(std::uint32_t count, std::string_view bytes) {
  std::string batch;
  PutFixed32(batch, count);
  return batch.append(bytes);
}

TEST(WriteBatchTest, OperationsComeBackInTheOrderTheyWereMade) {
  WriteBatch batch;
  EXPECT_TRUE(batch.empty());
  ASSERT_TRUE(batch.Put("conch", "spiral").ok());
  ASSERT_TRUE(batch.Delete("kelp").ok());
  ASSERT_TRUE(batch.Put("conch", "").ok());
  EXPECT_EQ(batch.count(), 3u);
  EXPECT_THAT(Walk(batch.bytes()),
              ::testing::ElementsAre("put conch=spiral", "delete kelp=", "put conch="));
  EXPECT_TRUE(ValidateBatch(batch.bytes()).ok());
  batch.Clear();
  EXPECT_EQ(batch.bytes(), WriteBatch().bytes());
}

TEST(WriteBatchTest, KeysAndValuesAtTheLimitsPassAndBeyondThemAreRefused) {
  WriteBatch batch;
  ASSERT_TRUE(batch.Put(std::string(kMaxKeySize, 'k'), std::string(200, 'v')).ok());
  ASSERT_TRUE(batch.Put("k", "").ok());
  const std::string before(batch.bytes());
  const std::string_view huge(before.data(), kMaxValueSize + 1);  // never read
  const struct {
    const char* want;
    Status status;
  } kCases[] = {
      {"key size: expected 1 to 65536 bytes, found 0", batch.Put("", "v")},
      {"key size: expected 1 to 65536 bytes, found 65537",
       batch.Put(std::string(kMaxKeySize + 1, 'k'), "v")},
      {"found 0", batch.Delete("")},
      {"value of key 'a\\x00b': expected at most 1073741824 bytes, found 1073741825",
       batch.Put(std::string_view("a\0b", 3), huge)},
  };
  for (const auto& c : kCases) {
    ASSERT_FALSE(c.status.ok()) << c.want;
    EXPECT_EQ(c.status.error().code(), Code::kInvalidArgument);
    EXPECT_THAT(c.status.error().message(), HasSubstr(c.want));
  }
  EXPECT_EQ(batch.bytes(), before) << "a refused operation leaves the batch as it was";
}

TEST(WriteBatchTest, AppendAddsTheOperationsOfAnotherAndOfItself) {
  WriteBatch a;
  WriteBatch b;
  ASSERT_TRUE(a.Put("a", "1").ok());
  ASSERT_TRUE(b.Delete("b").ok());
  ASSERT_TRUE(a.Append(b).ok());
  ASSERT_TRUE(a.Append(WriteBatch()).ok());
  EXPECT_THAT(Walk(a.bytes()), ::testing::ElementsAre("put a=1", "delete b="));
  ASSERT_TRUE(a.Append(a).ok());
  EXPECT_EQ(a.count(), 4u);
  EXPECT_TRUE(ValidateBatch(a.bytes()).ok());
  EXPECT_EQ(Walk(a.bytes())[3], "delete b=");
}

TEST(WriteBatchTest, ForeignBytesAreTakenOnlyWhenEveryByteIsRight) {
  WriteBatch batch;
  ASSERT_TRUE(batch.Put("key", "value").ok());
  auto taken = WriteBatch::FromBytes(std::string(batch.bytes()));
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(taken->bytes(), batch.bytes());
  EXPECT_FALSE(WriteBatch::FromBytes(std::string(batch.bytes()) + "x").ok());
}

TEST(BatchFormatTest, DamageIsReportedWithOperationAndOffset) {
  const std::string good("\2\3key\5value", 11);
  const std::string long_key = std::string("\1", 1) + "\x81\x80\x04" + std::string(65537, 'k');
  // clang-format off
  const struct { const char* damage; std::string bytes; const char* want; } kCases[] = {
      {"no header",            std::string("\1\0", 2),                 "at least 4 bytes of header, found 2"},
      {"count too large",      Raw(2, good),           "operation 1 at offset 15: the batch ends"},
      {"absurd count",         Raw(~0u, good),         "operation 1 at offset 15: the batch ends"},
      {"count too small",      Raw(0, good),           "11 bytes are left over at offset 4, after 0"},
      {"left over",            Raw(1, good + "x"),     "1 bytes are left over at offset 15"},
      {"kind zero",            Raw(1, std::string("\0\3key", 5)), "unknown kind 0"},
      {"kind unknown",         Raw(1, "\x2a\3key"),    "operation 0 at offset 4: unknown kind 42"},
      {"no key size",          Raw(1, "\1"),           "key size is cut short"},
      {"endless key size",     Raw(1, "\1\xff\xff\xff\xff\xff\xff"), "cut short or no varint"},
      {"empty key",            Raw(1, std::string("\1\0", 2)), "key size: expected 1 to 65536, found 0"},
      {"key beyond the limit", Raw(1, long_key),       "key size: expected 1 to 65536, found 65537"},
      {"key cut short",        Raw(1, "\1\5key"),      "key of 5 bytes, but only 3 bytes are left"},
      {"no value size",        Raw(1, "\2\3key"),      "value size is cut short"},
      {"value cut short",      Raw(1, "\2\3key\5val"), "value of 5 bytes, but only 3 bytes are left"},
      {"value of 2 GiB",       Raw(1, "\2\3key\xff\xff\xff\xff\7"), "value size: expected 0 to"},
  };
  // clang-format on
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.damage);
    const Status status = ValidateBatch(c.bytes);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kCorruption);
    EXPECT_THAT(status.error().message(), HasSubstr(c.want));
  }
}

TEST(BatchFormatTest, ReservedKindsNeedANewerVersion) {
  for (const Kind kind : {Kind::kDeleteRange, Kind::kGuard, Kind::kPutExpiring}) {
    const Status status = ValidateBatch(Raw(1, std::string(1, static_cast<char>(kind)) + "\3key"));
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kNotSupported);
    EXPECT_THAT(status.error().message(), AllOf(HasSubstr("operation 0"), HasSubstr("newer")));
  }
}

TEST(BatchFormatTest, EveryTruncationIsCorruption) {
  WriteBatch batch;
  ASSERT_TRUE(batch.Put("conch", std::string(200, 's')).ok());
  ASSERT_TRUE(batch.Delete("kelp").ok());
  for (std::size_t size = 0; size < batch.bytes().size(); ++size) {
    EXPECT_FALSE(ValidateBatch(batch.bytes().substr(0, size)).ok()) << size;
  }
}

TEST(BatchFormatTest, WhatValidatesWalksToItsEndAndEncodesToTheSameBytes) {
  const std::uint64_t seed = SeedFromEnvironment(11);
  SCOPED_TRACE(fmt::format("BEACHDB_SEED={}", seed));
  Random random(seed);
  int valid = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = Raw(static_cast<std::uint32_t>(random.Uniform(4)), "");
    for (std::uint64_t n = random.Uniform(12); n > 0; --n) {
      bytes += static_cast<char>(random.Uniform(4));
    }
    if (!ValidateBatch(bytes).ok()) continue;
    ++valid;
    std::string again(kBatchHeaderSize, '\0');
    BatchReader reader(bytes);
    std::uint32_t count = 0;
    for (BatchOp op; reader.Next(op); ++count) ASSERT_TRUE(AppendBatchOp(again, op).ok());
    ASSERT_EQ(count, BatchCount(bytes));
    ASSERT_EQ(again, bytes);
  }
  EXPECT_GT(valid, 100);
}

TEST(BatchDocTest, TheExampleIsWhatWriteBatchMakes) {
  const DocPage page("docs/formats/batch.md");
  WriteBatch batch;
  ASSERT_TRUE(batch.Put("conch", "spiral").ok());
  ASSERT_TRUE(batch.Delete("kelp").ok());
  EXPECT_EQ(page.Example(0), batch.bytes());
  EXPECT_THAT(Walk(WriteBatch::FromBytes(page.Example(0)).value().bytes()),
              ::testing::ElementsAre("put conch=spiral", "delete kelp="));
  EXPECT_EQ(page.Row("operation count").offset, 0u);
  EXPECT_EQ(page.Row("operation count").size, sizeof(std::uint32_t));
  EXPECT_EQ(page.Row("operations").offset, kBatchHeaderSize);
}

}  // namespace
}  // namespace beachdb
