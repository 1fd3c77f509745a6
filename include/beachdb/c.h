// The C API: the database of db.h for C99, and for every language that can call C.
//
//   beachdb_t* db = NULL;
//   beachdb_error_t* error = beachdb_open("/data/shells", NULL, &db);
//   if (error == NULL) error = beachdb_put(db, NULL, "conch", 5, "spiral", 6);
//   if (error != NULL) fprintf(stderr, "%s\n", beachdb_error_to_string(error));
//   beachdb_error_free(error);
//   beachdb_free(db);
//
// It is the C++ API, name for name, and what db.h, iterator.h, options.h, snapshot.h and
// write_batch.h say of a method or a field holds for its function here:
//   Db::SyncWal              beachdb_sync_wal
//   Iterator::SeekToFirst    beachdb_iterator_seek_to_first
//   Options::memory_budget   beachdb_options_set_memory_budget
// (All but Options::environment, which replaces the world by C++ objects.)
//
// Errors: a call that can fail returns NULL when all went well, or an error that is yours: look at
// it, then beachdb_error_free it. Nothing is thrown: an allocation that fails is the error
// BEACHDB_OUT_OF_MEMORY. (Where it leaves a write half done, BEACHDB_IO_ERROR: the database is then
// read-only until it is reopened, as after a failed sync.) After any error every output is NULL, 0
// or false.
// Ownership: what a call hands you through a `**` or as the result of a ..._create is yours, until
// you give it to the ..._free of its type; bytes and texts (char*) to beachdb_bytes_free. All of
// these take NULL and do nothing. A `const char*` is a view: of whom, and how long, is said there.
// Bytes: keys and values are a pointer and a size in bytes; NULL is as good as any pointer where
// the size is 0. Texts (char* without a size) end with NUL. All inputs are copied or used up before
// the call returns, unless it says otherwise.
// Options: handles with setters instead of structs, so that a program keeps working with a newer
// library that has more of them. NULL is the handle whose every value is the default. A handle may
// be used for any number of calls, and freed right after the call. Enumerations travel as int; one
// that does not exist is BEACHDB_INVALID_ARGUMENT when the options are used.
// Thread safety: a beachdb_t may be used from any thread, as may snapshots and errors. Any other
// handle belongs to one thread at a time, options too while they are being set.
// ABI: within one soname, functions and enumerators are added, never changed or removed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define BEACHDB_MUST_USE __attribute__((warn_unused_result))
#else
#define BEACHDB_MUST_USE
#endif

// NOLINTBEGIN(modernize-use-using,modernize-redundant-void-arg): this is C.

typedef struct beachdb_t beachdb_t;                                        // Db
typedef struct beachdb_error_t beachdb_error_t;                            // Error
typedef struct beachdb_options_t beachdb_options_t;                        // Options
typedef struct beachdb_write_options_t beachdb_write_options_t;            // WriteOptions
typedef struct beachdb_read_options_t beachdb_read_options_t;              // ReadOptions
typedef struct beachdb_iterator_options_t beachdb_iterator_options_t;      // IteratorOptions
typedef struct beachdb_batch_t beachdb_batch_t;                            // WriteBatch
typedef struct beachdb_snapshot_t beachdb_snapshot_t;                      // Snapshot
typedef struct beachdb_iterator_t beachdb_iterator_t;                      // Iterator
typedef struct beachdb_pinned_t beachdb_pinned_t;                          // PinnedValue
typedef struct beachdb_values_t beachdb_values_t;                          // what MultiGet returns
typedef struct beachdb_bulk_load_t beachdb_bulk_load_t;                    // BulkLoad
typedef struct beachdb_table_file_t beachdb_table_file_t;                  // TableFileBuilder
typedef struct beachdb_table_file_options_t beachdb_table_file_options_t;  // TableFileOptions
typedef struct beachdb_verify_report_t beachdb_verify_report_t;            // VerifyReport

// "0.1.0": of the library that the program runs with.
const char* beachdb_version(void);
// Frees bytes and texts that a call returned.
void beachdb_bytes_free(char* bytes);

// ---- errors -------------------------------------------------------------------------------------

