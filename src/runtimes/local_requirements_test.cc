#include "runtimes/local_requirements.h"

#include <gtest/gtest.h>

namespace toolgate::runtimes {
namespace {

TEST(NamesFiles, KnowsFoldersAndOtherListsFromPackages) {
  for (const auto* list : {"./lib", "requests\n  -e .\n", "-r more.txt", "-c limits.txt", ".[dev]",
                           "../x", "lib @ file:./lib", "--requirement=more.txt"}) {
    EXPECT_TRUE(names_files(list)) << list;
  }
  for (const auto* list : {"", "requests>=2\n# ./lib\n", "--index-url https://a/", "-i https://a",
                           "x @ https://a/./b.whl"}) {
    EXPECT_FALSE(names_files(list)) << list;
  }
}

TEST(WithoutEditable, LeavesRepositoriesAndOthersAsTheyAre) {
  EXPECT_EQ(without_editable("a\n-e ./lib\n --editable .\n-e git+https://a/b#egg=b\n"),
            "a\n./lib\n.\n-e git+https://a/b#egg=b\n");
}

}  // namespace
}  // namespace toolgate::runtimes
