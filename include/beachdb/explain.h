// How the engine came to its answers: the path of one read, and every version of one key.
//
// An explanation is made by the read itself: the same code as Db::Get and Iterator, told to keep
// notes. So it cannot say anything that a real read would not do, and it has the same effects (it
// fills the cache, it counts in Stats). What a step cost is in it, too; the notes add to that.
//
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beachdb {

// What one place (a memtable, a table) had to say to a get.
enum class Finding : std::uint8_t {
  kNotAsked,      // a newer place had settled it already
  kRange,         // the key lies outside the table's keys
  kFilter,        // its filter knows that the key is not there
  kAbsent,        // searched, and nothing that the snapshot sees was there
  kValue,         // the newest version that the snapshot sees: a value
  kTombstone,     // the same: a deletion
  kRangeDeleted,  // a deletion of a range of keys, newer than whatever there is of this one
  kExpired,       // the newest version is a put whose end has come
};

// "not asked", "out of range", "excused by its filter", "searched in vain", "value", "deletion",
// "range deletion", "expired".
std::string FindingName(Finding finding);

struct ExplainedMemTable {
  bool active = false;  // false: full, and waits for its flush
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  Finding finding = Finding::kNotAsked;
  std::uint64_t nanos = 0;
};

// The data block that may hold the key: which one the index named, and the search in it.
struct ExplainedBlock {
  std::uint32_t number = 0;    // from 0
  std::uint32_t blocks = 0;    // of the table
  std::uint64_t offset = 0;    // in the file
  std::uint64_t bytes = 0;     // stored there
  bool cached = false;         // false: it was read from the file
  std::uint32_t entries = 0;   // in the block
  std::uint32_t compared = 0;  // key heads that the search looked at
  std::uint32_t newer = 0;     // versions of the key passed, which the snapshot does not see
};

struct ExplainedTable {
  std::uint64_t number = 0;
  std::string smallest_key;
  std::string largest_key;
  Finding finding = Finding::kNotAsked;
  bool opened = false;  // it was not open, and this read opened it
  std::optional<ExplainedBlock> block;
  std::uint64_t nanos = 0;
};

struct ExplainedLevel {
  int level = 0;
  std::uint64_t files = 0;
  // Level 0: every file, newest first. Deeper: the one file whose range holds the key, if any.
  std::vector<ExplainedTable> tables;
};

// The path of one get.
struct GetExplanation {
  std::string key;
  std::uint64_t snapshot = 0;                // the seqno at which it read
  std::vector<ExplainedMemTable> memtables;  // newest first
  std::vector<ExplainedLevel> levels;        // those that hold files
  Finding answer = Finding::kAbsent;         // kAbsent, kValue, or why there is none
  std::uint64_t seqno = 0;                   // of the version that settled it; 0: none did
  std::optional<std::string> value;
  std::uint64_t nanos = 0;  // of the whole get

  // A tree for people, one line a step; no line is longer than the keys make it.
  std::string ToString() const;
  // One JSON object; names as above, bytes that are no text escaped as \xNN.
  std::string ToJson() const;
};

// One sorted run that a scan merged.
struct ExplainedRun {
  int level = -1;  // -1: a memtable
  bool active = false;
  std::uint64_t files = 0;         // within the bounds
  std::uint64_t files_opened = 0;  // entered by the walk, each time
  std::uint64_t blocks_cached = 0;
  std::uint64_t blocks_read = 0;
  std::uint64_t reads = 0;       // from files: several blocks at once when reading ahead
  std::uint64_t bytes_read = 0;  // by those
};

// The path of one scan.
struct ScanExplanation {
  std::string lower;  // inclusive; empty: none
  std::string upper;  // exclusive; empty: none
  std::uint64_t snapshot = 0;
  std::vector<ExplainedRun> runs;
  std::uint64_t files_outside = 0;  // files that the bounds spared
  std::uint64_t records = 0;        // shown
  // Dead entries that were stepped over one by one.
  std::uint64_t tombstones = 0;
  std::uint64_t older_versions = 0;
  std::uint64_t newer_versions = 0;  // than the snapshot
  std::uint64_t range_deleted = 0;   // below a deletion of a range
  std::uint64_t expired = 0;
  std::uint64_t jumps = 0;  // seeks over the rest of a row of them
  std::uint64_t nanos = 0;

  std::string ToString() const;
  std::string ToJson() const;
};

enum class ScanOrder : std::uint8_t { kForward, kReverse };

// What one version of a key is.
enum class VersionKind : std::uint8_t {
  kPut,
  kDelete,
  kPutExpiring,  // a put with an end
  kDeleteRange,  // a deletion of a range that the key lies in
};
// "put", "delete", "put_expiring", "delete_range".
std::string VersionKindName(VersionKind kind);

// One version of a key that is still held somewhere.
struct KeyVersion {
  std::uint64_t seqno = 0;
  VersionKind kind = VersionKind::kPut;
  std::uint64_t value_bytes = 0;
  std::uint64_t expires_at = 0;  // of a put with an end: the second
  int level = -1;                // -1: in memory
  std::uint64_t table = 0;       // its number; 0: in memory

  // One JSON object: seqno, kind, value_bytes, place, and of a table its level and file.
  std::string ToJson() const;
};

}  // namespace beachdb
