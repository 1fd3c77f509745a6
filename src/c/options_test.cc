#include <string>

#include <gtest/gtest.h>

#include "c/guard.h"
#include "c/handles.h"

namespace beachdb {
namespace {

TEST(COptionsTest, AHandleWithoutSettingsAndNoHandleAreTheDefaults) {
  beachdb_options_t* handle = beachdb_options_create();
  for (const beachdb_options_t* given : {static_cast<const beachdb_options_t*>(handle),
                                         static_cast<const beachdb_options_t*>(nullptr)}) {
    const auto options = ToOptions(given);
    ASSERT_TRUE(options.ok());
    const Options defaults;
    EXPECT_EQ(options->create_if_missing, defaults.create_if_missing);
    EXPECT_EQ(options->memory_budget, defaults.memory_budget);
    EXPECT_EQ(options->compression, defaults.compression);
    EXPECT_EQ(options->bottom_compression, defaults.bottom_compression);
    EXPECT_EQ(options->log_owner, defaults.log_owner);
    EXPECT_EQ(options->memtable, defaults.memtable);
    EXPECT_EQ(options->log, nullptr);
    EXPECT_EQ(options->environment, nullptr);
  }
  beachdb_options_free(handle);
  EXPECT_EQ(ToWriteOptions(nullptr)->durability, WriteOptions().durability);
  EXPECT_EQ(ToReadOptions(nullptr).fill_cache, ReadOptions().fill_cache);
  EXPECT_EQ(ToIteratorOptions(nullptr).fill_cache, IteratorOptions().fill_cache);
}

TEST(COptionsTest, EverySetterSetsItsOwnField) {
  beachdb_options_t* handle = beachdb_options_create();
  beachdb_options_set_create_if_missing(handle, false);
  beachdb_options_set_error_if_exists(handle, true);
  beachdb_options_set_memory_budget(handle, 11 << 20);
  beachdb_options_set_write_buffer(handle, 12 << 20);
  beachdb_options_set_compaction_threads(handle, 13);
  beachdb_options_set_block_size(handle, 14 << 10);
  beachdb_options_set_table_size(handle, 15 << 20);
  beachdb_options_set_filter_bits_per_key(handle, 16);
  beachdb_options_set_compression(handle, BEACHDB_COMPRESSION_ZSTD);
  beachdb_options_set_bottom_compression(handle, BEACHDB_COMPRESSION_NONE);
  beachdb_options_set_direct_writes(handle, false);
  beachdb_options_set_direct_reads(handle, true);
  beachdb_options_set_log_owner(handle, BEACHDB_LOG_OWNER_CALLER);
  beachdb_options_set_memtable(handle, BEACHDB_MEMTABLE_SKIP_LIST);
  std::string logged;
  beachdb_options_set_log(
      handle,
      [](void* context, int level, const char* line, size_t size) {
        *static_cast<std::string*>(context) = std::to_string(level) + std::string(line, size);
      },
      &logged);

  const auto options = ToOptions(handle);
  ASSERT_TRUE(options.ok());
  EXPECT_FALSE(options->create_if_missing);
  EXPECT_TRUE(options->error_if_exists);
  EXPECT_EQ(options->memory_budget, 11u << 20);
  EXPECT_EQ(options->write_buffer, 12u << 20);
  EXPECT_EQ(options->compaction_threads, 13);
  EXPECT_EQ(options->block_size, 14u << 10);
  EXPECT_EQ(options->table_size, 15u << 20);
  EXPECT_EQ(options->filter_bits_per_key, 16);
  EXPECT_EQ(options->compression, Compression::kZstd);
  EXPECT_EQ(options->bottom_compression, Compression::kNone);
  EXPECT_FALSE(options->direct_writes);
  EXPECT_TRUE(options->direct_reads);
  EXPECT_EQ(options->log_owner, LogOwner::kCaller);
  EXPECT_EQ(options->memtable, MemTableKind::kSkipList);
  options->log(LogLevel::kWarning, "low tide");
  EXPECT_EQ(logged, "2low tide");
  beachdb_options_free(handle);
}

TEST(COptionsTest, ReadsAndWritesTakeTheirSettingsToo) {
  beachdb_write_options_t* write = beachdb_write_options_create();
  beachdb_write_options_set_durability(write, BEACHDB_BUFFERED);
  beachdb_write_options_set_applied_index(write, 7);
  EXPECT_EQ(ToWriteOptions(write)->durability, Durability::kBuffered);
  EXPECT_EQ(ToWriteOptions(write)->applied_index, 7u);
  beachdb_write_options_free(write);

  beachdb_read_options_t* read = beachdb_read_options_create();
  beachdb_read_options_set_fill_cache(read, false);
  EXPECT_FALSE(ToReadOptions(read).fill_cache);
  beachdb_read_options_free(read);

  beachdb_iterator_options_t* scan = beachdb_iterator_options_create();
  beachdb_iterator_options_set_fill_cache(scan, false);
  std::string bound = "cb";
  ASSERT_EQ(beachdb_iterator_options_set_lower(scan, bound.data(), bound.size()), nullptr);
  bound = "cz";  // the handle has its own copy
  ASSERT_EQ(beachdb_iterator_options_set_upper(scan, bound.data(), bound.size()), nullptr);
  ASSERT_EQ(beachdb_iterator_options_set_prefix(scan, "c", 1), nullptr);
  const IteratorOptions options = ToIteratorOptions(scan);
  EXPECT_FALSE(options.fill_cache);
  EXPECT_EQ(options.lower, "cb");
  EXPECT_EQ(options.upper, "cz");
  EXPECT_EQ(options.prefix, "c");
  beachdb_iterator_options_free(scan);
}

TEST(CGuardTest, WhateverIsThrownBecomesAnError) {
  beachdb_error_t* error = Guarded([]() -> Status { throw std::bad_alloc(); });
  EXPECT_EQ(beachdb_error_code(error), BEACHDB_OUT_OF_MEMORY);
  EXPECT_STREQ(beachdb_error_to_string(error),
               "out of memory: an allocation failed: free memory, then retry");
  beachdb_error_free(error);
  beachdb_error_free(error);  // takes no memory, so there is none to free

  error = Guarded([]() -> Status { throw std::runtime_error("low tide"); });
  EXPECT_EQ(beachdb_error_code(error), BEACHDB_INTERNAL);
  EXPECT_STREQ(beachdb_error_message(error), "low tide");
  beachdb_error_free(error);

  error = Guarded([]() -> Status { throw 7; });
  EXPECT_EQ(beachdb_error_code(error), BEACHDB_INTERNAL);
  EXPECT_STREQ(beachdb_error_message(error), "an exception of an unknown type");
  beachdb_error_free(error);
}

}  // namespace
}  // namespace beachdb
