// A temporary folder for one test's files, gone with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include <sys/stat.h>

#include "base/result.h"

namespace toolgate {

// Other users may enter it: a test's child may run as one of them.
class TestFolder {
 public:
  explicit TestFolder(
      const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    auto pattern = (parent / "toolgate-test-XXXXXX").string();
    ASSERT(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
    ::chmod(path_.c_str(), 0755);
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  // Its own, and that of something in it.
  [[nodiscard]] std::string path() const { return path_; }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

  // A folder in it, and a file; both give its path.
  std::string make(const std::string& name, mode_t mode = 0755) const {
    std::filesystem::create_directories(path(name));
    ::chmod(path(name).c_str(), mode);
    return path(name);
  }
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0644) const {
    std::ofstream{path(name)} << text;
    ::chmod(path(name).c_str(), mode);
    return path(name);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file{path(name)};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

 private:
  std::string path_;
};

}  // namespace toolgate
