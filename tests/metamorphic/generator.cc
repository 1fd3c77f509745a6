#include "tests/metamorphic/generator.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/random.h"
#include "beachdb/options.h"

namespace beachdb::metamorphic {
namespace {

constexpr std::uint64_t kSecondsMax = 60;  // puts end by then: about as far as ticks go
constexpr std::uint64_t kWalkers = 3;      // few iterators, so that each walks far

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {
    constexpr std::array<std::uint64_t, 5> kPools{4, 12, 60, 300, 1500};
    keys_max_ = kPools[random_.Uniform(kPools.size())];
    hot_in_ = 1 + random_.Uniform(4);
    deletes_in_ = 2 + random_.Uniform(6);
    value_sizes_ = random_.Uniform(4);
    syncs_in_ = random_.OneIn(3) ? 2 : 20;
    batch_max_ = random_.OneIn(4) ? 200 : 12;
    constexpr std::array<std::uint64_t, 4> kRarities{3, 12, 60, 1'000'000};
    ranges_in_ = kRarities[random_.Uniform(kRarities.size())];
    ends_in_ = kRarities[random_.Uniform(kRarities.size())];
    for (const auto& [kind, weight] : kWeights) {
      // A kind of step is absent, rare or frequent in one history; writes are always there.
      const std::uint64_t scale = weight >= 100 ? 2 : random_.Uniform(4);
      weights_.emplace_back(kind, weight * scale);
      total_ += weight * scale;
    }
  }

  History Run(std::size_t steps) {
    History history;
    const std::size_t giant = random_.OneIn(8) ? random_.Uniform(steps) : steps;
    for (std::size_t i = 0; i < steps; ++i) {
      history.push_back(i == giant ? GiantBatch() : Step(DrawKind()));
    }
    return history;
  }

 private:
  static constexpr std::array<std::pair<OpKind, std::uint64_t>, 19> kWeights{{
      {OpKind::kWrite, 160},  {OpKind::kBatch, 100},  {OpKind::kGuarded, 20}, {OpKind::kTick, 4},
      {OpKind::kGet, 40},     {OpKind::kMultiGet, 8}, {OpKind::kPin, 8},      {OpKind::kUnpin, 8},
      {OpKind::kSnapshot, 8}, {OpKind::kRelease, 6},  {OpKind::kIterator, 8}, {OpKind::kMove, 60},
      {OpKind::kClose, 4},    {OpKind::kScan, 6},     {OpKind::kFlush, 6},    {OpKind::kCompact, 3},
      {OpKind::kReopen, 3},   {OpKind::kSync, 4},     {OpKind::kVerify, 1},
  }};

  OpKind DrawKind() {
    std::uint64_t at = random_.Uniform(total_);
    for (const auto& [kind, weight] : weights_) {
      if (at < weight) return kind;
      at -= weight;
    }
    return OpKind::kWrite;
  }

  std::string NewKey() {
    static constexpr std::array<char, 8> kAlphabet{'\0',   '\x01', 'a',    'b',
                                                   '\x7f', '\x80', '\xfe', '\xff'};
    if (!pool_.empty() && random_.OneIn(2)) {
      // A relative of a key that is there: its prefix, or longer by a byte or a run.
      std::string key = pool_[random_.Uniform(pool_.size())];
      switch (random_.Uniform(4)) {
        case 0:
          if (key.size() > 1) key.resize(1 + random_.Uniform(key.size() - 1));
          break;
        case 1:
          key.append(1 + random_.Uniform(20), random_.OneIn(2) ? '\0' : '\xff');
          break;
        default:
          key += kAlphabet[random_.Uniform(kAlphabet.size())];
          break;
      }
      key.resize(std::min(key.size(), kMaxKeySize));
      return key;
    }
    if (random_.OneIn(400)) {
      return std::string(kMaxKeySize - random_.Uniform(3), "\0a\xff"[random_.Uniform(3)]);
    }
    if (random_.OneIn(5)) {  // as programs make them
      return "user" + std::to_string(1000 + random_.Uniform(3 * keys_max_));
    }
    std::string key;
    const std::uint64_t length = 1 + random_.Uniform(random_.OneIn(30) ? 400 : 6);
    for (std::uint64_t i = 0; i < length; ++i) {
      key += kAlphabet[random_.Uniform(kAlphabet.size())];
    }
    return key;
  }

  std::string Key() {
    if (pool_.size() < keys_max_ && (pool_.empty() || random_.OneIn(2))) {
      pool_.push_back(NewKey());
      return pool_.back();
    }
    if (random_.OneIn(hot_in_ + 1)) {
      return pool_[random_.Uniform(std::min<std::uint64_t>(pool_.size(), 3))];
    }
    return pool_[random_.Uniform(pool_.size())];
  }
  // For reading and seeking: keys that are there, and ones between them.
  std::string Target() { return random_.OneIn(4) ? NewKey() : Key(); }
  std::string Bound() { return random_.OneIn(2) ? "" : Target(); }

