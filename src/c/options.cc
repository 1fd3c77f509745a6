#include <string>

#include "base/try.h"
#include "c/guard.h"
#include "c/handles.h"

namespace beachdb {
namespace {

static_assert(BEACHDB_SYNC == static_cast<int>(Durability::kSync));
static_assert(BEACHDB_BUFFERED == static_cast<int>(Durability::kBuffered));
static_assert(BEACHDB_COMPRESSION_NONE == static_cast<int>(Compression::kNone));
static_assert(BEACHDB_COMPRESSION_LZ4 == static_cast<int>(Compression::kLz4));
static_assert(BEACHDB_COMPRESSION_ZSTD == static_cast<int>(Compression::kZstd));
static_assert(BEACHDB_LOG_OWNER_DATABASE == static_cast<int>(LogOwner::kDatabase));
static_assert(BEACHDB_LOG_OWNER_CALLER == static_cast<int>(LogOwner::kCaller));
static_assert(BEACHDB_MEMTABLE_SKIP_LIST == static_cast<int>(MemTableKind::kSkipList));
static_assert(BEACHDB_MEMTABLE_RADIX_TREE == static_cast<int>(MemTableKind::kRadixTree));
static_assert(BEACHDB_LOG_DEBUG == static_cast<int>(LogLevel::kDebug));
static_assert(BEACHDB_LOG_INFO == static_cast<int>(LogLevel::kInfo));
static_assert(BEACHDB_LOG_WARNING == static_cast<int>(LogLevel::kWarning));
static_assert(BEACHDB_LOG_ERROR == static_cast<int>(LogLevel::kError));

static_assert(BEACHDB_MIN_KEY_SIZE == kMinKeySize);
static_assert(BEACHDB_MAX_KEY_SIZE == kMaxKeySize);
static_assert(BEACHDB_MAX_VALUE_SIZE == kMaxValueSize);
static_assert(BEACHDB_MAX_BATCH_SIZE == kMaxBatchSize);

Status SetBytes(std::string& field, const char* bytes, std::size_t size) {
  field.assign(View(bytes, size));
  return OkStatus();
}

}  // namespace

Result<Options> ToOptions(const beachdb_options_t* handle) {
  if (handle == nullptr) return Options();
  Options options = handle->options;
  ASSIGN_OR_RETURN(options.compression,
                   ToEnum(handle->compression, Compression::kZstd, "compression"));
  ASSIGN_OR_RETURN(options.bottom_compression,
                   ToEnum(handle->bottom_compression, Compression::kZstd, "bottom_compression"));
  ASSIGN_OR_RETURN(options.log_owner, ToEnum(handle->log_owner, LogOwner::kCaller, "log_owner"));
  ASSIGN_OR_RETURN(options.memtable,
                   ToEnum(handle->memtable, MemTableKind::kRadixTree, "memtable"));
  if (handle->log != nullptr) {
    options.log = [log = handle->log, context = handle->log_context](LogLevel level,
                                                                     std::string_view line) {
      log(context, static_cast<int>(level), line.data(), line.size());
    };
  }
  return options;
}

Result<WriteOptions> ToWriteOptions(const beachdb_write_options_t* handle) {
  if (handle == nullptr) return WriteOptions();
  WriteOptions options = handle->options;
  ASSIGN_OR_RETURN(options.durability,
                   ToEnum(handle->durability, Durability::kBuffered, "durability"));
  return options;
}

IteratorOptions ToIteratorOptions(const beachdb_iterator_options_t* handle) {
  if (handle == nullptr) return {};
  return {handle->read, handle->lower, handle->upper, handle->prefix};
}

}  // namespace beachdb

using beachdb::Guarded;
using beachdb::NewHandle;

beachdb_options_t* beachdb_options_create() { return NewHandle<beachdb_options_t>(); }
void beachdb_options_free(beachdb_options_t* options) { delete options; }

