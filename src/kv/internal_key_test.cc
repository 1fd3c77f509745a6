#include "kv/internal_key.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/coding.h"
#include "tests/support/doc_example.h"

namespace beachdb {
namespace {

using Key = std::pair<std::string, std::uint64_t>;

bool Before(const Key& a, const Key& b) {
  return CompareInternal(a.first, a.second, b.first, b.second) < 0;
}

TEST(InternalKeyTest, OrderIsByUserKeyThenNewestFirst) {
  const std::vector<Key> in_order = {
      {std::string("\0", 1), PackTrailer(1, Kind::kPut)},
      {"a", SeekTrailer(kMaxSeqno)},
      {"a", PackTrailer(kMaxSeqno, Kind::kPut)},
      {"a", SeekTrailer(9)},
      {"a", PackTrailer(9, Kind::kPut)},
      {"a", PackTrailer(9, Kind::kDelete)},
      {"a", PackTrailer(1, Kind::kDelete)},
      {std::string("a\0", 2), PackTrailer(99, Kind::kPut)},
      {"aa", PackTrailer(5, Kind::kPut)},
      {"b", PackTrailer(5, Kind::kPut)},
      {"\x7f", PackTrailer(5, Kind::kPut)},
      {"\x80", PackTrailer(5, Kind::kPut)},  // bytes are unsigned
      {"\xff", PackTrailer(5, Kind::kPut)},
  };
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    for (std::size_t j = 0; j < in_order.size(); ++j) {
      EXPECT_EQ(Before(in_order[i], in_order[j]), i < j) << i << " and " << j;
    }
  }
}

TEST(InternalKeyTest, ATrailerGivesBackSeqnoAndKind) {
  for (const Seqno seqno : {Seqno{1}, Seqno{0x123456789abcde}, kMaxSeqno}) {
    for (const Kind kind : {Kind::kDelete, Kind::kPut, kKindForSeek}) {
      const std::uint64_t trailer = PackTrailer(seqno, kind);
      EXPECT_EQ(TrailerSeqno(trailer), seqno);
      EXPECT_EQ(TrailerKind(trailer), kind);
    }
  }
}

TEST(InternalKeyDocTest, TheExampleIsAnInternalKey) {
  const DocPage page("docs/formats/internal_key.md");
  std::string key = "conch";
  PutFixed64(key, PackTrailer(1000, Kind::kPut));
  EXPECT_EQ(page.Example(0), key);
  EXPECT_EQ(page.Row("user key").offset, 0u);
  EXPECT_EQ(page.Row("trailer").size, sizeof(std::uint64_t));
}

}  // namespace
}  // namespace beachdb
