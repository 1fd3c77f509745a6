// Readers beside the writer. What makes these tests strong is the thread sanitizer; without it they
// still catch lost, torn and unordered entries.
#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/strings.h"
#include "memtable/memtable.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kEntries = 20'000;
constexpr std::uint64_t kHotKeys = 16;

// Keys of different depth and fan-out, some of them prefixes of others; one write in eight goes to
// a hot key. The key of the n-th write can be had from n alone.
std::string KeyOf(std::uint64_t n) {
  if (n % 8 == 0) return "hot" + std::to_string(n / 8 % kHotKeys);
  const std::uint64_t mixed = n * 0x9e3779b97f4a7c15u;
  std::string key(1 + mixed % 3, static_cast<char>(mixed >> 56));
  key += std::to_string(mixed >> 40 & 0xfff);
  if (n % 3 != 0) key += static_cast<char>(mixed >> 32);
  if (n % 5 == 0) key += "/a/path/that/is/longer/than/a/node/keeps";
  return key + std::to_string(n % 7 == 0 ? n : n % 1000);
}

std::string ValueOf(std::string_view key, Seqno seqno) {
  return std::string(key) + "@" + std::to_string(seqno);
}

class MemTableConcurrencyTest : public testing::TestWithParam<MemTableKind> {
 protected:
  void Write() {
    for (std::uint64_t n = 1; n <= kEntries; ++n) {
      const std::string key = KeyOf(n);
      table_.Add(key, PackTrailer(n, Kind::kPut), ValueOf(key, n));
      visible_.store(n, std::memory_order_release);
    }
  }

  bool Done() const { return visible_.load(std::memory_order_acquire) == kEntries; }

  // Everything acknowledged is found at once, as it was written.
  void ReadPoints(std::uint64_t seed) {
    Random random(seed);
    while (!Done()) {
      const Seqno visible = visible_.load(std::memory_order_acquire);
      if (visible == 0) continue;
      const Seqno asked = 1 + random.Uniform(visible);
      const std::string key = KeyOf(asked);
      MemHit hit;
      if (!table_.Get(key, asked, &hit) || TrailerSeqno(hit.trailer) != asked ||
          hit.value != ValueOf(key, asked)) {
        return Fail("get at the snapshot of the write", key);
      }
      if (!table_.Get(key, kMaxSeqno, &hit) || TrailerSeqno(hit.trailer) < asked ||
          hit.value != ValueOf(key, TrailerSeqno(hit.trailer))) {
        return Fail("get of the newest", key);
      }
    }
  }

  // A full walk is strictly ordered, of whole entries, and has all that was there at its start.
  template <typename Begin, typename Step>
  void Walk(int sign, Begin begin, Step step) {
    while (!Done()) {
      const Seqno visible = visible_.load(std::memory_order_acquire);
      MemTable::Iterator it = table_.NewIterator();
      std::uint64_t old_entries = 0;
      std::string previous_key;
      std::uint64_t previous_trailer = 0;
      bool first = true;
      for (begin(it); it.Valid(); step(it)) {
        if (!first &&
            sign * CompareInternal(previous_key, previous_trailer, it.user_key(), it.trailer()) >=
                0) {
          return Fail("order", it.user_key());
        }
        first = false;
        previous_key = it.user_key();
        previous_trailer = it.trailer();
        if (it.value() != ValueOf(it.user_key(), TrailerSeqno(it.trailer()))) {
          return Fail("value", it.user_key());
        }
        if (TrailerSeqno(it.trailer()) <= visible) ++old_entries;
      }
      if (old_entries != visible) return Fail("entries missed by a walk", "");
    }
  }

  // Seeks find what is known to be there, from both sides.
  void ReadSeeks(std::uint64_t seed) {
    Random random(seed);
    MemTable::Iterator it = table_.NewIterator();
    while (!Done()) {
      const Seqno visible = visible_.load(std::memory_order_acquire);
      if (visible == 0) continue;
      const Seqno asked = 1 + random.Uniform(visible);
      const std::string key = KeyOf(asked);
      const std::uint64_t trailer = PackTrailer(asked, Kind::kPut);
      it.Seek(key, trailer);
      if (!it.Valid() || it.user_key() != key || it.trailer() != trailer) return Fail("seek", key);
      it.SeekForPrev(key, trailer);
      if (!it.Valid() || it.user_key() != key || it.trailer() != trailer) {
        return Fail("seek for previous", key);
      }
      // Some steps away and back: at least as far, for more may have come in between.
      for (int i = 0; i < 3 && it.Valid(); ++i) it.Prev();
      for (int i = 0; i < 3 && it.Valid(); ++i) it.Next();
      if (it.Valid() && CompareInternal(it.user_key(), it.trailer(), key, trailer) > 0) {
        return Fail("steps back and forth overshot", key);
      }
    }
  }

  static void Fail(const char* what, std::string_view key) {
    ADD_FAILURE() << what << ", key " << EscapeBytes(key);
  }

  MemTable table_{GetParam()};
  std::atomic<Seqno> visible_{0};
};

INSTANTIATE_TEST_SUITE_P(Structures, MemTableConcurrencyTest,
                         testing::Values(MemTableKind::kSkipList, MemTableKind::kRadixTree),
                         [](const testing::TestParamInfo<MemTableKind>& kind) {
                           return kind.param == MemTableKind::kSkipList ? "SkipList" : "RadixTree";
                         });

TEST_P(MemTableConcurrencyTest, ReadersSeeEveryAcknowledgedEntryWholeAndInOrder) {
  std::vector<std::thread> readers;
  readers.emplace_back([this] { ReadPoints(1); });
  readers.emplace_back([this] { ReadSeeks(2); });
  readers.emplace_back([this] {
    Walk(
        +1, [](auto& it) { it.SeekToFirst(); }, [](auto& it) { it.Next(); });
  });
  readers.emplace_back([this] {
    Walk(
        -1, [](auto& it) { it.SeekToLast(); }, [](auto& it) { it.Prev(); });
  });
  Write();
  for (std::thread& reader : readers) reader.join();
}

TEST_P(MemTableConcurrencyTest, ASearchIsNotMisledByEntriesThatArriveJustBeforeItsTarget) {
  // Every entry lands in the gap that the reader has just looked across.
  const std::uint64_t target = PackTrailer(1, Kind::kPut);
  table_.Add("z", target, "");
  std::thread reader([&] {
    MemTable::Iterator it = table_.NewIterator();
    const auto at_target = [&] {
      return it.Valid() && it.user_key() == "z" && it.trailer() == target;
    };
    while (!Done()) {
      it.Seek("z", target);
      if (!at_target()) return Fail("seek", "z");
      it.SeekForPrev("z", target);
      if (!at_target()) return Fail("seek for previous", "z");
      MemHit hit;
      if (!table_.Get("z", kMaxSeqno, &hit)) return Fail("get", "z");
    }
  });
  for (std::uint64_t n = 1; n <= kEntries; ++n) {
    table_.Add("m" + std::to_string(10 * kEntries + n), PackTrailer(n + 1, Kind::kPut), "");
    visible_.store(n, std::memory_order_release);
  }
  reader.join();
}

}  // namespace
}  // namespace beachdb
