// The promises of beachdb/c.h about a database and its values, from C99.
#include "c/check_test_util.h"

static void WhatWasPutIsReadBackAndAbsentIsNotEmpty(void) {
  beachdb_t* db = OpenQuietly("values");
  char* value = NULL;
  size_t size = 1;
  Put(db, "conch", "spiral");
  Put(db, "empty", "");
  Put(db, "gone", "soon");
  CHECK_OK(beachdb_put(db, NULL, "zero\0byte", 9, "a\0b", 3));
  CHECK_OK(beachdb_delete(db, NULL, "gone", 4));
  ExpectValue(db, NULL, "conch", "spiral");
  ExpectValue(db, NULL, "gone", NULL);
  ExpectValue(db, NULL, "zero", NULL);
  CHECK_OK(beachdb_get(db, NULL, "empty", 5, &value, &size));
  CHECK_THAT(value != NULL && size == 0);
  beachdb_bytes_free(value);
  CHECK_OK(beachdb_get(db, NULL, "zero\0byte", 9, &value, &size));
  CHECK_THAT(size == 3 && memcmp(value, "a\0b", 3) == 0);
  beachdb_bytes_free(value);
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);

  db = OpenQuietly("values");
  ExpectValue(db, NULL, "conch", "spiral");
  beachdb_free(db);
}

static void AValueGoesIntoTheCallersBufferOnlyWhereItFits(void) {
  beachdb_t* db = OpenQuietly("into");
  char buffer[6] = "-----";
  size_t size = 99;
  bool found = true;
  Put(db, "conch", "spiral");
  CHECK_OK(beachdb_get_into(db, NULL, "absent", 6, buffer, sizeof buffer, &size, &found));
  CHECK_THAT(!found && size == 0);
  CHECK_OK(beachdb_get_into(db, NULL, "conch", 5, buffer, 5, &size, &found));
  CHECK_THAT(found && size == 6 && memcmp(buffer, "-----", 6) == 0);
  CHECK_OK(beachdb_get_into(db, NULL, "conch", 5, NULL, 0, &size, &found));
  CHECK_THAT(found && size == 6);
  CHECK_OK(beachdb_get_into(db, NULL, "conch", 5, buffer, 6, &size, &found));
  CHECK_THAT(found && size == 6 && memcmp(buffer, "spiral", 6) == 0);
  beachdb_free(db);
}

static void APinnedValueStaysWhileItsKeyIsOverwrittenAndFlushed(void) {
  beachdb_t* db = OpenQuietly("pinned");
  beachdb_pinned_t* pinned = NULL;
  beachdb_pinned_t* empty = NULL;
  const char* view;
  size_t size = 0;
  Put(db, "conch", "spiral");
  Put(db, "empty", "");
  CHECK_OK(beachdb_get_pinned(db, NULL, "absent", 6, &pinned));
  CHECK_THAT(pinned == NULL);
  CHECK_OK(beachdb_get_pinned(db, NULL, "conch", 5, &pinned));
  CHECK_OK(beachdb_get_pinned(db, NULL, "empty", 5, &empty));
  Put(db, "conch", "broken");
  CHECK_OK(beachdb_flush(db));
  CHECK_OK(beachdb_compact_range(db, NULL, 0, NULL, 0));
  view = beachdb_pinned_view(pinned, &size);
  CHECK_THAT(size == 6 && memcmp(view, "spiral", 6) == 0);
  CHECK_THAT(beachdb_pinned_view(empty, &size) != NULL && size == 0);
  beachdb_pinned_free(pinned);
  beachdb_pinned_free(empty);
  ExpectValue(db, NULL, "conch", "broken");
  beachdb_free(db);
}

static void MultiGetAnswersInTheOrderOfTheKeys(void) {
  beachdb_t* db = OpenQuietly("multi_get");
  const char* keys[] = {"whelk", "absent", "conch", "empty"};
  const size_t sizes[] = {5, 6, 5, 5};
  beachdb_values_t* values = NULL;
  const char* view;
  size_t size = 0;
  Put(db, "conch", "spiral");
  Put(db, "whelk", "ridged");
  Put(db, "empty", "");
  CHECK_OK(beachdb_multi_get(db, NULL, 4, keys, sizes, &values));
  CHECK_THAT(beachdb_values_count(values) == 4);
  view = beachdb_values_view(values, 0, &size);
  CHECK_THAT(size == 6 && memcmp(view, "ridged", 6) == 0);
  CHECK_THAT(beachdb_values_view(values, 1, &size) == NULL && size == 0);
  view = beachdb_values_view(values, 2, &size);
  CHECK_THAT(size == 6 && memcmp(view, "spiral", 6) == 0);
  CHECK_THAT(beachdb_values_view(values, 3, &size) != NULL && size == 0);
  CHECK_THAT(beachdb_values_view(values, 4, &size) == NULL && size == 0);
  beachdb_values_free(values);
  CHECK_OK(beachdb_multi_get(db, NULL, 0, NULL, NULL, &values));
  CHECK_THAT(beachdb_values_count(values) == 0);
  beachdb_values_free(values);
  beachdb_free(db);
}

