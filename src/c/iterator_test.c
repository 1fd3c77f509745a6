// The promises of beachdb/c.h about iterators, from C99.
#include "c/check_test_util.h"

// Adds the bytes and a blank to the text.
static void Append(char* text, const char* bytes, size_t size) {
  strncat(text, bytes, size);
  strcat(text, " ");
}

// Walks forwards, or backwards, and writes down the keys, or the values.
static void ExpectKeys(const beachdb_t* db, const beachdb_iterator_options_t* options,
                       const char* forwards, const char* backwards) {
  char seen[100] = "";
  beachdb_iterator_t* it = NULL;
  size_t size = 0;
  CHECK_OK(beachdb_new_iterator(db, options, &it));
  CHECK_THAT(!beachdb_iterator_valid(it));  // starts nowhere
  for (beachdb_iterator_seek_to_first(it); beachdb_iterator_valid(it); beachdb_iterator_next(it)) {
    const char* key = beachdb_iterator_key(it, &size);
    Append(seen, key, size);
  }
  CHECK_OK(beachdb_iterator_status(it));
  CHECK_THAT(strcmp(seen, forwards) == 0);
  seen[0] = '\0';
  for (beachdb_iterator_seek_to_last(it); beachdb_iterator_valid(it); beachdb_iterator_prev(it)) {
    const char* value = beachdb_iterator_value(it, &size);
    Append(seen, value, size);
  }
  CHECK_OK(beachdb_iterator_status(it));
  CHECK_THAT(strcmp(seen, backwards) == 0);
  beachdb_iterator_free(it);
}

static beachdb_t* OpenWithFourShells(const char* name) {
  beachdb_t* db = OpenQuietly(name);
  Put(db, "clam", "1");
  Put(db, "cockle", "2");
  Put(db, "conch", "3");
  Put(db, "whelk", "4");
  return db;
}

static void EveryKindOfBoundBoundsBothWays(void) {
  beachdb_t* db = OpenWithFourShells("bounds");
  beachdb_iterator_options_t* options = beachdb_iterator_options_create();
  ExpectKeys(db, NULL, "clam cockle conch whelk ", "4 3 2 1 ");
  ExpectKeys(db, options, "clam cockle conch whelk ", "4 3 2 1 ");
  CHECK_OK(beachdb_iterator_options_set_prefix(options, "co", 2));
  ExpectKeys(db, options, "cockle conch ", "3 2 ");
  CHECK_OK(beachdb_iterator_options_set_prefix(options, NULL, 0));
  CHECK_OK(beachdb_iterator_options_set_lower(options, "cockle", 6));
  ExpectKeys(db, options, "cockle conch whelk ", "4 3 2 ");
  CHECK_OK(beachdb_iterator_options_set_upper(options, "whelk", 5));
  ExpectKeys(db, options, "cockle conch ", "3 2 ");
  beachdb_iterator_options_free(options);
  beachdb_free(db);
}

static void SeeksFindTheNearestKeyOnEitherSide(void) {
  beachdb_t* db = OpenWithFourShells("seeks");
  beachdb_iterator_t* it = NULL;
  size_t size = 0;
  CHECK_OK(beachdb_new_iterator(db, NULL, &it));
  beachdb_iterator_seek(it, "coconut", 7);
  CHECK_THAT(beachdb_iterator_valid(it));
  CHECK_THAT(memcmp(beachdb_iterator_key(it, &size), "conch", 5) == 0 && size == 5);
  beachdb_iterator_seek_for_prev(it, "coconut", 7);
  CHECK_THAT(memcmp(beachdb_iterator_key(it, &size), "cockle", 6) == 0 && size == 6);
  beachdb_iterator_seek(it, "z", 1);
  CHECK_THAT(!beachdb_iterator_valid(it));
  beachdb_iterator_next(it);
  beachdb_iterator_prev(it);
  CHECK_THAT(beachdb_iterator_key(it, &size) == NULL && size == 0);
  CHECK_THAT(beachdb_iterator_value(it, &size) == NULL && size == 0);
  CHECK_OK(beachdb_iterator_status(it));
  beachdb_iterator_free(it);
  beachdb_free(db);
}

static void AnIteratorSaysWhenAValueEnds(void) {
  beachdb_t* db = OpenWithFourShells("ends");
  beachdb_iterator_t* it = NULL;
  CHECK_OK(beachdb_put_expiring(db, NULL, "conch", 5, "borrowed", 8, 100000000000u));
  CHECK_OK(beachdb_new_iterator(db, NULL, &it));
  beachdb_iterator_seek(it, "conch", 5);
  CHECK_THAT(beachdb_iterator_expires_at(it) == 100000000000u);
  beachdb_iterator_next(it);
  CHECK_THAT(beachdb_iterator_valid(it) && beachdb_iterator_expires_at(it) == 0);
  beachdb_iterator_seek(it, "z", 1);
  CHECK_THAT(beachdb_iterator_expires_at(it) == 0);
  beachdb_iterator_free(it);
  beachdb_free(db);
}

static void AnIteratorKeepsItsStateAndThatOfASnapshot(void) {
  beachdb_t* db = OpenWithFourShells("states");
  beachdb_iterator_options_t* options = beachdb_iterator_options_create();
  beachdb_snapshot_t* snapshot = NULL;
  beachdb_iterator_t* it = NULL;
  size_t size = 0;
  CHECK_OK(beachdb_get_snapshot(db, &snapshot));
  CHECK_OK(beachdb_new_iterator(db, NULL, &it));
  CHECK_OK(beachdb_delete(db, NULL, "clam", 4));
  CHECK_OK(beachdb_flush(db));
  beachdb_iterator_seek_to_first(it);
  CHECK_THAT(memcmp(beachdb_iterator_key(it, &size), "clam", 4) == 0 && size == 4);
  ExpectKeys(db, NULL, "cockle conch whelk ", "4 3 2 ");
  beachdb_iterator_options_set_snapshot(options, snapshot);
  beachdb_iterator_options_set_fill_cache(options, false);
  ExpectKeys(db, options, "clam cockle conch whelk ", "4 3 2 1 ");
  beachdb_snapshot_free(snapshot);
  beachdb_iterator_options_free(options);
  CHECK_FAILS(beachdb_close(db), BEACHDB_BUSY, "iterators");
  beachdb_iterator_free(it);
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);
}

int main(void) {
  EveryKindOfBoundBoundsBothWays();
  SeeksFindTheNearestKeyOnEitherSide();
  AnIteratorSaysWhenAValueEnds();
  AnIteratorKeepsItsStateAndThatOfASnapshot();
  puts("iterator_test: passed");
  return 0;
}
