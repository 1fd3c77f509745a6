#include "engine/write_queue.h"

#include "base/check.h"

namespace beachdb {
namespace {

constexpr int kPointerBits = 48;
constexpr std::uint64_t kPointerMask = (std::uint64_t{1} << kPointerBits) - 1;
constexpr int kSpins = 40;  // about a microsecond: less than a sleep and a wake-up cost

// Groups count modulo 2^16: so many never live at once that the order could be mistaken.
bool Reached(std::uint32_t word, std::uint32_t group) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(word - group)) >= 0;
}

Writer* PointerOf(std::uint64_t head) { return reinterpret_cast<Writer*>(head & kPointerMask); }

}  // namespace

void WriteQueue::Await(Gate& gate, std::uint32_t group, WaitFor wait) {
  for (;;) {
    const std::uint32_t word = gate.word.load(std::memory_order_acquire);
    if (Reached(word, group)) return;
    AwaitChange(gate, word, wait);
  }
}

// The leader sets the flag before it changes the word: who has seen neither will see the change.
void WriteQueue::AwaitSettled(Gate& gate, const Writer& writer, WaitFor wait) {
  for (;;) {
    const std::uint32_t word = gate.word.load(std::memory_order_acquire);
    if (writer.settled.load(std::memory_order_acquire)) return;
    AwaitChange(gate, word, wait);
  }
}

void WriteQueue::AwaitChange(Gate& gate, std::uint32_t word, WaitFor wait) {
  for (int spin = 0; spin < kSpins; ++spin) {
    if (gate.word.load(std::memory_order_acquire) != word) return;
    __builtin_ia32_pause();
  }
  gate.sleepers.fetch_add(1, std::memory_order_seq_cst);
  if (gate.word.load(std::memory_order_seq_cst) == word) {
    executor_.WaitWhile(gate.word, word, wait);
  }
  gate.sleepers.fetch_sub(1, std::memory_order_relaxed);
}

void WriteQueue::Open(Gate& gate, std::uint32_t word) {
  gate.word.store(word, std::memory_order_seq_cst);
  if (gate.sleepers.load(std::memory_order_seq_cst) > 0) executor_.WakeAll(gate.word);
}

bool WriteQueue::Join(Writer& writer, std::uint32_t* group) {
  const auto self = reinterpret_cast<std::uint64_t>(&writer);
  CHECK((self & ~kPointerMask) == 0);
  std::uint64_t head = head_.load(std::memory_order_acquire);
  do {
    writer.next = PointerOf(head);
  } while (!head_.compare_exchange_weak(head, (head & ~kPointerMask) | self,
                                        std::memory_order_acq_rel, std::memory_order_acquire));
  *group = static_cast<std::uint32_t>(head >> kPointerBits);
  if (PointerOf(head) == nullptr) return true;
  AwaitSettled(followers_[*group % kFollowerGates], writer, WaitForOf(writer));
  return false;
}

Writer* WriteQueue::LeadGroup(std::uint32_t group, WaitFor wait) {
  Await(finished_, group - kGroupsInFlightMax, wait);
  Await(turn_, group - 1, WaitFor::kProcessor);
  const std::uint64_t next = std::uint64_t{static_cast<std::uint16_t>(group + 1)} << kPointerBits;
  Writer* newest = PointerOf(head_.exchange(next, std::memory_order_acq_rel));
  Writer* oldest = nullptr;
  while (newest != nullptr) {
    Writer* older = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = older;
  }
  return oldest;
}

void WriteQueue::PassTurn(std::uint32_t group) { Open(turn_, group); }

void WriteQueue::AwaitEarlierGroups(std::uint32_t group, WaitFor wait) {
  Await(finished_, group - 1, wait);
}

void WriteQueue::Finish(std::uint32_t group, Writer* writers) {
  // The leader came first, so it is the oldest.
  if (Writer* follower = writers->next; follower != nullptr) {
    while (follower != nullptr) {
      Writer* next = follower->next;
      follower->settled.store(true, std::memory_order_release);
      follower = next;
    }
    Gate& gate = followers_[group % kFollowerGates];
    Open(gate, gate.word.load(std::memory_order_relaxed) + 1);
  }
  Open(finished_, group);
}

}  // namespace beachdb
