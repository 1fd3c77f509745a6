#include "engine/tree_check.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/epoch.h"
#include "base/strings.h"
#include "kv/internal_key.h"
#include "sstable/block_trace.h"
#include "sstable/table_iterator.h"

namespace beachdb {
namespace {

using Passed = std::function<void(const FileMetadata&)>;

// The tables of a level one behind the other, or one table of level 0. It believes nothing: unlike
// LevelIterator it goes on behind a table that cannot be read.
class Run {
 public:
  Run(int level, std::span<const TableRef> tables, const Passed& passed)
      : level_(level), tables_(tables), passed_(&passed) {
    EnterReadable();
  }

  bool Valid() const { return iterator_.has_value(); }
  // REQUIRES: Valid(), here and below.
  std::string_view user_key() const { return iterator_->user_key(); }
  std::uint64_t trailer() const { return iterator_->trailer(); }
  int level() const { return level_; }
  Table& table() const { return *table_; }
  std::uint64_t number() const { return tables_[current_]->file().number; }

  void Next() {
    iterator_->Next();
    if (iterator_->Valid()) return;
    Leave();
    EnterReadable();
  }

 private:
  void Leave() {
    iterator_.reset();
    table_.reset();
    (*passed_)(tables_[current_++]->file());
  }
  // Makes the first table from the current one on that has a readable entry the current one.
  void EnterReadable() {
    for (; current_ < tables_.size(); Leave()) {
      const auto opened = tables_[current_]->Open();
      if (!opened.ok()) continue;
      table_ = *opened;
      iterator_.emplace(*table_, ScanKind::kCompact);
      iterator_->SeekToFirst();
      if (iterator_->Valid()) return;
    }
  }

  int level_;
  std::span<const TableRef> tables_;
  const Passed* passed_;
  std::size_t current_ = 0;
  std::shared_ptr<Table> table_;
  std::optional<TableIterator> iterator_;  // over table_, so it goes first
};

// An entry, and where it stands.
struct Seen {
  std::string key;
  std::uint64_t trailer = 0;
  std::size_t run = 0;
  int level = 0;
  std::uint64_t number = 0;  // of the table
  std::shared_ptr<Table> table;
};

// "db/000012.sst: data block 3 at offset 12345: "
std::string PlaceOf(Table& table, std::string_view key, std::uint64_t trailer) {
  const EpochGuard guard;
  BlockTrace trace;
  TableHit hit;
  const auto found =
      table.Get(key, TrailerSeqno(trailer), /*fill_cache=*/false, &hit, BlockNotes(&trace));
  if (!found.ok() || !*found) return table.path() + ": ";
  return fmt::format("{}: data block {} at offset {}: ", table.path(), trace.number,
                     trace.handle.offset);
}

// The range tombstones of a run, asked for keys in rising order.
class RunRanges {
 public:
  // Those tables of it that have some, in key order.
  RunRanges(std::size_t run, int level, std::vector<TableRef> tables)
      : run_(run), level_(level), tables_(std::move(tables)) {}

  std::size_t run() const { return run_; }
  int level() const { return level_; }

  struct Found {
    std::shared_ptr<Table> table;  // nullptr: there is none
    std::uint64_t number = 0;      // of the table
    Seqno seqno = 0;
  };
  // The newest one that covers the key and that the snapshot sees. None in a table that cannot be
  // opened: Table::Verify has told of it.
  Found Covering(std::string_view key, Seqno snapshot) {
    while (current_ < tables_.size() && tables_[current_]->file().largest < key) ++current_;
    if (current_ == tables_.size() || key < tables_[current_]->file().smallest) return {};
    const auto opened = tables_[current_]->Open();
    if (!opened.ok()) return {};
    const Seqno seqno = (*opened)->ranges().Covering(key, snapshot);
    return seqno == 0 ? Found{} : Found{*opened, tables_[current_]->file().number, seqno};
  }

 private:
  std::size_t run_;
  int level_;
  std::vector<TableRef> tables_;
  std::size_t current_ = 0;
};

class TreeCheck {
 public:
  TreeCheck(const ReadState& state, const Passed& passed) {
    for (std::size_t level = 0; level < state.levels.size(); ++level) {
      const std::vector<TableRef>& tables = state.levels[level].tables();
      const std::span<const TableRef> all(tables);
      // The tables of level 0 are runs of their own, the newest first.
      const std::size_t step = level == 0 ? 1 : std::max<std::size_t>(all.size(), 1);
      for (std::size_t i = 0; i < all.size(); i += step) {
        AddRanges(static_cast<int>(level), all.subspan(i, step));
        runs_.emplace_back(static_cast<int>(level), all.subspan(i, step), passed);
      }
    }
    last_of_run_.resize(runs_.size());
  }

