#include "runtimes/code_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "base/test_folder.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;
using Files = std::vector<std::pair<std::string, std::string>>;

std::string zip_of(const Files& files) {
  std::string bytes(256 * 1024, '\0');
  std::size_t used = 0;
  ::archive* writer = archive_write_new();
  archive_write_set_format_zip(writer);
  archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
  for (const auto& [name, text] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    archive_write_header(writer, entry);
    archive_write_data(writer, text.data(), text.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  bytes.resize(used);
  return bytes;
}

// The head of an ELF file of a machine that is not ours, whichever that is.
std::string foreign_library() {
  std::string bytes = std::string{"\x7f"} + "ELF" + std::string(60, '\0');
  bytes[18] = '\x08';  // MIPS
  return bytes;
}

class KeepCode : public testing::Test {
 protected:
  TestFolder folder;
  ImageTrees images{folder.path()};
};

TEST_F(KeepCode, ReplacesPackagesOfAnotherMachine) {
  const auto kept = keep_code(zip_of({{"agent.py", "1"},
                                      {"fast/core.so", foreign_library()},
                                      {"fast/__init__.py", ""},
                                      {"fast_one-1.2.3.dist-info/RECORD",
                                       "fast/core.so,sha256=x,1\nfast/__init__.py,,\n../out,,\n"}}),
                              "PYTHON_3_12", {"opentelemetry-instrument", "agent.py"}, images);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->recipe.requirements, std::vector<std::string>{"fast_one==1.2.3"});
  EXPECT_EQ(kept->recipe.python, "3.12");
  EXPECT_EQ(kept->recipe.command,
            (std::vector<std::string>{"opentelemetry-instrument", "python", "agent.py"}));
  EXPECT_FALSE(fs::exists(images.tree_of(kept->digest) / "fast/core.so"));
  EXPECT_TRUE(fs::exists(images.tree_of(kept->digest) / "agent.py"));
}

TEST_F(KeepCode, LeavesPackagesThatRunHere) {
  const auto kept = keep_code(zip_of({{"agent.py", "1"},
                                      {"plain/__init__.py", ""},
                                      {"plain-1.dist-info/RECORD", "plain/__init__.py,,\n"}}),
                              "PYTHON_3_12", {"agent.py"}, images);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->recipe.requirements.empty());
  EXPECT_TRUE(fs::exists(images.tree_of(kept->digest) / "plain/__init__.py"));
}

TEST_F(KeepCode, InstallsRequirementsOfAnArchiveWithoutPackages) {
  const auto kept = keep_code(zip_of({{"agent.py", "1"}, {"requirements.txt", "x"}}), "PYTHON_3_13",
                              {"agent.py"}, images);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->recipe.requirement_files, std::vector<std::string>{"requirements.txt"});
}

TEST_F(KeepCode, RefusesWhatIsNotThere) {
  const std::string bytes = zip_of({{"agent.py", "1"}});
  EXPECT_FALSE(keep_code(bytes, "PYTHON_3_13", {"other.py"}, images));
  EXPECT_FALSE(keep_code(bytes, "RUBY_3", {"agent.py"}, images));
  EXPECT_FALSE(keep_code("no zip", "NODE_22", {"main.js"}, images));
}

}  // namespace
}  // namespace toolgate::runtimes
