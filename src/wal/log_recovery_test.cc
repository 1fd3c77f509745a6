#include "wal/log_recovery.h"

#include <gmock/gmock.h>

#include "base/coding.h"
#include "base/random.h"
#include "kv/batch_format.h"
#include "record/record_format.h"
#include "tests/support/test_world.h"
#include "wal/log_test_util.h"

namespace beachdb {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class LogRecoveryTest : public ::testing::Test {
 protected:
  // Turns one byte of a log into another.
  void Damage(std::uint64_t number, std::uint64_t offset) {
    fs_.Bytes(TestLogPath(number)).at(offset) ^= 0x5a;
  }
  // What was never written, or was lost: zeros.
  void Erase(std::uint64_t number, std::uint64_t from, std::uint64_t to) {
    std::string& bytes = fs_.Bytes(TestLogPath(number));
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
              bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
  }

  static std::string HeaderBlock(const FileHeader& header) {
    std::string block = EncodeFileHeader(header);
    block.resize(kLogDataStart, '\0');
    return block;
  }

  MemoryFileSystem fs_;
};

TEST_F(LogRecoveryTest, EveryBatchComesBackInOrderAndWhole) {
  TestLog log(fs_, 3, 1);
  log.Append(0, 3, 17);
  log.Append(3, 1, 18);
  log.Append(4, 2);
  TestLog next(fs_, 5, log.next());
  next.Append(6, 1, 21);

  const RecoveryRun run = Recover(fs_, {3, 5});
  ASSERT_TRUE(run.report.ok()) << run.error();
  ASSERT_THAT(run.applied, SizeIs(4));
  EXPECT_EQ(run.applied[1].first, 4u);
  EXPECT_EQ(run.applied[1].applied_index, 18u);
  EXPECT_EQ(run.applied[2].batch, TestBatch(5, 2));
  EXPECT_EQ(run.last(), 7u);
  EXPECT_EQ(run.report->applied_index, 21u);
  EXPECT_EQ(run.report->records, 4u);
  EXPECT_FALSE(run.report->torn.has_value());
  EXPECT_THAT(run.log_lines, SizeIs(0));
}

TEST_F(LogRecoveryTest, NoLogsAndEmptyLogsLeaveTheTablesSeqno) {
  EXPECT_EQ(Recover(fs_, {}, 41).last(), 41u);
  const TestLog log(fs_, 3, 42);
  const RecoveryRun run = Recover(fs_, {3}, 41);
  ASSERT_TRUE(run.report.ok()) << run.error();
  EXPECT_EQ(run.last(), 41u);
  EXPECT_FALSE(run.report->torn.has_value());
}

TEST_F(LogRecoveryTest, BatchesInTablesAreCheckedButNotApplied) {
  TestLog log(fs_, 3, 1);
  const std::uint64_t first = log.Append(0, 5);
  log.Append(5, 5);
  log.Append(10, 5);
  RecoveryRun run = Recover(fs_, {3}, 10);
  ASSERT_TRUE(run.report.ok()) << run.error();
  ASSERT_THAT(run.applied, SizeIs(1));
  EXPECT_EQ(run.applied[0].first, 11u);
  EXPECT_EQ(run.report->skipped_records, 2u);

  Damage(3, first + 40);
  EXPECT_THAT(Recover(fs_, {3}, 10).error(), HasSubstr("checksum mismatch"));
}

TEST_F(LogRecoveryTest, TornLastRecordIsCutWhereverItIsTorn) {
  TestLog log(fs_, 3, 1);
  log.Append(0, 2);
  log.Append(2, 2);
  const std::uint64_t last = log.Append(4, 3);
  const std::uint64_t end = log.end();
  const std::string whole = fs_.Bytes(TestLogPath(3));
  for (const char* how : {"zeros", "short file"}) {
    for (std::uint64_t cut = last; cut < end; ++cut) {
      SCOPED_TRACE(fmt::format("{} from {}", how, cut));
      std::string& bytes = fs_.Bytes(TestLogPath(3));
      bytes = whole;
      if (how == std::string("zeros")) {
        Erase(3, cut, end);
      } else {
        bytes.resize(cut);
      }
      const bool same = bytes.substr(0, end) == whole.substr(0, end);
      const RecoveryRun run = Recover(fs_, {3});
      ASSERT_TRUE(run.report.ok()) << run.error();
      EXPECT_EQ(run.last(), same ? 7u : 4u);
      EXPECT_THAT(run.applied, SizeIs(same ? 3 : 2));
      // Whether anything was there is only known when the record's beginning is.
      if (!same && cut > last + 16) {
        ASSERT_TRUE(run.report->torn.has_value());
        EXPECT_EQ(run.report->torn->offset, last);
        EXPECT_EQ(run.report->torn->first_missing, 5u);
        EXPECT_EQ(run.report->torn->file, "000003.wal");
      }
    }
  }
}

TEST_F(LogRecoveryTest, DamageBeforeAWitnessIsCorruptionThatNamesBoth) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  const std::uint64_t hole = log.Append(1);
  log.Append(1);
  const std::uint64_t witness = log.Append(3);
  Damage(3, hole + 30);
  EXPECT_THAT(Recover(fs_, {3}).error(),
              AllOf(HasSubstr("corruption: 000003.wal: offset " + std::to_string(hole)),
                    HasSubstr("seqno 2 is missing"),
                    HasSubstr("record at offset " + std::to_string(witness) + " of 000003.wal"),
                    HasSubstr("up to seqno 3")));
}