// One code per reaction of the caller (result.h).
enum beachdb_code {
  BEACHDB_OK = 0,                // the code of NULL
  BEACHDB_INVALID_ARGUMENT = 1,  // the call is wrong: fix the caller
  BEACHDB_CORRUPTION = 2,        // bytes on disk are not what was written: restore, or salvage
  BEACHDB_IO_ERROR = 3,          // the operating system failed: see the message; reopen
  BEACHDB_NO_SPACE = 4,          // the disk is full: free space, then retry
  BEACHDB_BUSY = 5,              // somebody else holds it: retry later
  BEACHDB_CONFLICT = 6,          // a precondition of the write no longer holds: re-read, then retry
  BEACHDB_NOT_SUPPORTED = 7,     // a newer format or a feature that this build lacks
  BEACHDB_SHUT_DOWN = 8,         // closed, or read-only after a failed sync: reopen
  // What C++ tells by an exception.
  BEACHDB_OUT_OF_MEMORY = 100,  // free memory, then retry
  BEACHDB_INTERNAL = 101        // a bug in this library: report it with the message
};

// A beachdb_code; that of NULL is BEACHDB_OK.
int beachdb_error_code(const beachdb_error_t* error);
// Which file, at which offset, what was expected and found, what to do. Of NULL: "ok". A view of
// the error.
const char* beachdb_error_message(const beachdb_error_t* error);
// The same after its code in words: "corruption: 000007.sst: footer: bad magic". A view of the
// error.
const char* beachdb_error_to_string(const beachdb_error_t* error);
void beachdb_error_free(beachdb_error_t* error);
// "corruption", "I/O error". A constant.
const char* beachdb_code_name(int code);

// ---- options ------------------------------------------------------------------------------------
// Units, defaults and effects: options.h. A value out of its range is BEACHDB_INVALID_ARGUMENT when
// the database is opened. Each ..._create returns NULL when memory is exhausted.

enum beachdb_durability { BEACHDB_SYNC = 0, BEACHDB_BUFFERED = 1 };
enum beachdb_compression {
  BEACHDB_COMPRESSION_NONE = 0,
  BEACHDB_COMPRESSION_LZ4 = 1,
  BEACHDB_COMPRESSION_ZSTD = 2
};
enum beachdb_log_owner { BEACHDB_LOG_OWNER_DATABASE = 0, BEACHDB_LOG_OWNER_CALLER = 1 };
enum beachdb_memtable { BEACHDB_MEMTABLE_SKIP_LIST = 0, BEACHDB_MEMTABLE_RADIX_TREE = 1 };
enum beachdb_log_level {
  BEACHDB_LOG_DEBUG = 0,
  BEACHDB_LOG_INFO = 1,
  BEACHDB_LOG_WARNING = 2,
  BEACHDB_LOG_ERROR = 3
};

// Receives one line of the engine's log, without its end and without NUL. Called from any thread;
// must not call back into the database. `context` is what was given with the function.
typedef void (*beachdb_log_function)(void* context, int level, const char* line, size_t size);

BEACHDB_MUST_USE beachdb_options_t* beachdb_options_create(void);
void beachdb_options_free(beachdb_options_t* options);
void beachdb_options_set_create_if_missing(beachdb_options_t* options, bool value);
void beachdb_options_set_error_if_exists(beachdb_options_t* options, bool value);
void beachdb_options_set_memory_budget(beachdb_options_t* options, size_t bytes);
void beachdb_options_set_write_buffer(beachdb_options_t* options, size_t bytes);
void beachdb_options_set_compaction_threads(beachdb_options_t* options, int threads);
void beachdb_options_set_block_size(beachdb_options_t* options, size_t bytes);
void beachdb_options_set_table_size(beachdb_options_t* options, size_t bytes);
void beachdb_options_set_filter_bits_per_key(beachdb_options_t* options, int bits);
void beachdb_options_set_compression(beachdb_options_t* options, int compression);
void beachdb_options_set_bottom_compression(beachdb_options_t* options, int compression);
void beachdb_options_set_direct_writes(beachdb_options_t* options, bool value);
void beachdb_options_set_direct_reads(beachdb_options_t* options, bool value);
void beachdb_options_set_log_owner(beachdb_options_t* options, int log_owner);
void beachdb_options_set_memtable(beachdb_options_t* options, int memtable);
// NULL: warnings and errors go to stderr. `context` must outlive the database.
void beachdb_options_set_log(beachdb_options_t* options, beachdb_log_function function,
                             void* context);

