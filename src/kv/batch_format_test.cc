#include "kv/batch_format.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/random.h"
#include "base/strings.h"
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

// The same of every kind, with bytes that are no text escaped.
std::vector<std::string> WalkAll(std::string_view batch) {
  std::vector<std::string> ops;
  BatchReader reader(batch);
  for (BatchOp op; reader.Next(op);) {
    ops.push_back(
        fmt::format("{} {}={}", KindName(op.kind), EscapeBytes(op.key), EscapeBytes(op.value)));
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

TEST(BatchFormatTest, WhatAKindMayNotCarryIsDamage) {
  const std::string guard_absent("\4\1k\1\1", 5);
  // clang-format off
  const struct { const char* damage; std::string bytes; const char* want; } kCases[] = {
      {"range without an end",   Raw(1, std::string("\3\1b\0", 4)), "does not end above its begin"},
      {"range that is empty",    Raw(1, "\3\1b\1b"),    "does not end above its begin"},
      {"range that goes back",   Raw(1, "\3\1b\1a"),    "does not end above its begin (offset 7)"},
      {"no room for the expiry", Raw(1, "\5\1k\7expires"), "has no room for its expiry"},
      {"guard without one",      Raw(1, std::string("\4\1k\0", 4)), "no known condition"},
      {"unknown condition",      Raw(1, "\4\1k\1\4"),   "no known condition"},
      {"absent with operand",    Raw(1, "\4\1k\2\1x"),  "has an operand, and needs none"},
      {"unchanged since when",   Raw(1, "\4\1k\3\3xx"), "needs a seqno"},
      {"seqno of 57 bits",       Raw(1, "\4\1k\t\3zzzzzzzz"), "needs a seqno"},
      {"guard behind a put",     Raw(2, "\2\1k\1v" + guard_absent), "a guard behind an operation"},
  };
  // clang-format on
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.damage);
    const Status status = ValidateBatch(c.bytes);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kCorruption);
    EXPECT_THAT(status.error().message(), HasSubstr(c.want));
  }
  EXPECT_TRUE(ValidateBatch(Raw(1, guard_absent)).ok());
}

TEST(WriteBatchTest, PreconditionsStandFirstWhateverTheOrderOfTheCalls) {
  WriteBatch batch;
  ASSERT_TRUE(batch.Put("conch", "spiral").ok());
  ASSERT_TRUE(batch.RequireAbsent("conch").ok());
  ASSERT_TRUE(batch.DeleteRange("a", "b").ok());
  ASSERT_TRUE(batch.RequireEqual("kelp", "green").ok());
  ASSERT_TRUE(batch.PutExpiring("tide", "low", 1000).ok());
  EXPECT_EQ(batch.count(), 5u);
  const std::vector<std::string> want = {
      "guard conch=\\x01", "guard kelp=\\x02green", "put conch=spiral", "delete_range a=b",
      "put_expiring tide=\\xe8\\x03\\x00\\x00\\x00\\x00\\x00\\x00low"};
  EXPECT_EQ(WalkAll(batch.bytes()), want);
  EXPECT_TRUE(ValidateBatch(batch.bytes()).ok());

  auto taken = WriteBatch::FromBytes(std::string(batch.bytes()));
  ASSERT_TRUE(taken.ok());
  ASSERT_TRUE(taken->Append(batch).ok());
  EXPECT_TRUE(ValidateBatch(taken->bytes()).ok());
  EXPECT_EQ(taken->count(), 10u);
  EXPECT_EQ(WalkAll(taken->bytes())[3], want[1]) << "the guards of both come first";
  ASSERT_TRUE(taken->RequireAbsent("last").ok());
  EXPECT_EQ(WalkAll(taken->bytes())[4], "guard last=\\x01");
  taken->Clear();
  ASSERT_TRUE(taken->RequireAbsent("again").ok());
  EXPECT_TRUE(ValidateBatch(taken->bytes()).ok());
}

TEST(WriteBatchTest, RangesThatAreNoneAreRefused) {
  WriteBatch batch;
  for (const auto& [begin, end] :
       std::vector<std::pair<std::string, std::string>>{{"b", "a"},
                                                        {"a", "a"},
                                                        {"a", ""},
                                                        {"", "a"},
                                                        {"a", std::string(kMaxKeySize + 1, 'z')}}) {
    const Status status = batch.DeleteRange(begin, end);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kInvalidArgument);
  }
  EXPECT_TRUE(batch.empty());
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
    for (std::uint64_t n = random.Uniform(16); n > 0; --n) {
      bytes += static_cast<char>(random.Uniform(7));
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