static void ASnapshotReadsTheStateOfItsMaking(void) {
  beachdb_t* db = OpenQuietly("snapshots");
  beachdb_snapshot_t* snapshot = NULL;
  beachdb_read_options_t* at_snapshot = beachdb_read_options_create();
  const char* keys[] = {"conch"};
  const size_t sizes[] = {5};
  beachdb_values_t* values = NULL;
  size_t size = 0;
  Put(db, "conch", "spiral");
  CHECK_OK(beachdb_get_snapshot(db, &snapshot));
  CHECK_THAT(beachdb_snapshot_seqno(snapshot) == 1);
  CHECK_OK(beachdb_delete(db, NULL, "conch", 5));
  beachdb_read_options_set_snapshot(at_snapshot, snapshot);
  beachdb_read_options_set_fill_cache(at_snapshot, false);
  ExpectValue(db, at_snapshot, "conch", "spiral");
  ExpectValue(db, NULL, "conch", NULL);
  CHECK_OK(beachdb_multi_get(db, at_snapshot, 1, keys, sizes, &values));
  CHECK_THAT(beachdb_values_view(values, 0, &size) != NULL && size == 6);
  beachdb_values_free(values);
  beachdb_read_options_set_snapshot(at_snapshot, NULL);
  ExpectValue(db, at_snapshot, "conch", NULL);
  beachdb_read_options_free(at_snapshot);
  CHECK_FAILS(beachdb_close(db), BEACHDB_BUSY, "snapshots are still alive");
  ExpectValue(db, NULL, "conch", NULL);  // it is still open
  beachdb_snapshot_free(snapshot);
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);
}

static void EveryCallOnAClosedDatabaseSaysSo(void) {
  beachdb_t* db = OpenQuietly("closed");
  beachdb_batch_t* batch = beachdb_batch_create();
  beachdb_iterator_t* iterator = NULL;
  beachdb_pinned_t* pinned = NULL;
  beachdb_values_t* values = NULL;
  beachdb_verify_report_t* report = NULL;
  char* value = NULL;
  size_t size = 0;
  bool found = false;
  CHECK_OK(beachdb_close(db));
  CHECK_FAILS(beachdb_close(db), BEACHDB_SHUT_DOWN, "closed");
  CHECK_FAILS(beachdb_put(db, NULL, "k", 1, "v", 1), BEACHDB_SHUT_DOWN, "closed");
  CHECK_FAILS(beachdb_delete(db, NULL, "k", 1), BEACHDB_SHUT_DOWN, "closed");
  CHECK_FAILS(beachdb_write(db, NULL, batch), BEACHDB_SHUT_DOWN, "closed");
  CHECK_FAILS(beachdb_get(db, NULL, "k", 1, &value, &size), BEACHDB_SHUT_DOWN, "closed");
  CHECK_FAILS(beachdb_get_into(db, NULL, "k", 1, NULL, 0, &size, &found), BEACHDB_SHUT_DOWN,
              "closed");
  CHECK_FAILS(beachdb_get_pinned(db, NULL, "k", 1, &pinned), BEACHDB_SHUT_DOWN, "closed");
  CHECK_FAILS(beachdb_multi_get(db, NULL, 0, NULL, NULL, &values), BEACHDB_SHUT_DOWN, "closed");
  CHECK_FAILS(beachdb_sync_wal(db), BEACHDB_SHUT_DOWN, "closed");
  CHECK_FAILS(beachdb_flush(db), BEACHDB_SHUT_DOWN, "closed");
  CHECK_FAILS(beachdb_compact_range(db, NULL, 0, NULL, 0), BEACHDB_SHUT_DOWN, "closed");
  CHECK_FAILS(beachdb_verify(db, &report), BEACHDB_SHUT_DOWN, "closed");
  CHECK_THAT(report == NULL && values == NULL && pinned == NULL && value == NULL);
  CHECK_OK(beachdb_new_iterator(db, NULL, &iterator));
  beachdb_iterator_seek_to_first(iterator);
  CHECK_THAT(!beachdb_iterator_valid(iterator));
  beachdb_iterator_next(iterator);
  beachdb_iterator_prev(iterator);
  CHECK_THAT(beachdb_iterator_key(iterator, &size) == NULL && size == 0);
  CHECK_FAILS(beachdb_iterator_status(iterator), BEACHDB_SHUT_DOWN, "closed");
  beachdb_iterator_free(iterator);
  beachdb_batch_free(batch);
  beachdb_free(db);
}

