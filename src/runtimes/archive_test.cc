#include "runtimes/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "base/test_folder.h"
#include "runtimes/build_image.h"
#include "runtimes/image.h"

namespace toolgate::runtimes {
namespace {

namespace fs = std::filesystem;

struct File {
  std::string name;
  std::string text;
  std::string link;  // a symbolic link to it, when not empty
};

std::string zip_of(const std::vector<File>& files) {
  std::string bytes(1024 * 1024, '\0');
  std::size_t used = 0;
  ::archive* writer = archive_write_new();
  archive_write_set_format_zip(writer);
  archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
  for (const auto& file : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, file.name.c_str());
    archive_entry_set_mtime(entry, 1'700'000'000, 0);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, file.link.empty() ? AE_IFREG : AE_IFLNK);
    if (!file.link.empty()) archive_entry_set_symlink(entry, file.link.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(file.text.size()));
    archive_write_header(writer, entry);
    archive_write_data(writer, file.text.data(), file.text.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  bytes.resize(used);
  return bytes;
}

class Unzip : public testing::Test {
 protected:
  Unzip() { fs::create_directories(folder / "into"); }

  std::string refusal(const std::string& bytes, const ArchiveBounds& bounds = {}) {
    fs::remove_all(folder / "into");
    fs::create_directories(folder / "into");
    const auto done = unzip(bytes, folder / "into", bounds);
    return done ? "" : done.error().message;
  }

  TestFolder temporary;
  fs::path folder{temporary.path()};
};

TEST_F(Unzip, WritesFilesBelowTheFolder) {
  const auto done = unzip(zip_of({{"a/b.py", "print(1)", ""}, {"./c", "", ""}}), folder / "into");
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(done->size(), 2U);
  EXPECT_EQ((*done)[0].name, "a/b.py");
  EXPECT_EQ((*done)[1].name, "c");
  std::ifstream file{folder / "into/a/b.py"};
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>{file}, {}}), "print(1)");
}

TEST_F(Unzip, RefusesNamesThatLeaveTheFolder) {
  for (const auto* name : {"../x", "a/../../x", "/etc/x"}) {
    EXPECT_NE(refusal(zip_of({{name, "x", ""}})), "") << name;
  }
  EXPECT_FALSE(fs::exists(folder / "x"));
}

TEST_F(Unzip, RefusesLinksAndSecondEntries) {
  EXPECT_NE(refusal(zip_of({{"link", "", "/etc"}})).find("neither a file nor a folder"),
            std::string::npos);
  EXPECT_NE(refusal(zip_of({{"same", "1", ""}, {"same", "2", ""}})).find("comes twice"),
            std::string::npos);
}

TEST_F(Unzip, StopsAtItsBounds) {
  const std::string bytes = zip_of({{"a", std::string(5'000, 'x'), ""}, {"b", "", ""}});
  EXPECT_NE(refusal(bytes, {.unpacked_bytes_max = 4'999}).find("4999 bytes"), std::string::npos);
  EXPECT_NE(refusal(bytes, {.entries_count_max = 1}).find("1 entries"), std::string::npos);
  EXPECT_NE(refusal("no zip at all").find("as a zip"), std::string::npos);
}

TEST_F(Unzip, BuildsAnImageAndKeepsItOnce) {
  const ImageTrees images{folder / "images"};
  const std::string bytes =
      zip_of({{"Dockerfile",
               "FROM python:3.11\nWORKDIR /app\nCOPY *.py .\nCMD [\"python\",\"s.py\"]\n", ""},
              {"s.py", "1", ""},
              {"README", "", ""}});
  const auto image = build_image(bytes, "Dockerfile", images);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_TRUE(fs::exists(images.tree_of(image->digest) / "app/s.py"));
  EXPECT_FALSE(fs::exists(images.tree_of(image->digest) / "app/README"));
  const auto again = build_image(bytes, "Dockerfile", images);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->digest, image->digest);
  EXPECT_FALSE(build_image(bytes, "../Dockerfile", images));
  images.sweep([](std::string_view) { return false; });
  EXPECT_FALSE(images.has(image->digest));
}

TEST(StaleDockerfile, NamesBothFiles) {
  const std::vector<Entry> entries{{"old.py", 10}, {"new.py", 20}, {"sub/newer.py", 30}};
  const auto said = stale_dockerfile("old.py", "Dockerfile", entries);
  EXPECT_NE(said.find("starts old.py"), std::string::npos);
  EXPECT_NE(said.find("new.py is newer"), std::string::npos);
  EXPECT_EQ(stale_dockerfile("new.py", "Dockerfile", entries), "");
  EXPECT_EQ(stale_dockerfile("absent.py", "Dockerfile", entries), "");
}

TEST(ImageName, IsTakenApart) {
  const auto name = parse_image_name("123456789012.dkr.ecr.eu-west-1.amazonaws.com/a/b:1@sha256:x");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->place.account, "123456789012");
  EXPECT_EQ(name->place.region, "eu-west-1");
  EXPECT_EQ(name->repository, "a/b");
  EXPECT_EQ(name->tag, "1");
  EXPECT_EQ(name->digest, "sha256:x");
  for (const auto* text : {"", "a", "docker.io/x:1", "1.dkr.ecr.x.amazonaws.com/r:1",
                           "123456789012.dkr.ecr.x.amazonaws.com/r:"}) {
    EXPECT_FALSE(parse_image_name(text)) << text;
  }
}

}  // namespace
}  // namespace toolgate::runtimes
