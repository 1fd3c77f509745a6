// Reads of a whole database, for comparing with what a test expects.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "beachdb/db.h"
#include "tests/support/cut_oracle.h"

namespace beachdb {

// All keys at a snapshot, or now. An error shows as the key "(error)".
inline KeyValues ScanAll(const Db& db, const Snapshot* snapshot = nullptr) {
  IteratorOptions options;
  options.snapshot = snapshot;
  Iterator it = db.NewIterator(options);
  KeyValues all;
  for (it.SeekToFirst(); it.Valid(); it.Next()) all.emplace(it.key(), it.value());
  if (!it.status().ok()) all["(error)"] = it.status().ToString();
  return all;
}

// What is wrong with the answers of a database that should hold `expected`: forwards, backwards,
// and key by key. Empty: nothing.
inline std::string CompareAll(const Db& db, const KeyValues& expected) {
  using Entry = std::pair<std::string, std::string>;
  const std::vector<Entry> wanted(expected.begin(), expected.end());
  Iterator it = db.NewIterator();
  std::vector<Entry> forwards;
  for (it.SeekToFirst(); it.Valid(); it.Next()) forwards.emplace_back(it.key(), it.value());
  if (!it.status().ok()) return "scan: " + it.status().ToString();
  if (forwards != wanted) {
    const auto [is, should] =
        std::mismatch(forwards.begin(), forwards.end(), wanted.begin(), wanted.end());
    return "scan: expected " +
           (should == wanted.end() ? "the end" : should->first + "=" + should->second) +
           ", found " + (is == forwards.end() ? "the end" : is->first + "=" + is->second);
  }
  std::vector<Entry> backwards;
  for (it.SeekToLast(); it.Valid(); it.Prev()) backwards.emplace_back(it.key(), it.value());
  if (!it.status().ok()) return "scan backwards: " + it.status().ToString();
  std::reverse(backwards.begin(), backwards.end());
  if (backwards != wanted) return "a scan backwards differs from the one forwards";
  std::string value;
  for (const auto& [key, should] : expected) {
    const auto found = db.Get(key, &value);
    if (!found.ok()) return "get " + key + ": " + found.error().ToString();
    if (!*found || value != should) return "get " + key + " differs from the scan";
    const auto behind = db.Get(key + "?", &value);
    if (!behind.ok() || *behind) return "get finds " + key + "?, which was never written";
  }
  return {};
}

}  // namespace beachdb
