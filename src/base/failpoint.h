// Places in the engine where the death of the process, an error, or a step left out can be ordered.
//
//   CrashPoint("flush_after_publish");  // FAILPOINT: flush_after_publish
//   RETURN_IF_ERROR(ErrorPoint("sst_publish_error"));
//   RETURN_IF_ERROR(Step("manifest_append", [&] { return file_->WriteAt(end_, bytes); }));
//   RETURN_IF_ERROR(SyncStep("manifest_append_sync", [&] { return file_->Sync(); }));
//
// The names are those of base/failpoint_list.h; another one does not compile. Every step whose
// order recovery relies on goes through here, in every build: while nothing is armed a point costs
// one relaxed load and a branch that is never taken.
//
// Armed through the calls below, or by the environment of the process, which Db::Open reads once:
//
//   BEACHDB_FAILPOINTS="wal_after_append=crash:3;manifest_append=error:enospc:1"
//
//   crash[:N]                    SIGKILL to itself at the N-th pass (from 1, which is the default);
//                                before the step where there is one
//   crash_after[:N]              the same after the step
//   error[:CODE[:TIMES[:AFTER]]] instead of the step; CODE is eio (default) or enospc; TIMES 0:
//                                always (default); AFTER passes go through first
//   skip                         the step is not done, and says that it was (kSync only)
//   count                        alone, without a name: passes are counted, nothing else happens
//
// Thread safety: all calls; a point that is armed while another thread passes it may be missed by
// that pass. Errors: kInvalidArgument names what is wrong in a specification.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/failpoint_list.h"
#include "beachdb/result.h"

namespace beachdb {

// A point by its name, looked up when compiling.
class Failpoint {
 public:
  consteval Failpoint(const char* name) : index_(IndexOf(name)) {}  // NOLINT(*-explicit-*)
  // For who walks over the list. REQUIRES: index < kFailpointCount.
  static constexpr Failpoint At(std::size_t index) { return Failpoint(index); }

  constexpr std::size_t index() const { return index_; }
  constexpr const FailpointInfo& info() const { return kFailpoints[index_]; }

 private:
  constexpr explicit Failpoint(std::size_t index) : index_(index) {}
  static consteval std::size_t IndexOf(std::string_view name) {
    std::size_t index = 0;
    while (kFailpoints[index].name != name) ++index;  // past the end: not a constant, no such point
    return index;
  }

  std::size_t index_;
};

enum class FailpointAction : std::uint8_t { kNone, kCrash, kCrashAfter, kError, kSkip };

struct FailpointOrder {
  static constexpr std::uint64_t kAlways = UINT64_MAX;

  FailpointAction action = FailpointAction::kNone;
  Code code = Code::kIoError;     // kError
  std::uint64_t after = 0;        // passes that go through first
  std::uint64_t times = kAlways;  // passes that are hit then
};

// kInvalidArgument: no such point, or an action that its kind does not have.
Status ArmFailpoint(std::string_view name, const FailpointOrder& order);
// Of the grammar above. Either all of it is armed or, on an error, nothing of it.
Status ArmFailpoints(std::string_view specification);
// What BEACHDB_FAILPOINTS says; only the first call of a process arms, all return its outcome.
Status ArmFailpointsFromEnvironment();
// Ends all orders, and the counting.
void DisarmFailpoints();

// Counts passes of all points from zero on, until DisarmFailpoints. They are counted too while
// anything is armed.
void CountFailpoints();
std::uint64_t FailpointPasses(Failpoint point);
// Passes that an order has hit.
std::uint64_t FailpointHits(Failpoint point);

namespace failpoint_detail {
inline constinit std::atomic<std::uint32_t> live{0};  // orders, and one while counting
FailpointAction Pass(Failpoint point);                // the slow way; counts; dies for kCrash
[[noreturn]] void Die();
Error InjectedError(Failpoint point);
}  // namespace failpoint_detail

inline bool FailpointsLive() { return failpoint_detail::live.load(std::memory_order_relaxed) != 0; }

inline void CrashPoint(Failpoint point) {
  if (FailpointsLive()) [[unlikely]]
    static_cast<void>(failpoint_detail::Pass(point));
}

inline Status ErrorPoint(Failpoint point) {
  if (FailpointsLive()) [[unlikely]] {
    if (failpoint_detail::Pass(point) == FailpointAction::kError) {
      return failpoint_detail::InjectedError(point);
    }
  }
  return OkStatus();
}

// `step` returns a Status or a Result.
template <typename Function>
auto Step(Failpoint point, Function step) -> decltype(step()) {
  if (!FailpointsLive()) [[likely]]
    return step();
  const FailpointAction action = failpoint_detail::Pass(point);
  if (action == FailpointAction::kError) return failpoint_detail::InjectedError(point);
  auto outcome = step();
  if (action == FailpointAction::kCrashAfter) failpoint_detail::Die();
  return outcome;
}

template <typename Function>
Status SyncStep(Failpoint point, Function step) {
  if (!FailpointsLive()) [[likely]]
    return step();
  const FailpointAction action = failpoint_detail::Pass(point);
  if (action == FailpointAction::kSkip) return OkStatus();
  if (action == FailpointAction::kError) return failpoint_detail::InjectedError(point);
  Status outcome = step();
  if (action == FailpointAction::kCrashAfter) failpoint_detail::Die();
  return outcome;
}

}  // namespace beachdb
