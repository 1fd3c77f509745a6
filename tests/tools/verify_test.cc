// `beach verify --deep`: each kind of contradiction is found, and nothing else is complained of.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "beachdb/db.h"
#include "sstable/filter.h"
#include "sstable/index_block.h"
#include "sstable/table_properties.h"
#include "tests/tools/handmade_database.h"
#include "tests/tools/program.h"

namespace beachdb {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Strings = std::vector<std::string>;

// 000007 in level 0 above 000005 and 000006 in level 1.
void AddTables(HandmadeDatabase& db) {
  db.AddTable(0, 7, {{"conch", 9, "new"}, {"kelp", 8, "", Kind::kDelete}});
  db.AddTable(1, 5, {{"conch", 3, "old"}, {"kelp", 2, "green"}});
  db.AddTable(1, 6, {{"limpet", 5, "newer"}, {"limpet", 4, "older"}, {"whelk", 1, "grey"}});
}

class DeepVerifyTest : public ::testing::Test {
 protected:
  // The complaints of `verify --deep` about the tables of AddTables after `change`.
  Strings Problems(const std::function<void(HandmadeDatabase&)>& change) const {
    HandmadeDatabase db(folder_.Path("db"));
    AddTables(db);
    change(db);
    db.Finish();
    return Verify();
  }
  Strings Verify() const {
    const ProgramResult result =
        RunProgram("beach", {"--db", folder_.Path("db"), "--json", "verify", "--deep"});
    const auto report = nlohmann::json::parse(result.out, nullptr, false);
    EXPECT_FALSE(report.is_discarded()) << result.out << result.err;
    if (report.is_discarded()) return {result.err};
    Strings problems = report["problems"];
    EXPECT_EQ(result.exit_code, problems.empty() ? 0 : 1) << result.err;
    EXPECT_EQ(report["ok"], problems.empty());
    return problems;
  }
  std::string Table(int number) const {
    return folder_.Path("db/00000" + std::to_string(number) + ".sst");
  }

