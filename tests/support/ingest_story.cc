#include "tests/support/ingest_story.h"

#include <cstddef>
#include <string>
#include <vector>

#include "beachdb/db.h"
#include "tests/support/cut_story.h"
#include "tests/support/sim_workload.h"

namespace beachdb {
namespace {

constexpr std::size_t kTableSize = 64u << 10;

using Keys = std::vector<std::string>;

// A table from outside, made by somebody who does not sync it as TableFileBuilder does.
void MakeTable(CutStory& story, SimWorld& world, const std::string& path, const Keys& keys) {
  const std::string made = path + ".made";
  auto builder = TableFileBuilder::Create(made, {.direct_writes = false, .environment = &world});
  if (!builder.ok()) return story.Fail(builder.error().ToString());
  for (const std::string& key : keys) story.Expect(builder->Add(key, "value"), "adding");
  story.Expect(builder->Finish(), "finishing");
  story.Made(made);
  const auto bytes = story.disk().ReadFile(made, 1u << 20);
  if (!bytes.ok()) return story.Fail(bytes.error().ToString());
  auto copy = story.disk().Open(path, OpenMode::kCreate);
  if (!copy.ok()) return story.Fail(copy.error().ToString());
  story.Expect((*copy)->WriteAt(0, *bytes), "copying");
}

}  // namespace

std::string CutAroundIngest() {
  CutStory story;
  {
    SimWorld world(story.disk(), 1, SimWorld::Threads::kInline);
    story.Expect(story.disk().CreateDirectory("/tables"), "making a directory");
    Options options = StoryOptions(world);
    options.table_size = kTableSize;
    auto opened = Db::Open(kSimDirectory, options);
    if (!opened.ok()) return opened.error().ToString();
    Db db = *std::move(opened);
    story.Put(db, "b");
    const Keys moved = {"a", "bb", "c"};
    MakeTable(story, world, "/tables/moved", moved);
    story.Expect(db.Ingest(Keys{"/tables/moved"}, IngestMode::kMove), "moving in");
    story.Wrote(moved);
    story.Put(db, "d");
    const Keys copied = {"e", "f"};
    MakeTable(story, world, "/tables/copied", copied);
    story.Expect(db.Ingest(Keys{"/tables/copied"}, IngestMode::kCopy), "copying in");
    story.Wrote(copied);
    // With nothing to flush before it.
    const Keys again = {"ee", "ef"};
    MakeTable(story, world, "/tables/again", again);
    story.Expect(db.Ingest(Keys{"/tables/again"}, IngestMode::kMove), "moving in");
    story.Wrote(again);
    {
      auto load = db.NewBulkLoad();
      if (!load.ok()) return load.error().ToString();
      const Keys loaded = {"g", "h", "i"};
      for (const std::string& key : loaded) story.Expect(load->Add(key, "value"), "loading");
      story.Expect(load->Commit(), "committing");
      story.Wrote(loaded);
    }
    story.Put(db, "j");
    {
      // A table each, built by the loading thread and by those of its lane.
      auto load = db.NewBulkLoad();
      if (!load.ok()) return load.error().ToString();
      const Keys many = {"ja", "jb", "jc", "jd", "je"};
      const std::string large(kTableSize * 2 / 3, 'v');
      for (const std::string& key : many) story.Expect(load->Add(key, large), "loading");
      story.Expect(load->Commit(), "committing");
      story.Wrote(many);
      if (db.GetStats().levels.back().files < many.size()) return "the load made too few tables";
    }
    story.Expect(db.CompactRange(), "compacting");
    story.Put(db, "k");
    story.Expect(db.Close(), "closing");
  }
  return story.CutEverywhere();
}

}  // namespace beachdb
