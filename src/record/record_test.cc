// The frame: what is written is read back, and every kind of damage is named, never returned.
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/random.h"
#include "io/fault_file_system.h"
#include "record/record_reader.h"
#include "record/record_writer.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

using ::testing::HasSubstr;

constexpr FileIdentity kFile = {{0xb3, 0xf0, 0xc2, 0xd1}, 7};
const std::string kPath = "db/000007.wal";

class RecordTest : public ::testing::Test {
 protected:
  // Opens a file of these bytes; records begin at its start.
  RecordReader Open(const std::string& bytes, const FileIdentity& identity = kFile) {
    EXPECT_TRUE(fs_.WriteFileSynced(kPath, bytes).ok());
    auto file = fs_.Open(kPath, OpenMode::kRead, IoMode::kBuffered);
    EXPECT_TRUE(file.ok());
    file_ = std::move(file).value();
    return RecordReader::Open(*file_, identity, 0).value();
  }

  static void Append(std::string& bytes, std::string_view payload,
                     const FileIdentity& identity = kFile) {
    RecordWriter(identity).AppendTo(bytes, bytes.size(), RecordType::kBatch, payload);
  }

  static std::vector<std::string> ReadAll(RecordReader& reader) {
    std::vector<std::string> payloads;
    Record record;
    while (true) {
      const auto found = reader.Next(record);
      EXPECT_TRUE(found.ok());
      if (!found.ok() || !*found) return payloads;
      payloads.emplace_back(record.payload);
    }
  }

  MemoryFileSystem fs_;
  std::unique_ptr<File> file_;
};

TEST_F(RecordTest, RecordsOfEverySizeComeBackAtTheirOffsets) {
  std::string bytes;
  std::vector<std::string> payloads;
  for (std::size_t size = 0; size < 70; ++size)
    payloads.emplace_back(size, static_cast<char>(size));
  payloads.emplace_back(RecordReader::kChunkSize - 5, 'x');  // straddles the reader's chunks
  payloads.emplace_back(3 * RecordReader::kChunkSize + 1, 'y');
  payloads.emplace_back("z");
  std::vector<std::uint64_t> offsets;
  for (const std::string& payload : payloads) {
    offsets.push_back(bytes.size());
    Append(bytes, payload);
    ASSERT_EQ(bytes.size(), offsets.back() + RecordSize(payload.size()));
    ASSERT_EQ(bytes.size() % kRecordAlignment, 0u);
  }
  RecordReader reader = Open(bytes);
  Record record;
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    ASSERT_TRUE(reader.Next(record).value());
    ASSERT_EQ(record.payload, payloads[i]);
    ASSERT_EQ(record.offset, offsets[i]);
    ASSERT_EQ(record.type, RecordType::kBatch);
  }
  EXPECT_FALSE(reader.Next(record).value());
  EXPECT_EQ(reader.stop().fault, RecordFault::kEndOfFile);
  EXPECT_EQ(reader.stop().offset, bytes.size());
  EXPECT_FALSE(reader.Next(record).value()) << "and it stays so";
}

TEST_F(RecordTest, EqualInputMakesEqualBytesWhateverStoodThere) {
  const RecordWriter writer(kFile);
  std::string dirty(RecordSize(21), '\xff');
  std::string clean(RecordSize(21), '\0');
  const std::string body(11, 'b');
  writer.Encode(dirty.data(), 64, RecordType::kManifestEdit, "0123456789", body);
  writer.Encode(clean.data(), 64, RecordType::kManifestEdit, "0123456789", body);
  EXPECT_EQ(dirty, clean);
}

