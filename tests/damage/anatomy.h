// What each byte of a sample is for: the undamaged directory, taken apart by the readers of the
// layers below the engine, so that a test can say which damage must be noticed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/damage/judge.h"
#include "tests/damage/sample.h"

namespace beachdb {

enum class Role : std::uint8_t {
  kCurrent,
  kIdentity,
  kLock,      // its bytes decide nothing
  kEvents,    // the same
  kManifest,  // that CURRENT names
  kTable,     // that the manifest names
  kLog,       // that recovery reads
  kLeftover,  // nothing names it; the next open removes it
};

// A record of a log or of the manifest.
struct Piece {
  std::uint64_t offset = 0;
  std::uint64_t end = 0;  // padding included
  // Of a log: the first seqno of the batch, and up to where the record says that all was durable.
  std::uint64_t first_seqno = 0;
  std::uint64_t durable_seqno = 0;
};

// Damaged bytes of one file.
struct Range {
  std::string file;
  std::uint64_t from = 0;
  std::uint64_t to = UINT64_MAX;
};

struct FilePlan {
  Role role = Role::kLeftover;
  std::vector<Piece> pieces;
};

class Anatomy {
 public:
  explicit Anatomy(const Sample& sample);

  const std::map<std::string, FilePlan>& files() const { return files_; }
  Role RoleOf(const std::string& file) const { return files_.at(file).role; }

  // The state that this damage may leave instead of being noticed, by the blind spot that
  // docs/formats/wal.md admits: no record that survives vouches for what is damaged. nullptr: it
  // must be noticed, or change nothing.
  const Model* OlderFor(const std::vector<Range>& damage) const;
  // Why damage to this byte may pass unnoticed; nullptr: it may not.
  const char* WhyHarmless(const std::string& file, std::uint64_t offset) const;
  // The same for all bytes of all ranges: the reason of one, if each has one.
  const char* WhyHarmless(const std::vector<Range>& damage) const;

 private:
  const Sample& sample_;
  std::map<std::string, FilePlan> files_;
};

}  // namespace beachdb
