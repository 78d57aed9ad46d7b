#include "app/values.h"

#include <gtest/gtest.h>

#include "base/test_folder.h"

namespace toolgate::app {
namespace {

std::string expected(std::string_view form, const std::string& value) {
  const auto checked = check_value(form, value);
  return checked ? "fine" : checked.error().message;
}

TEST(CheckValue, TakesOneOfTheWords) {
  EXPECT_EQ(expected("on|off", "on"), "fine");
  EXPECT_EQ(expected("on|off", "off"), "fine");
  EXPECT_EQ(expected("on|off", "On"), "on or off");
  EXPECT_EQ(expected("auto|user|off", ""), "auto, user or off");
}

TEST(CheckValue, TakesNumbersWithinTheirBounds) {
  EXPECT_EQ(expected("1..256", "1"), "fine");
  EXPECT_EQ(expected("1..256", "256"), "fine");
  EXPECT_EQ(expected("1..256", "0"), "1 to 256");
  EXPECT_EQ(expected("1..256", "257"), "1 to 256");
  EXPECT_EQ(expected("0..", "18446744073709551615"), "fine");
  EXPECT_EQ(expected("1..", "0"), "1 or more");
  EXPECT_EQ(expected("0..", "-1"), "0 or more");
  EXPECT_EQ(expected("0..", "1x"), "0 or more");
  EXPECT_EQ(expected("0..", ""), "0 or more");
}

TEST(CheckValue, TakesWhatTheFormSays) {
  EXPECT_EQ(expected("ADDRESS", "[::1]:0"), "fine");
  EXPECT_EQ(expected("ADDRESS|off", "off"), "fine");
  EXPECT_EQ(expected("ADDRESS|off", "foo"), "host:port (such as 127.0.0.1:7878) or off");
  EXPECT_EQ(expected("URL", "ftp://x"), "an http or https URL");
  EXPECT_EQ(expected("URL", "https://x/y"), "fine");
  EXPECT_EQ(expected("ORIGIN", "https://x:1"), "fine");
  EXPECT_EQ(expected("ORIGIN", "vscode-webview://x"), "fine");
  EXPECT_NE(expected("ORIGIN", "https://x/"), "fine");
  EXPECT_NE(expected("ORIGIN", "x"), "fine");
  EXPECT_NE(expected("ORIGIN", "https://"), "fine");
  EXPECT_EQ(expected("ACCOUNT", "123456789012"), "fine");
  EXPECT_EQ(expected("ACCOUNT", "12345678901x"), "12 digits");
  EXPECT_EQ(expected("REGION", "eu-west-1"), "fine");
  EXPECT_NE(expected("REGION", ""), "fine");
  EXPECT_EQ(expected("PATTERN=NAME", "anything"), "fine");
}

TEST(CheckValue, TakesFilesThatCanBeRead) {
  const TestFolder folder;
  EXPECT_EQ(expected("FILE", folder.write("there", "")), "fine");
  EXPECT_EQ(expected("FILE", folder.path("none")), "a file that can be read");
  EXPECT_EQ(expected("PATH", folder.path("none")), "fine");
}

}  // namespace
}  // namespace toolgate::app
