// Random operations: both structures against a sorted map, and so against each other.
#include <cstdlib>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/strings.h"
#include "memtable/entry.h"
#include "memtable/memtable.h"
#include "memtable/version_chain.h"

namespace beachdb {
namespace {

std::uint64_t Seed() {
  const char* replay = std::getenv("BEACHDB_SEED");
  return replay != nullptr ? std::strtoull(replay, nullptr, 10) : std::random_device{}();
}

struct InternalOrder {
  using Key = std::pair<std::string, std::uint64_t>;  // user key, trailer
  bool operator()(const Key& a, const Key& b) const {
    return CompareInternal(a.first, a.second, b.first, b.second) < 0;
  }
};
using Model = std::map<InternalOrder::Key, std::string, InternalOrder>;

// Keys of several shapes, from small sets, so that they collide, nest and share long prefixes.
class KeyMaker {
 public:
  explicit KeyMaker(Random& random) : random_(random) {
    for (int i = 0; i < 8; ++i) prefixes_.push_back(Bytes(1 + random_.Uniform(40), 256));
    for (int i = 0; i < 4; ++i) huge_.push_back(Bytes(kMaxKeySize - 4, 256));
  }

  std::string Next() {
    switch (random_.Uniform(200)) {
      case 0:  // as long as a key may be, parting from its likes in the last bytes, or earlier
        return huge_[random_.Uniform(huge_.size())] + Bytes(random_.Uniform(5), 3);
      case 1:
        return huge_[random_.Uniform(huge_.size())].substr(0, 1 + random_.Uniform(kMaxKeySize / 2));
      default:
        break;
    }
    switch (random_.Uniform(5)) {
      case 0:  // two bytes: the nodes near the root become large
        return Bytes(1 + random_.Uniform(2), 256);
      case 1:  // nested: zeros and ones
        return Bytes(1 + random_.Uniform(12), 2);
      case 2:  // the ends of the byte range
        return Extremes(1 + random_.Uniform(6));
      case 3:  // a long shared prefix
        return prefixes_[random_.Uniform(prefixes_.size())] + Bytes(random_.Uniform(3), 20);
      default:
        return Bytes(8, 4);
    }
  }

 private:
  std::string Bytes(std::size_t size, std::uint64_t range) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random_.Uniform(range));
    return bytes;
  }
  std::string Extremes(std::size_t size) {
    static constexpr unsigned char kBytes[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff};
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(kBytes[random_.Uniform(std::size(kBytes))]);
    return bytes;
  }

  Random& random_;
  std::vector<std::string> prefixes_;
  std::vector<std::string> huge_;
};

class MemTableRandomTest : public testing::Test {
 protected:
  void AddOne() {
    const std::string key = keys_.Next();
    const Kind kind = random_.OneIn(5) ? Kind::kDelete : Kind::kPut;
    const std::uint64_t trailer = PackTrailer(++seqno_, kind);
    std::string value = kind == Kind::kPut ? "v" + std::to_string(seqno_) : "";
    skip_list_.Add(key, trailer, value);
    radix_tree_.Add(key, trailer, value);
    model_.emplace(std::pair(key, trailer), std::move(value));
  }

  void CheckGet(const MemTable& table, const std::string& key, Seqno snapshot) const {
    const auto want = model_.lower_bound({key, SeekTrailer(snapshot)});
    MemHit hit;
    const bool found = table.Get(key, snapshot, &hit);
    ASSERT_EQ(found, want != model_.end() && want->first.first == key);
    if (!found) return;
    ASSERT_EQ(hit.trailer, want->first.second);
    ASSERT_EQ(hit.value, want->second);
  }

  // A walk of `steps` random moves, with the model's iterator beside it.
  void CheckWalk(const MemTable& table, int steps) {
    MemTable::Iterator it = table.NewIterator();
    auto want = model_.end();
    for (int i = 0; i < steps; ++i) {
      switch (random_.Uniform(20)) {
        case 0:
          it.SeekToFirst();
          want = model_.begin();
          break;
        case 1:
          it.SeekToLast();
          want = model_.empty() ? model_.end() : std::prev(model_.end());
          break;
        case 2:
        case 3: {
          const std::string key = keys_.Next();
          const std::uint64_t trailer = SeekTrailer(random_.Uniform(seqno_ + 2));
          it.Seek(key, trailer);
          want = model_.lower_bound({key, trailer});
          break;
        }
        case 4:
        case 5: {
          const std::string key = keys_.Next();
          const std::uint64_t trailer = SeekTrailer(random_.Uniform(seqno_ + 2));
          it.SeekForPrev(key, trailer);
          want = model_.upper_bound({key, trailer});
          want = want == model_.begin() ? model_.end() : std::prev(want);
          break;
        }
        default: {
          if (want == model_.end()) break;
          const bool forward = random_.OneIn(2);
          for (std::uint64_t n = 1 + random_.Uniform(8); n > 0 && want != model_.end(); --n) {
            if (forward) {
              it.Next();
              ++want;
            } else {
              it.Prev();
              want = want == model_.begin() ? model_.end() : std::prev(want);
            }
          }
        }
      }
      ASSERT_NO_FATAL_FAILURE(ExpectSame(it, want));
    }
  }

