#include "tools/crash/oracle.h"

#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/strings.h"

namespace beachdb::tools::crash {
namespace {

void Apply(const Op& op, State& state) {
  for (const Change& change : op.changes) {
    if (change.value) {
      state[change.key] = *change.value;
    } else {
      state.erase(change.key);
    }
  }
}

std::string Shown(const State& state, const std::string& key) {
  constexpr std::size_t kShown = 40;  // bytes
  const auto it = state.find(key);
  if (it == state.end()) return "nothing";
  return fmt::format("\"{}\" ({} bytes)", EscapeBytes(it->second.substr(0, kShown)),
                     it->second.size());
}

// The keys whose values differ.
std::vector<std::string> Differences(const State& want, const State& found) {
  std::set<std::string> keys;
  for (const auto& [key, value] : want) {
    const auto it = found.find(key);
    if (it == found.end() || it->second != value) keys.insert(key);
  }
  for (const auto& [key, value] : found) {
    if (!want.contains(key)) keys.insert(key);
  }
  return {keys.begin(), keys.end()};
}

// One thread: its operations, in order, that may be in the database.
struct ThreadOps {
  std::vector<std::pair<const Op*, Fate>> ops;
  std::size_t uncertain = 0;
};

State Outcome(State state, const ThreadOps& thread, unsigned choice) {
  unsigned bit = 1;
  for (const auto& [op, fate] : thread.ops) {
    if (fate == Fate::kUncertain) {
      const bool chosen = (choice & bit) != 0;
      bit <<= 1;
      if (!chosen) continue;
    }
    Apply(*op, state);
  }
  return state;
}

// For people: the choice that comes nearest, and its first difference.
std::string Explain(std::uint32_t number, const State& base, const ThreadOps& thread,
                    const State& found) {
  std::vector<std::string> nearest;
  State want;
  for (unsigned choice = 0; choice < 1u << thread.uncertain; ++choice) {
    State outcome = Outcome(base, thread, choice);
    std::vector<std::string> keys = Differences(outcome, found);
    if (choice != 0 && keys.size() >= nearest.size()) continue;
    nearest = std::move(keys);
    want = std::move(outcome);
  }
  std::string history;
  for (const auto& [op, fate] : thread.ops) {
    for (const Change& change : op->changes) {
      if (change.key != nearest.front()) continue;
      history += fmt::format("{}{} {} ({}{})", history.empty() ? "" : ", ",
                             change.value ? "put by" : "deleted by", op->id, OpKindName(op->kind),
                             fate == Fate::kAcknowledged ? ", acknowledged" : ", uncertain");
    }
  }
  return fmt::format(
      "thread {}: {} keys are wrong under the best of {} choices for its {} uncertain operations; "
      "the first is \"{}\": want {}, found {}; in this cycle: {}",
      number, nearest.size(), 1u << thread.uncertain, thread.uncertain,
      EscapeBytes(nearest.front()), Shown(want, nearest.front()), Shown(found, nearest.front()),
      history.empty() ? "not touched" : history);
}

bool IsPossible(const State& base, const ThreadOps& thread, const State& found) {
  for (unsigned choice = 0; choice < 1u << thread.uncertain; ++choice) {
    if (Outcome(base, thread, choice) == found) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> Oracle::Judge(const std::vector<Op>& ops, const std::vector<Fate>& fates,
                                         const State& found) {
  CHECK(ops.size() == fates.size());
  std::map<std::uint32_t, ThreadOps> threads;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (fates[i] == Fate::kNotStarted || ops[i].changes.empty()) continue;
    ThreadOps& thread = threads[ops[i].thread];
    thread.ops.emplace_back(&ops[i], fates[i]);
    if (fates[i] != Fate::kUncertain) continue;
    ++thread.uncertain;
    CHECK(thread.uncertain <= kUncertainMax);
  }
  std::map<std::uint32_t, State> before;
  for (const auto& [key, value] : state_) {
    const auto thread = ThreadOf(key);
    CHECK(thread.has_value());
    before[*thread].emplace(key, value);
    threads[*thread];
  }
  std::map<std::uint32_t, State> after;
  for (const auto& [key, value] : found) {
    const auto thread = ThreadOf(key);
    if (!thread) return fmt::format("nobody wrote the key \"{}\"", EscapeBytes(key));
    after[*thread].emplace(key, value);
    threads[*thread];
  }
  for (const auto& [number, thread] : threads) {
    const State& base = before[number];
    if (!IsPossible(base, thread, after[number])) {
      return Explain(number, base, thread, after[number]);
    }
  }
  state_ = found;
  return std::nullopt;
}

}  // namespace beachdb::tools::crash
