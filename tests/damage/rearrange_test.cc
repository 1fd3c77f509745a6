// Files of small databases cut, continued, zeroed, rearranged, exchanged, lost: noticed, or
// provably without meaning.
//
//   BEACHDB_DAMAGE=full   every length of every file, every pair of blocks (default: a part of
//   them) BEACHDB_SEED=n        another database of each kind
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "beachdb/db.h"
#include "format/file_names.h"
#include "tests/damage/anatomy.h"
#include "tests/damage/campaign.h"
#include "tests/damage/tally.h"
#include "tests/damage/world.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kBlock = 64;  // bytes: small, so that small files have many

// What an error may name when this file is damaged. A manifest that has lost edits is noticed by
// what it says of other files.
std::vector<std::string> MayBeNamed(const Sample& sample, const Anatomy& anatomy,
                                    const std::string& file) {
  std::vector<std::string> names = {file};
  if (anatomy.RoleOf(file) == Role::kManifest) {
    for (const auto& [other, contents] : sample.image) names.push_back(other);
  }
  return names;
}

class Rearranger {
 public:
  Rearranger(const Sample& sample, Tally& tally)
      : sample_(sample), anatomy_(sample), tally_(tally) {}

  void CutEverywhere() {
    for (const auto& [file, plan] : anatomy_.files()) {
      const std::uint64_t size = sample_.SizeOf(file);
      for (std::uint64_t at = 0; at < size; at += Stride(plan, at)) Cut(file, at);
      for (const Piece& piece : plan.pieces) {
        for (const std::uint64_t at : {piece.offset, piece.end - 1, piece.end}) {
          if (at < size) Cut(file, at);
        }
      }
    }
  }

  void ContinueWithGarbage(Random& random) {
    for (const auto& [file, plan] : anatomy_.files()) {
      for (const std::size_t more : {1u, 8u, 100u, 5000u}) {
        std::string bytes = sample_.Bytes(file);
        for (std::size_t i = 0; i < more; ++i) bytes += static_cast<char>(random.Next());
        Try(fmt::format("{}: {} bytes of garbage behind it", file, more),
            {{file, sample_.SizeOf(file), UINT64_MAX}},
            With(sample_.image, file, std::move(bytes)));
      }
    }
  }

  // Zeroes each block; exchanges each with later ones of this file and with the same of others.
  void MoveBlocks() {
    const std::uint64_t step = FullCampaign() ? 1 : 7;
    for (const auto& [file, plan] : anatomy_.files()) {
      const std::string bytes = sample_.Bytes(file);
      const std::uint64_t blocks = std::min<std::uint64_t>(bytes.size() / kBlock, 150);
      for (std::uint64_t a = 0; a < blocks; ++a) {
        Overwrite(file, bytes, a, std::string(kBlock, '\0'), "zero");
        for (std::uint64_t b = a + 1; b < blocks; b += step) Exchange(file, bytes, a, b);
      }
      for (const auto& [other, contents] : sample_.image) {
        const std::string from = sample_.Bytes(other);
        for (std::uint64_t a = 0; other != file && a < blocks; a += step) {
          if ((a + 1) * kBlock > from.size()) break;
          Overwrite(file, bytes, a, from.substr(a * kBlock, kBlock), "from " + other + ",");
        }
      }
    }
  }

  void ExchangeFiles(const Sample& twin) {
    for (const auto& [file, contents] : sample_.image) {
      // With those of a database of the same history: the same names.
      if (twin.image.contains(file)) Replace(file, twin.Bytes(file), "of another database");
      // With each other.
      for (const auto& [other, unused] : sample_.image) {
        if (other == file || sample_.Bytes(other) == sample_.Bytes(file)) continue;
        Replace(file, sample_.Bytes(other), "a copy of " + other);
      }
    }
  }

  void LoseFiles() {
    for (const auto& [file, contents] : sample_.image) {
      Try(file + ": deleted", {{file}}, Without(sample_.image, file));
      if (contents.size > 0) Try(file + ": empty", {{file}}, With(sample_.image, file, ""));
      if (contents.stored->empty()) continue;
      Try(file + ": all zeros", {{file}},
          With(sample_.image, file, std::string(contents.size, '\0')));
    }
  }

  const Anatomy& anatomy() const { return anatomy_; }

