#include "base/log.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace toolgate::log {
namespace {

TEST(Log, ALineStaysOneLineWhateverItIsOf) {
  ::testing::internal::CaptureStderr();
  warn("method={}", "a\nforged\r\x1b[2J\tend");
  write(Level::warn, {"tool=", "b\n", "c"});
  const std::string lines = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::ranges::count(lines, '\n'), 2) << lines;
  EXPECT_NE(lines.find("method=a forged  [2J end\n"), lines.npos) << lines;
  EXPECT_NE(lines.find("tool=b c\n"), lines.npos) << lines;
}

}  // namespace
}  // namespace toolgate::log
