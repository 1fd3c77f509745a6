// Walks a run of tables as one: a level, or a single run of level 0. An EntryIterator
// (kv/iterator.h), concrete.
//
// A table is opened when the walk enters it and let go when it leaves; tables outside the walk are
// never touched, so a caller pushes its bounds down by leaving tables out of the run.
//
// Thread safety: none; movable, not copyable. Lifetime: keeps its current table open; what the run
// refers to must outlive it.
// Errors: those of opening and of the tables; they make it invalid until the next seek.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "beachdb/result.h"
#include "kv/iterator.h"
#include "sstable/table_iterator.h"

namespace beachdb {

// Tables in key order and disjoint in user keys (manifest/version.h, invariant 2).
template <typename R>
concept TableRun = std::movable<R> && requires(R run, std::size_t i, std::string_view key) {
  { run.size() } -> std::same_as<std::size_t>;
  { run.smallest(i) } -> std::convertible_to<std::string_view>;
  // The first table whose largest key is at or behind `key`; size(): there is none.
  { run.FirstReaching(key) } -> std::same_as<std::size_t>;
  { run.Open(i) } -> std::same_as<Result<std::shared_ptr<Table>>>;
};

template <TableRun Run>
class LevelIterator {
 public:
  LevelIterator(Run run, ScanKind kind) : run_(std::move(run)), kind_(kind) {}

  bool Valid() const { return table_iterator_.has_value() && table_iterator_->Valid(); }
  // REQUIRES: Valid(), here and below.
  std::string_view user_key() const { return table_iterator_->user_key(); }
  std::uint64_t trailer() const { return table_iterator_->trailer(); }
  std::string_view value() const { return table_iterator_->value(); }
  bool PrevKeepsValue() const { return table_iterator_->PrevKeepsValue(); }
  bool from_cache() const { return table_iterator_->from_cache(); }  // table_iterator.h
  const Run& run() const { return run_; }
  // Of the walk so far.
  ScanCost cost() const {
    ScanCost cost = left_;
    if (table_iterator_.has_value()) cost += table_iterator_->cost();
    return cost;
  }
  Status status() const {
    if (!status_.ok() || !table_iterator_.has_value()) return status_;
    return table_iterator_->status();
  }

  void SeekToFirst() {
    if (Enter(0)) table_iterator_->SeekToFirst();
  }
  void SeekToLast() {
    if (Enter(run_.size() - 1)) table_iterator_->SeekToLast();
  }
  // The next call will be this seek: does what can be done before its first cache misses.
  void Approach(std::string_view key, std::uint64_t trailer) {
    if (Enter(run_.FirstReaching(key))) table_iterator_->Approach(key, trailer);
    approached_ = true;
  }
  void ApproachForPrev(std::string_view key, std::uint64_t trailer) {
    if (Enter(LastBeginningBy(key))) table_iterator_->Approach(key, trailer);
    approached_ = true;
  }
  void Seek(std::string_view key, std::uint64_t trailer) {
    if (!std::exchange(approached_, false)) Enter(run_.FirstReaching(key));
    if (!table_iterator_.has_value()) return;
    table_iterator_->Seek(key, trailer);
    // The table may end within the versions of this very key.
    if (!table_iterator_->Valid()) EnterNext();
  }
  void SeekForPrev(std::string_view key, std::uint64_t trailer) {
    if (!std::exchange(approached_, false)) Enter(LastBeginningBy(key));
    if (!table_iterator_.has_value()) return;
    table_iterator_->SeekForPrev(key, trailer);
    if (!table_iterator_->Valid()) EnterPrevious();
  }

  // Whether everything in the table of the current entry is older than `seqno`.
  bool TableIsOlderThan(Seqno seqno) const { return run_.largest_seqno(current_) < seqno; }
  // To the first entry of this table that is not before `end`, or else to the next table.
  void SkipTo(std::string_view end) {
    if (run_.largest(current_) < end) {
      if (Enter(current_ + 1)) table_iterator_->SeekToFirst();
      return;
    }
    table_iterator_->Seek(end, ~std::uint64_t{0});
    if (!table_iterator_->Valid()) EnterNext();
  }
  // The same on the way back: to the last one before `begin`.
  void SkipBackTo(std::string_view begin) {
    if (run_.smallest(current_) >= begin) {
      if (Enter(current_ - 1)) table_iterator_->SeekToLast();
      return;
    }
    table_iterator_->SeekForPrev(begin, ~std::uint64_t{0});
    if (!table_iterator_->Valid()) EnterPrevious();
  }

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
  static constexpr std::size_t kNoTable = SIZE_MAX;

  // The last table whose smallest key is at or before `key`; no table's index: there is none.
  std::size_t LastBeginningBy(std::string_view key) const {
    const std::size_t i = run_.FirstReaching(key);
    return i < run_.size() && run_.smallest(i) <= key ? i : i - 1;
  }
  // Makes table i the current one. False: it does not exist, or cannot be opened; invalid then.
  bool Enter(std::size_t i) {
    status_ = OkStatus();
    if (i >= run_.size()) {
      Leave();
      return false;
    }
    if (i == current_) return true;
    Leave();
    Result<std::shared_ptr<Table>> table = run_.Open(i);
    if (!table.ok()) {
      status_ = table.error();
      return false;
    }
    table_ = *std::move(table);
    table_iterator_.emplace(*table_, kind_);
    ++left_.tables;
    current_ = i;
    return true;
  }
  void Leave() {
    if (table_iterator_.has_value()) left_ += table_iterator_->cost();
    table_iterator_.reset();
    table_.reset();
    current_ = kNoTable;
  }
  // If the current table has run out without an error: on to its neighbour.
  void EnterNext() {
    if (!table_iterator_->status().ok()) return;
    if (Enter(current_ + 1)) table_iterator_->SeekToFirst();
  }
  void EnterPrevious() {
    if (!table_iterator_->status().ok()) return;
    if (Enter(current_ - 1)) table_iterator_->SeekToLast();
  }

  Run run_;
  ScanKind kind_;
  std::size_t current_ = kNoTable;
  ScanCost left_;            // of the tables that the walk has left, and how many it has entered
  bool approached_ = false;  // the table of the next seek has been entered
  std::shared_ptr<Table> table_;
  std::optional<TableIterator> table_iterator_;  // over table_, so it goes first
  Status status_;
};

}  // namespace beachdb