TEST_F(LogRecoveryTest, AWitnessInALaterLogCounts) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  const std::uint64_t lost = log.Append(1);
  TestLog next(fs_, 5, log.next());
  const std::uint64_t witness = next.Append(2);
  Erase(3, lost, log.end());
  EXPECT_THAT(Recover(fs_, {3, 5}).error(),
              AllOf(HasSubstr("000003.wal: offset " + std::to_string(lost)),
                    HasSubstr("offset " + std::to_string(witness) + " of 000005.wal")));
}

TEST_F(LogRecoveryTest, ALostSuffixOfBufferedWritesIsCutNotReportedAsDamage) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  const std::uint64_t lost = log.Append(1);
  log.Append(1);
  log.Append(1);
  TestLog next(fs_, 5, log.next());
  next.Append(1);
  next.Append(1);
  Erase(3, lost, lost + 64);  // and what is behind it was written back, out of order
  const RecoveryRun run = Recover(fs_, {3, 5});
  ASSERT_TRUE(run.report.ok()) << run.error();
  EXPECT_EQ(run.last(), 1u);
  ASSERT_TRUE(run.report->torn.has_value());
  EXPECT_EQ(run.report->torn->offset, lost);
  EXPECT_EQ(run.report->torn->dropped_records, 4u);
  EXPECT_THAT(run.log_lines, ::testing::Contains(HasSubstr("cut at offset")));
}

TEST_F(LogRecoveryTest, AGapBetweenLogsIsAHole) {
  TestLog log(fs_, 3, 1);
  log.Append(0, 4);
  TestLog next(fs_, 5, 10);
  next.Append(4);
  RecoveryRun run = Recover(fs_, {3, 5});
  ASSERT_TRUE(run.report.ok()) << run.error();
  EXPECT_EQ(run.last(), 4u);
  EXPECT_EQ(run.report->torn->dropped_records, 1u);

  next.Append(5);  // somebody knew that 5 was durable
  EXPECT_THAT(Recover(fs_, {3, 5}).error(), HasSubstr("seqno 5 is missing"));
}

TEST_F(LogRecoveryTest, AMissingFirstLogIsAHole) {
  TestLog log(fs_, 5, 20);
  log.Append(19);
  EXPECT_THAT(Recover(fs_, {5}, 7).error(),
              AllOf(HasSubstr("seqno 8 is missing"), HasSubstr("begins with seqno 20")));
}

