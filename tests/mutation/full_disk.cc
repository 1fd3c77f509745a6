#include "tests/mutation/full_disk.h"

#include "beachdb/db.h"
#include "tests/support/cut_story.h"
#include "tests/support/sim_workload.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kSeed = 1;

}  // namespace

std::string CutAroundTakenBackEdit() {
  CutStory story;
  SimWorld world(story.faults(), kSeed, SimWorld::Threads::kInline);
  {
    auto db = Db::Open(kSimDirectory, StoryOptions(world));
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
  CutStory story;
  SimWorld world(story.faults(), kSeed, SimWorld::Threads::kInline);
  {
    // The edit of the flush reaches the kernel, and no further.
    auto db = Db::Open(kSimDirectory, StoryOptions(world));
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
    auto db = Db::Open(kSimDirectory, StoryOptions(world));
    if (!db.ok()) return "the story itself: " + db.error().ToString();
    story.Put(*db, "whelk");
    if (!db->Close().ok()) story.Fail("close");
  }
  return story.CutEverywhere();
}

}  // namespace beachdb
