// What belongs to no handle.
#include <cstdlib>

#include "beachdb/c.h"

const char* beachdb_version() { return BEACHDB_VERSION; }

void beachdb_bytes_free(char* bytes) { std::free(bytes); }