TEST_F(LogRecoveryTest, AGapInsideALogIsCorruptionWhateverIsClaimed) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  const std::string batch = TestBatch(9);
  const LogEntry entry{9, 0, batch};
  ASSERT_TRUE(log.log().Append(std::span(&entry, 1), 0, LogPath::kWritten).ok());
  EXPECT_THAT(Recover(fs_, {3}).error(), HasSubstr("first seqno: expected 2, found 9"));
}

TEST_F(LogRecoveryTest, ASeqnoThatIsGivenTwiceIsCorruption) {
  TestLog log(fs_, 3, 1);
  log.Append(0, 5);
  TestLog next(fs_, 5, 3);
  next.Append(2);
  EXPECT_THAT(Recover(fs_, {3, 5}).error(), HasSubstr("expected 6, found 3"));
}

// Life 1 loses a suffix; life 2 starts again at the cut in a new log, and is acknowledged there;
// life 3 meets the old remains and must not take life 2's claims for witnesses of them.
TEST_F(LogRecoveryTest, AnEarlierRecoverysCutIsNoDamage) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  const std::uint64_t lost = log.Append(1);
  log.Append(1);
  log.Append(1);
  TestLog second(fs_, 4, log.next());
  second.Append(1);
  Erase(3, lost, lost + 64);
  ASSERT_EQ(Recover(fs_, {3, 4}).last(), 1u);

  TestLog life2(fs_, 6, 2);
  life2.Append(1);
  life2.Append(2);
  life2.Append(3);
  const RecoveryRun run = Recover(fs_, {3, 4, 6});
  ASSERT_TRUE(run.report.ok()) << run.error();
  EXPECT_EQ(run.last(), 4u);
  EXPECT_FALSE(run.report->torn.has_value());
  ASSERT_THAT(run.applied, SizeIs(4));
  EXPECT_EQ(run.applied[1].batch, TestBatch(2));
}

TEST_F(LogRecoveryTest, AFileWhosePreparationWasInterruptedIsIgnored) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  const std::string retired = [&] {
    MemoryFileSystem old;
    TestLog before(old, 1, 1);
    before.Append(0);
    before.Append(1);
    return old.Bytes(TestLogPath(1));
  }();
  std::string torn_header = retired;
  torn_header[30] ^= 1;
  // The sector of the first record was being written when the power went, in the former life or
  // while the new file was filled with zeros.
  const auto torn_at_first_record = [](std::string bytes) {
    return bytes.replace(kLogDataStart, 100, std::string(100, 'J'));
  };
  const struct {
    const char* what;
    std::string bytes;
  } kCases[] = {
      {"empty file", ""},
      {"cut before the header's end", retired.substr(0, 40)},
      {"allocated, no header yet", std::string(64 << 10, '\0')},
      {"renamed, the old header still there", retired},
      {"renamed, the header half written", torn_header},
      {"renamed, its old records never synced", torn_at_first_record(retired)},
      {"a torn sector among the zeros", torn_at_first_record(std::string(64 << 10, '\0'))},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    ASSERT_TRUE(fs_.WriteFileSynced(TestLogPath(5), c.bytes).ok());
    const RecoveryRun run = Recover(fs_, {3, 5});
    ASSERT_TRUE(run.report.ok()) << run.error();
    EXPECT_EQ(run.last(), 1u);
    EXPECT_THAT(run.report->never_used, ::testing::ElementsAre("000005.wal"));
    EXPECT_THAT(run.log_lines, ::testing::Contains(HasSubstr("never used")));
  }
}

// A log that was prepared but never used is recycled like a used one. Its new header is synced
// before the directory is, so a power cut can leave that header under the old name.
TEST_F(LogRecoveryTest, AnUnusedLogWhoseNewNameWasLostIsIgnored) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  const TestLog recycled(fs_, 9, 2);
  ASSERT_TRUE(fs_.Rename(TestLogPath(9), TestLogPath(5)).ok());
  const RecoveryRun run = Recover(fs_, {3, 5});
  ASSERT_TRUE(run.report.ok()) << run.error();
  EXPECT_EQ(run.last(), 1u);
  EXPECT_THAT(run.report->never_used, ::testing::ElementsAre("000005.wal"));
}

