#include "engine/read_state.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "io/file_system.h"

namespace beachdb {
namespace {

class LevelViewTest : public ::testing::Test {
 protected:
  // Tables that begin and end at these keys, taken in pairs. None is ever opened.
  LevelView View(const std::vector<std::string>& keys) {
    std::vector<TableRef> tables;
    for (std::size_t i = 0; i + 1 < keys.size(); i += 2) {
      FileMetadata file;
      file.number = ++number_;
      file.smallest = keys[i];
      file.largest = keys[i + 1];
      tables.push_back(tables_.SlotOf(std::make_shared<const FileMetadata>(file)));
    }
    return LevelView(std::move(tables));
  }

  BlockCache blocks_{1u << 20};
  Logger log_{{}};
  std::unique_ptr<Executor> executor_ = MakeThreadExecutor(1);
  TableCache tables_{PosixFileSystem(), "db",     {},
                     blocks_,           1u << 20, [](const FileMetadata&) {},
                     IoMode::kBuffered, log_,     *executor_};
  std::uint64_t number_ = 0;
};

// The obvious way.
std::size_t FirstReaching(const LevelView& view, std::string_view key, std::size_t begin,
                          std::size_t end) {
  while (begin < end && view.tables()[begin]->file().largest < key) ++begin;
  return begin;
}

TEST_F(LevelViewTest, TheTableForAKeyIsTheOneThatALookAtEachWouldFind) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    // Long shared prefixes, long equal stretches behind them, keys that are prefixes of others.
    const std::string prefix(random.Uniform(20), 'p');
    const std::uint64_t letters = 1 + random.Uniform(3);
    const auto any_key = [&] {
      std::string key = random.OneIn(10) ? prefix.substr(0, random.Uniform(21)) : prefix;
      for (std::uint64_t n = random.Uniform(24); n > 0; --n) {
        key += static_cast<char>('a' + random.Uniform(letters));
      }
      return key.empty() ? std::string("a") : key;
    };
    std::vector<std::string> keys;
    for (std::uint64_t n = 2 * random.Uniform(30); n > 0; --n) keys.push_back(any_key());
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    const LevelView view = View(keys);
    const std::size_t count = view.tables().size();
    for (int i = 0; i < 200; ++i) {
      const std::string key =
          keys.empty() || random.OneIn(2) ? any_key() : keys[random.Uniform(keys.size())];
      const std::size_t end = random.Uniform(count + 1);
      const std::size_t begin = random.Uniform(end + 1);
      ASSERT_EQ(view.FirstReaching(key, begin, end), FirstReaching(view, key, begin, end)) << key;

      const std::size_t at = FirstReaching(view, key, 0, count);
      const bool inside = at < count && view.tables()[at]->file().smallest <= key;
      ASSERT_EQ(view.Find(key), inside ? view.tables()[at].get() : nullptr) << key;
    }
  }
}

}  // namespace
}  // namespace beachdb