  void ExpectSame(const MemTable::Iterator& it, Model::const_iterator want) const {
    ASSERT_EQ(it.Valid(), want != model_.end());
    if (!it.Valid()) return;
    ASSERT_EQ(EscapeBytes(it.user_key()), EscapeBytes(want->first.first));
    ASSERT_EQ(it.user_key(), want->first.first);
    ASSERT_EQ(it.trailer(), want->first.second);
    ASSERT_EQ(it.value(), want->second);
  }

  void CheckAll(const MemTable& table) const {
    MemTable::Iterator it = table.NewIterator();
    it.SeekToFirst();
    for (auto want = model_.begin(); want != model_.end(); ++want, it.Next()) {
      ASSERT_NO_FATAL_FAILURE(ExpectSame(it, want));
    }
    ASSERT_FALSE(it.Valid());
    it.SeekToLast();
    for (auto want = model_.end(); want != model_.begin(); it.Prev()) {
      ASSERT_NO_FATAL_FAILURE(ExpectSame(it, --want));
    }
    ASSERT_FALSE(it.Valid());
    ASSERT_EQ(table.entries(), model_.size());
  }

  // Of the radix tree: entries, links between versions, and at most 64 bytes of nodes a key.
  void CheckMemory() const {
    std::size_t entries = 0;
    std::size_t keys = 0;
    std::string_view previous;
    for (const auto& [internal_key, value] : model_) {
      entries += EntrySize(internal_key.first.size(), value.size());
      if (internal_key.first == previous) {
        entries += sizeof(VersionLinks);
      } else {
        ++keys;
      }
      previous = internal_key.first;
    }
    EXPECT_GT(radix_tree_.BytesUsed(), entries);
    EXPECT_LE(radix_tree_.BytesUsed(), entries + 64 * keys);
  }

  const std::uint64_t seed_ = Seed();
  Random random_{seed_};
  KeyMaker keys_{random_};
  Seqno seqno_ = 0;
  MemTable skip_list_{MemTableKind::kSkipList};
  MemTable radix_tree_{MemTableKind::kRadixTree};
  Model model_;
};

TEST_F(MemTableRandomTest, BothStructuresAgreeWithAModelOver200000Operations) {
  SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed_));
  constexpr int kOperations = 200'000;
  for (int done = 0; done < kOperations;) {
    // Phases of writing and of reading, long and short, from the first entry on.
    const auto adds = static_cast<int>(1 + random_.Uniform(done / 20 + 4));
    for (int i = 0; i < adds; ++i) AddOne();
    for (const MemTable* table : {&skip_list_, &radix_tree_}) {
      for (int i = 0; i < adds; ++i) {
        ASSERT_NO_FATAL_FAILURE(
            CheckGet(*table, keys_.Next(), random_.OneIn(2) ? kMaxSeqno : random_.Uniform(seqno_)));
      }
      ASSERT_NO_FATAL_FAILURE(CheckWalk(*table, adds));
    }
    done += 5 * adds;
  }
  CheckAll(skip_list_);
  CheckAll(radix_tree_);
  CheckMemory();
}

// Iterators that stay while entries are added: whichever way they turn, a step never jumps over an
// entry that was there when they were made.
TEST_F(MemTableRandomTest, IteratorsThatOutliveManyInsertsMissNothingOlderThanThem) {
  SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed_));
  struct Walk {
    MemTable::Iterator it;
    Seqno born;  // all entries up to this seqno were there
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<Walk> walks;
    for (const MemTable* table : {&skip_list_, &radix_tree_}) {
      walks.push_back({table->NewIterator(), seqno_});
      walks.back().it.Seek(keys_.Next(), SeekTrailer(kMaxSeqno));
    }
    for (int burst = 0; burst < 10; ++burst) {
      for (std::uint64_t adds = random_.Uniform(30); adds > 0; --adds) AddOne();
      for (Walk& walk : walks) {
        const bool forward = random_.OneIn(2);
        for (std::uint64_t n = random_.Uniform(30); n > 0 && walk.it.Valid(); --n) {
          const InternalOrder::Key from(walk.it.user_key(), walk.it.trailer());
          // The nearest entry on that side that was there when the walk was born.
          auto old = model_.find(from);
          ASSERT_NE(old, model_.end());
          const auto is_old = [&] { return TrailerSeqno(old->first.second) <= walk.born; };
          if (forward) {
            do ++old;
            while (old != model_.end() && !is_old());
            walk.it.Next();
          } else {
            do old = old == model_.begin() ? model_.end() : std::prev(old);
            while (old != model_.end() && !is_old());
            walk.it.Prev();
          }
          if (!walk.it.Valid()) {
            ASSERT_EQ(old, model_.end()) << "missed " << EscapeBytes(old->first.first);
            break;
          }
          const InternalOrder::Key to(walk.it.user_key(), walk.it.trailer());
          ASSERT_TRUE(forward ? InternalOrder{}(from, to) : InternalOrder{}(to, from));
          ASSERT_TRUE(model_.contains(to));
          if (old == model_.end()) continue;
          ASSERT_FALSE(forward ? InternalOrder{}(old->first, to) : InternalOrder{}(to, old->first))
              << "missed " << EscapeBytes(old->first.first);
        }
      }
    }
  }
}

}  // namespace
}  // namespace beachdb
