// Questions about absolute paths.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate::processes {

// Whether `path` is `folder` or below it. Both normal: no "..", no trailing slash.
[[nodiscard]] bool lies_in(std::string_view path, std::string_view folder);

// All links resolved. Fails with Code::invalid: not absolute, absent; `what` names it in the text.
[[nodiscard]] Result<std::string> real_path(const std::string& path, std::string_view what);

// The file that execve will run for argv[0]. Fails with Code::invalid.
[[nodiscard]] Result<std::string> find_program(const std::string& name, std::string_view path);

// The folders above `path`, topmost first, without "/".
[[nodiscard]] std::vector<std::string> folders_above(const std::string& path);

// Makes a folder and its parents (0755); an existing one is fine.
void make_folders(const std::string& path);

// Gives everything below `path` to a user, following no link and leaving out files that have a
// second name elsewhere. Fails with Code::unavailable, Code::too_large.
[[nodiscard]] Result<void> give_to(const std::string& path, unsigned uid);

}  // namespace toolgate::processes
