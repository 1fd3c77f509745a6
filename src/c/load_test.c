// Conditional batches, ranges, puts with an end, and bulk loads, from C.
#include <stdint.h>

#include "c/check_test_util.h"

static bool Has(const beachdb_t* db, const char* key) {
  char* value = NULL;
  size_t size = 0;
  CHECK_OK(beachdb_get(db, NULL, key, strlen(key), &value, &size));
  const bool has = value != NULL;
  beachdb_bytes_free(value);
  return has;
}

static uint64_t Clock(void* context) { return *(const uint64_t*)context; }

static void RangesAndEndsWorkAloneAndInBatches(void) {
  beachdb_t* db = OpenQuietly("c_load_ranges");
  uint64_t now = 100;
  CHECK_OK(beachdb_set_clock(db, Clock, &now));
  CHECK_OK(beachdb_put(db, NULL, "a", 1, "1", 1));
  CHECK_OK(beachdb_put(db, NULL, "b", 1, "2", 1));
  CHECK_OK(beachdb_delete_range(db, NULL, "a", 1, "b", 1));
  CHECK_THAT(!Has(db, "a") && Has(db, "b"));
  CHECK_FAILS(beachdb_delete_range(db, NULL, "b", 1, "a", 1), BEACHDB_INVALID_ARGUMENT, "range");
  CHECK_OK(beachdb_put_expiring(db, NULL, "t", 1, "low", 3, 110));
  CHECK_THAT(Has(db, "t"));
  now = 110;
  CHECK_THAT(!Has(db, "t"));

  beachdb_batch_t* batch = beachdb_batch_create();
  CHECK_OK(beachdb_batch_delete_range(batch, "b", 1, "c", 1));
  CHECK_OK(beachdb_batch_put_expiring(batch, "u", 1, "x", 1, 120));
  CHECK_OK(beachdb_write(db, NULL, batch));
  CHECK_THAT(!Has(db, "b") && Has(db, "u"));
  beachdb_batch_free(batch);
  CHECK_OK(beachdb_set_clock(db, NULL, NULL));
  CHECK_THAT(!Has(db, "u"));
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);
}

static void PreconditionsDecide(void) {
  beachdb_t* db = OpenQuietly("c_load_conditions");
  beachdb_batch_t* batch = beachdb_batch_create();
  CHECK_OK(beachdb_batch_require_absent(batch, "k", 1));
  CHECK_OK(beachdb_batch_put(batch, "k", 1, "1", 1));
  CHECK_OK(beachdb_write(db, NULL, batch));
  CHECK_FAILS(beachdb_write(db, NULL, batch), BEACHDB_CONFLICT, "has a value");
  beachdb_batch_clear(batch);
  CHECK_OK(beachdb_batch_require_equal(batch, "k", 1, "1", 1));
  CHECK_OK(beachdb_batch_put(batch, "k", 1, "2", 1));
  CHECK_OK(beachdb_write(db, NULL, batch));
  CHECK_FAILS(beachdb_write(db, NULL, batch), BEACHDB_CONFLICT, "another value");
  beachdb_snapshot_t* snapshot = NULL;
  CHECK_OK(beachdb_get_snapshot(db, &snapshot));
  beachdb_batch_clear(batch);
  CHECK_OK(beachdb_batch_require_unchanged(batch, "k", 1, snapshot));
  CHECK_OK(beachdb_batch_put(batch, "k", 1, "3", 1));
  CHECK_OK(beachdb_write(db, NULL, batch));
  CHECK_FAILS(beachdb_write(db, NULL, batch), BEACHDB_CONFLICT, "since the snapshot");
  beachdb_snapshot_free(snapshot);
  beachdb_batch_free(batch);
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);
}

static void SortedInputGoesStraightIntoTables(void) {
  beachdb_t* db = OpenQuietly("c_load_bulk");
  beachdb_bulk_load_t* load = NULL;
  CHECK_OK(beachdb_new_bulk_load(db, &load));
  CHECK_OK(beachdb_bulk_load_add(load, "a", 1, "1", 1));
  CHECK_OK(beachdb_bulk_load_add(load, "b", 1, "2", 1));
  CHECK_THAT(beachdb_bulk_load_entries(load) == 2);
  CHECK_THAT(!Has(db, "a"));
  CHECK_FAILS(beachdb_close(db), BEACHDB_BUSY, "bulk loads or snapshots");
  CHECK_OK(beachdb_bulk_load_commit(load));
  beachdb_bulk_load_free(load);
  CHECK_THAT(Has(db, "a") && Has(db, "b"));

  const char* const path = "c_load_table.sst";
  beachdb_table_file_options_t* options = beachdb_table_file_options_create();
  beachdb_table_file_options_set_block_size(options, 1024);
  beachdb_table_file_options_set_filter_bits_per_key(options, 8);
  beachdb_table_file_options_set_direct_writes(options, false);
  beachdb_table_file_options_set_compression(options, 77);
  beachdb_table_file_t* file = NULL;
  CHECK_FAILS(beachdb_table_file_create(path, options, &file), BEACHDB_INVALID_ARGUMENT,
              "compression must be 0 to 2");
  beachdb_table_file_options_set_compression(options, BEACHDB_COMPRESSION_ZSTD);
  CHECK_OK(beachdb_table_file_create(path, options, &file));
  beachdb_table_file_options_free(options);
  CHECK_OK(beachdb_table_file_add(file, "c", 1, "3", 1));
  CHECK_FAILS(beachdb_table_file_add(file, "c", 1, "3", 1), BEACHDB_INVALID_ARGUMENT, "order");
  beachdb_table_file_free(file);
  CHECK_OK(beachdb_table_file_create(path, NULL, &file));
  CHECK_OK(beachdb_table_file_add(file, "c", 1, "3", 1));
  CHECK_OK(beachdb_table_file_finish(file));
  CHECK_THAT(beachdb_table_file_entries(file) == 1);
  CHECK_THAT(beachdb_table_file_bytes(file) > 0);
  beachdb_table_file_free(file);
  const char* const paths[] = {path};
  CHECK_FAILS(beachdb_ingest(db, 1, paths, 9), BEACHDB_INVALID_ARGUMENT, "mode");
  CHECK_OK(beachdb_ingest(db, 1, paths, BEACHDB_INGEST_MOVE));
  CHECK_THAT(Has(db, "c"));
  CHECK_FAILS(beachdb_ingest(db, 1, paths, BEACHDB_INGEST_COPY), BEACHDB_IO_ERROR, "c_load_table");
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);
}

int main(void) {
  RangesAndEndsWorkAloneAndInBatches();
  PreconditionsDecide();
  SortedInputGoesStraightIntoTables();
  puts("load_test: passed");
  return 0;
}