  TestFolder folder_;
};

TEST_F(DeepVerifyTest, ASoundDatabaseHasNoProblems) {
  EXPECT_THAT(Problems([](HandmadeDatabase&) {}), ElementsAre());
}

TEST_F(DeepVerifyTest, ADatabaseThatLivedHasNoProblems) {
  Options options;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  {
    auto db = Db::Open(folder_.Path("db"), options);
    ASSERT_TRUE(db.ok());
    const std::string value(500, 'v');
    for (int round = 0; round < 5; ++round) {
      for (int i = 0; i < 400; ++i) {
        const std::string key = "key" + std::to_string(i * 7 % 400);
        ASSERT_TRUE(db->Put(key, value, {.durability = Durability::kBuffered}).ok());
        if (i % 5 == round) {
          ASSERT_TRUE(db->Delete(key, {.durability = Durability::kBuffered}).ok());
        }
        if (i % 50 == round) {
          const std::string end = key + std::to_string(round);
          ASSERT_TRUE(db->DeleteRange(key, end, {.durability = Durability::kBuffered}).ok());
        }
      }
    }
    ASSERT_TRUE(db->Close().ok());
  }
  EXPECT_THAT(Verify(), ElementsAre());
}

TEST_F(DeepVerifyTest, WhatTheManifestSaysOfATableIsHeldAgainstItsEntries) {
  const struct {
    const char* complaint;
    std::function<void(FileMetadata&)> lie;
  } kLies[] = {
      {"the number of entries is 3, the manifest says 4", [](FileMetadata& f) { f.entries = 4; }},
      {"the number of tombstones is 0, the manifest says 1",
       [](FileMetadata& f) { f.tombstones = 1; }},
      {"the number of distinct keys is 2, the manifest says 3",
       [](FileMetadata& f) { f.distinct_keys = 3; }},
      {"the smallest key is limpet, the manifest says lim",
       [](FileMetadata& f) { f.smallest = "lim"; }},
      {"the largest key is whelk, the manifest says whelks",
       [](FileMetadata& f) { f.largest = "whelks"; }},
      {"the smallest seqno is 1, the manifest says 0",
       [](FileMetadata& f) { f.smallest_seqno = 0; }},
      {"the largest seqno is 5, the manifest says 6", [](FileMetadata& f) { f.largest_seqno = 6; }},
      {"the checksum of the whole file is ", [](FileMetadata& f) { ++f.checksum; }},
  };
  for (const auto& [complaint, lie] : kLies) {
    SCOPED_TRACE(complaint);
    std::filesystem::remove_all(folder_.Path("db"));
    EXPECT_THAT(Problems([&lie = lie](HandmadeDatabase& db) { lie(db.Metadata(6)); }),
                ElementsAre(AllOf(HasSubstr(Table(6)), HasSubstr(complaint))));
  }
}

TEST_F(DeepVerifyTest, PropertiesAreCountedAgain) {
  const struct {
    const char* complaint;
    std::function<void(TableProperties&)> lie;
  } kLies[] = {
      {"4 entries, found 3", [](TableProperties& p) { p.entries = 4; }},
      {"1 tombstones, found 0", [](TableProperties& p) { p.tombstones = 1; }},
      {"1 distinct keys, found 2", [](TableProperties& p) { p.distinct_keys = 1; }},
      {"18 raw key bytes, found 17", [](TableProperties& p) { p.raw_key_bytes = 18; }},
      {"15 raw value bytes, found 14", [](TableProperties& p) { p.raw_value_bytes = 15; }},
      {"2 smallest seqno, found 1", [](TableProperties& p) { p.smallest_seqno = 2; }},
      {"7 largest seqno, found 5", [](TableProperties& p) { p.largest_seqno = 7; }},
      {"keys from limpeT to whelk, found limpet to whelk",
       [](TableProperties& p) { p.smallest_key = "limpeT"; }},
  };
  for (const auto& [complaint, lie] : kLies) {
    SCOPED_TRACE(complaint);
    std::filesystem::remove_all(folder_.Path("db"));
    const auto change = [&lie = lie](std::string& contents) {
      auto properties = DecodeTableProperties(contents);
      ASSERT_TRUE(properties.ok());
      lie(*properties);
      contents = EncodeTableProperties(*properties);
    };
    EXPECT_THAT(
        Problems([&](HandmadeDatabase& db) { db.ChangeBlock(6, BlockType::kProperties, change); }),
        ElementsAre(AllOf(HasSubstr(Table(6)), HasSubstr(complaint))));
  }
}

TEST_F(DeepVerifyTest, AFilterThatDeniesAKeyIsFound) {
  const auto empty = [](std::string& contents) {
    std::fill(contents.begin() + kFilterHeaderSize, contents.end(), '\0');
  };
  EXPECT_THAT(Problems([&](HandmadeDatabase& db) { db.ChangeBlock(5, BlockType::kFilter, empty); }),
              ElementsAre(AllOf(HasSubstr(Table(5)), HasSubstr("data block 0 at offset 64"),
                                HasSubstr("the filter denies conch"))));
}

TEST_F(DeepVerifyTest, AnIndexThatLooksElsewhereIsFound) {
  TableOptions small;
  small.block_size = 64;
  const auto aside = [](std::string& contents) {
    IndexBlockReader reader(contents);
    ASSERT_TRUE(reader.ReadCount().ok());
    ASSERT_TRUE(reader.Next().ok());
    const auto second = reader.Next();
    ASSERT_TRUE(second.ok());
    ASSERT_FALSE(second->separator.empty());
    ++contents[static_cast<std::size_t>(second->separator.data() - contents.data()) +
               second->separator.size() - 1];
  };
  const auto problems = Problems([&](HandmadeDatabase& db) {
    db.AddTable(2, 4,
                {{"a", 1, std::string(60, 'a')},
                 {"c", 1, std::string(60, 'c')},
                 {"f", 1, std::string(60, 'f')}},
                small);
    db.ChangeBlock(4, BlockType::kIndex, aside);
  });
  EXPECT_THAT(problems, ElementsAre(AllOf(HasSubstr(Table(4)), HasSubstr("data block 1 at offset "),
                                          HasSubstr("the index looks for c in block 0"))));
}

TEST_F(DeepVerifyTest, AnOlderVersionAboveANewerOneIsFound) {
  const auto problems = Problems([](HandmadeDatabase& db) {
    db.AddTable(2, 4, {{"a", 7, "fine"}, {"conch", 6, "too new"}});
  });
  EXPECT_THAT(problems, ElementsAre(Table(5) +
                                    ": data block 0 at offset 64: level 1 holds conch @ 3: "
                                    "expected every version below it to be older, found @ 6 in "
                                    "level 2, " +
                                    Table(4)));
}

TEST_F(DeepVerifyTest, OnePairOfFilesGivesOneLine) {
  const auto problems = Problems([](HandmadeDatabase& db) {
    db.AddTable(2, 4, {{"conch", 6, "too new"}, {"kelp", 6, "too"}, {"limpet", 3, "fine"}});
  });
  EXPECT_THAT(problems, ElementsAre(HasSubstr("; and so for 1 more entries of the two")));
}

TEST_F(DeepVerifyTest, ARangeTombstoneBelowAnOlderVersionIsFound) {
  const auto problems = Problems([](HandmadeDatabase& db) {
    const RangeTombstone kRanges[] = {{"b", "conch", 7}, {"c", "crab", 6}, {"k", "kz", 2}};
    db.AddTable(2, 4, {{"a", 1, "fine"}}, {}, kRanges);
  });
  EXPECT_THAT(
      problems,
      ElementsAre(Table(5) +
                  ": data block 0 at offset 64: level 1 holds conch @ 3: expected every range "
                  "tombstone below it to be older, found @ 6 in level 2, " +
                  Table(4) + "; and so for 1 more entries of the two"));
}

TEST_F(DeepVerifyTest, ARangeTombstoneAboveANewerVersionIsFound) {
  const auto problems = Problems([](HandmadeDatabase& db) {
    const RangeTombstone kRanges[] = {{"x", "xm", 10}, {"y", "z", 4}};
    db.AddTable(1, 8, {{"zebra", 11, "fine"}}, {}, kRanges);
    db.AddTable(2, 4, {{"xb", 9, "fine"}, {"y", 5, "too new"}, {"y", 3, "fine"}});
  });
  EXPECT_THAT(problems, ElementsAre(Table(4) +
                                    ": data block 0 at offset 64: level 2 holds y @ 5: expected "
                                    "every range tombstone above it to be newer, found @ 4 in "
                                    "level 1, " +
                                    Table(8)));
}

TEST_F(DeepVerifyTest, WithinARunRangeTombstonesMayBeAboveAndBelow) {
  EXPECT_THAT(Problems([](HandmadeDatabase& db) {
                const RangeTombstone kRanges[] = {{"a", "d", 2}, {"a", "d", 1}};
                db.AddTable(2, 4, {{"conch", 1, "fine"}, {"d", 1, "fine"}}, {}, kRanges);
              }),
              ElementsAre());
}

TEST_F(DeepVerifyTest, ASeqnoThatIsUsedTwiceIsFound) {
  const auto problems = Problems([](HandmadeDatabase& db) {
    db.AddTable(2, 4, {{"conch", 3, "", Kind::kDelete}});
  });
  EXPECT_THAT(problems, ElementsAre(AllOf(HasSubstr("seqno 3 of conch is used a second time"),
                                          HasSubstr(Table(4)), HasSubstr(Table(5)))));
}

TEST_F(DeepVerifyTest, AKeyInTwoFilesOfALevelIsFound) {
  // A MANIFEST whose ranges overlap is refused when it is opened, so its ranges lie, too.
  const auto problems = Problems([](HandmadeDatabase& db) {
    db.AddTable(1, 4, {{"limpet", 3, "third"}, {"zebra", 3, "fine"}});
    db.Metadata(4).smallest = "x";
  });
  EXPECT_THAT(problems,
              ElementsAre(AllOf(HasSubstr(Table(4)),
                                HasSubstr("the smallest key is limpet, the manifest says x")),
                          Table(4) + ": data block 0 at offset 64: level 1 has this file behind " +
                              Table(6) + ": expected keys behind whelk, found limpet"));
}

TEST_F(DeepVerifyTest, ATableThatCannotBeReadDoesNotStopTheRest) {
  const auto problems = Problems([this](HandmadeDatabase& db) {
    db.AddTable(2, 4, {{"a", 7, "fine"}, {"conch", 6, "too new"}});
    std::string bytes = ReadWholeFile(Table(7));
    bytes[70] = static_cast<char>(bytes[70] ^ 1);
    folder_.Write("db/000007.sst", bytes);
  });
  EXPECT_THAT(problems, ElementsAre(HasSubstr(Table(7) + ": data block 0 at offset 64"),
                                    HasSubstr("level 1 holds conch @ 3")));
}

TEST_F(DeepVerifyTest, WithoutDeepTheFilesAreCheckedAlone) {
  HandmadeDatabase db(folder_.Path("db"));
  AddTables(db);
  db.AddTable(2, 4, {{"a", 7, "fine"}, {"conch", 6, "too new"}});
  db.Finish();
  const std::string path = folder_.Path("db");
  EXPECT_EQ(RunProgram("beach", {"--db", path, "verify"}).exit_code, 0);
  EXPECT_EQ(RunProgram("beach", {"--db", path, "verify", "--deep"}).exit_code, 1);
}

// What the program writes to a terminal as its standard error.
std::string OnATerminal(const Strings& arguments) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  EXPECT_GE(terminal, 0);
  EXPECT_EQ(::grantpt(terminal), 0);
  EXPECT_EQ(::unlockpt(terminal), 0);
  const std::string name = ::ptsname(terminal);
  std::string program = std::string(BEACHDB_BIN_DIR) + "/beach";
  Strings words = arguments;
  std::vector<char*> argv = {program.data()};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    const int out = ::open("/dev/null", O_WRONLY);
    const int err = ::open(name.c_str(), O_WRONLY | O_NOCTTY);
    if (out < 0 || err < 0 || ::dup2(out, STDOUT_FILENO) < 0 || ::dup2(err, STDERR_FILENO) < 0) {
      ::_exit(127);
    }
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  std::string text;
  char bytes[4096];
  // Reading fails when the last one who has the other side open has gone.
  pollfd readable{.fd = terminal, .events = POLLIN, .revents = 0};
  while (::poll(&readable, 1, 60'000) == 1) {
    const ssize_t n = ::read(terminal, bytes, sizeof bytes);
    if (n <= 0) break;
    text.append(bytes, static_cast<std::size_t>(n));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  EXPECT_EQ(status, 0) << text;
  ::close(terminal);
  return text;
}

TEST_F(DeepVerifyTest, ProgressAndRateAreShownOnATerminalOnly) {
  const std::string db = folder_.Path("db");
  ASSERT_EQ(RunProgram("beach", {"--db", db, "put", "conch", "spiral"}).exit_code, 0);
  EXPECT_EQ(RunProgram("beach", {"--db", db, "verify", "--deep"}).err, "");
  const std::string shown = OnATerminal({"--db", db, "verify", "--deep"});
  EXPECT_THAT(shown, AllOf(HasSubstr("verifying  ["), HasSubstr("%  "), HasSubstr("/s")));
  EXPECT_TRUE(shown.ends_with("\r\x1b[K")) << "and taken away again";
}

}  // namespace
}  // namespace beachdb
