// What the tests of `beach salvage` share: a database to be damaged, and what is salvaged of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "beachdb/db.h"
#include "tests/tools/handmade_database.h"
#include "tests/tools/program.h"

namespace beachdb {

inline std::string Numbered(int i) { return fmt::format("key{:04}", i); }

class SalvageTest : public ::testing::Test {
 protected:
  using Contents = std::map<std::string, std::string>;

  struct Outcome {
    int exit_code = -1;
    nlohmann::json report;
    Contents contents;  // of DST
  };

  // Salvages src into a fresh place, twice: the same comes out, and src stays as it is.
  Outcome Salvage() {
    const auto before = FilesOf(src_);
    Outcome outcome = SalvageOnce();
    EXPECT_EQ(FilesOf(src_), before) << "SRC was changed";
    const Outcome again = SalvageOnce();
    EXPECT_EQ(outcome.report, again.report) << "not deterministic";
    EXPECT_EQ(outcome.contents, again.contents) << "not deterministic";
    return outcome;
  }

  Outcome SalvageOnce() {
    const std::string dst = folder_.Path("dst" + std::to_string(++salvages_));
    const ProgramResult result = RunProgram("beach", {"salvage", src_, dst, "--json"});
    Outcome outcome;
    outcome.exit_code = result.exit_code;
    outcome.report = nlohmann::json::parse(result.out, nullptr, false);
    EXPECT_TRUE(outcome.report.is_object()) << result.out << result.err;
    if (!outcome.report.is_object()) return outcome;
    EXPECT_EQ(outcome.exit_code, outcome.report["losses"].empty() ? 0 : 1);
    EXPECT_EQ(outcome.report["complete"], outcome.report["losses"].empty());
    EXPECT_FALSE(std::filesystem::exists(dst + ".unfinished"));
    outcome.contents = ContentsOf(dst);
    EXPECT_GE(outcome.report["keys"], outcome.contents.size());  // some may have ended
    return outcome;
  }

  static Contents ContentsOf(const std::string& directory) {
    Contents contents;
    auto db = Db::Open(directory, {.create_if_missing = false});
    EXPECT_TRUE(db.ok()) << directory;
    if (!db.ok()) return contents;
    Iterator it = db->NewIterator();
    for (it.SeekToFirst(); it.Valid(); it.Next()) contents.emplace(it.key(), it.value());
    EXPECT_TRUE(it.status().ok());
    return contents;
  }

  static std::map<std::string, std::pair<std::string, std::filesystem::file_time_type>> FilesOf(
      const std::string& directory) {
    std::map<std::string, std::pair<std::string, std::filesystem::file_time_type>> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      files[entry.path().filename()] = {ReadWholeFile(entry.path()), entry.last_write_time()};
    }
    return files;
  }

  std::string Src(const std::string& name) const { return src_ + "/" + name; }
  void Overwrite(const std::string& name, const std::string& bytes) const {
    folder_.Write("src/" + name, bytes);
  }
  void Flip(const std::string& name, std::size_t at) const {
    std::string bytes = ReadWholeFile(Src(name));
    ASSERT_LT(at, bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    Overwrite(name, bytes);
  }
  void Cut(const std::string& name, std::size_t size) const {
    std::filesystem::resize_file(Src(name), size);
  }

  // 000007 in level 0 above 000005 and 000006 in level 1, and a log.
  void MakeSmall() {
    HandmadeDatabase db(src_);
    db.AddTable(0, 7, {{"conch", 9, "new"}, {"kelp", 8, "", Kind::kDelete}});
    db.AddTable(1, 5, {{"conch", 3, "old"}, {"kelp", 2, "green"}});
    db.AddTable(1, 6, {{"limpet", 5, "newer"}, {"limpet", 4, "older"}, {"whelk", 1, "grey"}});
    db.AddLog(8, 10, {{"squid", 0, "ink"}, {"whelk", 0, "", Kind::kDelete}, {"crab", 0, "claw"}});
    db.Finish();
  }
  const Contents kSmall = {
      {"conch", "new"}, {"crab", "claw"}, {"limpet", "newer"}, {"squid", "ink"}};

  // One table of 100 keys in many small blocks.
  Contents MakeBlocks(Compression compression = Compression::kNone) {
    TableOptions options;
    options.block_size = 256;
    options.compression = compression;
    std::vector<HandEntry> entries;
    Contents contents;
    for (int i = 0; i < 100; ++i) {
      const std::string value = std::string(50, 'v') + std::to_string(i);
      entries.push_back({Numbered(i), static_cast<Seqno>(i + 1), value});
      contents[Numbered(i)] = value;
    }
    HandmadeDatabase db(src_);
    db.AddTable(1, 5, entries, options);
    db.Finish();
    return contents;
  }

  // What is left of `contents` without the keys that the losses name.
  static void ExpectAllBut(const nlohmann::json& losses, const Contents& contents,
                           const Contents& found) {
    std::uint64_t missing = 0;
    for (const auto& [key, value] : contents) {
      const auto at = found.find(key);
      if (at != found.end()) {
        EXPECT_EQ(at->second, value) << key;
        continue;
      }
      ++missing;
      bool named = false;
      for (const nlohmann::json& loss : losses) named |= loss["from"] <= key && key <= loss["to"];
      EXPECT_TRUE(named) << key << " is missing, but " << losses;
    }
    std::uint64_t told = 0;
    for (const nlohmann::json& loss : losses) told += loss.value("entries", 0);
    if (losses.size() == 1) {
      EXPECT_EQ(told, missing);
    }
    EXPECT_EQ(found.size() + missing, contents.size());
  }

  TestFolder folder_;
  const std::string src_ = folder_.Path("src");
  int salvages_ = 0;
};

}  // namespace beachdb