BEACHDB_MUST_USE beachdb_write_options_t* beachdb_write_options_create(void);
void beachdb_write_options_free(beachdb_write_options_t* options);
void beachdb_write_options_set_durability(beachdb_write_options_t* options, int durability);
void beachdb_write_options_set_applied_index(beachdb_write_options_t* options, uint64_t index);

// A snapshot that is set must live as long as calls use these options.
BEACHDB_MUST_USE beachdb_read_options_t* beachdb_read_options_create(void);
void beachdb_read_options_free(beachdb_read_options_t* options);
void beachdb_read_options_set_snapshot(beachdb_read_options_t* options,
                                       const beachdb_snapshot_t* snapshot);
void beachdb_read_options_set_fill_cache(beachdb_read_options_t* options, bool value);

// An empty bound is none.
BEACHDB_MUST_USE beachdb_iterator_options_t* beachdb_iterator_options_create(void);
void beachdb_iterator_options_free(beachdb_iterator_options_t* options);
void beachdb_iterator_options_set_snapshot(beachdb_iterator_options_t* options,
                                           const beachdb_snapshot_t* snapshot);
void beachdb_iterator_options_set_fill_cache(beachdb_iterator_options_t* options, bool value);
BEACHDB_MUST_USE beachdb_error_t* beachdb_iterator_options_set_lower(
    beachdb_iterator_options_t* options, const char* key, size_t key_size);
BEACHDB_MUST_USE beachdb_error_t* beachdb_iterator_options_set_upper(
    beachdb_iterator_options_t* options, const char* key, size_t key_size);
BEACHDB_MUST_USE beachdb_error_t* beachdb_iterator_options_set_prefix(
    beachdb_iterator_options_t* options, const char* prefix, size_t prefix_size);

// Limits of the data model, in bytes; a call beyond them is BEACHDB_INVALID_ARGUMENT.
#define BEACHDB_MIN_KEY_SIZE 1u
#define BEACHDB_MAX_KEY_SIZE (64u << 10)
#define BEACHDB_MAX_VALUE_SIZE (1u << 30)
#define BEACHDB_MAX_BATCH_SIZE ((1u << 30) + (64u << 20))

// ---- batches ------------------------------------------------------------------------------------

// NULL when memory is exhausted.
BEACHDB_MUST_USE beachdb_batch_t* beachdb_batch_create(void);
BEACHDB_MUST_USE beachdb_error_t* beachdb_batch_from_bytes(const char* bytes, size_t size,
                                                           beachdb_batch_t** batch);
void beachdb_batch_free(beachdb_batch_t* batch);
// A refused operation leaves the batch as it was.
BEACHDB_MUST_USE beachdb_error_t* beachdb_batch_put(beachdb_batch_t* batch, const char* key,
                                                    size_t key_size, const char* value,
                                                    size_t value_size);
BEACHDB_MUST_USE beachdb_error_t* beachdb_batch_delete(beachdb_batch_t* batch, const char* key,
                                                       size_t key_size);
// Every key from `begin` (inclusive) to `end` (exclusive).
BEACHDB_MUST_USE beachdb_error_t* beachdb_batch_delete_range(beachdb_batch_t* batch,
                                                             const char* begin, size_t begin_size,
                                                             const char* end, size_t end_size);
// A put that ends at second `expires_at` of the database's clock.
BEACHDB_MUST_USE beachdb_error_t* beachdb_batch_put_expiring(beachdb_batch_t* batch,
                                                             const char* key, size_t key_size,
                                                             const char* value, size_t value_size,
                                                             uint64_t expires_at);
// Preconditions: without any of them the batch is not written, and the write is BEACHDB_CONFLICT.
BEACHDB_MUST_USE beachdb_error_t* beachdb_batch_require_absent(beachdb_batch_t* batch,
                                                               const char* key, size_t key_size);
BEACHDB_MUST_USE beachdb_error_t* beachdb_batch_require_equal(beachdb_batch_t* batch,
                                                              const char* key, size_t key_size,
                                                              const char* value, size_t value_size);
