#include "tests/support/backup_story.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "beachdb/backup.h"
#include "beachdb/db.h"
#include "format/file_names.h"
#include "sim/power_cut.h"
#include "sim/sim_disk.h"
#include "sim/sim_world.h"
#include "tests/support/cut_enumeration.h"
#include "tests/support/cut_story.h"

namespace beachdb {
namespace {

constexpr const char* kDatabase = "/data/db";
constexpr const char* kRepository = "/mnt/backups/shells";
constexpr const char* kRestored = "/data/restored";
constexpr std::uint64_t kNever = UINT64_MAX;

using Keys = std::set<std::string>;

Result<Keys> KeysOf(const Db& db) {
  Keys keys;
  Iterator it = db.NewIterator();
  for (it.SeekToFirst(); it.Valid(); it.Next()) keys.emplace(it.key());
  if (Status status = it.status(); !status.ok()) return status.error();
  return keys;
}

// What stands in a directory that must be a whole database; its keys differ from `want`, or
// something else is wrong: says so.
std::string WrongWith(SimWorld& world, const std::string& directory, const Keys& want) {
  Options options = StoryOptions(world);
  options.create_if_missing = false;
  auto db = Db::Open(directory, options);
  if (!db.ok()) return db.error().ToString();
  const auto keys = KeysOf(*db);
  if (!keys.ok()) return keys.error().ToString();
  if (*keys != want) return directory + " has " + std::to_string(keys->size()) + " keys";
  const auto report = db->Verify();
  if (!report.ok()) return report.error().ToString();
  return report->problems.empty() ? "" : report->problems.front();
}

class Story {
 public:
  BackupCutReport Run() {
    Live();
    if (!report_.failure.empty()) return report_;
    const DiskJournal journal = disk_.TakeJournal();
    DiskHistory history(journal);
    report_.events = journal.events.size();
    for (std::uint64_t event = 0; event <= journal.events.size(); ++event) {
      history.AdvanceTo(event);
      for (const CutPolicy& policy : kCutPolicies) {
        std::string wrong = Judge(history.Cut(policy, 11 + event), event);
        ++report_.states;
        if (wrong.empty()) continue;
        report_.failure = "cut at event " + std::to_string(event) + " (" + policy.ToString() +
                          "): " + std::move(wrong);
        return report_;
      }
    }
    return report_;
  }

 private:
  struct Made {
    Keys keys;
    std::uint64_t acknowledged = kNever;
    std::uint64_t pruned = kNever;  // from here on it may be gone
  };

  void Demand(const Status& status, const std::string& what) {
    if (!status.ok() && report_.failure.empty()) {
      report_.failure = "the story itself: " + what + ": " + status.ToString();
    }
  }

  void Live() {
    SimWorld world(disk_, 1, SimWorld::Threads::kInline);
    auto db = Db::Open(kDatabase, StoryOptions(world));
    if (!db.ok()) return Demand(db.error(), "open");
    const BackupOptions backup{.progress = {}, .environment = &world};
    Keys keys;
    for (std::uint64_t id = 1; id <= 3; ++id) {
      const std::string key = "key" + std::to_string(id);
      keys.insert(key);
      Demand(db->Put(key, std::string(600, 'v')), "put");
      // Its files appear under its id before it is acknowledged.
      made_[id].keys = keys;
      const auto created = CreateBackup(*db, kRepository, backup);
      if (!created.ok()) return Demand(created.error(), "create");
      made_[id].acknowledged = disk_.Mark();
      if (id == 2) Demand(db->CompactRange(), "compact");
    }
    made_[1].pruned = made_[2].pruned = disk_.Mark();
    const auto pruned = PruneBackups(kRepository, 1, backup);
    if (!pruned.ok()) return Demand(pruned.error(), "prune");
    Demand(RestoreBackup(kRepository, 3, kRestored, backup), "restore");
    restored_ = disk_.Mark();
    Demand(db->Close(), "close");
  }

  std::string Judge(const DiskImage& image, std::uint64_t event) {
    SimDisk disk(image);
    SimWorld world(disk, 1, SimWorld::Threads::kInline);
    const BackupOptions backup{.progress = {}, .environment = &world};
    std::string wrong = JudgeBackups(world, backup, event);
    if (wrong.empty()) wrong = JudgeRestored(world, event);
    if (wrong.empty()) wrong = GoOn(world, backup);
    return wrong;
  }

  std::string JudgeBackups(SimWorld& world, const BackupOptions& backup, std::uint64_t event) {
    const auto list = ListBackups(kRepository, backup);
    std::set<std::uint64_t> listed;
    if (list.ok()) {
      if (!list->problems.empty()) return list->problems.front();
      for (const BackupInfo& info : list->backups) listed.insert(info.id);
    }
    for (const auto& [id, made] : made_) {
      if (made.acknowledged < event && event <= made.pruned && !listed.contains(id)) {
        return "backup " + std::to_string(id) + " was acknowledged and is gone" +
               (list.ok() ? "" : ": " + list.error().ToString());
      }
    }
    for (const std::uint64_t id : listed) {
      const auto verified = VerifyBackups(kRepository, id, backup);
      if (!verified.ok()) return verified.error().ToString();
      if (!verified->problems.empty()) return verified->problems.front();
      const std::string target = "/check/" + std::to_string(id);
      const Status restored = RestoreBackup(kRepository, id, target, backup);
      if (!restored.ok()) return restored.ToString();
      std::string wrong = WrongWith(world, target, made_[id].keys);
      if (!wrong.empty()) return "backup " + std::to_string(id) + ": " + wrong;
      ++report_.backups;
    }
    return {};
  }

  std::string JudgeRestored(SimWorld& world, std::uint64_t event) {
    FileSystem& fs = world.file_system();
    const bool acknowledged = restored_ < event;
    const auto names = fs.List(kRestored);
    if (!acknowledged && (!names.ok() || names->empty())) return {};
    const auto current = fs.Exists(JoinPath(kRestored, kCurrentName));
    if (acknowledged || (current.ok() && *current)) {
      ++report_.whole_restores;
      return WrongWith(world, kRestored, made_[3].keys);
    }
    if (Db::Open(kRestored, StoryOptions(world)).ok()) {
      return "half a restore can be opened: there is " + names->front();
    }
    ++report_.half_restores;
    return {};
  }

  // A database that is still there is backed up as if nothing had happened.
  static std::string GoOn(SimWorld& world, const BackupOptions& backup) {
    auto db = Db::Open(kDatabase, StoryOptions(world));
    if (!db.ok()) return "the database: " + db.error().ToString();
    const auto created = CreateBackup(*db, kRepository, backup);
    if (!created.ok()) return "the next backup: " + created.error().ToString();
    const auto verified = VerifyBackups(kRepository, 0, backup);
    if (!verified.ok()) return "after the next backup: " + verified.error().ToString();
    if (verified->unused_files > 0) return "the next backup leaves unused files";
    return verified->problems.empty() ? "" : "after the next backup: " + verified->problems.front();
  }

  SimDisk disk_;
  std::map<std::uint64_t, Made> made_;
  std::uint64_t restored_ = kNever;
  BackupCutReport report_;
};

}  // namespace

BackupCutReport CutAroundBackups() { return Story().Run(); }

}  // namespace beachdb
