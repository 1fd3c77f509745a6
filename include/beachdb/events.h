// What the database did on its own account: flushes, compactions, recoveries, stalls, failures.
//
// Every event goes to the listener of Db::SetEventListener, to Db::RecentEvents, and as one JSON
// line to EVENTS.log in the database's directory (docs/formats/events.md), which `beach events` and
// `beach why` read. That file is for people: it is not synced, nothing depends on it, and what
// cannot be written to it is only missing there.
//
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beachdb {

enum class EventKind : std::uint8_t {
  kCreate,      // a new database
  kOpen,        // an opening is complete
  kRecovery,    // logs were replayed; inputs: their numbers
  kFlush,       // a memtable became tables; inputs: the logs that it came from
  kCompaction,  // tables were merged; inputs: tables
  kMove,        // tables moved a level down unread; inputs are the outputs
  kIngest,      // tables were taken in; outputs: tables; output_level: the deepest of theirs
  kLog,         // a memtable got its log; outputs: its number
  kStall,       // a writer waited for 10 ms or more; detail: for what
  kFailure,     // background work failed and will be tried again; detail: the error
  kRepair,      // it works again
  kReadOnly,    // writes have ended until the next open; detail: why
  kClose,
};

// "create", "open", "recovery", "flush", ...
std::string_view EventKindName(EventKind kind);

// Fields that do not apply are 0 or empty.
struct Event {
  EventKind kind = EventKind::kOpen;
  std::uint64_t wall_micros = 0;  // since 1970, UTC; when it ended
  std::uint64_t micros = 0;       // how long it took
  std::uint64_t job = 0;          // numbers the jobs of one opening; also in the tables' properties
  int input_level = -1;
  int output_level = -1;
  std::vector<std::uint64_t> inputs;   // file numbers
  std::vector<std::uint64_t> outputs;  // the same
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t entries = 0;             // that went in
  std::uint64_t shadowed = 0;            // of those: dropped, as no reader can see them any more
  std::uint64_t tombstones_dropped = 0;  // of those: dropped, as there is nothing left to hide
  std::string detail;

  // One JSON object on one line.
  std::string ToJson() const;
};

}  // namespace beachdb
