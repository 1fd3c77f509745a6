#include "base/failpoint.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/try.h"

namespace beachdb {
namespace {

// Written by who arms, under the lock; read by who passes, without.
struct Slot {
  std::atomic<FailpointAction> action{FailpointAction::kNone};
  std::atomic<Code> code{Code::kIoError};
  std::atomic<std::uint64_t> after{0};
  std::atomic<std::uint64_t> times{0};
  std::atomic<std::uint64_t> passes{0};  // since it was armed, or since counting began
  std::atomic<std::uint64_t> hits{0};
};

struct Registry {
  std::array<Slot, kFailpointCount> slots;
  Mutex mu;
  bool counting GUARDED_BY(mu) = false;
};

Registry& TheRegistry() {
  static auto* registry = new Registry;  // never destroyed: threads may pass points at exit
  return *registry;
}

Error Refuse(std::string_view what) {
  return {Code::kInvalidArgument,
          "failpoints: " + std::string(what) + " (`beach failpoints --help` tells the grammar)"};
}

Result<Failpoint> Find(std::string_view name) {
  for (std::size_t i = 0; i < kFailpointCount; ++i) {
    if (kFailpoints[i].name == name) return Failpoint::At(i);
  }
  return Refuse("there is none called \"" + std::string(name) + "\"");
}

bool Fits(FailpointKind kind, FailpointAction action) {
  switch (action) {
    case FailpointAction::kNone:
      return false;
    case FailpointAction::kCrash:
      return kind != FailpointKind::kError;
    case FailpointAction::kCrashAfter:
      return kind == FailpointKind::kStep || kind == FailpointKind::kSync;
    case FailpointAction::kError:
      return kind != FailpointKind::kCrash;
    case FailpointAction::kSkip:
      return kind == FailpointKind::kSync;
  }
  return false;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Result<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Refuse("\"" + std::string(text) + "\" is no number");
  }
  return number;
}

// What stands behind the "=": "crash:3", "error:enospc:1", "skip".
Result<FailpointOrder> ParseOrder(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, ':');
  FailpointOrder order;
  if (parts[0] == "crash" || parts[0] == "crash_after") {
    order.action = parts[0] == "crash" ? FailpointAction::kCrash : FailpointAction::kCrashAfter;
    order.times = 1;
    if (parts.size() > 2) return Refuse("too much in \"" + std::string(text) + "\"");
    if (parts.size() == 2) {
      ASSIGN_OR_RETURN(const std::uint64_t pass, ParseNumber(parts[1]));
      if (pass == 0) return Refuse("passes are counted from 1");
      order.after = pass - 1;
    }
    return order;
  }
  if (parts[0] == "error") {
    order.action = FailpointAction::kError;
    if (parts.size() > 4) return Refuse("too much in \"" + std::string(text) + "\"");
    if (parts.size() > 1 && parts[1] != "eio" && parts[1] != "enospc") {
      return Refuse("an error is eio or enospc, not \"" + std::string(parts[1]) + "\"");
    }
    if (parts.size() > 1 && parts[1] == "enospc") order.code = Code::kNoSpace;
    if (parts.size() > 2) {
      ASSIGN_OR_RETURN(order.times, ParseNumber(parts[2]));
      if (order.times == 0) order.times = FailpointOrder::kAlways;
    }
    if (parts.size() > 3) {
      ASSIGN_OR_RETURN(order.after, ParseNumber(parts[3]));
    }
    return order;
  }
  if (text == "skip") {
    order.action = FailpointAction::kSkip;
    return order;
  }
  return Refuse("no action \"" + std::string(text) +
                "\"; there are crash, crash_after, error, skip");
}

Result<Failpoint> FindFor(std::string_view name, FailpointAction action) {
  ASSIGN_OR_RETURN(const Failpoint point, Find(name));
  if (!Fits(point.info().kind, action)) {
    return Refuse(std::string(name) + " is of the kind " +
                  std::string(FailpointKindName(point.info().kind)) + ", which cannot do that");
  }
  return point;
}

