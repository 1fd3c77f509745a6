// What recovery makes of bytes that are not what was written.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "format/current.h"
#include "format/file_names.h"
#include "manifest/edit_fields.h"
#include "manifest/handmade_test_util.h"
#include "manifest/manifest.h"
#include "manifest/manifest_dump.h"
#include "manifest/manifest_reader.h"
#include "manifest/manifest_snapshot.h"
#include "tests/support/doc_example.h"
#include "tests/support/memory_file_system.h"

namespace beachdb {
namespace {

constexpr char kDir[] = "db";

void Put(MemoryFileSystem& disk, const std::string& bytes, std::uint64_t number = kNumber) {
  ASSERT_TRUE(disk.WriteFileSynced(JoinPath(kDir, ManifestName(number)), bytes).ok());
  ASSERT_TRUE(disk.WriteFileSynced(JoinPath(kDir, kCurrentName), EncodeCurrent(number)).ok());
}

Result<LoadedManifest> Load(const std::string& bytes) {
  MemoryFileSystem disk;
  Put(disk, bytes);
  return LoadManifest(disk, kDir, kNumber, kDatabase);
}

std::string Fingerprint(const ManifestState& state) {
  return EncodeSnapshot(state, kMaxFileNumber).front();
}

// The states of the sample after its snapshot and after each edit.
std::vector<std::string> PrefixStates(const Handmade& file) {
  std::vector<std::string> states;
  for (std::size_t i = 0; i < file.offsets.size(); ++i) {
    const std::uint64_t end = i + 1 < file.offsets.size() ? file.offsets[i + 1] : file.bytes.size();
    const auto loaded = Load(file.bytes.substr(0, end));
    EXPECT_TRUE(loaded.ok()) << loaded.error().ToString();
    EXPECT_EQ(loaded->torn, "");
    EXPECT_EQ(loaded->records, i + 1);
    states.push_back(Fingerprint(loaded->state));
  }
  return states;
}

TEST(ManifestDamageTest, ATruncatedFileGivesAPrefixAndSaysSo) {
  const Handmade file = Sample();
  const std::vector<std::string> states = PrefixStates(file);
  for (std::size_t size = 0; size < file.bytes.size(); ++size) {
    SCOPED_TRACE(size);
    const auto loaded = Load(file.bytes.substr(0, size));
    if (size < file.offsets[1]) {
      ASSERT_FALSE(loaded.ok()) << "a snapshot that is cut short must not pass";
      EXPECT_EQ(loaded.error().code(), Code::kCorruption);
      continue;
    }
    ASSERT_TRUE(loaded.ok()) << loaded.error().ToString();
    EXPECT_EQ(Fingerprint(loaded->state), states[loaded->records - 1]);
    EXPECT_EQ(loaded->torn.empty(), size == loaded->end);
  }
}

TEST(ManifestDamageTest, AFlippedBitIsFoundWhereverItIs) {
  const Handmade file = Sample();
  const std::vector<std::string> states = PrefixStates(file);
  for (std::size_t at = 0; at < file.bytes.size(); ++at) {
    SCOPED_TRACE(at);
    std::string bytes = file.bytes;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    const auto loaded = Load(bytes);
    if (at < file.offsets.back()) {
      ASSERT_FALSE(loaded.ok());
    } else {  // the last record: no different from a torn edit
      ASSERT_TRUE(loaded.ok()) << loaded.error().ToString();
      EXPECT_NE(loaded->torn, "");
      EXPECT_EQ(Fingerprint(loaded->state), states[states.size() - 2]);
    }
    MemoryFileSystem disk;
    Put(disk, bytes);
    const auto problems =
        DumpManifest(disk, JoinPath(kDir, ManifestName(kNumber)), {}, [](const DumpLine&) {});
    ASSERT_TRUE(problems.ok());
    EXPECT_GT(*problems, 0u);
  }
}

TEST(ManifestDamageTest, DamageBeforeAGoodRecordNamesBothOffsets) {
  const Handmade file = Sample();
  std::string bytes = file.bytes;
  bytes[file.offsets[1] + 20] ^= 4;
  const auto loaded = Load(bytes);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code(), Code::kCorruption);
  for (const std::string& want :
       {std::string("MANIFEST-000009"), "offset " + std::to_string(file.offsets[1]),
        "a valid record follows at offset " + std::to_string(file.offsets[2])}) {
    EXPECT_NE(loaded.error().message().find(want), std::string::npos)
        << want << " in " << loaded.error().message();
  }
}

TEST(ManifestDamageTest, ATornEditIsIgnoredLoggedAndLeftBehind) {
  const Handmade file = Sample();
  const std::vector<std::string> states = PrefixStates(file);
  MemoryFileSystem disk;
  Put(disk, file.bytes.substr(0, file.bytes.size() - 8) + std::string(4096, '\0'));
  std::string log;
  const Logger logger([&](LogLevel level, std::string_view line) {
    if (level == LogLevel::kWarning) log += line;
  });
  const auto manifest = Manifest::Recover(disk, SystemClock(), kDir, kDatabase, logger);
  ASSERT_TRUE(manifest.ok()) << manifest.error().ToString();
  EXPECT_EQ(Fingerprint((*manifest)->state()), states[states.size() - 2]);
  EXPECT_NE(log.find("offset " + std::to_string(file.offsets.back())), std::string::npos) << log;
  EXPECT_NE(log.find("never acknowledged"), std::string::npos) << log;
  EXPECT_EQ((*manifest)->file_number(), kNumber) << "what is left of it stays until it is sound";
  ASSERT_TRUE((*manifest)->GoOn(logger).ok());
  EXPECT_GT((*manifest)->file_number(), kNumber);
  EXPECT_FALSE(disk.Has(JoinPath(kDir, ManifestName(kNumber))));
}

TEST(ManifestDamageTest, ASnapshotOfSeveralRecordsIsCompleteOrRefused) {
  StateBuilder builder;
  VersionEdit edit{.log_number = 1, .next_file_number = 10, .last_seqno = 9};
  edit.added = {{1, MakeFile(3, "a", "b", 1, 9)}, {1, MakeFile(4, "c", "d", 1, 9)}};
  ASSERT_TRUE(builder.Apply(edit).ok());
  Handmade file;
  file.Snapshot(std::move(builder).Finish(), 10);
  ASSERT_EQ(file.offsets.size(), 2u);
  EXPECT_TRUE(Load(file.bytes).ok());
  for (const std::uint64_t size : {file.offsets[1], file.offsets[1] + 8, file.bytes.size() - 1}) {
    const auto loaded = Load(file.bytes.substr(0, size));
    ASSERT_FALSE(loaded.ok());
    EXPECT_NE(loaded.error().message().find("incomplete (1 of 2 records)"), std::string::npos)
        << loaded.error().message();
  }
}

TEST(ManifestDamageTest, RecordsThatPassTheirChecksumMustStillMakeSense) {
  const ManifestState empty;
  const std::string snapshot = EncodeSnapshot(empty, 5).front();
  std::string reversed = snapshot;
  reversed.replace(reversed.find("bytewise"), 8, "esiwetyb");
  std::string taller = snapshot;
  taller[taller.find(std::string("\x04\x01\x07", 3)) + 2] = 9;
  const auto edit = RecordType::kManifestEdit;
  const auto first = RecordType::kManifestSnapshot;
  const struct {
    const char* what;
    Handmade file;
    Code code;
    const char* want;
  } kCases[] = {
      {"edit first", Handmade().Edit({}), Code::kCorruption, "first record must be a snapshot"},
      {"second snapshot", Handmade().Add(first, snapshot).Add(first, snapshot), Code::kCorruption,
       "only edits may follow"},
      {"record of a log", Handmade().Add(first, snapshot).Add(RecordType::kBatch, ""),
       Code::kCorruption, "only edits may follow"},
      {"another order", Handmade().Add(first, reversed), Code::kNotSupported, "\"esiwetyb\""},
      {"taller tree", Handmade().Add(first, taller), Code::kNotSupported, "9 levels"},
      {"contradiction", Handmade().Add(first, snapshot).Edit({.removed = {{1, 3}}}),
       Code::kCorruption, "table 3 is removed from level 1, but it is in no level"},
      {"not an edit", Handmade().Add(first, snapshot).Add(edit, "junk"), Code::kCorruption,
       "MANIFEST-000009: record at offset "},
      {"field of the future", Handmade().Add(first, snapshot).Add(edit, std::string("\x16\0", 2)),
       Code::kNotSupported, "newer build"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    const auto loaded = Load(c.file.bytes);
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code(), c.code);
    EXPECT_NE(loaded.error().message().find(c.want), std::string::npos) << loaded.error().message();
  }
}

TEST(ManifestDamageTest, AStrangersFileIsRefused) {
  DatabaseId other = kDatabase;
  other[0] ^= 1;
  const ManifestState empty;
  const struct {
    const char* what;
    std::string bytes;
  } kCases[] = {
      {"of another database", Handmade({other, kNumber}).Snapshot(empty, 1).bytes},
      {"of another number", Handmade({kDatabase, kNumber + 1}).Snapshot(empty, 1).bytes},
      {"empty", ""},
      {"an image", "\xff\xd8\xff\xe0 JFIF" + std::string(5000, 'x')},
      {"zeros", std::string(5000, '\0')},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    const auto loaded = Load(c.bytes);
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code(), Code::kCorruption);
    EXPECT_NE(loaded.error().message().find("MANIFEST-000009"), std::string::npos);
  }
}