void beachdb_options_set_create_if_missing(beachdb_options_t* options, bool value) {
  options->options.create_if_missing = value;
}
void beachdb_options_set_error_if_exists(beachdb_options_t* options, bool value) {
  options->options.error_if_exists = value;
}
void beachdb_options_set_memory_budget(beachdb_options_t* options, size_t bytes) {
  options->options.memory_budget = bytes;
}
void beachdb_options_set_write_buffer(beachdb_options_t* options, size_t bytes) {
  options->options.write_buffer = bytes;
}
void beachdb_options_set_compaction_threads(beachdb_options_t* options, int threads) {
  options->options.compaction_threads = threads;
}
void beachdb_options_set_block_size(beachdb_options_t* options, size_t bytes) {
  options->options.block_size = bytes;
}
void beachdb_options_set_table_size(beachdb_options_t* options, size_t bytes) {
  options->options.table_size = bytes;
}
void beachdb_options_set_filter_bits_per_key(beachdb_options_t* options, int bits) {
  options->options.filter_bits_per_key = bits;
}
void beachdb_options_set_compression(beachdb_options_t* options, int compression) {
  options->compression = compression;
}
void beachdb_options_set_bottom_compression(beachdb_options_t* options, int compression) {
  options->bottom_compression = compression;
}
void beachdb_options_set_direct_writes(beachdb_options_t* options, bool value) {
  options->options.direct_writes = value;
}
void beachdb_options_set_direct_reads(beachdb_options_t* options, bool value) {
  options->options.direct_reads = value;
}
void beachdb_options_set_log_owner(beachdb_options_t* options, int log_owner) {
  options->log_owner = log_owner;
}
void beachdb_options_set_memtable(beachdb_options_t* options, int memtable) {
  options->memtable = memtable;
}
void beachdb_options_set_log(beachdb_options_t* options, beachdb_log_function function,
                             void* context) {
  options->log = function;
  options->log_context = context;
}

beachdb_write_options_t* beachdb_write_options_create() {
  return NewHandle<beachdb_write_options_t>();
}
void beachdb_write_options_free(beachdb_write_options_t* options) { delete options; }
void beachdb_write_options_set_durability(beachdb_write_options_t* options, int durability) {
  options->durability = durability;
}
void beachdb_write_options_set_applied_index(beachdb_write_options_t* options, uint64_t index) {
  options->options.applied_index = index;
}

beachdb_read_options_t* beachdb_read_options_create() {
  return NewHandle<beachdb_read_options_t>();
}
void beachdb_read_options_free(beachdb_read_options_t* options) { delete options; }
void beachdb_read_options_set_snapshot(beachdb_read_options_t* options,
                                       const beachdb_snapshot_t* snapshot) {
  options->options.snapshot = snapshot == nullptr ? nullptr : &snapshot->snapshot;
}
void beachdb_read_options_set_fill_cache(beachdb_read_options_t* options, bool value) {
  options->options.fill_cache = value;
}

beachdb_iterator_options_t* beachdb_iterator_options_create() {
  return NewHandle<beachdb_iterator_options_t>();
}
void beachdb_iterator_options_free(beachdb_iterator_options_t* options) { delete options; }
void beachdb_iterator_options_set_snapshot(beachdb_iterator_options_t* options,
                                           const beachdb_snapshot_t* snapshot) {
  options->read.snapshot = snapshot == nullptr ? nullptr : &snapshot->snapshot;
}
void beachdb_iterator_options_set_fill_cache(beachdb_iterator_options_t* options, bool value) {
  options->read.fill_cache = value;
}
beachdb_error_t* beachdb_iterator_options_set_lower(beachdb_iterator_options_t* options,
                                                    const char* key, size_t key_size) {
  return Guarded([&] { return beachdb::SetBytes(options->lower, key, key_size); });
}
beachdb_error_t* beachdb_iterator_options_set_upper(beachdb_iterator_options_t* options,
                                                    const char* key, size_t key_size) {
  return Guarded([&] { return beachdb::SetBytes(options->upper, key, key_size); });
}
beachdb_error_t* beachdb_iterator_options_set_prefix(beachdb_iterator_options_t* options,
                                                     const char* prefix, size_t prefix_size) {
  return Guarded([&] { return beachdb::SetBytes(options->prefix, prefix, prefix_size); });
}
