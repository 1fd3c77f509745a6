#include "base/logger.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(LoggerTest, ASinkReceivesEveryLineWithItsLevel) {
  std::vector<std::pair<LogLevel, std::string>> lines;
  const Logger logger(
      [&](LogLevel level, std::string_view line) { lines.emplace_back(level, line); });
  logger.Log(LogLevel::kDebug, "low tide");
  logger.Info("rising");
  logger.Warning("high tide");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], std::pair(LogLevel::kDebug, std::string("low tide")));
  EXPECT_EQ(lines[1], std::pair(LogLevel::kInfo, std::string("rising")));
  EXPECT_EQ(lines[2], std::pair(LogLevel::kWarning, std::string("high tide")));
}

TEST(LoggerTest, WithoutASinkOnlyWarningsReachStderrAndBracesAreJustText) {
  testing::internal::CaptureStderr();
  const Logger logger({});
  logger.Info("rising");
  logger.Warning("high {} tide");
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_EQ(printed.find("rising"), std::string::npos);
  EXPECT_NE(printed.find("high {} tide"), std::string::npos);
}

}  // namespace
}  // namespace beachdb
