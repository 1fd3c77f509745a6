/* The smallest useful program in C: open, write, read, walk. Leaves its database in ./shells.
 * Every call that can fail returns NULL or an error; the first error ends the program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "beachdb/c.h"

static void Expect(beachdb_error_t* error) {
  if (error == NULL) return;
  fprintf(stderr, "%s\n", beachdb_error_to_string(error));
  beachdb_error_free(error);
  exit(1);
}

static void PutText(beachdb_t* db, const char* key, const char* value) {
  Expect(beachdb_put(db, NULL, key, strlen(key), value, strlen(value)));
}

/* Backwards through the keys that begin with "co". */
static void PrintShells(const beachdb_t* db) {
  beachdb_iterator_options_t* options = beachdb_iterator_options_create();
  beachdb_iterator_t* it = NULL;
  if (options == NULL) exit(1);
  Expect(beachdb_iterator_options_set_prefix(options, "co", 2));
  Expect(beachdb_new_iterator(db, options, &it));
  beachdb_iterator_options_free(options);
  for (beachdb_iterator_seek_to_last(it); beachdb_iterator_valid(it); beachdb_iterator_prev(it)) {
    size_t key_size = 0;
    size_t value_size = 0;
    const char* key = beachdb_iterator_key(it, &key_size);
    const char* value = beachdb_iterator_value(it, &value_size);
    printf("%.*s = %.*s\n", (int)key_size, key, (int)value_size, value);
  }
  Expect(beachdb_iterator_status(it));
  beachdb_iterator_free(it);
}

int main(void) {
  beachdb_t* db = NULL;
  char* value = NULL;
  size_t size = 0;
  Expect(beachdb_open("shells", NULL, &db));

  /* On stable storage when the call returns. */
  PutText(db, "conch", "spiral");
  PutText(db, "cockle", "ribbed");

  /* Keys and values are bytes with a size: no NUL ends them. Absent is NULL, and no error. */
  Expect(beachdb_get(db, NULL, "conch", 5, &value, &size));
  printf("conch: %.*s\n", (int)size, value != NULL ? value : "");
  beachdb_bytes_free(value);

  PrintShells(db);
  Expect(beachdb_close(db));
  beachdb_free(db);
  return 0;
}