  void Walk(VerifyReport& report) {
    std::vector<std::size_t> heap;
    const auto later = [&](std::size_t a, std::size_t b) {
      const int order = CompareInternal(runs_[a].user_key(), runs_[a].trailer(),
                                        runs_[b].user_key(), runs_[b].trailer());
      return order != 0 ? order > 0 : a > b;
    };
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (runs_[i].Valid()) heap.push_back(i);
    }
    std::make_heap(heap.begin(), heap.end(), later);
    while (!heap.empty()) {
      std::pop_heap(heap.begin(), heap.end(), later);
      const std::size_t run = heap.back();
      Take(run);
      runs_[run].Next();
      if (runs_[run].Valid()) {
        std::push_heap(heap.begin(), heap.end(), later);
      } else {
        heap.pop_back();
      }
    }
    for (const auto& [files, complaint] : complaints_) {
      report.problems.push_back(complaint.more == 0
                                    ? complaint.text
                                    : fmt::format("{}; and so for {} more entries of the two",
                                                  complaint.text, complaint.more));
    }
  }

 private:
  struct Complaint {
    std::string text;
    std::uint64_t more = 0;
  };

  // Of the run that is about to be added.
  void AddRanges(int level, std::span<const TableRef> run) {
    std::vector<TableRef> tables;
    std::copy_if(run.begin(), run.end(), std::back_inserter(tables),
                 [](const TableRef& table) { return table->file().range_tombstones > 0; });
    if (!tables.empty()) ranges_.emplace_back(runs_.size(), level, std::move(tables));
  }

  void Take(std::size_t number) {
    Run& run = runs_[number];
    CheckLevel(run, last_of_run_[number]);
    for (RunRanges& ranges : ranges_) CheckRanges(run, number, ranges);
    const bool same_key = last_.table != nullptr && last_.key == run.user_key();
    if (same_key && TrailerSeqno(last_.trailer) == TrailerSeqno(run.trailer())) {
      Complain(run, last_.number, [&] {
        return fmt::format(
            "seqno {} of {} is used a second time: expected no other version with it, "
            "found one in {}",
            TrailerSeqno(run.trailer()), EscapeBytes(run.user_key()), last_.table->path());
      });
    } else if (same_key && number < last_.run) {
      // Versions come newest first, so what comes now is the older one.
      Complain(run, last_.number, [&] {
        return fmt::format(
            "level {} holds {} @ {}: expected every version below it to be older, found @ {} in "
            "level {}, {}",
            run.level(), EscapeBytes(run.user_key()), TrailerSeqno(run.trailer()),
            TrailerSeqno(last_.trailer), last_.level, last_.table->path());
      });
    }
    if (!same_key) last_.key.assign(run.user_key());
    last_.trailer = run.trailer();
    last_.run = number;
    last_.level = run.level();
    if (last_.number != run.number() || last_.table == nullptr) {
      last_.number = run.number();
      last_.table = run.table().shared_from_this();
    }
  }

  // Within a level below 0, the first key of a file is behind the last one of the file before it.
  void CheckLevel(Run& run, Seen& last) {
    if (last.table != nullptr && last.number != run.number() && run.user_key() <= last.key) {
      Complain(run, last.number, [&] {
        return fmt::format("level {} has this file behind {}: expected keys behind {}, found {}",
                           run.level(), last.table->path(), EscapeBytes(last.key),
                           EscapeBytes(run.user_key()));
      });
      return;  // the end of the file before stays the measure for the rest of this one
    }
    last.key.assign(run.user_key());
    if (last.number != run.number() || last.table == nullptr) {
      last.number = run.number();
      last.table = run.table().shared_from_this();
    }
  }

  // A range tombstone of another run is to the entry what a version of its key there would be.
  void CheckRanges(Run& run, std::size_t number, RunRanges& ranges) {
    if (ranges.run() == number) return;
    const Seqno seqno = TrailerSeqno(run.trailer());
    const bool below = ranges.run() > number;
    const auto found = ranges.Covering(run.user_key(), below ? kMaxSeqno : seqno);
    if (found.table == nullptr || (below && found.seqno < seqno)) return;
    Complain(run, found.number, [&] {
      return fmt::format(
          "level {} holds {} @ {}: expected every range tombstone {} it to be {}, found @ {} in "
          "level {}, {}",
          run.level(), EscapeBytes(run.user_key()), seqno, below ? "below" : "above",
          below ? "older" : "newer", found.seqno, ranges.level(), found.table->path());
    });
  }

  template <typename Text>
  void Complain(Run& run, std::uint64_t other, Text text) {
    const auto [at, is_new] = complaints_.try_emplace({run.number(), other});
    if (!is_new) {
      ++at->second.more;
      return;
    }
    at->second.text = PlaceOf(run.table(), run.user_key(), run.trailer()) + text();
  }

  std::vector<Run> runs_;
  std::vector<RunRanges> ranges_;  // of those runs that have some
  std::vector<Seen> last_of_run_;
  Seen last_;
  // By the numbers of the two tables that contradict each other.
  std::map<std::pair<std::uint64_t, std::uint64_t>, Complaint> complaints_;
};

}  // namespace

void CheckTree(const ReadState& state, const std::function<void(const FileMetadata&)>& passed,
               VerifyReport& report) {
  TreeCheck(state, passed).Walk(report);
}

}  // namespace beachdb