// The snapshot must be alive when the batch is written.
BEACHDB_MUST_USE beachdb_error_t* beachdb_batch_require_unchanged(
    beachdb_batch_t* batch, const char* key, size_t key_size, const beachdb_snapshot_t* snapshot);
BEACHDB_MUST_USE beachdb_error_t* beachdb_batch_append(beachdb_batch_t* batch,
                                                       const beachdb_batch_t* other);
void beachdb_batch_clear(beachdb_batch_t* batch);
uint32_t beachdb_batch_count(const beachdb_batch_t* batch);  // operations
bool beachdb_batch_empty(const beachdb_batch_t* batch);
// A view, valid until the batch changes.
const char* beachdb_batch_bytes(const beachdb_batch_t* batch, size_t* size);

// ---- the database -------------------------------------------------------------------------------

// After BEACHDB_OUT_OF_MEMORY this process may still hold the directory: end it before trying
// again.
BEACHDB_MUST_USE beachdb_error_t* beachdb_open(const char* directory,
                                               const beachdb_options_t* options, beachdb_t** db);
// What is there at this moment, for reading, beside a process that writes to it or without one.
// Calls that would change something are BEACHDB_INVALID_ARGUMENT.
BEACHDB_MUST_USE beachdb_error_t* beachdb_open_read_only(const char* directory,
                                                         const beachdb_options_t* options,
                                                         beachdb_t** db);
// Closes the database; the handle stays, and every later call on it returns BEACHDB_SHUT_DOWN.
// BEACHDB_BUSY while iterators or snapshots live: then it is still open.
BEACHDB_MUST_USE beachdb_error_t* beachdb_close(beachdb_t* db);
// Frees the handle, after closing the database if it is open; close it yourself to learn whether
// that went well. No other call may be under way.
void beachdb_free(beachdb_t* db);

BEACHDB_MUST_USE beachdb_error_t* beachdb_put(beachdb_t* db, const beachdb_write_options_t* options,
                                              const char* key, size_t key_size, const char* value,
                                              size_t value_size);
BEACHDB_MUST_USE beachdb_error_t* beachdb_delete(beachdb_t* db,
                                                 const beachdb_write_options_t* options,
                                                 const char* key, size_t key_size);
BEACHDB_MUST_USE beachdb_error_t* beachdb_delete_range(beachdb_t* db,
                                                       const beachdb_write_options_t* options,
                                                       const char* begin, size_t begin_size,
                                                       const char* end, size_t end_size);
BEACHDB_MUST_USE beachdb_error_t* beachdb_put_expiring(beachdb_t* db,
                                                       const beachdb_write_options_t* options,
                                                       const char* key, size_t key_size,
                                                       const char* value, size_t value_size,
                                                       uint64_t expires_at);
// All of the batch or none of it.
BEACHDB_MUST_USE beachdb_error_t* beachdb_write(beachdb_t* db,
                                                const beachdb_write_options_t* options,
                                                const beachdb_batch_t* batch);

// A copy of the value, for beachdb_bytes_free. Absent: *value is NULL; an empty value is not NULL.
BEACHDB_MUST_USE beachdb_error_t* beachdb_get(const beachdb_t* db,
                                              const beachdb_read_options_t* options,
                                              const char* key, size_t key_size, char** value,
                                              size_t* value_size);
// Copies into the caller's buffer: no allocation. *found tells whether there is a value and
// *value_size its size; one larger than `capacity` leaves the buffer as it was.
BEACHDB_MUST_USE beachdb_error_t* beachdb_get_into(const beachdb_t* db,
                                                   const beachdb_read_options_t* options,
                                                   const char* key, size_t key_size, char* buffer,
                                                   size_t capacity, size_t* value_size,
                                                   bool* found);
// A view instead of a copy. Absent: *value is NULL. Must be freed before the database is closed.
BEACHDB_MUST_USE beachdb_error_t* beachdb_get_pinned(const beachdb_t* db,
                                                     const beachdb_read_options_t* options,
                                                     const char* key, size_t key_size,
                                                     beachdb_pinned_t** value);
// Good until the handle is freed. Never NULL.
const char* beachdb_pinned_view(const beachdb_pinned_t* value, size_t* size);
void beachdb_pinned_free(beachdb_pinned_t* value);

