#include "tests/mutation/full_disk.h"

#include <cstdint>
#include <map>
#include <string>

#include "beachdb/db.h"
#include "io/fault_file_system.h"
#include "sim/sim_disk.h"
#include "sim/sim_world.h"
#include "tests/support/cut_enumeration.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kSeed = 1;

Options QuietOptions(SimWorld& world) {
  Options options;
  options.environment = &world;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

// One key after the other, each acknowledged as durable at a point in time.
class Story {
 public:
  Story() : faults_(disk_) {}

  FaultFileSystem& faults() { return faults_; }

  void Put(Db& db, const std::string& key) {
    const Status put = db.Put(key, "value of " + key);
    if (!put.ok()) return Fail("put: " + put.ToString());
    acknowledged_[key] = disk_.Mark();
  }
  void Fail(const std::string& what) {
    if (failure_.empty()) failure_ = "the story itself: " + what;
  }

  // The first cut that breaks the contract.
  std::string CutEverywhere() {
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

 private:
  std::string Judge(const DiskImage& image, std::uint64_t event) const {
    SimDisk disk(image);
    SimWorld world(disk, kSeed, SimWorld::Threads::kInline);
    auto db = Db::Open(kSimDirectory, QuietOptions(world));
    if (!db.ok()) return "recovery: " + db.error().ToString();
    for (const auto& [key, time] : acknowledged_) {
      if (time >= event) continue;
      const auto value = db->Get(key);
      if (!value.ok()) return "get: " + value.error().ToString();
      if (!value->has_value()) return "acknowledged write is missing: " + key;
    }
    const auto report = db->Verify();
    if (!report.ok()) return "verify: " + report.error().ToString();
    return report->problems.empty() ? "" : "verify: " + report->problems.front();
  }

  SimDisk disk_;
  FaultFileSystem faults_;
  std::map<std::string, std::uint64_t> acknowledged_;  // key -> when
  std::string failure_;
};

}  // namespace

std::string CutAroundTakenBackEdit() {
  Story story;
  SimWorld world(story.faults(), kSeed, SimWorld::Threads::kInline);
  {
    auto db = Db::Open(kSimDirectory, QuietOptions(world));
    if (!db.ok()) return "the story itself: " + db.error().ToString();
    story.Put(*db, "conch");
    // All of the record is written before the disk turns out to be full.
    story.faults().Inject({.ops = {FileOp::kWrite},
                           .name = "MANIFEST-",
                           .times = 1,
                           .code = Code::kNoSpace,
                           .partial_bytes = 4096});
    // Tried again by itself, so it may well succeed.
    static_cast<void>(db->Flush());
    if (story.faults().FaultCount() == 0) story.Fail("the disk was never full");
    story.Put(*db, "whelk");
    if (!db->Flush().ok()) story.Fail("no flush when there is space again");
    story.Put(*db, "limpet");
    if (!db->Close().ok()) story.Fail("close");
  }
  return story.CutEverywhere();
}

std::string CutAfterOpeningOnFullDisk() {
  Story story;
  SimWorld world(story.faults(), kSeed, SimWorld::Threads::kInline);
  {
    // The edit of the flush reaches the kernel, and no further.
    auto db = Db::Open(kSimDirectory, QuietOptions(world));
    if (!db.ok()) return "the story itself: " + db.error().ToString();
    story.Put(*db, "conch");
    story.faults().Inject({.ops = {FileOp::kSync}, .name = "MANIFEST-"});
    if (db->Flush().ok()) story.Fail("the flush does not notice the failed sync");
    static_cast<void>(db->Close());
    story.faults().Heal();
  }
  story.faults().Inject(
      {.ops = {FileOp::kWrite}, .name = "MANIFEST-", .times = 1, .code = Code::kNoSpace});
  {
    auto db = Db::Open(kSimDirectory, QuietOptions(world));
    if (!db.ok()) return "the story itself: " + db.error().ToString();
    story.Put(*db, "whelk");
    if (!db->Close().ok()) story.Fail("close");
  }
  return story.CutEverywhere();
}

}  // namespace beachdb
