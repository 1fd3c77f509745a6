// The promises of beachdb/c.h about errors and options that do not open, from C99.
#include "c/check_test_util.h"

static void EveryCodeHasItsName(void) {
  CHECK_THAT(strcmp(beachdb_code_name(BEACHDB_OK), "ok") == 0);
  CHECK_THAT(strcmp(beachdb_code_name(BEACHDB_IO_ERROR), "I/O error") == 0);
  CHECK_THAT(strcmp(beachdb_code_name(BEACHDB_SHUT_DOWN), "shut down") == 0);
  CHECK_THAT(strcmp(beachdb_code_name(BEACHDB_OUT_OF_MEMORY), "out of memory") == 0);
  CHECK_THAT(strcmp(beachdb_code_name(BEACHDB_INTERNAL), "internal error") == 0);
  CHECK_THAT(strcmp(beachdb_code_name(-1), "unknown error") == 0);
  CHECK_THAT(strcmp(beachdb_code_name(9), "unknown error") == 0);
  CHECK_THAT(strcmp(beachdb_code_name(1000), "unknown error") == 0);
}

static void NoErrorIsOkAndNothingIsFreedTwice(void) {
  CHECK_THAT(beachdb_error_code(NULL) == BEACHDB_OK);
  CHECK_THAT(strcmp(beachdb_error_message(NULL), "ok") == 0);
  CHECK_THAT(strcmp(beachdb_error_to_string(NULL), "ok") == 0);
  beachdb_error_free(NULL);
  beachdb_free(NULL);
  beachdb_bytes_free(NULL);
  beachdb_options_free(NULL);
  beachdb_write_options_free(NULL);
  beachdb_read_options_free(NULL);
  beachdb_iterator_options_free(NULL);
  beachdb_batch_free(NULL);
  beachdb_snapshot_free(NULL);
  beachdb_iterator_free(NULL);
  beachdb_pinned_free(NULL);
  beachdb_values_free(NULL);
  beachdb_verify_report_free(NULL);
}

static void AnErrorTellsItsCodeItsMessageAndBoth(void) {
  beachdb_t* db = OpenQuietly("errors");
  beachdb_error_t* error = beachdb_put(db, NULL, NULL, 0, "v", 1);
  const char* text = beachdb_error_to_string(error);
  CHECK_THAT(beachdb_error_code(error) == BEACHDB_INVALID_ARGUMENT);
  CHECK_THAT(strncmp(text, "invalid argument: ", 18) == 0);
  CHECK_THAT(strcmp(text + 18, beachdb_error_message(error)) == 0);
  CHECK_THAT(beachdb_error_message(error)[0] != '\0');
  beachdb_error_free(error);
  beachdb_free(db);
}

static void ADirectoryThatIsHeldOrAbsentIsNamed(void) {
  beachdb_options_t* options = beachdb_options_create();
  beachdb_t* holder = OpenQuietly("held");
  beachdb_t* db = holder;
  beachdb_options_set_log(options, IgnoreLine, NULL);
  CHECK_FAILS(beachdb_open("held", options, &db), BEACHDB_BUSY, "held");
  CHECK_THAT(db == NULL);
  beachdb_options_set_create_if_missing(options, false);
  CHECK_FAILS(beachdb_open("absent", options, &db), BEACHDB_INVALID_ARGUMENT, "no database");
  beachdb_options_set_create_if_missing(options, true);
  beachdb_free(holder);
  beachdb_options_set_error_if_exists(options, true);
  CHECK_FAILS(beachdb_open("held", options, &db), BEACHDB_INVALID_ARGUMENT, "error_if_exists");
  beachdb_options_free(options);
}

static void AnEnumeratorThatDoesNotExistIsRefused(void) {
  beachdb_t* db = NULL;
  const struct {
    void (*set)(beachdb_options_t*, int);
    const char* want;
    int last;
  } cases[] = {
      {beachdb_options_set_compression, "compression must be 0 to 2, not ", 2},
      {beachdb_options_set_bottom_compression, "bottom_compression must be 0 to 2, not ", 2},
      {beachdb_options_set_log_owner, "log_owner must be 0 to 1, not ", 1},
      {beachdb_options_set_memtable, "memtable must be 0 to 1, not ", 1},
  };
  size_t i;
  for (i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    beachdb_options_t* options = beachdb_options_create();
    cases[i].set(options, cases[i].last + 1);
    CHECK_FAILS(beachdb_open("refused", options, &db), BEACHDB_INVALID_ARGUMENT, cases[i].want);
    cases[i].set(options, -1);
    CHECK_FAILS(beachdb_open("refused", options, &db), BEACHDB_INVALID_ARGUMENT, cases[i].want);
    beachdb_options_free(options);
  }
  {
    beachdb_write_options_t* write = beachdb_write_options_create();
    db = OpenQuietly("durability");
    beachdb_write_options_set_durability(write, 2);
    CHECK_FAILS(beachdb_put(db, write, "k", 1, "v", 1), BEACHDB_INVALID_ARGUMENT,
                "durability must be 0 to 1, not 2");
    ExpectValue(db, NULL, "k", NULL);
    beachdb_write_options_free(write);
    beachdb_free(db);
  }
}

static void CountLine(void* context, int level, const char* line, size_t size) {
  CHECK_THAT(level >= BEACHDB_LOG_DEBUG && level <= BEACHDB_LOG_ERROR);
  CHECK_THAT(line != NULL && size > 0 && line[size - 1] != '\n');
  ++*(int*)context;
}

static void TheLogReachesItsFunctionWithItsContext(void) {
  beachdb_options_t* options = beachdb_options_create();
  beachdb_t* db = NULL;
  int lines = 0;
  beachdb_options_set_log(options, CountLine, &lines);
  CHECK_OK(beachdb_open("logged", options, &db));
  beachdb_options_free(options);  // the database keeps what it needs
  Put(db, "conch", "spiral");
  CHECK_OK(beachdb_flush(db));
  CHECK_OK(beachdb_close(db));
  beachdb_free(db);
  CHECK_THAT(lines > 0);
}

static void TheLibraryKnowsItsVersion(void) {
  const char* version = beachdb_version();
  CHECK_THAT(version[0] >= '0' && version[0] <= '9' && strchr(version, '.') != NULL);
}

int main(void) {
  EveryCodeHasItsName();
  NoErrorIsOkAndNothingIsFreedTwice();
  AnErrorTellsItsCodeItsMessageAndBoth();
  ADirectoryThatIsHeldOrAbsentIsNamed();
  AnEnumeratorThatDoesNotExistIsRefused();
  TheLogReachesItsFunctionWithItsContext();
  TheLibraryKnowsItsVersion();
  puts("errors_test: passed");
  return 0;
}