// `count` keys at one state; faster than as many gets. Key i is keys[i], of key_sizes[i] bytes.
BEACHDB_MUST_USE beachdb_error_t* beachdb_multi_get(const beachdb_t* db,
                                                    const beachdb_read_options_t* options,
                                                    size_t count, const char* const* keys,
                                                    const size_t* key_sizes,
                                                    beachdb_values_t** values);
size_t beachdb_values_count(const beachdb_values_t* values);
// The value of key i, a view of `values`; NULL: there is none, or i is beyond the last one.
const char* beachdb_values_view(const beachdb_values_t* values, size_t i, size_t* size);
void beachdb_values_free(beachdb_values_t* values);

// The clock by which puts with an end are judged (Db::SetClock). Called from any thread; must not
// call back into the database. NULL: wall time. `context` must outlive the database.
typedef uint64_t (*beachdb_clock_function)(void* context);
BEACHDB_MUST_USE beachdb_error_t* beachdb_set_clock(beachdb_t* db, beachdb_clock_function seconds,
                                                    void* context);

BEACHDB_MUST_USE beachdb_error_t* beachdb_sync_wal(beachdb_t* db);
BEACHDB_MUST_USE beachdb_error_t* beachdb_flush(beachdb_t* db);
// An empty key is no bound on that side.
BEACHDB_MUST_USE beachdb_error_t* beachdb_compact_range(beachdb_t* db, const char* from,
                                                        size_t from_size, const char* to,
                                                        size_t to_size);

// ---- sorted input straight into tables (bulk_load.h, table_file.h) ------------------------------

// Free it before the database is closed.
BEACHDB_MUST_USE beachdb_error_t* beachdb_new_bulk_load(beachdb_t* db, beachdb_bulk_load_t** load);
// Keys in ascending order.
BEACHDB_MUST_USE beachdb_error_t* beachdb_bulk_load_add(beachdb_bulk_load_t* load, const char* key,
                                                        size_t key_size, const char* value,
                                                        size_t value_size);
// Once: from now on all of it is there, and durable.
BEACHDB_MUST_USE beachdb_error_t* beachdb_bulk_load_commit(beachdb_bulk_load_t* load);
uint64_t beachdb_bulk_load_entries(const beachdb_bulk_load_t* load);
// Without commit: drops everything.
void beachdb_bulk_load_free(beachdb_bulk_load_t* load);

// NULL when memory is exhausted.
BEACHDB_MUST_USE beachdb_table_file_options_t* beachdb_table_file_options_create(void);
void beachdb_table_file_options_free(beachdb_table_file_options_t* options);
void beachdb_table_file_options_set_block_size(beachdb_table_file_options_t* options, size_t bytes);
void beachdb_table_file_options_set_filter_bits_per_key(beachdb_table_file_options_t* options,
                                                        int bits);
void beachdb_table_file_options_set_compression(beachdb_table_file_options_t* options,
                                                int compression);
void beachdb_table_file_options_set_direct_writes(beachdb_table_file_options_t* options,
                                                  bool value);

// `options` may be NULL.
BEACHDB_MUST_USE beachdb_error_t* beachdb_table_file_create(
    const char* path, const beachdb_table_file_options_t* options, beachdb_table_file_t** file);
// Keys in ascending order.
BEACHDB_MUST_USE beachdb_error_t* beachdb_table_file_add(beachdb_table_file_t* file,
                                                         const char* key, size_t key_size,
                                                         const char* value, size_t value_size);
BEACHDB_MUST_USE beachdb_error_t* beachdb_table_file_finish(beachdb_table_file_t* file);
uint64_t beachdb_table_file_entries(const beachdb_table_file_t* file);
uint64_t beachdb_table_file_bytes(const beachdb_table_file_t* file);
// Removes the file unless it was finished.
void beachdb_table_file_free(beachdb_table_file_t* file);

enum beachdb_ingest_mode { BEACHDB_INGEST_COPY = 0, BEACHDB_INGEST_MOVE = 1 };
// All of the `count` files as one write.
BEACHDB_MUST_USE beachdb_error_t* beachdb_ingest(beachdb_t* db, size_t count,
                                                 const char* const* paths, int mode);

// A second database in a directory that does not exist yet, sharing table files by hard links.
BEACHDB_MUST_USE beachdb_error_t* beachdb_checkpoint(beachdb_t* db, const char* directory);

