#include "compaction/compaction_picker.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace beachdb {
namespace {

using Busy = std::set<std::uint64_t>;

// Every how many picks out of a level the cursor decides, not the overlap.
constexpr unsigned kTurnEvery = 8;
constexpr std::uint64_t kGrandparentTables = 10;  // overlap below a moved file, in tables
constexpr std::uint64_t kPlanTables = 12;         // bytes of a plan, in tables
constexpr std::uint64_t kLevel0BaseSizes = 4;     // bytes taken out of level 0, in base sizes

bool IsBusy(const Busy& busy, const std::vector<FileRef>& files) {
  return std::any_of(files.begin(), files.end(),
                     [&](const FileRef& file) { return busy.contains(file->number); });
}

std::uint64_t SizeOf(const std::vector<FileRef>& files) {
  std::uint64_t bytes = 0;
  for (const FileRef& file : files) bytes += file->size;
  return bytes;
}

// From the smallest to the largest user key of some files.
struct KeyHull {
  std::string_view smallest;
  std::string_view largest;

  explicit KeyHull(const FileMetadata& file) : smallest(file.smallest), largest(file.largest) {}

  bool Meets(const FileMetadata& file) const {
    return file.smallest <= largest && smallest <= file.largest;
  }
  void Include(const FileMetadata& file) {
    smallest = std::min(smallest, std::string_view(file.smallest));
    largest = std::max(largest, std::string_view(file.largest));
  }
};

// The files of level 0 that overlap `hull`, or a file that does, and so on: what of level 0 may
// move down together, whatever stays. In the order of the version.
std::vector<FileRef> OverlappingRuns(const std::vector<FileRef>& runs, KeyHull hull) {
  std::vector<bool> chosen(runs.size(), false);
  for (bool grown = true; grown;) {
    grown = false;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (chosen[i] || !hull.Meets(*runs[i])) continue;
      chosen[i] = grown = true;
      hull.Include(*runs[i]);
    }
  }
  std::vector<FileRef> result;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (chosen[i]) result.push_back(runs[i]);
  }
  return result;
}

// The oldest runs: nothing that stays behind is older than they are, so they need not be closed
// under overlap.
std::vector<FileRef> OldestRuns(const std::vector<FileRef>& runs, std::uint64_t bytes_max) {
  std::size_t first = runs.size() - 1;
  std::uint64_t bytes = runs[first]->size;
  while (first > 0 && bytes + runs[first - 1]->size <= bytes_max) bytes += runs[--first]->size;
  return {runs.begin() + static_cast<std::ptrdiff_t>(first), runs.end()};
}

// What lies below each file of a level, found in one walk over both levels.
class Overlaps {
 public:
  Overlaps(const std::vector<FileRef>& files, const std::vector<FileRef>& below, const Busy& busy)
      : files_(files) {
    std::size_t first = 0;
    for (const FileRef& file : files) {
      while (first < below.size() && below[first]->largest < file->smallest) ++first;
      std::size_t end = first;
      bool free = !busy.contains(file->number);
      for (; end < below.size() && below[end]->smallest <= file->largest; ++end) {
        free = free && !busy.contains(below[end]->number);
      }
      spans_.push_back({first, end, free});
    }
    bytes_before_.push_back(0);
    for (const FileRef& file : below) {
      bytes_before_.push_back(bytes_before_.back() + file->size);
    }
  }

  bool Free(std::size_t i) const { return spans_[i].free; }
  // Whether file i and the one before it lie above a common file. Only such neighbours may go
  // together: then no key in the gap between them escapes what the plan makes busy, and no other
  // plan can put a file there meanwhile.
  bool SharesBelow(std::size_t i) const { return spans_[i].first < spans_[i - 1].end; }
  // Of the files [i, end) together.
  std::uint64_t BytesBelow(std::size_t i, std::size_t end) const {
    const std::size_t first = spans_[i].first;
    return bytes_before_[spans_[end - 1].end] - bytes_before_[first];
  }
  // Bytes read below for each byte that goes down. Tombstones weigh more: they free what they meet.
  double Cost(std::size_t i) const {
    const FileMetadata& file = *files_[i];
    const double dead = file.entries == 0 ? 0
                                          : static_cast<double>(file.tombstones) /
                                                static_cast<double>(file.entries);
    return static_cast<double>(BytesBelow(i, i + 1)) /
           (static_cast<double>(file.size) * (1 + 2 * dead));
  }

