// What the C tests of this layer share: a check that says where it failed, and databases of theirs.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "beachdb/c.h"

#define CHECK_THAT(condition)                                                 \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

// The call must succeed.
#define CHECK_OK(call)                                              \
  do {                                                              \
    beachdb_error_t* check_error = (call);                          \
    if (check_error != NULL) {                                      \
      fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, \
              beachdb_error_to_string(check_error));                \
      exit(1);                                                      \
    }                                                               \
  } while (0)

// The call must fail, with this code and with `part` in its message.
#define CHECK_FAILS(call, want_code, part)                                                         \
  do {                                                                                             \
    beachdb_error_t* check_error = (call);                                                         \
    if (beachdb_error_code(check_error) != (want_code) ||                                          \
        strstr(beachdb_error_message(check_error), (part)) == NULL) {                              \
      fprintf(stderr, "%s:%d: %s\n  expected: %s: ...%s...\n  found:    %s\n", __FILE__, __LINE__, \
              #call, beachdb_code_name(want_code), (part), beachdb_error_to_string(check_error));  \
      exit(1);                                                                                     \
    }                                                                                              \
    beachdb_error_free(check_error);                                                               \
  } while (0)

static inline void IgnoreLine(void* context, int level, const char* line, size_t size) {
  (void)context;
  (void)level;
  (void)line;
  (void)size;
}

// Opens ./NAME with no word on stderr.
static inline beachdb_t* OpenQuietly(const char* name) {
  beachdb_options_t* options = beachdb_options_create();
  beachdb_t* db = NULL;
  CHECK_THAT(options != NULL);
  beachdb_options_set_log(options, IgnoreLine, NULL);
  CHECK_OK(beachdb_open(name, options, &db));
  beachdb_options_free(options);
  return db;
}

static inline void Put(beachdb_t* db, const char* key, const char* value) {
  CHECK_OK(beachdb_put(db, NULL, key, strlen(key), value, strlen(value)));
}

// The value of the key is `want`; NULL: there is none.
static inline void ExpectValue(const beachdb_t* db, const beachdb_read_options_t* options,
                               const char* key, const char* want) {
  char* value = NULL;
  size_t size = 0;
  CHECK_OK(beachdb_get(db, options, key, strlen(key), &value, &size));
  if (want == NULL) {
    CHECK_THAT(value == NULL && size == 0);
  } else {
    CHECK_THAT(value != NULL && size == strlen(want) && memcmp(value, want, size) == 0);
  }
  beachdb_bytes_free(value);
}
