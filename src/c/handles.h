// What the opaque types of beachdb/c.h are: each holds the C++ object that it stands for.
//
// Thread safety, lifetime, errors: beachdb/c.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "beachdb/c.h"
#include "beachdb/db.h"

struct beachdb_t {
  beachdb::Db db;
};

struct beachdb_error_t {
  int code;
  const char* message;            // the end of `text`
  const char* text;               // "corruption: " and the message
  std::unique_ptr<char[]> bytes;  // of `text`; nullptr: constants
};

// Enumerations stay what the caller gave until the options are used, when they are checked.
struct beachdb_options_t {
  beachdb::Options options;  // but for those below
  int compression = static_cast<int>(options.compression);
  int bottom_compression = static_cast<int>(options.bottom_compression);
  int log_owner = static_cast<int>(options.log_owner);
  int memtable = static_cast<int>(options.memtable);
  beachdb_log_function log = nullptr;
  void* log_context = nullptr;
};

struct beachdb_write_options_t {
  beachdb::WriteOptions options;  // but for the one below
  int durability = static_cast<int>(options.durability);
};

struct beachdb_read_options_t {
  beachdb::ReadOptions options;
};

struct beachdb_iterator_options_t {
  beachdb::ReadOptions read;
  std::string lower;
  std::string upper;
  std::string prefix;
};

struct beachdb_batch_t {
  beachdb::WriteBatch batch;
};

struct beachdb_snapshot_t {
  beachdb::Snapshot snapshot;
};

struct beachdb_iterator_t {
  beachdb::Iterator iterator;
  // Memory ran out while it moved: it is invalid for good.
  bool out_of_memory = false;
};

struct beachdb_pinned_t {
  beachdb::PinnedValue value;
};

struct beachdb_values_t {
  std::vector<std::optional<std::string>> values;
};

struct beachdb_bulk_load_t {
  beachdb::BulkLoad load;
};

struct beachdb_table_file_t {
  beachdb::TableFileBuilder builder;
};

struct beachdb_table_file_options_t {
  beachdb::TableFileOptions options;  // but for the one below
  int compression = static_cast<int>(options.compression);
};

struct beachdb_verify_report_t {
  beachdb::VerifyReport report;
};

namespace beachdb {

inline std::string_view View(const char* bytes, std::size_t size) {
  return size == 0 ? std::string_view() : std::string_view(bytes, size);
}

// A text of the caller's, for beachdb_bytes_free.
char* CopyText(const std::string& text);

// `value` as an enumerator: all of ours count from 0 to `last`.
template <typename Enum>
Result<Enum> ToEnum(int value, Enum last, const char* option) {
  if (value >= 0 && value <= static_cast<int>(last)) return static_cast<Enum>(value);
  return Error(Code::kInvalidArgument, std::string(option) + " must be 0 to " +
                                           std::to_string(static_cast<int>(last)) + ", not " +
                                           std::to_string(value));
}

// The C++ options that a handle stands for; kInvalidArgument: an enumerator that does not exist.
Result<Options> ToOptions(const beachdb_options_t* handle);
Result<WriteOptions> ToWriteOptions(const beachdb_write_options_t* handle);
inline ReadOptions ToReadOptions(const beachdb_read_options_t* handle) {
  return handle == nullptr ? ReadOptions() : handle->options;
}
// The bounds are views of the handle.
IteratorOptions ToIteratorOptions(const beachdb_iterator_options_t* handle);

}  // namespace beachdb