 private:
  struct Span {
    std::size_t first;
    std::size_t end;
    bool free;  // neither the file nor anything below it is busy
  };
  const std::vector<FileRef>& files_;
  std::vector<Span> spans_;
  std::vector<std::uint64_t> bytes_before_;
};

}  // namespace

class CompactionPicker::Choice {
 public:
  Choice(CompactionPicker& picker, const Version& version, const Busy& busy, Seqno oldest_snapshot)
      : picker_(picker),
        limits_(picker.limits_),
        version_(version),
        busy_(busy),
        oldest_snapshot_(oldest_snapshot),
        shape_(ShapeOf(version, limits_)) {}

  std::optional<CompactionPlan> MostUrgent(bool reads_ask);
  std::optional<CompactionPlan> Manual(int level, const std::string_view* from,
                                       const std::string_view* to);

 private:
  using Plan = std::optional<CompactionPlan>;

  Plan OutOfLevel0(const char* reason);
  Plan OutOfLevel(int level);
  Plan OfDeadEntries(int spared_level);
  Plan ManualOutOfLevel0(const std::string_view* from, const std::string_view* to);
  Plan RewriteInPlace(int level, const std::vector<FileRef>& files);

  Plan Make(int input_level, int output_level, std::vector<FileRef> inputs, const char* reason);
  bool MayMove(const CompactionPlan& plan) const;
  // No snapshot can tell it from what a rewrite would leave of it.
  bool Settled(const FileMetadata& file) const { return file.largest_seqno <= oldest_snapshot_; }
  int NextLevelWithData(int level) const;
  int NextLevelInUse(int level) const;

  CompactionPicker& picker_;
  const CompactionLimits& limits_;
  const Version& version_;
  const Busy& busy_;
  const Seqno oldest_snapshot_;
  const LevelShape shape_;
};

std::optional<CompactionPlan> CompactionPicker::Choice::Make(int input_level, int output_level,
                                                             std::vector<FileRef> inputs,
                                                             const char* reason) {
  CompactionPlan plan;
  plan.input_level = input_level;
  plan.output_level = output_level;
  plan.inputs = std::move(inputs);
  plan.score = shape_.score[input_level];
  plan.reason = reason;
  KeyHull hull(*plan.inputs.front());
  for (const FileRef& file : plan.inputs) hull.Include(*file);
  if (output_level != input_level) {
    plan.overlapping = version_.Overlapping(output_level, &hull.smallest, &hull.largest);
    for (const FileRef& file : plan.overlapping) hull.Include(*file);
  }
  if (IsBusy(busy_, plan.inputs) || IsBusy(busy_, plan.overlapping)) return std::nullopt;
  plan.bottommost = true;
  for (int level = output_level + 1; level < kLevels; ++level) {
    std::vector<FileRef> deeper = version_.Overlapping(level, &hull.smallest, &hull.largest);
    plan.bottommost = plan.bottommost && deeper.empty();
    if (level == output_level + 1) plan.grandparents = std::move(deeper);
  }
  plan.trivial_move = MayMove(plan);
  return plan;
}

bool CompactionPicker::Choice::MayMove(const CompactionPlan& plan) const {
  if (plan.inputs.size() != 1 || !plan.overlapping.empty()) return false;
  if (plan.input_level == plan.output_level) return false;
  if (plan.input_level == 0 && !limits_.move_level0) return false;
  if (plan.output_level == kBottomLevel && !limits_.move_to_bottom) return false;
  // The rewrite is worth it where it drops much: tombstones at the bottom, old versions anywhere.
  const FileMetadata& file = *plan.inputs.front();
  if (plan.bottommost && file.tombstones > file.entries / 10) return false;
  if (Settled(file) && plan.bottommost && file.range_tombstones > 0) return false;
  if (Settled(file) && file.old_versions() > file.entries / 10) return false;
  return SizeOf(plan.grandparents) <= kGrandparentTables * limits_.table_size;
}