TEST_F(LogRecoveryTest, ALogThatWasUsedIsNeverIgnored) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  log.Append(1);
  const std::string sound = fs_.Bytes(TestLogPath(3));
  const std::string name = TestLogPath(3);

  Damage(3, 20);
  EXPECT_THAT(Recover(fs_, {3}).error(), AllOf(HasSubstr("corruption"), HasSubstr("000003.wal"),
                                               HasSubstr("its header is damaged")));

  fs_.Bytes(name) = std::string(9000, 'J');
  EXPECT_THAT(Recover(fs_, {3}).error(), HasSubstr("neither empty nor the former life"));

  // Another name: recovery would otherwise take it for a log that is being recycled.
  ASSERT_TRUE(fs_.WriteFileSynced(TestLogPath(7), sound).ok());
  EXPECT_THAT(Recover(fs_, {7}).error(), HasSubstr("name it 000003.wal again"));
  ASSERT_TRUE(fs_.WriteFileSynced(TestLogPath(2), sound).ok());
  EXPECT_THAT(Recover(fs_, {2}).error(), HasSubstr("name it 000003.wal again"));
  fs_.Bytes(TestLogPath(2))[kLogDataStart + 20] ^= 1;  // its second record is still there
  EXPECT_THAT(Recover(fs_, {2}).error(), HasSubstr("name it 000003.wal again"));
}

TEST_F(LogRecoveryTest, ALogOfAnotherDatabaseIsRefused) {
  FileHeader header;
  header.magic = kWalMagic;
  header.identity = {kTestDatabase, 3};
  header.identity.database[0] ^= 1;
  ASSERT_TRUE(fs_.WriteFileSynced(TestLogPath(3), HeaderBlock(header)).ok());
  EXPECT_THAT(Recover(fs_, {3}).error(),
              AllOf(HasSubstr("corruption"), HasSubstr("another database"), HasSubstr("b2f0c2d1"),
                    HasSubstr("b3f0c2d1")));
}

TEST_F(LogRecoveryTest, ALogOfANewerVersionIsRefusedAsSuch) {
  FileHeader header;
  header.magic = kWalMagic;
  header.identity = {kTestDatabase, 3};
  header.incompatible_features = 1u << 31;
  ASSERT_TRUE(fs_.WriteFileSynced(TestLogPath(3), HeaderBlock(header)).ok());
  EXPECT_THAT(Recover(fs_, {3}).error(), HasSubstr("not supported"));
}

TEST_F(LogRecoveryTest, GarbageBehindTheTailChangesNothing) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  log.Append(1);
  const std::uint64_t seed = SeedFromEnvironment(7);
  SCOPED_TRACE(fmt::format("BEACHDB_SEED={}", seed));
  Random random(seed);
  std::string& bytes = fs_.Bytes(TestLogPath(3));
  for (std::size_t i = log.end(); i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(random.Next());
  }
  const RecoveryRun run = Recover(fs_, {3});
  ASSERT_TRUE(run.report.ok()) << run.error();
  EXPECT_EQ(run.last(), 2u);
}

TEST_F(LogRecoveryTest, ALengthBeyondTheFileAllocatesNothing) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  const std::uint64_t end = log.end();
  for (const std::uint32_t length : {0xffffffffu, 0x7fffffffu, 0x40000000u, 70000u}) {
    SCOPED_TRACE(length);
    std::string& bytes = fs_.Bytes(TestLogPath(3));
    StoreFixed32(bytes.data() + end, 1);
    StoreFixed32(bytes.data() + end + 4, length);
    StoreFixed32(bytes.data() + end + 8, 1);
    StoreFixed32(bytes.data() + end + 12, 3);
    const RecoveryRun run = Recover(fs_, {3});
    ASSERT_TRUE(run.report.ok()) << run.error();
    EXPECT_EQ(run.last(), 1u);
    EXPECT_EQ(run.report->torn->offset, end);
  }
}

