// The promises of beachdb/c.h about batches, from C99.
#include "c/check_test_util.h"

static void ABatchIsWrittenWholeAndMayBeReused(void) {
  beachdb_t* db = OpenQuietly("batches");
  beachdb_batch_t* batch = beachdb_batch_create();
  beachdb_write_options_t* buffered = beachdb_write_options_create();
  beachdb_write_options_set_durability(buffered, BEACHDB_BUFFERED);
  Put(db, "whelk", "ridged");
  CHECK_THAT(beachdb_batch_empty(batch) && beachdb_batch_count(batch) == 0);
  CHECK_OK(beachdb_batch_put(batch, "conch", 5, "spiral", 6));
  CHECK_OK(beachdb_batch_put(batch, "empty", 5, NULL, 0));
  CHECK_OK(beachdb_batch_delete(batch, "whelk", 5));
  CHECK_THAT(!beachdb_batch_empty(batch) && beachdb_batch_count(batch) == 3);
  CHECK_OK(beachdb_write(db, buffered, batch));
  ExpectValue(db, NULL, "conch", "spiral");
  ExpectValue(db, NULL, "empty", "");
  ExpectValue(db, NULL, "whelk", NULL);
  CHECK_OK(beachdb_delete(db, NULL, "conch", 5));
  CHECK_OK(beachdb_write(db, NULL, batch));
  ExpectValue(db, NULL, "conch", "spiral");
  beachdb_batch_clear(batch);
  CHECK_THAT(beachdb_batch_empty(batch));
  beachdb_write_options_free(buffered);
  beachdb_batch_free(batch);
  beachdb_free(db);
}

static void BatchesAreAppendedInOrder(void) {
  beachdb_t* db = OpenQuietly("appended");
  beachdb_batch_t* first = beachdb_batch_create();
  beachdb_batch_t* second = beachdb_batch_create();
  CHECK_OK(beachdb_batch_put(first, "conch", 5, "first", 5));
  CHECK_OK(beachdb_batch_put(second, "conch", 5, "second", 6));
  CHECK_OK(beachdb_batch_append(first, second));
  CHECK_THAT(beachdb_batch_count(first) == 2);
  CHECK_OK(beachdb_write(db, NULL, first));
  ExpectValue(db, NULL, "conch", "second");
  beachdb_batch_free(first);
  beachdb_batch_free(second);
  beachdb_free(db);
}

static void TheBytesOfABatchMakeTheSameBatchAndDamageIsRefused(void) {
  beachdb_batch_t* batch = beachdb_batch_create();
  beachdb_batch_t* copy = NULL;
  const char* bytes;
  const char* copied;
  size_t size = 0;
  size_t copied_size = 0;
  CHECK_OK(beachdb_batch_put(batch, "conch", 5, "spiral", 6));
  bytes = beachdb_batch_bytes(batch, &size);
  CHECK_OK(beachdb_batch_from_bytes(bytes, size, &copy));
  copied = beachdb_batch_bytes(copy, &copied_size);
  CHECK_THAT(copied != bytes && copied_size == size && memcmp(copied, bytes, size) == 0);
  beachdb_batch_free(copy);
  CHECK_FAILS(beachdb_batch_from_bytes(bytes, size - 1, &copy), BEACHDB_CORRUPTION, "batch");
  CHECK_THAT(copy == NULL);
  CHECK_FAILS(beachdb_batch_from_bytes(NULL, 0, &copy), BEACHDB_CORRUPTION, "batch");
  beachdb_batch_free(batch);
}

static void ARefusedOperationLeavesTheBatchAsItWas(void) {
  beachdb_batch_t* batch = beachdb_batch_create();
  char* long_key = calloc(1, BEACHDB_MAX_KEY_SIZE + 1);
  CHECK_THAT(long_key != NULL);
  CHECK_OK(beachdb_batch_put(batch, long_key, BEACHDB_MAX_KEY_SIZE, "v", 1));
  CHECK_FAILS(beachdb_batch_put(batch, long_key, BEACHDB_MAX_KEY_SIZE + 1, "v", 1),
              BEACHDB_INVALID_ARGUMENT, "65537");
  CHECK_FAILS(beachdb_batch_put(batch, NULL, 0, "v", 1), BEACHDB_INVALID_ARGUMENT, "key");
  CHECK_FAILS(beachdb_batch_delete(batch, NULL, 0), BEACHDB_INVALID_ARGUMENT, "key");
  CHECK_THAT(beachdb_batch_count(batch) == 1);
  free(long_key);
  beachdb_batch_free(batch);
}

int main(void) {
  ABatchIsWrittenWholeAndMayBeReused();
  BatchesAreAppendedInOrder();
  TheBytesOfABatchMakeTheSameBatchAndDamageIsRefused();
  ARefusedOperationLeavesTheBatchAsItWas();
  puts("batch_test: passed");
  return 0;
}
