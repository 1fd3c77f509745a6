// Forms commit groups: threads that write at the same time share one log write and one sync.
//
// A group is a list that writers push themselves onto with one compare-and-swap. Whoever pushes
// first leads the group: it waits for its turn, closes the group, and does the work for all. The
// head of the list carries the group's number, so a writer learns by its push which group it is in.
//
// Stages of group g, and the function that moves it on:
//
//   open       writers join                      Join
//   leading    the leader has the turn           LeadGroup closes the group; no two groups lead
//   in flight  the turn is with group g + 1      PassTurn; syncs of several groups may overlap
//   in order   every earlier group has finished  AwaitEarlierGroups
//   finished   results stand in the writers      Finish wakes the group with one futex word
//
// Invariants:
//   1. Groups lead in the order of their numbers, and finish in it: that is the commit order.
//   2. At most kGroupsInFlightMax groups have passed the turn on and not finished.
//   3. Once a follower is settled, the leader does not touch it: it lives on its thread's stack.
//   4. Numbers have 16 bits, so only who holds up the queue may wait for one: a leader, without
//      which it cannot get 2^15 groups ahead. A follower may be kept from running for as long as
//      the scheduler likes; it waits for a flag of its own.
//
// Thread safety: Join from any thread; the rest from the leader of the group.
// Source: LevelDB's writer queue, with the leader's list of MySQL's binlog group commit.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "beachdb/options.h"
#include "beachdb/result.h"
#include "io/executor.h"
#include "kv/internal_key.h"
#include "manifest/file_metadata.h"

namespace beachdb {

enum class WriterKind : std::uint8_t {
  kBatch,
  kSync,    // nothing to write: everything before it becomes durable
  kFlush,   // nothing to write: the memtable of everything before it is retired
  kIngest,  // tables join
};

// One write that waits to be committed. Lives on the stack of the thread that wrote.
struct Writer {
  WriterKind kind = WriterKind::kBatch;
  std::string_view batch;  // validated bytes (kv/batch_format.h)
  std::uint32_t count = 0;
  Durability durability = Durability::kSync;
  std::uint64_t applied_index = 0;
  std::vector<FileMetadata>* tables = nullptr;  // kIngest

  Seqno first_seqno = 0;  // set by the leader
  Status result;          // set by the leader, or by the thread that led a group that failed
  Writer* next = nullptr;
  std::atomic<bool> settled{false};  // of a follower: its result is final
};

// What the writer waits for, as far as it is up to itself.
inline WaitFor WaitForOf(const Writer& writer) {
  const bool buffered =
      writer.kind == WriterKind::kBatch && writer.durability == Durability::kBuffered;
  return buffered ? WaitFor::kProcessor : WaitFor::kDevice;
}

class WriteQueue {
 public:
  // How many groups may wait for their sync at once. The device overlaps syncs, but every group in
  // flight takes members from the next: two keep the device busy and the groups large.
  static constexpr std::uint32_t kGroupsInFlightMax = 2;

  explicit WriteQueue(Executor& executor) : executor_(executor) {}

  // Enqueues the writer. True: it leads group `*group`, and must call LeadGroup. False: the
  // writer's result is final.
  bool Join(Writer& writer, std::uint32_t* group);

  // Waits for the turn (and for room in flight), closes the group and returns its writers, oldest
  // first. `wait`: of the leader, here and below.
  Writer* LeadGroup(std::uint32_t group, WaitFor wait);

  // Lets the next group lead while this one syncs.
  void PassTurn(std::uint32_t group);

  // Returns once every earlier group has finished.
  void AwaitEarlierGroups(std::uint32_t group, WaitFor wait);

  // Hands the results to the group and lets the next one finish. `writers`: of LeadGroup; gone
  // afterwards, but for the leader's own.
  void Finish(std::uint32_t group, Writer* writers);

 private:
  // A futex word that knows whether anybody sleeps on it, so that nobody to wake costs no call.
  struct alignas(64) Gate {
    std::atomic<std::uint32_t> word{0};
    std::atomic<std::uint32_t> sleepers{0};
  };
  // Waits until the gate's word has reached `group`. REQUIRES: invariant 4.
  void Await(Gate& gate, std::uint32_t group, WaitFor wait);
  void AwaitSettled(Gate& gate, const Writer& writer, WaitFor wait);
  // Waits, without regard to what else may happen, until the word is no longer `word`.
  void AwaitChange(Gate& gate, std::uint32_t word, WaitFor wait);
  void Open(Gate& gate, std::uint32_t word);

  static constexpr std::uint32_t kFollowerGates = 8;  // more than groups alive at once

  Executor& executor_;
  // Newest writer of the open group in the low 48 bits, the group's number in the high 16.
  alignas(64) std::atomic<std::uint64_t> head_{std::uint64_t{1} << 48};
  Gate turn_;      // the last group that has passed the turn on
  Gate finished_;  // the last group that has finished
  // By group, for its followers to sleep on: how many groups with followers have finished.
  Gate followers_[kFollowerGates];
};

}  // namespace beachdb