// Every record but the last has a witness behind it, so every flip is seen, wherever it is.
TEST_F(LogRecoveryTest, NoFlippedByteEverYieldsWrongDataOrASilentLoss) {
  TestLog log(fs_, 3, 1);
  std::uint64_t last = 0;
  for (Seqno durable = 0; durable < 4; ++durable) last = log.Append(durable);
  const std::string whole = fs_.Bytes(TestLogPath(3));
  for (std::uint64_t at = 0; at < log.end(); ++at) {
    for (const int mask : {0x01, 0x80, 0xff}) {
      SCOPED_TRACE(fmt::format("byte {} xor {:#x}", at, mask));
      fs_.Bytes(TestLogPath(3)) = whole;
      fs_.Bytes(TestLogPath(3))[at] = static_cast<char>(whole[at] ^ mask);
      const RecoveryRun run = Recover(fs_, {3});
      for (std::size_t i = 0; i < run.applied.size(); ++i) {
        ASSERT_EQ(run.applied[i].batch, TestBatch(i + 1));
      }
      if (at < last) {
        ASSERT_FALSE(run.report.ok()) << "damage before a witness";
        EXPECT_THAT(run.error(), HasSubstr("000003.wal"));
      } else {
        ASSERT_TRUE(run.report.ok()) << run.error();
        EXPECT_EQ(run.last(), 3u);
        EXPECT_TRUE(run.report->torn.has_value() || at < last + kRecordHeaderSize);
      }
    }
  }
}

TEST_F(LogRecoveryTest, EveryTruncationLeavesAPrefix) {
  TestLog log(fs_, 3, 1);
  std::vector<std::uint64_t> ends;
  for (int i = 0; i < 4; ++i) {
    log.Append(0);
    ends.push_back(log.end());
  }
  const std::string whole = fs_.Bytes(TestLogPath(3));
  for (std::uint64_t size = 0; size <= log.end(); ++size) {
    SCOPED_TRACE(size);
    fs_.Bytes(TestLogPath(3)) = whole.substr(0, size);
    const RecoveryRun run = Recover(fs_, {3});
    ASSERT_TRUE(run.report.ok()) << run.error();
    const auto kept =
        std::count_if(ends.begin(), ends.end(), [&](auto end) { return end <= size; });
    EXPECT_EQ(run.last(), static_cast<Seqno>(kept));
  }
}

TEST_F(LogRecoveryTest, ImpossibleContentsUnderARightChecksumAreCorruption) {
  const RecordWriter writer({kTestDatabase, 3});
  const auto payload = [](Seqno first, Seqno durable, std::string_view batch) {
    std::string bytes(kLogEntryHeaderSize, '\0');
    StoreLogEntryHeader(bytes.data(), first, durable, 0);
    return bytes.append(batch);
  };
  const struct {
    const char* want;
    RecordType type;
    std::string payload;
  } kCases[] = {
      {"a record of type 3 in a log", RecordType::kManifestEdit, payload(1, 0, TestBatch(1))},
      {"expected at least 28 bytes, found 24", RecordType::kBatch, payload(1, 0, "")},
      {"first seqno 0", RecordType::kBatch, payload(0, 0, TestBatch(1))},
      {"is impossible", RecordType::kBatch, payload(kMaxSeqno, 0, TestBatch(1))},
      {"durable seqno: expected below", RecordType::kBatch, payload(1, 1, TestBatch(1))},
      {"bytes are left over", RecordType::kBatch, payload(1, 0, TestBatch(1) + "x")},
  };
  TestLog log(fs_, 3, 1);
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.want);
    std::string record;
    writer.AppendTo(record, kLogDataStart, c.type, c.payload);
    fs_.Bytes(TestLogPath(3)).replace(kLogDataStart, record.size(), record);
    const RecoveryRun run = Recover(fs_, {3});
    EXPECT_THAT(run.error(),
                AllOf(HasSubstr("corruption"), HasSubstr("offset 4096"), HasSubstr(c.want)));
    EXPECT_THAT(run.applied, SizeIs(0));
  }
}

