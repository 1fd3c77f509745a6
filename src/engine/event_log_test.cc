#include "engine/event_log.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "beachdb/db.h"
#include "io/environment.h"
#include "io/fault_file_system.h"

namespace beachdb {
namespace {

std::string Contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<nlohmann::json> Lines(const std::string& path) {
  std::ifstream in(path);
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

class EventLogTest : public testing::Test {
 protected:
  EventLogTest()
      : directory_(testing::TempDir() + "beachdb_events_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  ~EventLogTest() override { std::filesystem::remove_all(directory_); }

  std::string Path() const { return directory_ + "/EVENTS.log"; }
  EventLog Make() { return {PosixFileSystem(), SystemClock(), logger_, Path()}; }
  Db OpenDb() {
    Options options;
    options.log = [](LogLevel, std::string_view) {};
    auto db = Db::Open(directory_, options);
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    return std::move(db).value();
  }

  const std::string directory_;
  std::vector<std::string> said_;
  Logger logger_{[this](LogLevel, std::string_view line) { said_.emplace_back(line); }};
};

TEST_F(EventLogTest, TheFormatIsThatOfItsPage) {
  // The example of docs/formats/events.md.
  const std::string page = Contents(std::string(BEACHDB_SOURCE_DIR) + "/docs/formats/events.md");
  const std::size_t begin = page.find("```json\n") + 8;
  ASSERT_NE(page.find("```json\n"), std::string::npos);
  Event event{.kind = EventKind::kFlush,
              .wall_micros = 1'767'323'045'000'006,
              .micros = 1500,
              .job = 3,
              .output_level = 0,
              .inputs = {8},
              .outputs = {9},
              .bytes_written = 4096,
              .entries = 100,
              .shadowed = 1};
  EXPECT_EQ(event.ToJson(), page.substr(begin, page.find('\n', begin) - begin));
  // Every kind is on the page.
  for (int kind = 0; kind <= static_cast<int>(EventKind::kClose); ++kind) {
    const std::string name(EventKindName(static_cast<EventKind>(kind)));
    EXPECT_NE(page.find("`" + name + "`"), std::string::npos) << name;
  }
}

TEST_F(EventLogTest, WhatHappenedBeforeTheFileWasOpenedStandsFirst) {
  EventLog log = Make();
  log.Emit({.kind = EventKind::kCreate});
  EXPECT_FALSE(std::filesystem::exists(Path()));
  log.OpenFile();
  log.Emit({.kind = EventKind::kOpen});
  const auto lines = Lines(Path());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["event"], "create");
  EXPECT_EQ(lines[1]["event"], "open");
}

TEST_F(EventLogTest, AListenerHearsWhatWasAndWhatIs) {
  EventLog log = Make();
  log.Emit({.kind = EventKind::kOpen});
  std::vector<EventKind> heard;
  log.SetListener([&](const Event& event) { heard.push_back(event.kind); });
  log.Emit({.kind = EventKind::kFlush});
  log.SetListener({});
  log.Emit({.kind = EventKind::kClose});
  EXPECT_EQ(heard, (std::vector{EventKind::kOpen, EventKind::kFlush}));
  EXPECT_EQ(log.Recent().size(), 3u);
}

TEST_F(EventLogTest, MemoryIsBoundedAndALongFileIsCutAtALine) {
  {
    EventLog log = Make();
    log.OpenFile();
    const std::string detail(10'000, 'd');
    for (int i = 0; i < 500; ++i) {
      log.Emit({.kind = EventKind::kFailure,
                .job = static_cast<std::uint64_t>(i) + 1,
                .detail = detail});
    }
    EXPECT_EQ(log.Recent().size(), EventLog::kRecentMax);
    EXPECT_EQ(log.Recent().back().job, 500u);
  }
  EXPECT_GT(std::filesystem::file_size(Path()), EventLog::kFileMax);
  EventLog log = Make();
  log.OpenFile();
  log.Emit({.kind = EventKind::kOpen});
  EXPECT_LE(std::filesystem::file_size(Path()), EventLog::kFileKept + 200);
  const auto lines = Lines(Path());  // each parses
  ASSERT_GT(lines.size(), 90u);
  EXPECT_EQ(lines[lines.size() - 2]["job"], 500);
  EXPECT_EQ(lines.back()["event"], "open");
}

TEST_F(EventLogTest, AFailedWriteIsSaidOnceAndHarmsNobody) {
  FaultFileSystem faults(PosixFileSystem());
  EventLog log(faults, SystemClock(), logger_, Path());
  log.OpenFile();
  faults.Inject({.ops = {FileOp::kWrite}, .code = Code::kNoSpace});
  for (int i = 0; i < 3; ++i) log.Emit({.kind = EventKind::kOpen});
  ASSERT_EQ(said_.size(), 1u);
  EXPECT_NE(said_[0].find("events are no longer written"), std::string::npos) << said_[0];
  EXPECT_EQ(log.Recent().size(), 3u);
}

TEST_F(EventLogTest, ADatabaseTellsItsLife) {
  std::uint64_t flushed = 0;
  {
    Db db = OpenDb();
    for (int round = 0; round < 2; ++round) {
      ASSERT_TRUE(db.Put("a", "1").ok());
      ASSERT_TRUE(db.Put("a", "2").ok());
      ASSERT_TRUE(db.Flush().ok());
    }
    ASSERT_TRUE(db.CompactRange().ok());
    for (const Event& event : db.RecentEvents()) {
      if (event.kind != EventKind::kFlush) continue;
      EXPECT_EQ(event.entries, 2u);
      EXPECT_EQ(event.shadowed, 1u);
      EXPECT_EQ(event.inputs.size(), 1u);
      flushed = event.outputs.at(0);
    }
    ASSERT_TRUE(db.Close().ok());
  }
  std::vector<std::string> kinds;
  nlohmann::json compaction;
  for (const auto& line : Lines(Path())) {
    if (line["event"] != "log") kinds.push_back(line["event"]);
    if (line["event"] == "compaction") compaction = line;
  }
  EXPECT_EQ(kinds,
            (std::vector<std::string>{"create", "open", "flush", "flush", "compaction", "close"}));
  EXPECT_EQ(compaction["entries"], 2);
  EXPECT_EQ(compaction["shadowed"], 1);
  EXPECT_EQ(compaction["input_level"], 0);
  EXPECT_EQ(compaction["inputs"][0], flushed) << "newest first";
}

}  // namespace
}  // namespace beachdb