 private:
  std::uint64_t Stride(const FilePlan& plan, std::uint64_t at) const {
    if (plan.role == Role::kLeftover) return 1021;
    // The middle of a large value, and the block of a log's header.
    for (const Piece& piece : plan.pieces) {
      if (at >= piece.offset + 512 && at + 1024 < piece.end) return FullCampaign() ? 61 : 509;
    }
    if (plan.role == Role::kLog && at > 128 && at < 4000) return 61;
    if (FullCampaign()) return 1;
    if (plan.role == Role::kLog && !plan.pieces.empty())
      return at > plan.pieces.back().end ? 61 : 5;
    return plan.role == Role::kTable ? 11 : 1;
  }

  void Cut(const std::string& file, std::uint64_t at) {
    Try(fmt::format("{}: cut to {} bytes", file, at), {{file, at, UINT64_MAX}},
        WithSize(sample_.image, file, at));
  }

  void Overwrite(const std::string& file, const std::string& bytes, std::uint64_t block,
                 const std::string& with, const std::string& how) {
    const std::uint64_t at = block * kBlock;
    if (bytes.compare(at, kBlock, with) == 0) return;
    std::string damaged = bytes;
    damaged.replace(at, kBlock, with);
    Try(fmt::format("{}: {} at {}", file, how, at), {{file, at, at + kBlock}},
        With(sample_.image, file, std::move(damaged)));
  }

  void Exchange(const std::string& file, const std::string& bytes, std::uint64_t a,
                std::uint64_t b) {
    const std::string first = bytes.substr(a * kBlock, kBlock);
    const std::string second = bytes.substr(b * kBlock, kBlock);
    if (first == second) return;
    std::string damaged = bytes;
    damaged.replace(a * kBlock, kBlock, second).replace(b * kBlock, kBlock, first);
    Try(fmt::format("{}: blocks at {} and {} exchanged", file, a * kBlock, b * kBlock),
        {{file, a * kBlock, (a + 1) * kBlock}, {file, b * kBlock, (b + 1) * kBlock}},
        With(sample_.image, file, std::move(damaged)));
  }

  void Replace(const std::string& file, std::string bytes, const std::string& by) {
    if (bytes == sample_.Bytes(file)) return;
    Try(fmt::format("{}: replaced by {}", file, by), {{file}},
        With(sample_.image, file, std::move(bytes)));
  }

  void Try(std::string what, const std::vector<Range>& ranges, Image image) {
    const std::string& file = ranges.front().file;
    std::vector<std::string> names = MayBeNamed(sample_, anatomy_, file);
    // A log that is gone is noticed where its writes are missing.
    if (anatomy_.RoleOf(file) == Role::kLog && !image.contains(file)) names.emplace_back(".wal");
    // Whose identity is wrong is seen where it is compared.
    if (anatomy_.RoleOf(file) == Role::kIdentity) names.push_back(sample_.LiveManifest());
    tally_.Try(sample_,
               {.what = std::move(what),
                .files = std::move(names),
                .image = std::move(image),
                .older = anatomy_.OlderFor(ranges)},
               anatomy_.WhyHarmless(ranges));
  }

  const Sample& sample_;
  const Anatomy anatomy_;
  Tally& tally_;
};

TEST(DamageTest, AFileCutAtAnyLengthIsNoticedOrLosesOnlyWhatNothingVouchesFor) {
  const std::uint64_t seed = AnnounceSeed();
  Tally tally;
  for (const Sample& sample : MakeSamples(seed)) Rearranger(sample, tally).CutEverywhere();
  tally.Print("damage_truncations", fmt::format("seed={}", seed));
}

TEST(DamageTest, GarbageBehindAFileIsNoticedOrIgnored) {
  const std::uint64_t seed = AnnounceSeed();
  Random random(seed);
  Tally tally;
  for (const Sample& sample : MakeSamples(seed)) {
    Rearranger(sample, tally).ContinueWithGarbage(random);
  }
  tally.Print("damage_garbage", fmt::format("seed={}", seed));
}

TEST(DamageTest, BlocksZeroedOrAtTheWrongPlaceAreNoticed) {
  const std::uint64_t seed = AnnounceSeed();
  Tally tally;
  for (const Sample& sample : MakeSamples(seed)) Rearranger(sample, tally).MoveBlocks();
  tally.Print("damage_blocks", fmt::format("seed={}", seed));
}

TEST(DamageTest, FilesOfAnotherDatabaseOrOfAnotherNameAreNoticed) {
  const std::uint64_t seed = AnnounceSeed();
  Tally tally;
  const auto samples = MakeSamples(seed);
  const auto twins = MakeSamples(seed + 1);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Rearranger(samples[i], tally).ExchangeFiles(twins[i]);
  }
  tally.Print("damage_exchanged", fmt::format("seed={}", seed));
}