std::optional<CompactionPlan> CompactionPicker::Choice::MostUrgent(bool reads_ask) {
  std::array<int, kLevels> order{};
  for (int level = 0; level < kLevels; ++level) order[level] = level;
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return shape_.score[a] > shape_.score[b]; });
  // While level 0 waits for files of the base level, no new compaction may take some of them, or it
  // would wait for ever.
  int spared = -1;
  for (const int level : order) {
    if (shape_.score[level] < 1 || level == spared) continue;
    if (Plan plan = level == 0 ? OutOfLevel0("level 0 runs") : OutOfLevel(level)) return plan;
    if (level == 0) spared = shape_.base_level;
  }
  if (Plan plan = OfDeadEntries(spared)) return plan;
  return reads_ask ? OutOfLevel0("reads") : std::nullopt;
}

std::optional<CompactionPlan> CompactionPicker::Choice::OutOfLevel0(const char* reason) {
  const std::vector<FileRef>& runs = version_.levels[0];
  // One job at a time: the oldest runs need not be connected, and a newer one that came down in a
  // gap between them would stand in the way of what the job writes.
  if (runs.empty() || IsBusy(busy_, runs)) return std::nullopt;
  std::vector<FileRef> inputs = OverlappingRuns(runs, KeyHull(*runs.back()));
  const std::uint64_t bytes_max = kLevel0BaseSizes * limits_.base_size;
  if (SizeOf(inputs) > bytes_max) inputs = OldestRuns(runs, bytes_max);
  return Make(0, shape_.base_level, std::move(inputs), reason);
}

std::optional<CompactionPlan> CompactionPicker::Choice::OutOfLevel(int level) {
  const std::vector<FileRef>& files = version_.levels[level];
  std::uint64_t idle = 0;  // bytes that no running compaction already takes away
  for (const FileRef& file : files) idle += !busy_.contains(file->number) ? file->size : 0;
  const std::uint64_t target = shape_.target_bytes[level];
  if (idle == 0 || idle < target) return std::nullopt;
  const int output_level = NextLevelInUse(level);
  const Overlaps overlaps(files, version_.levels[output_level], busy_);

  const bool by_turn = picker_.picks_[level]++ % kTurnEvery == kTurnEvery - 1;
  std::string& cursor = picker_.cursor_[level];
  std::size_t best = files.size();
  if (by_turn) {
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!overlaps.Free(i)) continue;
      if (best == files.size()) best = i;  // wraps around
      if (files[i]->largest > cursor) {
        best = i;
        break;
      }
    }
    if (best < files.size()) cursor = files[best]->largest;
  } else {
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!overlaps.Free(i)) continue;
      if (best == files.size() || overlaps.Cost(i) < overlaps.Cost(best)) best = i;
    }
  }
  if (best == files.size()) return std::nullopt;

  // Neighbours that share a file below cost less per byte when they go together: as long as the
  // level has that much too many.
  std::uint64_t bytes = files[best]->size;
  std::size_t end = best + 1;
  while (end < files.size() && overlaps.Free(end) && overlaps.SharesBelow(end)) {
    const std::uint64_t wider = bytes + files[end]->size;
    const std::uint64_t below = overlaps.BytesBelow(best, end + 1);
    if (wider > idle - target || wider + below > kPlanTables * limits_.table_size) break;
    bytes = wider;
    ++end;
  }
  std::vector<FileRef> inputs(files.begin() + static_cast<std::ptrdiff_t>(best),
                              files.begin() + static_cast<std::ptrdiff_t>(end));
  return Make(level, output_level, std::move(inputs), "level size");
}

