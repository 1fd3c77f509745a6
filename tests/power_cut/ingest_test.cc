// Tables from outside under power cuts. (That each of their syncs is needed: tests/mutation.)
#include <gtest/gtest.h>

#include "tests/support/ingest_story.h"

namespace beachdb {
namespace {

TEST(IngestCutTest, APowerCutLeavesEachIngestWholeOrNotThere) { EXPECT_EQ(CutAroundIngest(), ""); }

}  // namespace
}  // namespace beachdb
