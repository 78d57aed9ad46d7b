#include "store/data_dir.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/test_folder.h"

namespace toolgate::store::testing {
namespace {

class DataDir : public ::testing::Test {
 protected:
  TestFolder folder_;
  std::string path_ = folder_.path("state/toolgate");
};

mode_t mode_of(const std::string& path) {
  struct stat about = {};
  EXPECT_EQ(::stat(path.c_str(), &about), 0);
  return about.st_mode & 0777;
}

std::string content_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator{file}, {}};
}

// Sets a variable for one test; null unsets it.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_{name} {
    if (const char* old = std::getenv(name); old != nullptr) old_ = old;
    set(value);
  }
  ~Variable() { set(old_ ? old_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) {
    if (value != nullptr) {
      ::setenv(name_, value, 1);
    } else {
      ::unsetenv(name_);
    }
  }
  const char* name_;
  std::optional<std::string> old_;
};

}  // namespace

TEST_F(DataDir, IsPrivateAndIgnoredByGit) {
  const auto directory = DataDirectory::open(path_);
  ASSERT_TRUE(directory) << directory.error().message;
  EXPECT_EQ(mode_of(path_), 0700U);
  EXPECT_EQ(content_of(path_ + "/.gitignore"), "*\n");
  EXPECT_EQ(mode_of(path_ + "/lock"), 0600U);
  EXPECT_EQ(directory->file("store.db"), path_ + "/store.db");
}

TEST_F(DataDir, MakesAFolderThatExistsPrivate) {
  std::filesystem::create_directories(path_);
  ASSERT_EQ(::chmod(path_.c_str(), 0755), 0);
  ASSERT_TRUE(DataDirectory::open(path_));
  EXPECT_EQ(mode_of(path_), 0700U);
}

TEST_F(DataDir, DoesNotCloseAFolderOfOthers) {
  std::filesystem::create_directories(path_ + "/lost+found");
  ASSERT_EQ(::chmod(path_.c_str(), 0755), 0);
  EXPECT_TRUE(DataDirectory::open(path_));
  EXPECT_EQ(mode_of(path_), 0700U);

  const auto shared = folder_.path("shared");
  std::filesystem::create_directories(shared);
  std::ofstream{shared + "/something"} << "of somebody";
  ASSERT_EQ(::chmod(shared.c_str(), 0755), 0);
  const auto refused = DataDirectory::open(shared);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("--data-dir " + shared + ": expected"), std::string::npos);
  EXPECT_EQ(mode_of(shared), 0755U);
  EXPECT_FALSE(std::filesystem::exists(shared + "/.gitignore"));
  ASSERT_EQ(::chmod(shared.c_str(), 0700), 0);
  EXPECT_TRUE(DataDirectory::open(shared));
}

TEST_F(DataDir, RefusesASecondServerAndNamesTheFirst) {
  auto first = DataDirectory::open(path_);
  ASSERT_TRUE(first);
  const auto second = DataDirectory::open(path_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
  EXPECT_NE(second.error().message.find(fmt::format("process {}", ::getpid())), std::string::npos)
      << second.error().message;
  const DataDirectory moved = *std::move(first);
  EXPECT_FALSE(DataDirectory::open(path_));
}

TEST_F(DataDir, IsFreeAgainWhenItsHolderIsGone) {
  {
    ASSERT_TRUE(DataDirectory::open(path_));
  }
  ASSERT_TRUE(DataDirectory::open(path_));
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = DataDirectory::open(path_);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(DataDirectory::open(path_));
}

TEST_F(DataDir, ShowsTheRunningServerToOthers) {
  EXPECT_EQ(read_server(path_).error().code, Code::not_found);
  {
    auto directory = DataDirectory::open(path_);
    EXPECT_EQ(read_server(path_).error().code, Code::not_found);
    ASSERT_TRUE(directory->write_server(Json{{"url", "http://127.0.0.1:7878"}}));
    ASSERT_TRUE(directory->write_server(Json{{"url", "http://127.0.0.1:7979"}}));
    const auto server = read_server(path_);
    ASSERT_TRUE(server) << server.error().message;
    EXPECT_EQ(json::find_string(*server, "url"), "http://127.0.0.1:7979");
    EXPECT_EQ(mode_of(path_ + "/server.json"), 0600U);
  }
  EXPECT_EQ(read_server(path_).error().code, Code::not_found);
  EXPECT_FALSE(std::filesystem::exists(path_ + "/server.json"));
}

TEST_F(DataDir, DoesNotShowAServerThatWasKilled) {
  {
    ASSERT_TRUE(DataDirectory::open(path_));
  }
  std::ofstream{path_ + "/server.json"} << R"({"url":"http://127.0.0.1:1"})";
  EXPECT_EQ(read_server(path_).error().code, Code::not_found);
  const auto next = DataDirectory::open(path_);
  EXPECT_EQ(read_server(path_).error().code, Code::not_found);
}

TEST_F(DataDir, SaysWhyItCannotBeMade) {
  std::ofstream{folder_.path("file")} << "x";
  const auto in_a_file = DataDirectory::open(folder_.path("file"));
  ASSERT_FALSE(in_a_file);
  EXPECT_EQ(in_a_file.error().code, Code::unavailable);
  EXPECT_EQ(DataDirectory::open(folder_.path("file/below")).error().code, Code::unavailable);
}

TEST(DefaultPaths, FollowTheBaseDirectorySpecification) {
  const Variable home{"HOME", "/house/ann"};
  {
    const Variable state{"XDG_STATE_HOME", nullptr};
    const Variable config{"XDG_CONFIG_HOME", ""};
    EXPECT_EQ(default_data_directory().value(), "/house/ann/.local/state/toolgate");
    EXPECT_EQ(default_master_key_path().value(), "/house/ann/.config/toolgate/master.key");
  }
  const Variable state{"XDG_STATE_HOME", "/state"};
  const Variable config{"XDG_CONFIG_HOME", "relative"};
  EXPECT_EQ(default_data_directory().value(), "/state/toolgate");
  EXPECT_EQ(default_master_key_path().value(), "/house/ann/.config/toolgate/master.key");
  const Variable no_home{"HOME", nullptr};
  EXPECT_EQ(default_master_key_path().error().code, Code::invalid);
}

}  // namespace toolgate::store::testing