TEST(ManifestDamageTest, AMissingOrBrokenCurrentIsNamedWithTheRemedy) {
  const Logger quiet([](LogLevel, std::string_view) {});
  const std::string manifest = Sample().bytes;
  const std::string current = JoinPath(kDir, kCurrentName);
  const struct {
    const char* what;
    void (*damage)(MemoryFileSystem&);
    std::vector<std::string> want;
  } kCases[] = {
      {"no CURRENT",
       [](MemoryFileSystem& disk) { ASSERT_TRUE(disk.RemoveFile("db/CURRENT").ok()); },
       {"db/CURRENT is missing", "MANIFEST-000009", "backup"}},
      {"CURRENT names a file that is gone",
       [](MemoryFileSystem& disk) { disk.Bytes("db/CURRENT") = EncodeCurrent(8); },
       {"db/CURRENT names MANIFEST-000008, which is missing", "MANIFEST-000009", "backup"}},
      {"garbage in CURRENT",
       [](MemoryFileSystem& disk) { disk.Bytes("db/CURRENT")[3] ^= 1; },
       {"CURRENT"}},
      {"CURRENT grown huge",
       [](MemoryFileSystem& disk) { disk.Bytes("db/CURRENT").resize(100000); },
       {"CURRENT"}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    MemoryFileSystem disk;
    Put(disk, manifest);
    c.damage(disk);
    const auto opened = Manifest::Recover(disk, SystemClock(), kDir, kDatabase, quiet);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), Code::kCorruption);
    for (const std::string& want : c.want) {
      EXPECT_NE(opened.error().message().find(want), std::string::npos) << opened.error().message();
    }
  }
}