TEST(DamageTest, FilesThatAreGoneEmptyOrZeroedAreNoticed) {
  const std::uint64_t seed = AnnounceSeed();
  Tally tally;
  for (const Sample& sample : MakeSamples(seed)) Rearranger(sample, tally).LoseFiles();
  tally.Print("damage_lost", fmt::format("seed={}", seed));
}

// Where the two differ, zeros being behind the end of each.
std::uint64_t FirstDifference(const std::string& a, const std::string& b) {
  for (std::uint64_t at = 0;; ++at) {
    if ((at < a.size() ? a[at] : '\0') != (at < b.size() ? b[at] : '\0')) return at;
  }
}

// A file of yesterday in the database of today: what a restored backup of a single file looks like.
TEST(DamageTest, AnOlderCopyOfAFileIsNoticedOrLosesOnlyWhatNothingVouchesFor) {
  const std::uint64_t seed = AnnounceSeed();
  Tally tally;
  for (const Sample& sample : MakeSamples(seed)) {
    const Anatomy anatomy(sample);
    for (const Image& earlier : sample.earlier) {
      for (const auto& [file, contents] : earlier) {
        const auto now = sample.image.find(file);
        if (now == sample.image.end() || *now->second.stored == *contents.stored) continue;
        Image image = sample.image;
        image[file].stored = contents.stored;
        image[file].size = std::max(contents.size, contents.stored->size());
        // All that the two do not have in common is lost.
        const std::uint64_t from = FirstDifference(*contents.stored, *now->second.stored);
        const std::vector<Range> lost = {{file, from}};
        tally.Try(sample,
                  {.what = file + ": an older copy",
                   .files = MayBeNamed(sample, anatomy, file),
                   .image = image,
                   .older = anatomy.OlderFor(lost)},
                  anatomy.RoleOf(file) == Role::kCurrent
                      ? "CURRENT of before a rotation, whose MANIFEST is still there"
                      : anatomy.WhyHarmless(lost));
      }
    }
  }
  tally.Print("damage_older_copies", fmt::format("seed={}", seed));
}

TEST(DamageTest, ForeignFilesAreNeverTouchedAndLeftoversOfOursGo) {
  const std::uint64_t seed = AnnounceSeed();
  const std::string junk = "not a file of ours";
  for (const Sample& sample : MakeSamples(seed)) {
    SCOPED_TRACE(sample.name);
    Image image = sample.image;
    const std::vector<std::string> foreign = {
        "notes.txt",      "7.sst",   "000007.sst.bak",   "MANIFEST",
        "0000000007.sst", "current", "MANIFEST-000001.", ".000009.wal"};
    const std::vector<std::string> leftovers = {"000990.sst", "MANIFEST-000991", "CURRENT.tmp"};
    for (const auto& name : foreign) image = With(image, name, junk);
    for (const auto& name : leftovers) image = With(image, name, junk);
    ImageFileSystem fs(image);
    OneThreadWorld world(fs);
    Options options = sample.options;
    options.environment = &world;
    {
      auto db = Db::Open("db", options);
      ASSERT_TRUE(db.ok()) << db.error().ToString();
      ASSERT_TRUE(db->Put("new", "value").ok());
      ASSERT_TRUE(db->Close().ok());
    }
    const Image after = fs.Capture();
    for (const auto& name : foreign) EXPECT_TRUE(after.contains(name)) << name << " is gone";
    for (const auto& name : leftovers) EXPECT_FALSE(after.contains(name)) << name << " is there";
    for (const auto& [name, contents] : after) {
      const auto parsed = ParseFileName(name);
      if (!parsed) continue;
      EXPECT_TRUE(parsed->number < 990 || parsed->number > 991) << "used again: " << name;
    }
  }
}

// The number of a log says that it is new, so it cannot be a leftover.
TEST(DamageTest, AStrangeLogIsRefusedByName) {
  for (const Sample& sample : MakeSamples(AnnounceSeed())) {
    const Verdict verdict =
        Judge(sample, {.what = "a strange log",
                       .files = {"000990.wal"},
                       .image = With(sample.image, "000990.wal", std::string(5000, 'x'))});
    EXPECT_EQ(verdict.outcome, Outcome::kDetected) << sample.name << ": " << verdict.why;
  }
}

}  // namespace
}  // namespace beachdb