void ArmSlot(Registry& registry, Failpoint point, const FailpointOrder& order)
    REQUIRES(registry.mu) {
  Slot& slot = registry.slots[point.index()];
  const bool fresh = slot.action.load() == FailpointAction::kNone;
  slot.code = order.code;
  slot.after = order.after;
  slot.times = order.times;
  slot.passes = 0;
  slot.hits = 0;
  slot.action = order.action;
  if (fresh) failpoint_detail::live.fetch_add(1);
}

}  // namespace

namespace failpoint_detail {

void Die() {
  // Not abort or _exit: nothing of the process may run any more, as when the kernel kills it.
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

FailpointAction Pass(Failpoint point) {
  Slot& slot = TheRegistry().slots[point.index()];
  const std::uint64_t pass = slot.passes.fetch_add(1);
  const FailpointAction action = slot.action.load();
  if (action == FailpointAction::kNone) return action;
  const std::uint64_t after = slot.after.load();
  if (pass < after || pass - after >= slot.times.load()) return FailpointAction::kNone;
  slot.hits.fetch_add(1);
  if (action == FailpointAction::kCrash) Die();
  return action;
}

Error InjectedError(Failpoint point) {
  const Code code = TheRegistry().slots[point.index()].code.load();
  return {code, "failpoint " + std::string(point.info().name) + ": injected " +
                    (code == Code::kNoSpace ? "\"no space left\"" : "I/O error")};
}

}  // namespace failpoint_detail

Status ArmFailpoint(std::string_view name, const FailpointOrder& order) {
  ASSIGN_OR_RETURN(const Failpoint point, FindFor(name, order.action));
  Registry& registry = TheRegistry();
  MutexLock lock(registry.mu);
  ArmSlot(registry, point, order);
  return OkStatus();
}

Status ArmFailpoints(std::string_view specification) {
  std::vector<std::pair<Failpoint, FailpointOrder>> orders;
  bool count = false;
  for (const std::string_view item : Split(specification, ';')) {
    if (item.empty()) continue;
    if (item == "count") {
      count = true;
      continue;
    }
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) {
      return Refuse("want NAME=ACTION, found \"" + std::string(item) + "\"");
    }
    ASSIGN_OR_RETURN(const FailpointOrder order, ParseOrder(item.substr(equals + 1)));
    ASSIGN_OR_RETURN(const Failpoint point, FindFor(item.substr(0, equals), order.action));
    orders.emplace_back(point, order);
  }
  if (count) CountFailpoints();
  Registry& registry = TheRegistry();
  MutexLock lock(registry.mu);
  for (const auto& [point, order] : orders) ArmSlot(registry, point, order);
  return OkStatus();
}

Status ArmFailpointsFromEnvironment() {
  static const Status armed = [] {
    const char* specification = std::getenv("BEACHDB_FAILPOINTS");
    return specification == nullptr ? OkStatus() : ArmFailpoints(specification);
  }();
  return armed;
}

void DisarmFailpoints() {
  Registry& registry = TheRegistry();
  MutexLock lock(registry.mu);
  for (Slot& slot : registry.slots) {
    if (slot.action.exchange(FailpointAction::kNone) != FailpointAction::kNone) {
      failpoint_detail::live.fetch_sub(1);
    }
  }
  if (std::exchange(registry.counting, false)) failpoint_detail::live.fetch_sub(1);
}

void CountFailpoints() {
  Registry& registry = TheRegistry();
  MutexLock lock(registry.mu);
  for (Slot& slot : registry.slots) {
    slot.passes = 0;
    slot.hits = 0;
  }
  if (!std::exchange(registry.counting, true)) failpoint_detail::live.fetch_add(1);
}

std::uint64_t FailpointPasses(Failpoint point) {
  return TheRegistry().slots[point.index()].passes.load();
}

std::uint64_t FailpointHits(Failpoint point) {
  return TheRegistry().slots[point.index()].hits.load();
}

}  // namespace beachdb
