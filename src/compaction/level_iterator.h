// Walks sorted, disjoint tables as one: a level, or a single run of level 0. An EntryIterator
// (kv/iterator.h), concrete.
//
// A table is opened when the walk enters it and let go when it leaves; tables outside the walk are
// never touched, so a caller pushes its bounds down by leaving files out.
//
// Thread safety: none; movable, not copyable. Lifetime: keeps its current table open; what the
// opener captures must outlive it.
// Errors: those of the opener and of the tables; they make it invalid until the next seek.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "manifest/file_metadata.h"
#include "sstable/table_iterator.h"

namespace beachdb {

// The open table of a live file.
using TableOpener = std::function<Result<std::shared_ptr<Table>>(const FileRef&)>;

class LevelIterator {
 public:
  // REQUIRES: in key order and disjoint in user keys (manifest/version.h, invariant 2).
  LevelIterator(std::vector<FileRef> files, TableOpener open, ScanKind kind);

  bool Valid() const { return table_iterator_.has_value() && table_iterator_->Valid(); }
  // REQUIRES: Valid(), here and below.
  std::string_view user_key() const { return table_iterator_->user_key(); }
  std::uint64_t trailer() const { return table_iterator_->trailer(); }
  std::string_view value() const { return table_iterator_->value(); }
  Status status() const;

  void SeekToFirst();
  void SeekToLast();
  void Seek(std::string_view key, std::uint64_t trailer);
  void SeekForPrev(std::string_view key, std::uint64_t trailer);

  void Next() {
    table_iterator_->Next();
    if (!table_iterator_->Valid()) [[unlikely]]
      EnterNext();
  }
  void Prev() {
    table_iterator_->Prev();
    if (!table_iterator_->Valid()) [[unlikely]]
      EnterPrevious();
  }

 private:
  static constexpr std::size_t kNoFile = SIZE_MAX;

  // Makes file i the current one. False: it does not exist, or cannot be opened; invalid then.
  bool Enter(std::size_t i);
  void Leave();
  // If the current table has run out without an error: on to its neighbour.
  void EnterNext();
  void EnterPrevious();

  std::vector<FileRef> files_;
  TableOpener open_;
  ScanKind kind_;
  std::size_t current_ = kNoFile;
  std::shared_ptr<Table> table_;
  std::optional<TableIterator> table_iterator_;  // over table_, so it goes first
  Status status_;
};

}  // namespace beachdb
