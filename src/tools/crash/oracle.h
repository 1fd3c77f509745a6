// What must be in the database after a crash, given what its users were told before it.
//
// Every acknowledged operation is there. One that was started and not acknowledged, or that
// reported a failure, is there whole or not at all. Nothing else is there: no deleted key comes
// back, no key that nobody wrote.
//
// Threads have keys of their own (workload.h), so each is judged alone: its part of the state must
// be what its acknowledged operations and some choice of its uncertain ones make, in its order.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/crash/workload.h"

namespace beachdb::tools::crash {

using State = std::map<std::string, std::string>;

enum class Fate : std::uint8_t {
  kNotStarted,
  kUncertain,  // started, without an answer; or its answer was an error
  kAcknowledged,
};

// Uncertain operations of one thread, above which the choices are too many to try. Workers stop a
// thread at this number.
inline constexpr std::size_t kUncertainMax = 8;

class Oracle {
 public:
  // `fates[i]` is that of `ops[i]`; `found` is what a database holds after them. Returns what is
  // wrong with it; nullopt: nothing, and from now on exactly `found` must be there.
  // REQUIRES: at most kUncertainMax uncertain operations of a thread.
  std::optional<std::string> Judge(const std::vector<Op>& ops, const std::vector<Fate>& fates,
                                   const State& found);

  const State& state() const { return state_; }

 private:
  State state_;  // after the last Judge
};

}  // namespace beachdb::tools::crash