TEST_F(LogRecoveryTest, AnErrorOfTheCallerStopsRecovery) {
  TestLog log(fs_, 3, 1);
  log.Append(0);
  log.Append(1);
  int calls = 0;
  const Logger logger([](LogLevel, std::string_view) {});
  const std::vector<std::uint64_t> numbers = {3};
  const auto report = RecoverLogs(fs_, kTestDirectory, kTestDatabase, numbers, 0, logger,
                                  [&](Seqno, std::uint64_t, std::string_view) -> Status {
                                    ++calls;
                                    return Error(Code::kNoSpace, "memory");
                                  });
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code(), Code::kNoSpace);
  EXPECT_EQ(calls, 1);
}

TEST_F(LogRecoveryTest, EmptyBatchesCarryTheirAppliedIndex) {
  TestLog log(fs_, 3, 1);
  log.Append(0, 2, 5);
  log.Append(0, 0, 6);
  log.Append(0, 0, 7);
  log.Append(0, 1, 8);
  const RecoveryRun run = Recover(fs_, {3});
  ASSERT_TRUE(run.report.ok()) << run.error();
  EXPECT_EQ(run.last(), 3u);
  EXPECT_EQ(run.report->applied_index, 8u);
  EXPECT_THAT(run.applied, SizeIs(4));
  // In tables up to 2: the empty ones may not be, so they are applied (again).
  EXPECT_THAT(Recover(fs_, {3}, 2).applied, SizeIs(3));
}

// Power cuts at random, over several lives: every promise is kept, and what comes back is a prefix.
TEST_F(LogRecoveryTest, PowerCutsLoseNothingThatWasSyncedAndMakeNoHoles) {
  const std::uint64_t first_seed = SeedFromEnvironment(1);
  for (std::uint64_t seed = first_seed; seed < first_seed + 60; ++seed) {
    SCOPED_TRACE(fmt::format("BEACHDB_SEED={}", seed));
    Random random(seed);
    MemoryFileSystem fs;
    std::vector<std::uint64_t> numbers;
    std::vector<std::string> batches = {""};  // by first seqno; batches of one operation
    Seqno durable = 0;
    Seqno in_tables = 0;
    std::uint64_t number = 1;
    for (int life = 0; life < 5; ++life) {
      const RecoveryRun run = Recover(fs, numbers, in_tables);
      ASSERT_TRUE(run.report.ok()) << run.error();
      ASSERT_GE(run.last(), durable) << "life " << life;
      ASSERT_LT(run.last(), batches.size());
      for (const Applied& a : run.applied) ASSERT_EQ(a.batch, batches[a.first]);
      ASSERT_THAT(run.applied, SizeIs(run.last() - in_tables));
      batches.resize(run.last() + 1);
      // A database would have put all of it into tables, and told the manifest.
      durable = in_tables = run.last();
      numbers.clear();
      Seqno promised = durable;
      std::vector<std::unique_ptr<TestLog>> logs;
      for (int i = 0; i < 3; ++i) {
        numbers.push_back(++number);
        logs.push_back(std::make_unique<TestLog>(fs, number, batches.size(), 16 << 10));
        for (std::uint64_t appends = random.Uniform(20); appends > 0; --appends) {
          // Of all sizes, so that they tear at sectors.
          const Seqno seqno = batches.size();
          batches.push_back(TestBatch(random.Uniform(1000000), 1, random.Uniform(600)));
          const LogEntry entry{seqno, 0, batches.back()};
          ASSERT_TRUE(
              logs.back()->log().Append(std::span(&entry, 1), promised, LogPath::kWritten).ok());
          if (!random.OneIn(6)) continue;
          for (const auto& log : logs) ASSERT_TRUE(log->log().Sync().ok());
          promised = seqno;
        }
      }
      durable = promised;
      logs.clear();
      fs.CutPower(MemoryFileSystem::Unsynced::kTorn, random);
    }
  }
}

}  // namespace
}  // namespace beachdb
