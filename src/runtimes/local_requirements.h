// Requirements that lie in the image itself: projects and lists beside a list of requirements.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace toolgate::runtimes {

// True when a line of a list of requirements names files: "./lib", "-e .", "-r more.txt".
[[nodiscard]] bool names_files(std::string_view list);

// The list without "-e" before folders: what is built in a copy must not lead back to it.
[[nodiscard]] std::string without_editable(std::string_view list);

// Copies the image's `tree` to where a build may write, the lists without "-e". Blocks.
[[nodiscard]] bool copy_for_build(const std::filesystem::path& tree,
                                  const std::filesystem::path& to,
                                  const std::vector<std::string>& lists);

}  // namespace toolgate::runtimes