uint64_t beachdb_applied_index(const beachdb_t* db);
uint64_t beachdb_durable_index(const beachdb_t* db);

// The figures of stats.h as a text for people, and as one JSON object with every field by its name.
// For beachdb_bytes_free.
BEACHDB_MUST_USE beachdb_error_t* beachdb_stats_to_string(const beachdb_t* db, char** text);
BEACHDB_MUST_USE beachdb_error_t* beachdb_stats_to_json(const beachdb_t* db, char** json);

// How a read came to its answer (explain.h): as a text for people and as one JSON object, each for
// beachdb_bytes_free; either may be NULL.
BEACHDB_MUST_USE beachdb_error_t* beachdb_explain(const beachdb_t* db,
                                                  const beachdb_read_options_t* options,
                                                  const char* key, size_t key_size, char** text,
                                                  char** json);
enum beachdb_scan_order { BEACHDB_SCAN_FORWARD = 0, BEACHDB_SCAN_REVERSE = 1 };
// At most `limit` records; 0: all.
BEACHDB_MUST_USE beachdb_error_t* beachdb_explain_scan(const beachdb_t* db,
                                                       const beachdb_iterator_options_t* options,
                                                       int order, uint64_t limit, char** text,
                                                       char** json);
// Every version of the key that is still held, and where: a JSON array, for beachdb_bytes_free.
BEACHDB_MUST_USE beachdb_error_t* beachdb_history(const beachdb_t* db, const char* key,
                                                  size_t key_size, char** json);

// Calls `function` with each of the recent events, and then with every event as it happens: one
// JSON object (docs/formats/events.md), good for the length of the call. One call at a time, from
// the thread on which it happened; it must not call back into this database. NULL: nobody listens.
typedef void (*beachdb_event_function)(void* context, const char* json, size_t size);
BEACHDB_MUST_USE beachdb_error_t* beachdb_set_event_listener(beachdb_t* db,
                                                             beachdb_event_function function,
                                                             void* context);
// The latest events since the opening, a JSON array, the newest last; for beachdb_bytes_free.
BEACHDB_MUST_USE beachdb_error_t* beachdb_recent_events(const beachdb_t* db, char** json);

// Reads and checks every byte of every live file. What it finds is in the report; an error means
// that the check itself could not run.
BEACHDB_MUST_USE beachdb_error_t* beachdb_verify(const beachdb_t* db,
                                                 beachdb_verify_report_t** report);
// The same, and with `deep` the tables against each other (VerifyDepth::kTree). `progress`, if it
// is not NULL, hears how many bytes are done and how many there are, in this thread.
typedef void (*beachdb_verify_progress_function)(void* context, uint64_t done, uint64_t whole);
BEACHDB_MUST_USE beachdb_error_t* beachdb_verify_with(const beachdb_t* db, bool deep,
                                                      beachdb_verify_progress_function progress,
                                                      void* context,
                                                      beachdb_verify_report_t** report);
uint64_t beachdb_verify_report_files(const beachdb_verify_report_t* report);
uint64_t beachdb_verify_report_bytes(const beachdb_verify_report_t* report);
uint64_t beachdb_verify_report_blocks(const beachdb_verify_report_t* report);
uint64_t beachdb_verify_report_entries(const beachdb_verify_report_t* report);
// How many; 0: all is well.
size_t beachdb_verify_report_problems(const beachdb_verify_report_t* report);
// Problem i: file, offset, expected, found. A view of the report; NULL beyond the last one.
const char* beachdb_verify_report_problem(const beachdb_verify_report_t* report, size_t i);
void beachdb_verify_report_free(beachdb_verify_report_t* report);

// ---- snapshots ----------------------------------------------------------------------------------
// Must be freed before the database is closed.

BEACHDB_MUST_USE beachdb_error_t* beachdb_get_snapshot(const beachdb_t* db,
                                                       beachdb_snapshot_t** snapshot);
uint64_t beachdb_snapshot_seqno(const beachdb_snapshot_t* snapshot);
void beachdb_snapshot_free(beachdb_snapshot_t* snapshot);

