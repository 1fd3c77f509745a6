// A short life of a database in a simulated world, told step by step, and the power cut at every
// event of it in all the ways of kCutPolicies.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "beachdb/db.h"
#include "io/fault_file_system.h"
#include "sim/sim_disk.h"
#include "sim/sim_world.h"

namespace beachdb {

// A small, quiet database.
Options StoryOptions(SimWorld& world);

class CutStory {
 public:
  CutStory() : faults_(disk_) {}

  SimDisk& disk() { return disk_; }
  FaultFileSystem& faults() { return faults_; }

  // Writes a key, durable once that returns.
  void Put(Db& db, const std::string& key);
  // Was written by other means, just now, in one piece: after any cut all of it is there or
  // nothing.
  void Wrote(const std::vector<std::string>& keys);
  // A file is there, durable, name and all.
  void Made(const std::string& path) { made_[path] = disk_.Mark(); }
  void Fail(const std::string& what) {
    if (failure_.empty()) failure_ = "the story itself: " + what;
  }
  void Expect(const Status& status, const std::string& what) {
    if (!status.ok()) Fail(what + ": " + status.ToString());
  }

  // The first cut that breaks the contract; empty: none does.
  std::string CutEverywhere();

 private:
  std::string Judge(const DiskImage& image, std::uint64_t event) const;

  SimDisk disk_;
  FaultFileSystem faults_;
  std::map<std::string, std::uint64_t> acknowledged_;  // key -> when
  std::vector<std::vector<std::string>> together_;
  std::map<std::string, std::uint64_t> made_;  // path -> when
  std::string failure_;
};

}  // namespace beachdb
