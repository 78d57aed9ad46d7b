// Finds in a shell line what it would install with pip or uv.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace toolgate::runtimes {

struct PipInstalls {
  std::vector<std::string> requirement_files;  // as written, with the folder that `cd` went to
  std::vector<std::string> requirements;       // packages, and index options as lines of pip's own
  std::vector<std::string> projects;           // "." and other folders; "" is the start folder
  std::vector<std::string> others;             // commands that install nothing: they are not run
};

[[nodiscard]] PipInstalls pip_installs(std::string_view shell_line);

}  // namespace toolgate::runtimes