// ---- iterators ----------------------------------------------------------------------------------
// One fixed state in order, both ways. Starts nowhere: seek first. Must be freed before the
// database is closed.
//
//   for (beachdb_iterator_seek_to_first(it); beachdb_iterator_valid(it); beachdb_iterator_next(it))
//
// Where an iterator is not valid, next and prev do nothing, and its key and value are NULL. One
// that ran out of memory stays invalid: free it, make another.

BEACHDB_MUST_USE beachdb_error_t* beachdb_new_iterator(const beachdb_t* db,
                                                       const beachdb_iterator_options_t* options,
                                                       beachdb_iterator_t** iterator);
void beachdb_iterator_free(beachdb_iterator_t* iterator);
void beachdb_iterator_seek_to_first(beachdb_iterator_t* iterator);
void beachdb_iterator_seek_to_last(beachdb_iterator_t* iterator);
// The first key at or after the target.
void beachdb_iterator_seek(beachdb_iterator_t* iterator, const char* target, size_t target_size);
// The last key at or before the target.
void beachdb_iterator_seek_for_prev(beachdb_iterator_t* iterator, const char* target,
                                    size_t target_size);
void beachdb_iterator_next(beachdb_iterator_t* iterator);
void beachdb_iterator_prev(beachdb_iterator_t* iterator);
bool beachdb_iterator_valid(const beachdb_iterator_t* iterator);
// Views, good until the iterator moves or is freed.
const char* beachdb_iterator_key(const beachdb_iterator_t* iterator, size_t* size);
const char* beachdb_iterator_value(const beachdb_iterator_t* iterator, size_t* size);
// The second at which the value ends; 0: never.
uint64_t beachdb_iterator_expires_at(const beachdb_iterator_t* iterator);
// NULL, or the error that made the iterator invalid: ask when a loop has ended.
BEACHDB_MUST_USE beachdb_error_t* beachdb_iterator_status(const beachdb_iterator_t* iterator);

// ---- backups ------------------------------------------------------------------------------------
// What backup.h says of a call holds for its function here. Reports are JSON objects with every
// field of their struct by its name, for beachdb_bytes_free; where it says so, NULL asks for none.
// After BEACHDB_OUT_OF_MEMORY of create or prune this process may still hold the repository: end it
// before trying again.

typedef struct beachdb_backup_options_t beachdb_backup_options_t;  // BackupOptions

// `files` of `files_all` are done, and `bytes` of `bytes_all`.
typedef void (*beachdb_backup_progress_function)(void* context, uint64_t files, uint64_t files_all,
                                                 uint64_t bytes, uint64_t bytes_all);
// NULL when memory is exhausted.
BEACHDB_MUST_USE beachdb_backup_options_t* beachdb_backup_options_create(void);
void beachdb_backup_options_free(beachdb_backup_options_t* options);
// Called from the thread that makes the call; NULL: nobody is told.
void beachdb_backup_options_set_progress(beachdb_backup_options_t* options,
                                         beachdb_backup_progress_function function, void* context);

// A BackupInfo; `json` may be NULL.
BEACHDB_MUST_USE beachdb_error_t* beachdb_create_backup(beachdb_t* db, const char* repository,
                                                        const beachdb_backup_options_t* options,
                                                        char** json);
// A BackupList.
BEACHDB_MUST_USE beachdb_error_t* beachdb_list_backups(const char* repository,
                                                       const beachdb_backup_options_t* options,
                                                       char** json);
// Backup `id`, or all of them: 0. A BackupVerifyReport, with "ok": whether there is no problem.
BEACHDB_MUST_USE beachdb_error_t* beachdb_verify_backups(const char* repository, uint64_t id,
                                                         const beachdb_backup_options_t* options,
                                                         char** json);
// Backup `id`, or the newest: 0.
BEACHDB_MUST_USE beachdb_error_t* beachdb_restore_backup(const char* repository, uint64_t id,
                                                         const char* directory,
                                                         const beachdb_backup_options_t* options);
// A PruneReport; `json` may be NULL.
BEACHDB_MUST_USE beachdb_error_t* beachdb_prune_backups(const char* repository, uint64_t keep,
                                                        const beachdb_backup_options_t* options,
                                                        char** json);

// NOLINTEND(modernize-use-using,modernize-redundant-void-arg)

#ifdef __cplusplus
}
#endif
