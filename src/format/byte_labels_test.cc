#include "format/byte_labels.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/strings.h"
#include "format/file_header.h"
#include "tests/support/hex_shown.h"

namespace beachdb {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class ByteLabelsTest : public testing::Test {
 protected:
  std::vector<std::string> lines_;
  const DumpSink sink_ = [this](const DumpLine& line) { lines_.push_back(line.ToText(64)); };
};

TEST_F(ByteLabelsTest, EveryTakeGivesItsValueAndShowsItsBytes) {
  std::string bytes = "BEACHWAL";
  PutFixed32(bytes, 7);
  PutFixed32(bytes, 0xabcdef01);
  PutFixed64(bytes, 9);
  PutVarint64(bytes, 300);
  bytes += '\x05';
  bytes += std::string(3, '\0');
  bytes += "rest";
  ByteLabels labels(sink_, 32, bytes);
  EXPECT_TRUE(labels.TakeText(8, "magic"));
  EXPECT_EQ(labels.TakeFixed32("a"), 7u);
  EXPECT_EQ(labels.TakeFixed32("b", ByteLabels::Base::kHex), 0xabcdef01u);
  EXPECT_EQ(labels.TakeFixed64("c"), 9u);
  EXPECT_EQ(labels.TakeVarint("d"), 300u);
  EXPECT_EQ(labels.TakeByte("e"), 5u);
  EXPECT_TRUE(labels.TakeZeros(3));
  EXPECT_EQ(labels.offset(), 32 + bytes.size() - 4);
  labels.TakeRest("f");
  EXPECT_EQ(HexShown(lines_, 32), HexEncode(bytes));
  EXPECT_THAT(lines_,
              ElementsAre(HasSubstr("| magic \"BEACHWAL\""), HasSubstr("| a 7"),
                          HasSubstr("| b abcdef01"), HasSubstr("| c 9"), HasSubstr("| d 300"),
                          HasSubstr("| e 5"), HasSubstr("| zero"), HasSubstr("| f")));
}

TEST_F(ByteLabelsTest, ManyBytesTakeManyLinesAndManyZerosOne) {
  const std::string bytes = std::string(40, 'x') + std::string(5000, '\0');
  ByteLabels labels(sink_, 0, bytes);
  labels.Take(40, "value");
  labels.TakeZeros(5000);
  EXPECT_EQ(lines_.size(), 4u);
  EXPECT_EQ(HexShown(lines_, 0), HexEncode(bytes));
}

TEST_F(ByteLabelsTest, WhatIsCutShortIsShownAsSuch) {
  ByteLabels labels(sink_, 0, "abc");
  EXPECT_EQ(labels.TakeFixed32("length"), std::nullopt);
  EXPECT_TRUE(labels.rest().empty());
  EXPECT_EQ(labels.TakeFixed64("more"), std::nullopt);
  EXPECT_EQ(labels.TakeVarint("more"), std::nullopt);
  EXPECT_EQ(labels.TakeByte("more"), std::nullopt);
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("| length: cut short, expected 4 bytes")));
}

TEST_F(ByteLabelsTest, BytesThatShouldBeZeroAndAreNotAreToldSo) {
  ByteLabels labels(sink_, 0, std::string_view("\0\1\0", 3));
  labels.TakeZeros(3);
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("| expected zeros")));
}

TEST_F(ByteLabelsTest, AHeaderIsTakenApartRightOrWrong) {
  std::string header = EncodeFileHeader({.magic = std::string(kWalMagic), .identity = {{1}, 8}});
  ByteLabels right(sink_, 0, header);
  LabelFileHeader(right);
  EXPECT_EQ(HexShown(lines_, 0), HexEncode(header));
  EXPECT_THAT(lines_, Contains(HasSubstr("| file number 8")));
  EXPECT_THAT(lines_, Not(Contains(HasSubstr("expected"))));

  lines_.clear();
  header[40] = 9;
  ByteLabels wrong(sink_, 0, header);
  LabelFileHeader(wrong);
  EXPECT_THAT(lines_.back(), HasSubstr(", expected "));

  lines_.clear();
  ByteLabels short_one(sink_, 0, std::string_view(header).substr(0, 30));
  LabelFileHeader(short_one);
  EXPECT_EQ(HexShown(lines_, 0), HexEncode(header.substr(0, 30)));
}

}  // namespace
}  // namespace beachdb
