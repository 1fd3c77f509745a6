// The mixes A to F of YCSB (Cooper et al., 2010), two threads, popularity by Zipf with 0.99.
//
//   A  half reads, half updates        D  95% reads of what was added last, 5% additions
//   B  95% reads, 5% updates           E  95% walks of 1 to 100 records, 5% additions
//   C  reads                           F  half reads, half read-then-update
//
// Added records lie scattered among those that are there, as those of YCSB's hashed order do.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/try.h"
#include "bench/tasks.h"
#include "bench/workload_functions.h"

namespace beachdb::bench {
namespace {

// In percent of the operations; the rest are reads.
struct Mix {
  std::uint64_t updates = 0;
  std::uint64_t adds = 0;
  std::uint64_t walks = 0;
  std::uint64_t read_updates = 0;
};

constexpr std::size_t kDraws = std::size_t{1} << 20;
constexpr std::uint64_t kLongestWalk = 100;
constexpr std::uint64_t kYcsbStamp = 3 * kOverwriteStamp;

// Numbers the records that the threads of a run add, and knows up to which all are there.
// Thread safety: any thread; each uses a slot of its own.
class AddedRecords {
 public:
  explicit AddedRecords(std::size_t threads) : slots_(threads) {}

  // The number of a record that the thread of `slot` is about to add.
  std::uint64_t Begin(std::size_t slot) {
    // First a bound, then the number: whoever sees the number taken sees the bound, too.
    slots_[slot].pending = next_.load();
    return next_.fetch_add(1);
  }
  void End(std::size_t slot) { slots_[slot].pending = kNone; }

  // All records below are there.
  std::uint64_t Count() const {
    std::uint64_t count = next_.load();
    for (const Slot& slot : slots_) count = std::min(count, slot.pending.load());
    return count;
  }

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> pending{kNone};  // at most the number of what is being added
  };
  alignas(64) std::atomic<std::uint64_t> next_{0};
  std::vector<Slot> slots_;
};

// What the threads of one run share.
struct Shared {
  Shared(const Bench& bench, const Mix& wanted)
      : mix(wanted),
        order(ShuffledIndexes(bench.keys.count(), bench.seed)),
        ranks(ZipfRanks(bench.keys.count(), kZipfTheta, kDraws, bench.seed)),
        added(static_cast<std::size_t>(bench.threads)) {}

  const Mix mix;
  const std::vector<std::uint32_t> order;  // the index of the n-th record that was loaded
  const std::vector<std::uint32_t> ranks;
  AddedRecords added;
};

// One thread.
class Client {
 public:
  Client(Shared& shared, Lane& lane, std::size_t thread, std::uint64_t record_bytes)
      : shared_(shared),
        lane_(lane),
        thread_(thread),
        record_bytes_(record_bytes),
        draw_(thread * kDraws / 2),
        stamp_(kYcsbStamp * (thread + 1)) {}

  Status Operate() {
    const Mix& mix = shared_.mix;
    std::uint64_t dice = lane_.Uniform(100);
    const auto falls_to = [&](std::uint64_t percent) {
      if (dice < percent) return true;
      dice -= percent;
      return false;
    };
    if (falls_to(mix.updates)) return Put(Popular());
    if (falls_to(mix.adds)) return Add();
    if (falls_to(mix.walks)) return Walk(PopularIndex());
    if (falls_to(mix.read_updates)) {
      const Key key = Popular();
      RETURN_IF_ERROR(Read(key));
      return Put(key);
    }
    return Read(mix.adds > 0 ? Latest() : Popular());
  }

 private:
  std::uint64_t Rank() { return shared_.ranks[draw_++ & (kDraws - 1)]; }
  std::uint64_t PopularIndex() { return shared_.order[Rank()]; }
  Key Popular() { return lane_.keys().At(PopularIndex()); }

  // The record that was added last is the most popular one.
  Key Latest() {
    const std::uint64_t loaded = lane_.keys().count();
    const std::uint64_t record = loaded + shared_.added.Count() - 1 - Rank();
    return record < loaded ? lane_.keys().At(shared_.order[record])
                           : lane_.keys().Added(record - loaded);
  }

