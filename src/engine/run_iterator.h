// One sorted run of a read state, in memory or on disk, as the merge sees it. A tagged pair instead
// of a base class: the branch is predicted, and nothing is called through a pointer.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

#include "compaction/level_iterator.h"
#include "engine/level_run.h"
#include "kv/iterator.h"
#include "memtable/memtable.h"

namespace beachdb {

class RunIterator {
  // Before its uses, whose return types depend on it.
  template <typename F>
  auto Visit(F f) {
    if (auto* disk = std::get_if<LevelIterator<LevelRun>>(&run_)) [[likely]]
      return f(*disk);
    return f(*std::get_if<MemTable::Iterator>(&run_));
  }
  template <typename F>
  auto Visit(F f) const {
    if (const auto* disk = std::get_if<LevelIterator<LevelRun>>(&run_)) [[likely]]
      return f(*disk);
    return f(*std::get_if<MemTable::Iterator>(&run_));
  }

 public:
  explicit RunIterator(MemTable::Iterator memory) : run_(std::move(memory)) {}
  explicit RunIterator(LevelIterator<LevelRun> disk) : run_(std::move(disk)) {}

  bool Valid() const {
    return Visit([](const auto& it) { return it.Valid(); });
  }
  std::string_view user_key() const {
    return Visit([](const auto& it) { return it.user_key(); });
  }
  std::uint64_t trailer() const {
    return Visit([](const auto& it) { return it.trailer(); });
  }
  std::string_view value() const {
    return Visit([](const auto& it) { return it.value(); });
  }
  bool PrevKeepsValue() const {
    return Visit([](const auto& it) { return it.PrevKeepsValue(); });
  }
  Status status() const {
    return Visit([](const auto& it) { return it.status(); });
  }
  // nullptr: a memtable's.
  const LevelIterator<LevelRun>* disk() const {
    return std::get_if<LevelIterator<LevelRun>>(&run_);
  }
  // Whether what it is about to walk through is older than `seqno` for certain: then it may be
  // skipped, to the first entry at or behind `end`, or on the way back to the last before `begin`,
  // within the table that it is in.
  bool MaySkip(Seqno seqno) const { return disk() != nullptr && disk()->TableIsOlderThan(seqno); }
  void SkipTo(std::string_view end) { std::get_if<LevelIterator<LevelRun>>(&run_)->SkipTo(end); }
  void SkipBackTo(std::string_view begin) {
    std::get_if<LevelIterator<LevelRun>>(&run_)->SkipBackTo(begin);
  }
  void Approach(std::string_view key, std::uint64_t trailer) {
    if (auto* disk = std::get_if<LevelIterator<LevelRun>>(&run_)) disk->Approach(key, trailer);
  }
  void ApproachForPrev(std::string_view key, std::uint64_t trailer) {
    if (auto* disk = std::get_if<LevelIterator<LevelRun>>(&run_)) {
      disk->ApproachForPrev(key, trailer);
    }
  }
  void SeekToFirst() {
    Visit([](auto& it) { it.SeekToFirst(); });
  }
  void SeekToLast() {
    Visit([](auto& it) { it.SeekToLast(); });
  }
  void Seek(std::string_view key, std::uint64_t trailer) {
    Visit([&](auto& it) { it.Seek(key, trailer); });
  }
  void SeekForPrev(std::string_view key, std::uint64_t trailer) {
    Visit([&](auto& it) { it.SeekForPrev(key, trailer); });
  }
  void Next() {
    Visit([](auto& it) { it.Next(); });
  }
  void Prev() {
    Visit([](auto& it) { it.Prev(); });
  }

 private:
  std::variant<MemTable::Iterator, LevelIterator<LevelRun>> run_;
};

static_assert(EntryIterator<RunIterator>);

}  // namespace beachdb
