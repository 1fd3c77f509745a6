// One random history against the reference model: every operation of the public API, snapshots,
// iterators both ways, flushes, compactions and reopening at random points, under random options.
#include "tests/model/model.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "beachdb/db.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

class History {
 public:
  History(std::uint64_t seed, std::string directory)
      : random_(seed), directory_(std::move(directory)) {
    std::filesystem::remove_all(directory_);
    Reopen();
  }
  ~History() {
    snapshots_.clear();
    db_.reset();
    std::filesystem::remove_all(directory_);
  }

  void Run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      Step();
    }
    if (testing::Test::HasFailure()) return;
    Reopen();
    CompareScan(nullptr, model_.seqno());
  }

 private:
  struct Held {
    Snapshot snapshot;
    std::uint64_t seqno;
  };

  void Step() {
    const std::uint64_t dice = random_.Uniform(40);
    if (dice < 20) return Write();
    if (dice < 26) return Get();
    if (dice < 30) return Walk();
    switch (dice) {
      case 30:
        return MultiGet();
      case 31:
        return TakeSnapshot();
      case 32:
        return DropSnapshot();
      case 33:
        if (random_.OneIn(4)) {
          EXPECT_TRUE(db_->Flush().ok());
        }
        return;
      case 34:
        if (random_.OneIn(10)) Compact();
        return;
      case 35:
        if (random_.OneIn(10)) Reopen();
        return;
      case 36:
        if (random_.OneIn(10)) CompareScan(nullptr, model_.seqno());
        return;
      case 37:
        EXPECT_TRUE(db_->SyncWal().ok());
        return;
      case 38:
        return WriteOverPrefix();
      default:
        if (random_.OneIn(20)) Verify();
        return;
    }
  }

  std::string RandomKey() {
    // A small space of short keys (prefixes of each other included), and a few long ones.
    static constexpr char kAlphabet[] = {'\0', 'a', 'b', 'c', '\x7f', '\xff'};
    std::string key;
    const std::uint64_t length = 1 + random_.Uniform(random_.OneIn(50) ? 300 : 4);
    for (std::uint64_t i = 0; i < length; ++i) key += kAlphabet[random_.Uniform(6)];
    return key;
  }
  std::string RandomValue() {
    const std::uint64_t length = random_.OneIn(100) ? random_.Uniform(20'000) : random_.Uniform(60);
    return std::string(length, static_cast<char>(random_.Uniform(256)));
  }
  WriteOptions RandomWriteOptions() {
    return {.durability = random_.OneIn(8) ? Durability::kSync : Durability::kBuffered};
  }

  void Write() {
    if (random_.OneIn(3)) {
      WriteBatch batch;
      for (std::uint64_t i = random_.Uniform(20) + 1; i > 0; --i) AddRandom(batch);
      EXPECT_TRUE(db_->Write(batch, RandomWriteOptions()).ok());
      return;
    }
    const std::string key = RandomKey();
    if (random_.OneIn(4)) {
      model_.Set(key, std::nullopt);
      EXPECT_TRUE(db_->Delete(key, RandomWriteOptions()).ok());
    } else {
      const std::string value = RandomValue();
      model_.Set(key, value);
      EXPECT_TRUE(db_->Put(key, value, RandomWriteOptions()).ok());
    }
  }

  void AddRandom(WriteBatch& batch) {
    const std::string key = RandomKey();
    if (random_.OneIn(4)) {
      model_.Set(key, std::nullopt);
      EXPECT_TRUE(batch.Delete(key).ok());
    } else {
      const std::string value = RandomValue();
      model_.Set(key, value);
      EXPECT_TRUE(batch.Put(key, value).ok());
    }
  }

  // Many versions of one key in a row.
  void WriteOverPrefix() {
    const std::string key = RandomKey();
    for (int i = 0; i < 30; ++i) {
      const std::string value = std::to_string(i);
      model_.Set(key, value);
      ASSERT_TRUE(db_->Put(key, value, {.durability = Durability::kBuffered}).ok());
    }
  }

  // A state to read: the newest, or one of the snapshots held.
  const Held* RandomState() {
    if (snapshots_.empty() || random_.OneIn(2)) return nullptr;
    return snapshots_[random_.Uniform(snapshots_.size())].get();
  }
  std::uint64_t SeqnoOf(const Held* held) const {
    return held == nullptr ? model_.seqno() : held->seqno;
  }
  ReadOptions ReadOf(const Held* held) {
    return {.snapshot = held == nullptr ? nullptr : &held->snapshot,
            .fill_cache = !random_.OneIn(4)};
  }

  void Get() {
    const std::string key = RandomKey();
    const Held* held = RandomState();
    const Model::Value want = model_.Get(key, SeqnoOf(held));
    if (random_.OneIn(3)) {
      const auto pinned = db_->GetPinned(key, ReadOf(held));
      ASSERT_TRUE(pinned.ok()) << pinned.error().ToString();
      ASSERT_EQ(pinned->has_value(), want.has_value());
      if (want) {
        EXPECT_EQ((*pinned)->view(), *want);
      }
      return;
    }
    const auto got = db_->Get(key, ReadOf(held));
    ASSERT_TRUE(got.ok()) << got.error().ToString();
    EXPECT_EQ(*got, want);
  }

  void MultiGet() {
    std::vector<std::string> keys;
    for (std::uint64_t i = random_.Uniform(40); i > 0; --i) keys.push_back(RandomKey());
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    const Held* held = RandomState();
    const auto got = db_->MultiGet(views, ReadOf(held));
    ASSERT_TRUE(got.ok()) << got.error().ToString();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      EXPECT_EQ((*got)[i], model_.Get(keys[i], SeqnoOf(held)));
    }
  }

  // A random walk of an iterator beside the list that the model says it shows.
  void Walk() {
    const Held* held = RandomState();
    const std::string lower = random_.OneIn(3) ? RandomKey() : "";
    const std::string upper = random_.OneIn(3) ? RandomKey() : "";
    const std::string prefix = random_.OneIn(4) ? RandomKey().substr(0, 1) : "";
    IteratorOptions options;
    static_cast<ReadOptions&>(options) = ReadOf(held);
    options.lower = lower;
    options.upper = upper;
    options.prefix = prefix;
    Iterator it = db_->NewIterator(options);
    const Model::Entries want = model_.Scan(SeqnoOf(held), lower, upper, prefix);
    // Later writes and flushes must not change what it shows.
    if (random_.OneIn(2)) Write();
    std::int64_t at = -1;  // index into want; outside: invalid
    const auto size = static_cast<std::int64_t>(want.size());
    for (int move = 0; move < 20; ++move) {
      const std::string target = RandomKey();
      const auto at_or_after = [&] {
        return std::lower_bound(want.begin(), want.end(), target,
                                [](const auto& e, const auto& t) { return e.first < t; }) -
               want.begin();
      };
      const bool valid = at >= 0 && at < size;
      switch (random_.Uniform(valid ? 10 : 4)) {
        case 0:
          it.SeekToFirst();
          at = 0;
          break;
        case 1:
          it.SeekToLast();
          at = size - 1;
          break;
        case 2:
          it.Seek(target);
          at = at_or_after();
          break;
        case 3: {
          it.SeekForPrev(target);
          at = at_or_after();
          if (at == size || want[static_cast<std::size_t>(at)].first != target) --at;
          break;
        }
        case 4:
        case 5:
        case 6:
          it.Next();
          ++at;
          break;
        default:
          it.Prev();
          --at;
          break;
      }
      ASSERT_TRUE(it.status().ok()) << it.status().ToString();
      ASSERT_EQ(it.Valid(), at >= 0 && at < size) << "at " << at << " of " << size;
      if (!it.Valid()) continue;
      ASSERT_EQ(it.key(), want[static_cast<std::size_t>(at)].first);
      ASSERT_EQ(it.value(), want[static_cast<std::size_t>(at)].second);
    }
  }

  void TakeSnapshot() {
    if (snapshots_.size() >= 5) return;
    Snapshot snapshot = db_->GetSnapshot();
    EXPECT_EQ(snapshot.seqno(), model_.seqno());
    snapshots_.push_back(std::make_unique<Held>(Held{std::move(snapshot), model_.seqno()}));
  }
  void DropSnapshot() {
    if (snapshots_.empty()) return;
    const auto victim =
        snapshots_.begin() + static_cast<std::ptrdiff_t>(random_.Uniform(snapshots_.size()));
    if (random_.OneIn(2)) CompareScan(&(*victim)->snapshot, (*victim)->seqno);
    snapshots_.erase(victim);
  }

  void Compact() {
    const std::string a = random_.OneIn(2) ? RandomKey() : "";
    const std::string b = random_.OneIn(2) ? RandomKey() : "";
    const bool swap = !b.empty() && b < a;
    const Status compacted = db_->CompactRange(swap ? b : a, swap ? a : b);
    EXPECT_TRUE(compacted.ok()) << compacted.ToString();
  }

  void Reopen() {
    snapshots_.clear();
    if (db_) {
      const Status closed = db_->Close();
      ASSERT_TRUE(closed.ok()) << closed.ToString();
      db_.reset();
    }
    constexpr Compression kCompressions[] = {Compression::kNone, Compression::kLz4,
                                             Compression::kZstd};
    Options options;
    options.memory_budget = (4u << 20) << random_.Uniform(3);
    options.write_buffer = (64u << 10) << random_.Uniform(3);
    options.compaction_threads = 1 + static_cast<int>(random_.Uniform(2));
    options.block_size = std::size_t{256} << random_.Uniform(5);
    options.table_size = (64u << 10) << random_.Uniform(3);
    options.filter_bits_per_key = random_.OneIn(3) ? 0 : 10;
    options.compression = kCompressions[random_.Uniform(3)];
    options.bottom_compression = kCompressions[random_.Uniform(3)];
    options.direct_writes = random_.OneIn(2);
    options.direct_reads = random_.OneIn(2);
    options.memtable = random_.OneIn(3) ? MemTableKind::kSkipList : MemTableKind::kRadixTree;
    options.log = [](LogLevel, std::string_view) {};
    auto opened = Db::Open(directory_, options);
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    db_.emplace(std::move(opened).value());
    ASSERT_EQ(db_->GetStats().last_seqno, model_.seqno());
  }

  void CompareScan(const Snapshot* snapshot, std::uint64_t seqno) {
    const Model::Entries want = model_.Scan(seqno, {}, {}, {});
    IteratorOptions options;
    options.snapshot = snapshot;
    Iterator it = db_->NewIterator(options);
    std::size_t i = 0;
    for (it.SeekToFirst(); it.Valid(); it.Next(), ++i) {
      ASSERT_LT(i, want.size());
      ASSERT_EQ(it.key(), want[i].first);
      ASSERT_EQ(it.value(), want[i].second);
    }
    ASSERT_TRUE(it.status().ok()) << it.status().ToString();
    ASSERT_EQ(i, want.size());
    for (it.SeekToLast(); it.Valid(); it.Prev()) {
      ASSERT_GT(i, 0u);
      --i;
      ASSERT_EQ(it.key(), want[i].first);
      ASSERT_EQ(it.value(), want[i].second);
    }
    ASSERT_EQ(i, 0u);
  }

  void Verify() {
    const auto report = db_->Verify({.depth = VerifyDepth::kTree});
    ASSERT_TRUE(report.ok()) << report.error().ToString();
    EXPECT_EQ(report->problems, std::vector<std::string>());
  }

  Random random_;
  const std::string directory_;
  std::optional<Db> db_;
  Model model_;
  std::vector<std::unique_ptr<Held>> snapshots_;
};

class ModelTest : public testing::TestWithParam<int> {};

TEST_P(ModelTest, EveryAnswerIsTheModels) {
  const std::uint64_t seed = SeedFromEnvironment(static_cast<std::uint64_t>(GetParam()));
  SCOPED_TRACE("replay: BEACHDB_SEED=" + std::to_string(seed) +
               " tests_model --gtest_filter='*EveryAnswerIsTheModels/0'");
  History history(seed, testing::TempDir() + "beachdb_model_" + std::to_string(GetParam()));
  history.Run(4000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, testing::Range(0, 8));

}  // namespace
}  // namespace beachdb
