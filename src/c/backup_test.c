// The promises of beachdb/c.h about backups and reading beside a writer, from C99.
#include "c/check_test_util.h"

static void ABackupIsListedVerifiedRestoredAndPruned(void) {
  beachdb_t* db = OpenQuietly("db");
  char* json = NULL;
  Put(db, "conch", "first");
  CHECK_OK(beachdb_create_backup(db, "backups", NULL, &json));
  CHECK_THAT(strstr(json, "{\"id\":1,") == json);
  beachdb_bytes_free(json);
  Put(db, "conch", "second");
  CHECK_OK(beachdb_create_backup(db, "backups", NULL, NULL));
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);

  CHECK_OK(beachdb_list_backups("backups", NULL, &json));
  CHECK_THAT(strstr(json, "\"id\":1") != NULL && strstr(json, "\"id\":2") != NULL);
  beachdb_bytes_free(json);
  CHECK_OK(beachdb_verify_backups("backups", 0, NULL, &json));
  CHECK_THAT(strstr(json, "{\"ok\":true,\"backups\":2,") == json);
  beachdb_bytes_free(json);

  CHECK_OK(beachdb_restore_backup("backups", 1, "first", NULL));
  CHECK_OK(beachdb_restore_backup("backups", 0, "newest", NULL));
  db = OpenQuietly("first");
  ExpectValue(db, NULL, "conch", "first");
  beachdb_free(db);
  db = OpenQuietly("newest");
  ExpectValue(db, NULL, "conch", "second");
  beachdb_free(db);

  CHECK_OK(beachdb_prune_backups("backups", 1, NULL, &json));
  CHECK_THAT(strstr(json, "{\"removed\":[1],\"kept\":1,") == json);
  beachdb_bytes_free(json);
  CHECK_OK(beachdb_prune_backups("backups", 1, NULL, NULL));
}

static void ErrorsAreThoseOfCpp(void) {
  char* json = NULL;
  CHECK_FAILS(beachdb_list_backups("nowhere", NULL, &json), BEACHDB_INVALID_ARGUMENT,
              "no repository of backups");
  CHECK_THAT(json == NULL);
  CHECK_FAILS(beachdb_restore_backup("backups", 7, "target", NULL), BEACHDB_INVALID_ARGUMENT,
              "holds no backup 7");
  CHECK_FAILS(beachdb_prune_backups("backups", 0, NULL, NULL), BEACHDB_INVALID_ARGUMENT,
              "keep at least 1");
}

static void KeepLast(void* context, uint64_t files, uint64_t files_all, uint64_t bytes,
                     uint64_t bytes_all) {
  uint64_t* last = (uint64_t*)context;
  last[0] = files;
  last[1] = files_all;
  last[2] = bytes;
  last[3] = bytes_all;
}

static void ProgressIsTold(void) {
  uint64_t last[4] = {0, 0, 0, 0};
  beachdb_backup_options_t* options = beachdb_backup_options_create();
  CHECK_THAT(options != NULL);
  beachdb_backup_options_set_progress(options, KeepLast, last);
  CHECK_OK(beachdb_restore_backup("backups", 0, "told", options));
  CHECK_THAT(last[0] == last[1] && last[0] > 0);
  CHECK_THAT(last[2] == last[3] && last[2] > 0);
  beachdb_backup_options_free(options);
}

static void AReaderBesideAWriterSeesOneStateAndChangesNothing(void) {
  beachdb_t* writer = OpenQuietly("shared");
  beachdb_t* reader = NULL;
  Put(writer, "conch", "spiral");
  CHECK_OK(beachdb_open_read_only("shared", NULL, &reader));
  Put(writer, "conch", "later");
  ExpectValue(reader, NULL, "conch", "spiral");
  CHECK_FAILS(beachdb_put(reader, NULL, "a", 1, "b", 1), BEACHDB_INVALID_ARGUMENT,
              "was opened read-only");
  CHECK_FAILS(beachdb_create_backup(reader, "backups-of-reader", NULL, NULL),
              BEACHDB_INVALID_ARGUMENT, "was opened read-only");
  CHECK_OK(beachdb_close(reader));
  beachdb_free(reader);
  CHECK_FAILS(beachdb_open_read_only("nowhere", NULL, &reader), BEACHDB_INVALID_ARGUMENT,
              "no database");
  CHECK_THAT(reader == NULL);
  CHECK_OK(beachdb_close(writer));
  beachdb_free(writer);
}

int main(void) {
  ABackupIsListedVerifiedRestoredAndPruned();
  ErrorsAreThoseOfCpp();
  ProgressIsTold();
  AReaderBesideAWriterSeesOneStateAndChangesNothing();
  return 0;
}
