#include "tests/concurrency/linearizability.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

namespace beachdb::concurrency {
namespace {

constexpr std::size_t kEnd = SIZE_MAX;

// The calls and returns that are left, in the order of time; index 0 is the head of the list.
class Search {
 public:
  explicit Search(std::vector<KeyOp> ops) : ops_(std::move(ops)), done_(ops_.size() / 8 + 1, '\0') {
    std::vector<std::pair<std::uint64_t, Entry>> order;
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      order.push_back({ops_[i].called, {.op = i, .call = true}});
      if (ops_[i].returned == kNever) continue;
      order.push_back({ops_[i].returned, {.op = i, .call = false}});
      ++waiting_;
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    entries_.resize(1);
    return_of_.assign(ops_.size(), kEnd);
    for (auto& [time, entry] : order) {
      if (!entry.call) return_of_[entry.op] = entries_.size();
      entries_.push_back(entry);
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      entries_[i].before = i - 1;
      entries_[i].next = i + 1 < entries_.size() ? i + 1 : kEnd;
    }
  }

  bool Run() {
    std::size_t at = entries_[0].next;
    while (waiting_ > 0) {
      if (at != kEnd && entries_[at].call) {
        at = Happen(at) ? entries_[0].next : entries_[at].next;
        continue;
      }
      // Somebody returned here who has not happened yet: the last choice was wrong.
      if (chosen_.empty()) return false;
      at = entries_[Undo()].next;
    }
    return true;
  }

 private:
  struct Entry {
    std::size_t op = 0;
    bool call = false;
    std::size_t before = 0;
    std::size_t next = kEnd;
  };
  struct Choice {
    std::size_t entry;
    std::uint64_t value_before;
  };

  // Lets the operation called at this entry happen next, if it can, and it leads to something new.
  bool Happen(std::size_t at) {
    const KeyOp& op = ops_[entries_[at].op];
    if (op.kind == KeyOp::Kind::kRead && op.value != value_) return false;
    Flip(entries_[at].op);
    if (!seen_.insert(done_ + std::to_string(op.value)).second) {
      Flip(entries_[at].op);
      return false;
    }
    chosen_.push_back({at, value_});
    value_ = op.value;
    Unlink(at);
    if (const std::size_t end = return_of_[entries_[at].op]; end != kEnd) {
      Unlink(end);
      --waiting_;
    }
    return true;
  }

  std::size_t Undo() {
    const Choice choice = chosen_.back();
    chosen_.pop_back();
    value_ = choice.value_before;
    const std::size_t op = entries_[choice.entry].op;
    Flip(op);
    if (return_of_[op] != kEnd) {
      Relink(return_of_[op]);
      ++waiting_;
    }
    Relink(choice.entry);
    return choice.entry;
  }

  void Flip(std::size_t op) {
    done_[op / 8] = static_cast<char>(done_[op / 8] ^ static_cast<char>(1 << (op % 8)));
  }
  void Unlink(std::size_t at) {
    entries_[entries_[at].before].next = entries_[at].next;
    if (entries_[at].next != kEnd) entries_[entries_[at].next].before = entries_[at].before;
  }
  // In the opposite order of Unlink, so that the neighbours are those of then.
  void Relink(std::size_t at) {
    entries_[entries_[at].before].next = at;
    if (entries_[at].next != kEnd) entries_[entries_[at].next].before = at;
  }

  const std::vector<KeyOp> ops_;
  std::vector<Entry> entries_;
  std::vector<std::size_t> return_of_;  // by operation; kEnd: never
  std::size_t waiting_ = 0;             // operations that returned and have not happened yet
  std::uint64_t value_ = 0;
  std::string done_;  // a bit for each operation that has happened
  std::vector<Choice> chosen_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

bool IsLinearizable(std::vector<KeyOp> ops) { return Search(std::move(ops)).Run(); }

}  // namespace beachdb::concurrency
