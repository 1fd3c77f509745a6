#include "tests/support/cut_story.h"

#include "tests/support/cut_enumeration.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kSeed = 1;

}  // namespace

Options StoryOptions(SimWorld& world) {
  Options options;
  options.environment = &world;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

void CutStory::Put(Db& db, const std::string& key) {
  Expect(db.Put(key, "value of " + key), "put");
  acknowledged_[key] = disk_.Mark();
}

void CutStory::Wrote(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) acknowledged_[key] = disk_.Mark();
  together_.push_back(keys);
}

std::string CutStory::CutEverywhere() {
  if (!failure_.empty()) return failure_;
  const DiskJournal journal = disk_.TakeJournal();
  DiskHistory history(journal);
  for (std::uint64_t event = 0; event <= journal.events.size(); ++event) {
    history.AdvanceTo(event);
    for (const CutPolicy& policy : kCutPolicies) {
      const std::string wrong = Judge(history.Cut(policy, kSeed + event), event);
      if (wrong.empty()) continue;
      return "cut at event " + std::to_string(event) + " (" + policy.ToString() + "): " + wrong;
    }
  }
  return {};
}

std::string CutStory::Judge(const DiskImage& image, std::uint64_t event) const {
  SimDisk disk(image);
  for (const auto& [path, time] : made_) {
    const auto size = disk.FileSize(path);
    if (time < event && !size.ok()) return "a finished file is missing: " + size.error().ToString();
  }
  SimWorld world(disk, kSeed, SimWorld::Threads::kInline);
  auto db = Db::Open(kSimDirectory, StoryOptions(world));
  if (!db.ok()) return "recovery: " + db.error().ToString();
  for (const auto& [key, time] : acknowledged_) {
    if (time >= event) continue;
    const auto value = db->Get(key);
    if (!value.ok()) return "get: " + value.error().ToString();
    if (!value->has_value()) return "acknowledged write is missing: " + key;
  }
  for (const std::vector<std::string>& keys : together_) {
    std::size_t there = 0;
    for (const std::string& key : keys) {
      const auto value = db->Get(key);
      if (!value.ok()) return "get: " + value.error().ToString();
      there += value->has_value() ? 1 : 0;
    }
    if (there != 0 && there != keys.size()) return "a part of one write is there: " + keys.front();
  }
  const auto report = db->Verify();
  if (!report.ok()) return "verify: " + report.error().ToString();
  return report->problems.empty() ? "" : "verify: " + report->problems.front();
}

}  // namespace beachdb