  Status Read(const Key& key) {
    ASSIGN_OR_RETURN(const bool found, lane_.session().Get(key.view(), lane_.checker()));
    return found ? OkStatus() : Missing(key.view());
  }

  Status Put(const Key& key) {
    lane_.CountWritten(record_bytes_);
    return lane_.session().Put(key.view(), lane_.MakeValue(key.view(), stamp_++));
  }

  Status Add() {
    const std::uint64_t number = shared_.added.Begin(thread_);
    if (number >= lane_.keys().MaxAdded()) {
      return Error(Code::kInvalidArgument,
                   "more additions than there are names: more --keys, or fewer --seconds");
    }
    RETURN_IF_ERROR(Put(lane_.keys().Added(number)));
    shared_.added.End(thread_);
    return {};
  }

  // At least those that were loaded are met; between them may lie some that were added.
  Status Walk(std::uint64_t index) {
    const Key key = lane_.keys().At(index);
    const std::uint64_t length = 1 + lane_.Uniform(kLongestWalk);
    RecordChecker& checker = lane_.checker();
    checker.BeginWalk(RecordChecker::Order::kAscending);
    RETURN_IF_ERROR(lane_.session().Walk(key.view(), length, Direction::kForward, checker));
    if (checker.walked() > length ||
        checker.walked() < std::min(length, lane_.keys().count() - index)) {
      checker.Wrong("a walk of the wrong length", key.view());
    }
    if (!checker.BeganAt(key.view())) checker.Wrong("a walk that began elsewhere", key.view());
    return {};
  }

  Shared& shared_;
  Lane& lane_;
  const std::size_t thread_;
  const std::uint64_t record_bytes_;
  std::size_t draw_;
  std::uint64_t stamp_;
};

// Operations of a thread, however slow: so that each kind of a mix is drawn.
constexpr std::uint64_t kLeast = 256;

Rows RunMix(const Bench& bench, const Mix& mix) {
  Shared shared(bench, mix);
  std::vector<Task> tasks;
  for (std::size_t t = 0; t < static_cast<std::size_t>(bench.threads); ++t) {
    tasks.push_back({"", "operations", 1, 0, [&, t](Lane& lane, std::uint64_t deadline) {
                       Client client(shared, lane, t, RecordBytes(bench));
                       return lane.Repeat(
                           Lane::kNoLimit, deadline, [&] { return client.Operate(); }, kLeast);
                     }});
  }
  return RunTasks(bench, Until::kDeadline, tasks);
}

std::uint64_t AddedBy(const Bench& bench, const std::vector<Row>& rows) {
  return rows.front().user_bytes / RecordBytes(bench);
}

}  // namespace

Rows YcsbA(const Bench& bench) { return RunMix(bench, {.updates = 50}); }
Rows YcsbB(const Bench& bench) { return RunMix(bench, {.updates = 5}); }
Rows YcsbC(const Bench& bench) { return RunMix(bench, {}); }
Rows YcsbD(const Bench& bench) { return RunMix(bench, {.adds = 5}); }
Rows YcsbE(const Bench& bench) { return RunMix(bench, {.adds = 5, .walks = 95}); }
Rows YcsbF(const Bench& bench) { return RunMix(bench, {.read_updates = 50}); }

Status HoldsTheAdded(const Bench& bench, const std::vector<Row>& rows) {
  const std::uint64_t added = AddedBy(bench, rows);
  const auto session = bench.store.NewSession();
  RecordChecker checker(bench.settings.value_bytes);
  for (std::uint64_t n = 0; n < added; ++n) {
    const Key key = bench.keys.Added(n);
    ASSIGN_OR_RETURN(const bool found, session->Get(key.view(), checker));
    if (!found) return Missing(key.view());
  }
  RETURN_IF_ERROR(CheckAnswers(checker));
  return WalkAll(bench, bench.keys.count() + added);
}

Status DeleteTheAdded(const Bench& bench, const std::vector<Row>& rows) {
  const std::uint64_t added = AddedBy(bench, rows);
  {
    const auto session = bench.store.NewSession();
    for (std::uint64_t n = 0; n < added; ++n) {
      RETURN_IF_ERROR(session->Delete(bench.keys.Added(n).view()));
    }
  }
  return WalkAll(bench, bench.keys.count());
}

}  // namespace beachdb::bench
