// The Python interpreters of this machine, found by looking, not by running.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate::runtimes {

struct Interpreter {
  std::string version;  // "3.13"
  std::string program;  // "/usr/bin/python3.13"; no link, but in a virtual environment
};

// In order of preference among equals: the system's folders, PATH, pyenv's and uv's. Only those
// that can make virtual environments. `path` and `home` are the server's PATH and HOME.
[[nodiscard]] std::vector<Interpreter> find_interpreters(std::string_view path,
                                                         const std::filesystem::path& home);

// Whether another version does where the wished one is not installed.
enum class Substitutes : std::uint8_t { allowed, refused };

// The one of that version, else the nearest newer, else the nearest older ("" wishes for the
// newest). Fails with Code::unavailable when there is none at all, or none but substitutes.
[[nodiscard]] Result<Interpreter> choose_interpreter(const std::vector<Interpreter>& found,
                                                     std::string_view wished,
                                                     Substitutes substitutes);

// A program of PATH ("uv", "node"), or nothing. Links are followed.
[[nodiscard]] std::optional<std::string> find_program(std::string_view path, std::string_view name);

// What runs code on this machine, looked for when it is first asked for, and then kept: the looking
// is hundreds of looks at files, which a start has no use for. Any thread; who asks first blocks.
class Programs {
 public:
  // The server's PATH and HOME.
  Programs(std::string path, std::filesystem::path home)
      : path_{std::move(path)}, home_{std::move(home)} {}
  [[nodiscard]] const std::vector<Interpreter>& interpreters() const;
  [[nodiscard]] const std::string& node() const;  // empty: there is none

 private:
  void look() const;
  const std::string path_;
  const std::filesystem::path home_;
  mutable std::once_flag looked_;
  mutable std::vector<Interpreter> interpreters_;
  mutable std::string node_;
};

// Folders and files that running an interpreter needs, beyond the system's own: where it was
// installed, but never a folder that holds `home`.
[[nodiscard]] std::vector<std::string> readable_for(const std::filesystem::path& program,
                                                    const std::filesystem::path& home);
// With this process's HOME.
[[nodiscard]] std::vector<std::string> readable_for(const std::filesystem::path& program);

}  // namespace toolgate::runtimes