TEST_F(RecordTest, DamageIsNamedAndNeverReturnedAsData) {
  std::string sound;
  Append(sound, "first");
  const std::size_t second = sound.size();
  Append(sound, "the second one");
  const auto flip = [&](std::size_t at, int mask) {
    std::string bytes = sound;
    bytes[second + at] = static_cast<char>(bytes[second + at] ^ mask);
    return bytes;
  };
  const auto cut = [&](std::size_t size) { return sound.substr(0, second + size); };
  const auto with_length = [&](std::uint32_t length) {
    std::string bytes = sound;
    StoreFixed32(bytes.data() + second + 4, length);
    return bytes;
  };
  // clang-format off
  const struct { const char* damage; std::string bytes; RecordFault want; } kCases[] = {
      {"nothing more",          cut(0),              RecordFault::kEndOfFile},
      {"less than a header",    cut(7),              RecordFault::kCutShort},
      {"header only",           cut(16),             RecordFault::kCutShort},
      {"one byte short",        cut(31),             RecordFault::kCutShort},
      {"zeros, no header fits", cut(0) + std::string(15, '\0'), RecordFault::kEndOfFile},
      {"zeros",                 cut(0) + std::string(64, '\0'), RecordFault::kZeros},
      {"checksum",              flip(0, 1),          RecordFault::kBadChecksum},
      {"length, off by one",    flip(4, 1),          RecordFault::kBadChecksum},
      {"length beyond the file",with_length(17),     RecordFault::kCutShort},
      {"length beyond limits",  with_length(~0u),    RecordFault::kBadLength},
      {"type zero",             flip(8, 1),          RecordFault::kBadType},
      {"type unknown",          flip(8, 0x40),       RecordFault::kBadType},
      {"another type",          flip(8, 2),          RecordFault::kBadChecksum},
      {"reserved byte",         flip(10, 1),         RecordFault::kBadReserved},
      {"number",                flip(12, 1),         RecordFault::kStale},
      {"payload",               flip(20, 0x80),      RecordFault::kBadChecksum},
      {"padding",               flip(31, 1),         RecordFault::kBadPadding},
  };
  // clang-format on
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.damage);
    RecordReader reader = Open(c.bytes);
    EXPECT_THAT(ReadAll(reader), ::testing::ElementsAre("first"));
    EXPECT_EQ(reader.stop().fault, c.want) << reader.stop().message;
    EXPECT_EQ(reader.stop().offset, second);
    EXPECT_THAT(reader.stop().message, HasSubstr(fmt::format("000007.wal: offset {}: ", second)));
    EXPECT_THAT(reader.stop().message, HasSubstr(RecordFaultName(c.want)));
  }
}

TEST_F(RecordTest, ARecordPassesOnlyInItsOwnFileAtItsOwnOffset) {
  std::string bytes;
  Append(bytes, "payload");
  FileIdentity other = kFile;
  other.database[15] ^= 1;
  RecordReader elsewhere = Open(bytes, other);
  EXPECT_TRUE(ReadAll(elsewhere).empty());
  EXPECT_EQ(elsewhere.stop().fault, RecordFault::kBadChecksum);

  // The same low 32 bits of the number.
  other = kFile;
  other.number += std::uint64_t{1} << 32;
  RecordReader renumbered = Open(bytes, other);
  EXPECT_TRUE(ReadAll(renumbered).empty());

  RecordReader moved = Open(bytes + bytes);
  EXPECT_EQ(ReadAll(moved).size(), 1u);
  EXPECT_EQ(moved.stop().fault, RecordFault::kBadChecksum);
}

TEST_F(RecordTest, ZerosAreNeverARecordWhateverTheFilesNumber) {
  const FileIdentity round = {kFile.database, std::uint64_t{1} << 32};  // low bits zero
  RecordReader reader = Open(std::string(4096, '\0'), round);
  EXPECT_TRUE(ReadAll(reader).empty());
  EXPECT_EQ(reader.FindNextValid(0).value(), std::nullopt);
}

TEST_F(RecordTest, TheNextValidRecordIsFoundBehindDamage) {
  const std::uint64_t seed = SeedFromEnvironment(3);
  SCOPED_TRACE(fmt::format("BEACHDB_SEED={}", seed));
  Random random(seed);
  for (int round = 0; round < 50; ++round) {
    std::string bytes;
    Append(bytes, "first");
    const std::size_t damage = bytes.size();
    for (std::uint64_t n = 8 * random.Uniform(400); n > 0; --n) {
      bytes += static_cast<char>(random.Next());
    }
    const bool any = random.OneIn(2);
    const std::size_t next = bytes.size();
    if (any) Append(bytes, "found");
    RecordReader reader = Open(bytes);
    const auto found = reader.FindNextValid(damage - 8 * random.Uniform(2));
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(*found, any ? std::optional<std::uint64_t>(next) : std::nullopt);
    EXPECT_EQ(any ? ReadAll(reader).size() : 0, any ? 1u : 0u) << "the reader stands at it";
  }
}