std::optional<CompactionPlan> CompactionPicker::Choice::OfDeadEntries(int spared_level) {
  for (int level = 1; level < kLevels; ++level) {
    if (level == spared_level) continue;
    for (const FileRef& file : version_.levels[level]) {
      // On their way down tombstones do their work whatever snapshots there are. All else, and the
      // bottom, only where it helps for certain, or the file would come up again and again.
      const bool tombstones = IsMostlyTombstones(*file);
      const bool due = tombstones && level < kBottomLevel;
      if (!due && !(IsMostlyDead(*file) && Settled(*file))) continue;
      const char* reason = tombstones ? "tombstones" : "old versions";
      if (Plan plan = Make(level, NextLevelInUse(level), {file}, reason)) return plan;
    }
  }
  return std::nullopt;
}

std::optional<CompactionPlan> CompactionPicker::Choice::Manual(int level,
                                                               const std::string_view* from,
                                                               const std::string_view* to) {
  if (level == 0) return ManualOutOfLevel0(from, to);
  const std::vector<FileRef> files = version_.Overlapping(level, from, to);
  const int output_level = NextLevelWithData(level);
  if (output_level == kLevels) return RewriteInPlace(level, files);
  const Overlaps overlaps(files, version_.levels[output_level], busy_);
  std::size_t first = 0;
  while (first < files.size() && !overlaps.Free(first)) ++first;
  if (first == files.size()) return std::nullopt;
  std::uint64_t bytes = files[first]->size;
  std::size_t end = first + 1;
  while (end < files.size() && overlaps.Free(end) && overlaps.SharesBelow(end)) {
    bytes += files[end]->size;
    if (bytes + overlaps.BytesBelow(first, end + 1) > kPlanTables * limits_.table_size) break;
    ++end;
  }
  return Make(level, output_level,
              {files.begin() + static_cast<std::ptrdiff_t>(first),
               files.begin() + static_cast<std::ptrdiff_t>(end)},
              "manual");
}

std::optional<CompactionPlan> CompactionPicker::Choice::ManualOutOfLevel0(
    const std::string_view* from, const std::string_view* to) {
  const std::vector<FileRef> wanted = version_.Overlapping(0, from, to);
  if (wanted.empty() || IsBusy(busy_, version_.levels[0])) return std::nullopt;
  const int next = NextLevelWithData(0);
  return Make(0, next == kLevels ? shape_.base_level : next,
              OverlappingRuns(version_.levels[0], KeyHull(*wanted.back())), "manual");
}

std::optional<CompactionPlan> CompactionPicker::Choice::RewriteInPlace(
    int level, const std::vector<FileRef>& files) {
  for (const FileRef& file : files) {
    const bool dead =
        file->tombstones > 0 || file->range_tombstones > 0 || file->old_versions() > 0;
    if (!dead || !Settled(*file) || busy_.contains(file->number)) continue;
    return Make(level, level, {file}, "manual");
  }
  return std::nullopt;
}

int CompactionPicker::Choice::NextLevelWithData(int level) const {
  int next = level + 1;
  while (next < kLevels && version_.levels[next].empty()) ++next;
  return next;
}

// Where files of `level` go: not through levels that have nothing and need nothing. Of the bottom,
// the bottom.
int CompactionPicker::Choice::NextLevelInUse(int level) const {
  int next = level + 1;
  while (next < kBottomLevel && version_.levels[next].empty() && shape_.target_bytes[next] == 0) {
    ++next;
  }
  return std::min(next, kBottomLevel);
}

CompactionPicker::CompactionPicker(CompactionLimits limits) : limits_(limits) {
  CHECK(limits_.growth > 1 && limits_.level0_files > 0 && limits_.base_size > 0);
}

std::optional<CompactionPlan> CompactionPicker::Pick(const Version& version,
                                                     const std::set<std::uint64_t>& busy,
                                                     Seqno oldest_snapshot, bool reads_ask) {
  return Choice(*this, version, busy, oldest_snapshot).MostUrgent(reads_ask);
}

std::optional<CompactionPlan> CompactionPicker::PickRange(const Version& version, int level,
                                                          const std::string_view* from,
                                                          const std::string_view* to,
                                                          const std::set<std::uint64_t>& busy,
                                                          Seqno oldest_snapshot) {
  return Choice(*this, version, busy, oldest_snapshot).Manual(level, from, to);
}

}  // namespace beachdb
