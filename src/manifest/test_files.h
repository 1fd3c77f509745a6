// What the manifest's tests share: tables that are there in name only.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>

#include "base/random.h"
#include "manifest/file_metadata.h"
#include "manifest/version.h"
#include "manifest/version_edit.h"

namespace beachdb {

// BEACHDB_SEED replays a failed run.
inline std::uint64_t TestSeed() {
  const char* seed = std::getenv("BEACHDB_SEED");
  return seed != nullptr ? std::strtoull(seed, nullptr, 10) : 20240607;
}

inline FileMetadata MakeFile(std::uint64_t number, std::string smallest, std::string largest,
                             Seqno smallest_seqno, Seqno largest_seqno) {
  return {.number = number,
          .size = 1000 * number,
          .checksum = static_cast<std::uint32_t>(number * 2654435761u),
          .entries = 10,
          .tombstones = 1,
          .distinct_keys = 9,
          .smallest = std::move(smallest),
          .largest = std::move(largest),
          .smallest_seqno = smallest_seqno,
          .largest_seqno = largest_seqno};
}

inline std::string RandomKey(Random& random) {
  std::string key(1 + random.Uniform(random.OneIn(20) ? 3000 : 20), '\0');
  for (char& c : key) c = static_cast<char>(random.Uniform(256));
  return key;
}

// Any edit within the limits; whether it fits a version is another matter.
inline VersionEdit RandomEdit(Random& random) {
  VersionEdit edit;
  const auto any = [&] { return random.Next() >> random.Uniform(64); };
  if (random.OneIn(2)) edit.log_number = any();
  if (random.OneIn(2)) edit.next_file_number = any() >> 2;
  if (random.OneIn(2)) edit.last_seqno = any() & kMaxSeqno;
  if (random.OneIn(2)) edit.durable_index = any();
  const std::uint64_t removed = random.Uniform(5);
  for (std::uint64_t i = 0; i < removed; ++i) {
    edit.removed.push_back({static_cast<int>(random.Uniform(kLevels)), any() | 1});
  }
  const std::uint64_t added = 1 + random.Uniform(5);
  for (std::uint64_t i = 0; i < added; ++i) {
    std::string a = RandomKey(random);
    std::string b = RandomKey(random);
    if (b < a) std::swap(a, b);
    Seqno low = any() & kMaxSeqno;
    Seqno high = any() & kMaxSeqno;
    if (high < low) std::swap(low, high);
    FileMetadata file = MakeFile(any() | 1, std::move(a), std::move(b), low, high);
    file.entries = any();
    file.tombstones = file.entries / 3;
    file.distinct_keys = file.entries / 2;
    file.size = any();
    if (random.OneIn(3)) file.range_tombstones = any();
    if (random.OneIn(4) && file.smallest_seqno > 0) {
      FileOrigin& origin = file.origin.emplace();
      origin.base_seqno = 1 + random.Uniform(file.smallest_seqno);
      origin.identity.number = any();
      for (unsigned char& byte : origin.identity.database) {
        byte = static_cast<unsigned char>(random.Uniform(256));
      }
    }
    edit.added.push_back({static_cast<int>(random.Uniform(kLevels)), std::move(file)});
  }
  SortAdded(edit);
  return edit;
}

}  // namespace beachdb