TEST(ManifestDamageTest, CreateLeavesALostDatabaseAlone) {
  for (const std::string& name : {std::string(kCurrentName), TableName(5), LogName(6)}) {
    SCOPED_TRACE(name);
    MemoryFileSystem disk;
    ASSERT_TRUE(disk.WriteFileSynced(JoinPath(kDir, name), "x").ok());
    const auto created = Manifest::Create(disk, SystemClock(), kDir, kDatabase);
    ASSERT_FALSE(created.ok());
    EXPECT_EQ(created.error().code(), Code::kCorruption);
    EXPECT_NE(created.error().message().find(name), std::string::npos);
  }
}

TEST(ManifestDocTest, TheExampleOfThePageIsWhatTheCodeWritesAndReads) {
  StateBuilder builder;
  ASSERT_TRUE(builder
                  .Apply({.log_number = 8,
                          .next_file_number = 10,
                          .last_seqno = 300,
                          .added = {{0, Apples()}}})
                  .ok());
  Handmade file;
  file.Snapshot(std::move(builder).Finish(), 10)
      .Edit({.next_file_number = 11, .added = {{1, Apples()}}, .removed = {{0, 7}}});

  const DocPage page("docs/formats/manifest.md");
  EXPECT_EQ(page.Example(0), file.bytes);
  EXPECT_EQ(page.Row("file header").size, kFileHeaderSize);
  EXPECT_EQ(page.Row("records").offset, kFileHeaderSize);

  const auto loaded = Load(page.Example(0));
  ASSERT_TRUE(loaded.ok()) << loaded.error().ToString();
  EXPECT_EQ(loaded->next_file_number, 11u);
  EXPECT_EQ(loaded->state.log_number, 8u);
  EXPECT_EQ(loaded->state.last_seqno, 300u);
  ASSERT_EQ(loaded->state.version->levels[1].size(), 1u);
  EXPECT_EQ(*loaded->state.version->levels[1][0], Apples());
}

TEST(ManifestDocTest, ThePageNamesEveryTag) {
  std::ifstream in(std::string(BEACHDB_SOURCE_DIR) + "/docs/formats/manifest.md");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  const struct {
    std::uint32_t tag;
    const char* name;
  } kTags[] = {{edit_tag::kComparator, "comparator"},
               {edit_tag::kLevelCount, "level count"},
               {edit_tag::kRecordCount, "record count"},
               {edit_tag::kLogNumber, "log number"},
               {edit_tag::kNextFileNumber, "next file number"},
               {edit_tag::kLastSeqno, "last seqno"},
               {edit_tag::kDurableIndex, "durable index"},
               {edit_tag::kRemoved, "removed table"},
               {edit_tag::kAdded, "added table"}};
  for (const auto& [tag, name] : kTags) {
    const std::string row = "\n| " + std::to_string(tag) + " | " + name;
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace beachdb
