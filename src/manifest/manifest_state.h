// What a MANIFEST adds up to: the live tables and the few numbers beside them.
#pragma once

#include <cstdint>
#include <memory>

#include "beachdb/result.h"
#include "manifest/version.h"
#include "manifest/version_builder.h"
#include "manifest/version_edit.h"

namespace beachdb {

struct ManifestState {
  VersionRef version = std::make_shared<const Version>();
  std::uint64_t log_number = 0;
  Seqno last_seqno = 0;
  std::uint64_t durable_index = 0;
};

// Adds edits up. The same code serves an edit that is about to be written and one that is read
// back, so that nothing is written that recovery would refuse.
//
// Thread safety: none.
// Errors: kCorruption when an edit contradicts the state before it: a number that shrinks, a table
// that is added twice or removed without being there, a table that reaches beyond next file number
// or last seqno, levels that break the invariants of version.h. After an error the builder is
// useless: drop it.
class StateBuilder {
 public:
  StateBuilder() = default;
  StateBuilder(const ManifestState& base, std::uint64_t next_file_number);

  Status Apply(const VersionEdit& edit);

  const Version& version() const { return version_.version(); }
  std::uint64_t next_file_number() const { return next_file_number_; }
  // Moves the state out.
  ManifestState Finish() &&;

 private:
  Status ApplyNumbers(const VersionEdit& edit);

  VersionBuilder version_;
  ManifestState numbers_;  // its version is not used
  std::uint64_t next_file_number_ = 1;
};

}  // namespace beachdb
