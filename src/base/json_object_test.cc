#include "base/json_object.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(JsonObjectTest, FieldsStandInTheOrderOfTheCalls) {
  EXPECT_EQ(JsonObject().Text(), "{}");
  EXPECT_EQ(JsonObject()
                .Add("n", std::numeric_limits<std::uint64_t>::max())
                .Add("i", -1)
                .Add("d", 0.5)
                .Add("b", true)
                .Add("s", "text")
                .Add("a", std::vector<std::uint64_t>{1, 2})
                .Raw("r", "null")
                .Text(),
            "{\"n\":18446744073709551615,\"i\":-1,\"d\":0.5,\"b\":true,\"s\":\"text\",\"a\":[1,2],"
            "\"r\":null}");
}

TEST(JsonObjectTest, BytesThatAreNoTextAreEscapedTwice) {
  EXPECT_EQ(JsonObject().Add("k", std::string_view("\"\\\0\xff", 4)).Text(),
            "{\"k\":\"\\\"\\\\\\\\\\\\x00\\\\xff\"}");
}

TEST(JsonObjectTest, ATextAloneIsEscapedLikeAField) {
  EXPECT_EQ(JsonText("a \"b\""), R"("a \"b\"")");
  EXPECT_EQ(JsonText(std::string_view("\0", 1)), R"("\\x00")");
}

TEST(JsonObjectTest, ArraysHoldWhatIsJsonAlready) {
  EXPECT_EQ(JsonArray({}), "[]");
  EXPECT_EQ(JsonArray({"1", "{}"}), "[1,{}]");
}

}  // namespace
}  // namespace beachdb
