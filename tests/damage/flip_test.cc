// Every byte of every file of small databases, flipped: noticed, or provably without meaning.
//
//   BEACHDB_DAMAGE=full   all 8 bits of every byte (default: one bit,
//                         rotating through the 8 positions, of every byte of CURRENT, IDENTITY and
//                         MANIFEST, of every third of logs and every fifth of tables)
//   BEACHDB_SEED=n        another database of each kind
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/damage/anatomy.h"
#include "tests/damage/campaign.h"
#include "tests/damage/tally.h"

namespace beachdb {
namespace {

class Flips {
 public:
  Flips(const Sample& sample, Tally& tally) : sample_(sample), anatomy_(sample), tally_(tally) {}

  void Run() {
    for (const auto& [file, plan] : anatomy_.files()) {
      for (std::uint64_t at = 0; at < sample_.SizeOf(file); at += Step(plan, at)) {
        const unsigned first = static_cast<unsigned>(at * 5 % 8);
        for (unsigned i = 0; i < (FullCampaign() ? 8u : 1u); ++i) Flip(file, at, (first + i) % 8);
      }
    }
  }

 private:
  // To the next byte to flip.
  std::uint64_t Step(const FilePlan& plan, std::uint64_t at) const {
    // The middle of a large value.
    for (const Piece& piece : plan.pieces) {
      if (at >= piece.offset + 512 && at + 512 < piece.end) return FullCampaign() ? 61 : 509;
    }
    // The space that a log has not used yet: all of its beginning, samples of the rest.
    if (plan.role == Role::kLog && !plan.pieces.empty()) {
      const std::uint64_t end = plan.pieces.back().end;
      if (at >= end + 256) return FullCampaign() ? 1021 : 65'521;
      if (at >= kFileHeader && at < kLogData - 1 && !FullCampaign()) return 37;
      if (!FullCampaign()) return 3;
    }
    if (plan.role == Role::kLeftover && !FullCampaign()) return 101;
    if (plan.role == Role::kLeftover && plan.pieces.empty() && at >= kLogData) return 1021;
    return plan.role == Role::kTable && !FullCampaign() ? 5 : 1;
  }

  void Flip(const std::string& file, std::uint64_t at, unsigned bit) {
    tally_.Try(sample_,
               {.what = fmt::format("{}: flip bit {} at offset {}", file, bit, at),
                .files = {file},
                .image = WithFlip(sample_.image, file, at, bit),
                .older = anatomy_.OlderFor({{file, at, at + 1}}),
                .compact = cases_++ % 5 == 0},
               anatomy_.WhyHarmless(file, at));
  }

  static constexpr std::uint64_t kFileHeader = 64;
  static constexpr std::uint64_t kLogData = 4096;

  const Sample& sample_;
  const Anatomy anatomy_;
  Tally& tally_;
  std::uint64_t cases_ = 0;
};

TEST(DamageTest, EveryFlippedBitIsNoticedOrWithoutMeaning) {
  const std::uint64_t seed = AnnounceSeed();
  Tally tally;
  std::uint64_t files = 0;
  for (const Sample& sample : MakeSamples(seed)) {
    SCOPED_TRACE(sample.name);
    Flips(sample, tally).Run();
    files += sample.image.size();
  }
  tally.Print("damage_flips", fmt::format("files={} seed={}", files, seed));
}

// A block holds one key here, so a damaged one may cost two of 400 at most: its own, and that of
// the next block for a walk that comes through it.
TEST(DamageTest, OnlyTheKeysOfADamagedBlockAreUnreadable) {
  const std::uint64_t seed = AnnounceSeed();
  const Sample sample = MakeLargeSample(seed);
  const Anatomy anatomy(sample);
  Random random(seed);
  Tally tally;
  for (const auto& [file, plan] : anatomy.files()) {
    if (plan.role != Role::kTable) continue;
    // Behind the last data block stand filter, index, properties and footer.
    const std::uint64_t data_end = sample.SizeOf(file) - 3000;
    for (int i = 0; i < (FullCampaign() ? 200 : 15); ++i) {
      const std::uint64_t at = 64 + random.Uniform(data_end - 64);
      tally.Try(sample,
                {.what = fmt::format("{}: flip at {}", file, at),
                 .files = {file},
                 .image = WithFlip(sample.image, file, at, static_cast<unsigned>(at % 8)),
                 .failing_gets_max = 2},
                nullptr);
    }
  }
  tally.Print("damage_large", fmt::format("seed={}", seed));
}

TEST(DamageTest, TheSamplesAnswerWithoutDamage) {
  const std::uint64_t seed = AnnounceSeed();
  auto samples = MakeSamples(seed);
  samples.push_back(MakeLargeSample(seed));
  for (const Sample& sample : samples) {
    const Verdict verdict = Judge(sample, {.what = "nothing", .files = {}, .image = sample.image});
    EXPECT_EQ(verdict.outcome, Outcome::kHarmless) << sample.name << ": " << verdict.why;
    EXPECT_GE(sample.answers.size(), 5u) << sample.name;
    std::string files;
    for (const auto& [file, bytes] : sample.image) {
      files += fmt::format(" {}:{}", file, bytes.size);
    }
    fmt::print("{}:{}\n", sample.name, files);
  }
}

}  // namespace
}  // namespace beachdb
