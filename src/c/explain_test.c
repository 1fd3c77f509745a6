// The promises of beachdb/c.h about explanations and events, from C99.
#include "c/check_test_util.h"

static void AGetIsExplainedAsTextAndAsJson(void) {
  beachdb_t* db = OpenQuietly("explained");
  char* text = NULL;
  char* json = NULL;
  Put(db, "conch", "spiral");
  CHECK_OK(beachdb_explain(db, NULL, "conch", 5, &text, &json));
  CHECK_THAT(strstr(text, "found: value of 6 bytes, written as seqno 1") != NULL);
  CHECK_THAT(strstr(json, "\"answer\":\"value\"") != NULL);
  beachdb_bytes_free(text);
  beachdb_bytes_free(json);
  CHECK_OK(beachdb_explain(db, NULL, "whelk", 5, NULL, &json));  // one form alone
  CHECK_THAT(strstr(json, "\"value\":null") != NULL);
  beachdb_bytes_free(json);
  CHECK_FAILS(beachdb_explain(db, NULL, "", 0, &text, &json), BEACHDB_INVALID_ARGUMENT, "key");
  CHECK_THAT(text == NULL && json == NULL);
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);
}

static void AScanIsExplainedInBothOrders(void) {
  beachdb_t* db = OpenQuietly("scanned");
  char* json = NULL;
  Put(db, "clam", "1");
  Put(db, "conch", "2");
  CHECK_OK(beachdb_explain_scan(db, NULL, BEACHDB_SCAN_FORWARD, 0, NULL, &json));
  CHECK_THAT(strstr(json, "\"records\":2") != NULL);
  beachdb_bytes_free(json);
  CHECK_OK(beachdb_explain_scan(db, NULL, BEACHDB_SCAN_REVERSE, 1, NULL, &json));
  CHECK_THAT(strstr(json, "\"records\":1") != NULL);
  beachdb_bytes_free(json);
  CHECK_FAILS(beachdb_explain_scan(db, NULL, 7, 0, NULL, &json), BEACHDB_INVALID_ARGUMENT,
              "order is 7");
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);
}

static void HistoryShowsEveryVersion(void) {
  beachdb_t* db = OpenQuietly("history");
  char* json = NULL;
  Put(db, "conch", "spiral");
  CHECK_OK(beachdb_delete(db, NULL, "conch", 5));
  CHECK_OK(beachdb_history(db, "conch", 5, &json));
  CHECK_THAT(strcmp(json,
                    "[{\"seqno\":2,\"kind\":\"delete\",\"value_bytes\":0,\"place\":\"memory\"},"
                    "{\"seqno\":1,\"kind\":\"put\",\"value_bytes\":6,\"place\":\"memory\"}]") == 0);
  beachdb_bytes_free(json);
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);
}

static void CountFlushes(void* context, const char* json, size_t size) {
  CHECK_THAT(strlen(json) == size);
  if (strstr(json, "\"event\":\"flush\"") != NULL) ++*(int*)context;
}

static void EventsAreHeardAndKept(void) {
  beachdb_t* db = OpenQuietly("events");
  char* json = NULL;
  int flushes = 0;
  CHECK_OK(beachdb_set_event_listener(db, CountFlushes, &flushes));
  Put(db, "conch", "spiral");
  CHECK_OK(beachdb_flush(db));
  CHECK_OK(beachdb_set_event_listener(db, NULL, NULL));
  CHECK_THAT(flushes == 1);
  CHECK_OK(beachdb_recent_events(db, &json));
  CHECK_THAT(json[0] == '[' && strstr(json, "\"event\":\"flush\"") != NULL);
  beachdb_bytes_free(json);
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);
}

int main(void) {
  AGetIsExplainedAsTextAndAsJson();
  AScanIsExplainedInBothOrders();
  HistoryShowsEveryVersion();
  EventsAreHeardAndKept();
  return 0;
}
