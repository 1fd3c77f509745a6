#include <exception>
#include <new>
#include <string_view>

#include "c/guard.h"
#include "c/handles.h"

using beachdb::Guarded;
using beachdb::Iterator;
using beachdb::OkStatus;
using beachdb::View;

namespace {

// Moves it. An exception leaves the parts of the merge where they happen to be, so it moves no
// more.
template <typename Move>
void Moved(beachdb_iterator_t* iterator, Move&& move) noexcept {
  if (iterator->out_of_memory) return;
  try {
    move(iterator->iterator);
  } catch (...) {  // std::bad_alloc: a move throws nothing else
    iterator->out_of_memory = true;
  }
}

const char* Seen(std::string_view bytes, size_t* size) {
  *size = bytes.size();
  return bytes.data() == nullptr ? "" : bytes.data();
}

}  // namespace

beachdb_error_t* beachdb_new_iterator(const beachdb_t* db,
                                      const beachdb_iterator_options_t* options,
                                      beachdb_iterator_t** iterator) {
  *iterator = nullptr;
  return Guarded([&] {
    *iterator = new beachdb_iterator_t{db->db.NewIterator(beachdb::ToIteratorOptions(options))};
    return OkStatus();
  });
}

void beachdb_iterator_free(beachdb_iterator_t* iterator) { delete iterator; }

void beachdb_iterator_seek_to_first(beachdb_iterator_t* iterator) {
  Moved(iterator, [](Iterator& it) { it.SeekToFirst(); });
}

void beachdb_iterator_seek_to_last(beachdb_iterator_t* iterator) {
  Moved(iterator, [](Iterator& it) { it.SeekToLast(); });
}

void beachdb_iterator_seek(beachdb_iterator_t* iterator, const char* target, size_t target_size) {
  Moved(iterator, [&](Iterator& it) { it.Seek(View(target, target_size)); });
}

void beachdb_iterator_seek_for_prev(beachdb_iterator_t* iterator, const char* target,
                                    size_t target_size) {
  Moved(iterator, [&](Iterator& it) { it.SeekForPrev(View(target, target_size)); });
}

void beachdb_iterator_next(beachdb_iterator_t* iterator) {
  if (!beachdb_iterator_valid(iterator)) return;
  Moved(iterator, [](Iterator& it) { it.Next(); });
}

void beachdb_iterator_prev(beachdb_iterator_t* iterator) {
  if (!beachdb_iterator_valid(iterator)) return;
  Moved(iterator, [](Iterator& it) { it.Prev(); });
}

bool beachdb_iterator_valid(const beachdb_iterator_t* iterator) {
  return !iterator->out_of_memory && iterator->iterator.Valid();
}

const char* beachdb_iterator_key(const beachdb_iterator_t* iterator, size_t* size) {
  *size = 0;
  return beachdb_iterator_valid(iterator) ? Seen(iterator->iterator.key(), size) : nullptr;
}

const char* beachdb_iterator_value(const beachdb_iterator_t* iterator, size_t* size) {
  *size = 0;
  return beachdb_iterator_valid(iterator) ? Seen(iterator->iterator.value(), size) : nullptr;
}

uint64_t beachdb_iterator_expires_at(const beachdb_iterator_t* iterator) {
  return beachdb_iterator_valid(iterator) ? iterator->iterator.expires_at() : 0;
}

beachdb_error_t* beachdb_iterator_status(const beachdb_iterator_t* iterator) {
  if (iterator->out_of_memory) return beachdb::OutOfMemory();
  return Guarded([&] { return iterator->iterator.status(); });
}
