#include "runtimes/interpreters.h"

#include <gtest/gtest.h>

#include "base/test_folder.h"
#include "processes/test_bench.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

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

std::string put_program(const TestFolder& folder, const std::string& name) {
  fs::create_directories(fs::path{folder.path(name)}.parent_path());
  folder.write(name, "#!/bin/sh\n", 0755);
  return folder.path(name);
}

TEST(FindProgram, LooksInAbsoluteFoldersOnly) {
  const TestFolder folder;
  const std::string program = put_program(folder, "bin/tool");
  EXPECT_EQ(find_program("relative:/nowhere:" + folder.path("bin"), "tool"), program);
  EXPECT_EQ(find_program("bin", "tool"), std::nullopt);
}

TEST(FindProgram, FollowsLinks) {
  const TestFolder folder;
  const std::string program = put_program(folder, "node-22/bin/node");
  fs::create_directories(folder.path("bin"));
  fs::create_symlink(program, folder.path("bin/node"));
  EXPECT_EQ(find_program(folder.path("bin"), "node"), program);
}

// A start makes the object and asks it nothing.
TEST(Programs, LookWhenTheyAreFirstAskedAndOnce) {
  const TestFolder folder;
  const Programs programs{folder.path("bin"), folder.path("home")};
  const std::string node = put_program(folder, "bin/node");
  EXPECT_EQ(programs.node(), node);
  fs::remove(node);
  EXPECT_EQ(programs.node(), node);
}

TEST(ReadableFor, IsWhereAProgramIsInstalled) {
  const TestFolder folder;
  const std::string node = put_program(folder, "node-22/bin/node");
  EXPECT_EQ(readable_for(node, "/nowhere"), Paths{folder.path("node-22")});
  EXPECT_EQ(readable_for("/usr/bin/env", "/nowhere"), Paths{});
}

TEST(ReadableFor, HasTheEnvironmentAndWhatItIsMadeOf) {
  const TestFolder folder;
  const std::string python = put_program(folder, "python/bin/python3.13");
  fs::create_directories(folder.path("venv/bin"));
  folder.write("venv/pyvenv.cfg", "");
  fs::create_symlink(python, folder.path("venv/bin/python3.13"));
  EXPECT_EQ(readable_for(folder.path("venv/bin/python3.13"), "/nowhere"),
            (Paths{folder.path("python"), folder.path("venv")}));
}

TEST(ReadableFor, NeverShowsTheHomeOfTheServersUser) {
  const TestFolder folder;
  const std::string home = folder.path("me");
  for (const auto* name : {"me/bin/node", "me/.local/bin/node", "bin/node", "me/node"}) {
    const std::string program = put_program(folder, name);
    EXPECT_EQ(readable_for(program, home), Paths{program});
  }
}

}  // namespace
}  // namespace toolgate::runtimes
