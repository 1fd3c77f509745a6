// What happened to a simulated disk, call by call: enough to say at each of them what a power cut
// would have left (sim/power_cut.h). Indexes into `events` are the clock of a simulated run.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/sparse_bytes.h"

namespace beachdb {

// A disk at rest: every name, and the bytes behind it. Names of one file share the pointer.
struct DiskImage {
  std::map<std::string, std::shared_ptr<const SparseBytes>> files;  // by full path
  std::set<std::string> directories;                                // "/" is always there
};

enum class DiskOp : std::uint8_t {
  kMark,      // nothing happened; whoever asked wanted a point in time
  kWrite,     // a call, or stores through a mapping that were found before the next call
  kResize,    // truncated or allocated
  kSyncData,  // begins; kSyncEnd makes durable what was written before it began
  kSyncNames,
  kSyncEnd,
  kDropDirty,  // a sync failed: what was not synced before is never written by a later one
  kCreate,
  kMakeDirectory,
  kLink,
  kRename,
  kRemove,
};

std::string_view DiskOpName(DiskOp op);

struct DiskEvent {
  static constexpr std::uint32_t kNoFile = UINT32_MAX;

  DiskOp op = DiskOp::kMark;
  std::uint32_t file = kNoFile;  // of kCreate, kWrite, kResize, kSyncData, kDropDirty, kLink
  std::uint64_t offset = 0;      // kWrite, kSyncData
  // kWrite: bytes; kSyncData: bytes, or 0 for all; kResize: of the file; kSyncEnd: index of the
  // begin
  std::uint64_t size = 0;
  std::string data;    // kWrite; empty: zeros
  std::string path;    // of the file as it was opened, or of what is named or synced
  std::string target;  // kRename, kLink

  // "write /db/000004.wal 4096+113"
  std::string ToString() const;
};

struct DiskJournal {
  DiskImage start;
  std::vector<DiskEvent> events;
};

// The number of each file of an image; a disk and a journal of it count them in the same way.
std::map<const SparseBytes*, std::uint32_t> NumberFiles(const DiskImage& image);

// "/a/b" -> "/a", "/a" -> "/".
std::string ParentDirectory(const std::string& path);

}  // namespace beachdb