static void TheIndexesOfAnOutsideLogTravelWithTheBatches(void) {
  beachdb_options_t* options = beachdb_options_create();
  beachdb_write_options_t* write = beachdb_write_options_create();
  beachdb_t* db = NULL;
  beachdb_options_set_log_owner(options, BEACHDB_LOG_OWNER_CALLER);
  beachdb_options_set_log(options, IgnoreLine, NULL);
  CHECK_OK(beachdb_open("indexes", options, &db));
  beachdb_write_options_set_applied_index(write, 41);
  CHECK_OK(beachdb_put(db, write, "conch", 5, "spiral", 6));
  CHECK_THAT(beachdb_applied_index(db) == 41 && beachdb_durable_index(db) == 0);
  CHECK_OK(beachdb_flush(db));
  CHECK_THAT(beachdb_durable_index(db) == 41);
  CHECK_FAILS(beachdb_delete(db, write, "conch", 5), BEACHDB_INVALID_ARGUMENT, "41");
  beachdb_write_options_free(write);
  beachdb_options_free(options);
  beachdb_free(db);
}

static void CountCalls(void* context, uint64_t done, uint64_t whole) {
  CHECK_THAT(done > 0 && done <= whole);
  ++*(int*)context;
}

static void StatsAndVerifyTellWhatIsThere(void) {
  beachdb_t* db = OpenQuietly("looking");
  beachdb_verify_report_t* report = NULL;
  char* text = NULL;
  Put(db, "conch", "spiral");
  CHECK_OK(beachdb_sync_wal(db));
  CHECK_OK(beachdb_flush(db));
  CHECK_OK(beachdb_stats_to_string(db, &text));
  CHECK_THAT(strstr(text, "state: seqno 1,") != NULL);
  beachdb_bytes_free(text);
  CHECK_OK(beachdb_stats_to_json(db, &text));
  CHECK_THAT(text[0] == '{' && strstr(text, "\"last_seqno\":1,") != NULL);
  CHECK_THAT(strstr(text, "\"flushes\":1,") != NULL);
  beachdb_bytes_free(text);
  CHECK_OK(beachdb_verify(db, &report));
  CHECK_THAT(beachdb_verify_report_files(report) > 0);
  CHECK_THAT(beachdb_verify_report_bytes(report) > 0);
  CHECK_THAT(beachdb_verify_report_blocks(report) > 0);
  CHECK_THAT(beachdb_verify_report_entries(report) == 1);
  CHECK_THAT(beachdb_verify_report_problems(report) == 0);
  CHECK_THAT(beachdb_verify_report_problem(report, 0) == NULL);
  beachdb_verify_report_free(report);
  int calls = 0;
  CHECK_OK(beachdb_verify_with(db, true, CountCalls, &calls, &report));
  CHECK_THAT(beachdb_verify_report_problems(report) == 0);
  CHECK_THAT(calls == 2);
  beachdb_verify_report_free(report);
  CHECK_OK(beachdb_verify_with(db, false, NULL, NULL, &report));
  CHECK_THAT(beachdb_verify_report_entries(report) == 1);
  beachdb_verify_report_free(report);
  beachdb_free(db);
}

int main(void) {
  WhatWasPutIsReadBackAndAbsentIsNotEmpty();
  AValueGoesIntoTheCallersBufferOnlyWhereItFits();
  APinnedValueStaysWhileItsKeyIsOverwrittenAndFlushed();
  MultiGetAnswersInTheOrderOfTheKeys();
  ASnapshotReadsTheStateOfItsMaking();
  EveryCallOnAClosedDatabaseSaysSo();
  TheIndexesOfAnOutsideLogTravelWithTheBatches();
  StatsAndVerifyTellWhatIsThere();
  puts("database_test: passed");
  return 0;
}