TEST_F(RecordTest, TheSearchSeesRecordsAcrossItsChunks) {
  for (const std::size_t gap : {16, 8, 0}) {
    std::string bytes(RecordReader::kChunkSize - gap, '\1');
    const std::size_t at = bytes.size();
    Append(bytes, std::string(100, 'x'));
    RecordReader reader = Open(bytes);
    EXPECT_EQ(reader.FindNextValid(0).value(), std::optional<std::uint64_t>(at)) << gap;
  }
}

// A log is allocated long before it is used.
TEST_F(RecordTest, TheSearchReadsNothingThatWasNeverWritten) {
  const std::uint64_t seed = SeedFromEnvironment(5);
  SCOPED_TRACE(fmt::format("BEACHDB_SEED={}", seed));
  Random random(seed);
  FaultFileSystem counting(fs_);
  for (int round = 0; round < 100; ++round) {
    std::string bytes;
    Append(bytes, "first");
    bytes.resize(bytes.size() + 8 * random.Uniform(1u << 14));
    const std::size_t next = bytes.size();
    const bool any = random.OneIn(2);
    if (any) Append(bytes, std::string(random.Uniform(2), '\0'));
    bytes.resize(bytes.size() + 8 * random.Uniform(1u << 14));
    ASSERT_TRUE(fs_.WriteFileSynced(kPath, bytes).ok());
    auto file = counting.Open(kPath, OpenMode::kRead, IoMode::kBuffered).value();
    RecordReader reader = RecordReader::Open(*file, kFile, 0).value();
    ASSERT_EQ(ReadAll(reader).size(), any && next == RecordSize(5) ? 2u : 1u);
    const std::uint64_t from = reader.offset();
    counting.StartRecording();
    const auto found = reader.FindNextValid(from).value();
    const std::size_t reads = counting.StopRecording().size();
    ASSERT_EQ(found, any && next >= from ? std::optional<std::uint64_t>(next) : std::nullopt);
    EXPECT_LE(reads, 2u);
  }
}

// Values may hold look-alikes of records, here one every 16 bytes, each claiming all that follows.
TEST_F(RecordTest, TheSearchGivesUpRatherThanCheckingLookAlikesForEver) {
  std::string bytes;
  const std::size_t size = 2 << 20;
  while (bytes.size() < size) {
    const std::size_t at = bytes.size();
    bytes.resize(at + 16);
    StoreFixed32(bytes.data() + at, 1);
    StoreFixed32(bytes.data() + at + 4, static_cast<std::uint32_t>(size - at - 16));
    StoreFixed32(bytes.data() + at + 8, 1);
    StoreFixed32(bytes.data() + at + 12, 7);
  }
  RecordReader reader = Open(bytes);
  const auto found = reader.FindNextValid(0);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code(), Code::kCorruption);
  EXPECT_THAT(found.error().message(), HasSubstr("look-alikes"));
}

// Or of nothing but a record's number, in an array of numbers, say. To look at one costs no read.
TEST_F(RecordTest, TheSearchReadsLookAlikesOnce) {
  constexpr std::size_t kChunks = 4;
  std::string bytes(kChunks * RecordReader::kChunkSize, '\0');
  for (std::size_t at = 4; at < bytes.size(); at += 8) {
    StoreFixed32(bytes.data() + at, static_cast<std::uint32_t>(kFile.number));
  }
  ASSERT_TRUE(fs_.WriteFileSynced(kPath, bytes).ok());
  FaultFileSystem counting(fs_);
  auto file = counting.Open(kPath, OpenMode::kRead, IoMode::kBuffered).value();
  RecordReader reader = RecordReader::Open(*file, kFile, 0).value();
  counting.StartRecording();
  EXPECT_EQ(reader.FindNextValid(0).value(), std::nullopt);
  EXPECT_LE(counting.StopRecording().size(), kChunks + 1);
}

TEST_F(RecordTest, AnErrorWhileReadingIsAnErrorNotAnEnd) {
  std::string bytes;
  Append(bytes, "payload");
  RecordReader reader = Open(bytes);
  fs_.Bytes(kPath).resize(8);  // between opening and reading
  Record record;
  const auto found = reader.Next(record);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code(), Code::kIoError);
  EXPECT_THAT(found.error().message(), HasSubstr("shrank"));
}

}  // namespace
}  // namespace beachdb