  std::uint32_t ValueSize() {
    static constexpr std::array<std::uint64_t, 4> kUsual{8, 100, 2000, 9000};
    if (random_.OneIn(20)) return 0;
    if (random_.OneIn(2000)) return (1u << 20) + static_cast<std::uint32_t>(random_.Uniform(9));
    if (random_.OneIn(100)) return static_cast<std::uint32_t>(random_.Uniform(70'000));
    return static_cast<std::uint32_t>(random_.Uniform(kUsual[value_sizes_]));
  }

  Write OneWrite() {
    Write write{.key = Key(), .value = {}};
    if (!random_.OneIn(deletes_in_)) {
      write.value = ValueSpec{next_tag_++, ValueSize()};
      if (random_.OneIn(ends_in_)) {
        write.ends_at = static_cast<std::uint32_t>(random_.Uniform(kSecondsMax));
      }
    } else if (random_.OneIn(ranges_in_)) {
      std::string other = Target();
      if (other < write.key) std::swap(other, write.key);
      if (write.key < other) write.range_end = std::move(other);
    }
    return write;
  }

  Operation GiantBatch() {
    Operation op{.kind = OpKind::kBatch, .sync = random_.OneIn(2)};
    const std::uint64_t count = 1000 + random_.Uniform(4000);
    for (std::uint64_t i = 0; i < count; ++i) {
      Write write{.key = Key(), .value = {}};
      if (write.key.size() > 1000) continue;  // thousands of the longest keys are 300 MiB
      if (!random_.OneIn(3)) {
        write.value = ValueSpec{next_tag_++, static_cast<std::uint32_t>(random_.Uniform(60))};
      }
      op.writes.push_back(std::move(write));
    }
    return op;
  }

  Operation Step(OpKind kind) {
    Operation op{.kind = kind};
    op.slot = static_cast<int>(random_.Uniform(kSlots));
    op.state = random_.OneIn(2) ? Operation::kNewest : static_cast<int>(random_.Uniform(kSlots));
    switch (kind) {
      case OpKind::kWrite:
        op.writes.push_back(OneWrite());
        op.sync = random_.OneIn(syncs_in_);
        break;
      case OpKind::kBatch:
        // An empty batch is one in batch_max_.
        for (std::uint64_t i = random_.Uniform(batch_max_); i > 0; --i) {
          op.writes.push_back(OneWrite());
        }
        op.sync = random_.OneIn(syncs_in_);
        break;
      case OpKind::kGuarded:
        op.condition = static_cast<Condition>(random_.Uniform(4));
        op.keys.push_back(Target());
        for (std::uint64_t i = random_.Uniform(3); i > 0; --i) op.writes.push_back(OneWrite());
        op.sync = random_.OneIn(syncs_in_);
        break;
      case OpKind::kTick:
        op.seconds = static_cast<std::uint32_t>(1 + random_.Uniform(5));
        break;
      case OpKind::kGet:
      case OpKind::kPin:
        op.keys.push_back(Target());
        break;
      case OpKind::kMultiGet:
        for (std::uint64_t i = random_.Uniform(40); i > 0; --i) op.keys.push_back(Target());
        break;
      case OpKind::kIterator:
      case OpKind::kScan:
        op.slot = static_cast<int>(random_.Uniform(kWalkers));
        op.lower = Bound();
        op.upper = Bound();
        if (random_.OneIn(3)) op.prefix = Target().substr(0, 1 + random_.Uniform(4));
        op.reverse = random_.OneIn(2);
        break;
      case OpKind::kMove:
        op.slot = static_cast<int>(random_.Uniform(kWalkers));
        op.move = RandomMove();
        if (op.move == Move::kSeek || op.move == Move::kSeekForPrev) op.keys.push_back(Target());
        break;
      case OpKind::kCompact:
        op.lower = Bound();
        op.upper = Bound();
        if (!op.upper.empty() && op.upper < op.lower) std::swap(op.lower, op.upper);
        break;
      default:
        break;
    }
    return op;
  }

  Move RandomMove() {
    const std::uint64_t dice = random_.Uniform(12);
    if (dice < 4) return Move::kNext;
    if (dice < 8) return Move::kPrev;
    constexpr std::array<Move, 4> kJumps{Move::kFirst, Move::kLast, Move::kSeek,
                                         Move::kSeekForPrev};
    return kJumps[dice - 8];
  }

  Random random_;
  std::uint64_t keys_max_ = 0;
  std::uint64_t hot_in_ = 1;
  std::uint64_t deletes_in_ = 2;
  std::uint64_t value_sizes_ = 0;
  std::uint64_t syncs_in_ = 1;
  std::uint64_t batch_max_ = 1;
  std::uint64_t ranges_in_ = 1;  // of deletes
  std::uint64_t ends_in_ = 1;    // of puts
  std::vector<std::pair<OpKind, std::uint64_t>> weights_;
  std::uint64_t total_ = 0;
  std::vector<std::string> pool_;
  std::uint32_t next_tag_ = 1;
};

}  // namespace

History GenerateHistory(std::uint64_t seed, std::size_t steps) {
  return Generator(seed).Run(steps);
}

}  // namespace beachdb::metamorphic
