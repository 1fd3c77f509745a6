// What belongs to no handle.
#include <cstdlib>
#include <cstring>
#include <new>

#include "beachdb/c.h"
#include "c/handles.h"

const char* beachdb_version() { return BEACHDB_VERSION; }

char* beachdb::CopyText(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) throw std::bad_alloc();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

void beachdb_bytes_free(char* bytes) { std::free(bytes); }
