// A disk that is full at one step after the other: nothing is lost, and no try leaves files behind
// that the next ones would have to do without.
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/failpoint.h"
#include "beachdb/db.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

class FullDiskTest : public testing::Test {
 protected:
  FullDiskTest()
      : directory_(testing::TempDir() + "beachdb_full_disk_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(directory_);
  }
  ~FullDiskTest() override {
    DisarmFailpoints();
    fs::remove_all(directory_);
  }

  std::set<std::string> TableFiles() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(".sst")) names.insert(name);
    }
    return names;
  }

  const std::string directory_;
};

TEST_F(FullDiskTest, AFlushThatCannotBePublishedLeavesNoTableBehind) {
  auto db = Db::Open(directory_, {.log = [](LogLevel, std::string_view) {}});
  ASSERT_TRUE(db.ok()) << db.error().ToString();
  ASSERT_TRUE(db->Put("conch", "spiral").ok());
  ASSERT_TRUE(ArmFailpoints("manifest_append=error:enospc").ok());
  const Status full = db->Flush();
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code(), Code::kNoSpace);
  DisarmFailpoints();
  ASSERT_TRUE(db->Flush().ok()) << "there is space again";
  EXPECT_EQ(TableFiles().size(), db->GetStats().tables.size())
      << "every try of a full disk takes space away";
  EXPECT_EQ(*db->Get("conch"), "spiral");
}

TEST_F(FullDiskTest, ACompactionThatCannotBePublishedLeavesNoTableBehind) {
  auto db = Db::Open(directory_, {.log = [](LogLevel, std::string_view) {}});
  ASSERT_TRUE(db.ok()) << db.error().ToString();
  for (const char* value : {"one", "two"}) {
    ASSERT_TRUE(db->Put("conch", value).ok());
    ASSERT_TRUE(db->Flush().ok());
  }
  ASSERT_TRUE(ArmFailpoints("compaction_publish_error=error:enospc:1").ok());
  ASSERT_FALSE(db->CompactRange().ok());
  EXPECT_EQ(TableFiles().size(), db->GetStats().tables.size());
  ASSERT_TRUE(db->CompactRange().ok());
  EXPECT_EQ(*db->Get("conch"), "two");
}

}  // namespace
}  // namespace beachdb
