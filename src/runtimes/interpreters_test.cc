#include "runtimes/interpreters.h"

#include <gtest/gtest.h>

namespace toolgate::runtimes {
namespace {

std::string chosen(const std::vector<std::string>& versions, std::string_view wished,
                   Substitutes substitutes = Substitutes::allowed) {
  std::vector<Interpreter> found;
  for (const auto& version : versions) {
    found.push_back({.version = version, .program = "/p/" + version});
  }
  const auto one = choose_interpreter(found, wished, substitutes);
  return one ? one->version : one.error().message;
}

TEST(ChooseInterpreter, TakesTheWishedOneElseTheNearestNewerElseOlder) {
  EXPECT_EQ(chosen({"3.10", "3.11", "3.13"}, "3.11"), "3.11");
  EXPECT_EQ(chosen({"3.10", "3.12", "3.13"}, "3.11"), "3.12");
  EXPECT_EQ(chosen({"3.10", "3.11"}, "3.13"), "3.11");
  EXPECT_EQ(chosen({"3.10", "3.13", "3.11"}, ""), "3.13");
  EXPECT_NE(chosen({}, "3.11").find("No Python interpreter"), std::string::npos);
}

TEST(ChooseInterpreter, TakesNoOtherWhereSubstitutesAreRefused) {
  EXPECT_EQ(chosen({"3.10", "3.11"}, "3.11", Substitutes::refused), "3.11");
  EXPECT_EQ(chosen({"3.10", "3.11"}, "", Substitutes::refused), "3.11");
  EXPECT_EQ(chosen({"3.10", "3.11"}, "3.12", Substitutes::refused),
            "Python 3.12 is not installed on this machine; --strict refuses 3.11, the nearest");
}

TEST(FindProgram, LooksInAbsoluteFoldersOnly) {
  EXPECT_EQ(find_program("relative:/nowhere:/bin", "sh"), "/bin/sh");
  EXPECT_EQ(find_program("bin", "sh"), std::nullopt);
}

}  // namespace
}  // namespace toolgate::runtimes
