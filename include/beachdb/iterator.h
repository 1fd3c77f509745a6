// Walks the keys of a database in order, both ways, at one fixed state.
//
// An iterator pins the state of its creation (or of the snapshot it was given): neither writes nor
// flushes nor compactions change what it shows. It starts nowhere: seek first.
//
//   for (it.SeekToFirst(); it.Valid(); it.Next()) use(it.key(), it.value());
//   if (!it.status().ok()) ...            // a loop that ends early may have ended on an error
//
// Thread safety: none; one thread at a time. Lifetime: must be destroyed before its Db is closed.
// Errors: an iterator that meets one becomes invalid, and status() tells which.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb {

class DbIterator;

class Iterator {
 public:
  explicit Iterator(std::unique_ptr<DbIterator> impl);
  Iterator(Iterator&&) noexcept;
  Iterator& operator=(Iterator&&) noexcept;
  ~Iterator();

  // Each moves to a key within the bounds, or makes the iterator invalid if there is none.
  void SeekToFirst();
  void SeekToLast();
  void Seek(std::string_view target);         // the first key at or after target
  void SeekForPrev(std::string_view target);  // the last key at or before target
  void Next();                                // REQUIRES: Valid()
  void Prev();                                // REQUIRES: Valid()

  bool Valid() const;
  // REQUIRES: Valid(). Views that stay good until the iterator moves or dies.
  std::string_view key() const;
  std::string_view value() const;
  // REQUIRES: Valid(). The second, by the clock of the database, at which this value ends; 0:
  // never.
  std::uint64_t expires_at() const;

  // Ok, or the error that made the iterator invalid.
  Status status() const;

 private:
  std::unique_ptr<DbIterator> impl_;
};

}  // namespace beachdb
