#include "tools/prompt.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace beachdb::tools {
namespace {

using Words = std::vector<std::string>;

TEST(SplitWordsTest, ALineIsSplitAsAShellDoes) {
  const struct {
    const char* line;
    Words words;
  } kCases[] = {
      {"", {}},
      {" \t ", {}},
      {"put  conch\tspiral ", {"put", "conch", "spiral"}},
      {"put 'a key' \"a value\"", {"put", "a key", "a value"}},
      {"put '' \"\"", {"put", "", ""}},
      {R"(put a\ b 'c\d' "e\f" "g\"h\\")", {"put", "a b", R"(c\d)", R"(e\f)", R"(g"h\)"}},
      {"put a'b'\"c\"d", {"put", "abcd"}},
  };
  for (const auto& [line, words] : kCases) {
    const auto split = SplitWords(line);
    ASSERT_TRUE(split.ok()) << line << split.error().ToString();
    EXPECT_EQ(*split, words) << line;
  }
  for (const char* line : {"put 'a", "put \"a", "put a\\", "put \"a\\\""}) {
    EXPECT_FALSE(SplitWords(line).ok()) << line;
  }
}

}  // namespace
}  // namespace beachdb::tools
