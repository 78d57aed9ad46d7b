// From an archive with a Dockerfile to a kept tree and a recipe. Nothing is executed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtimes/image.h"
#include "runtimes/recipe.h"

namespace toolgate::runtimes {

struct BuiltImage {
  Recipe recipe;
  std::string digest;
  std::vector<std::string> notes;  // for the build's log: what is left out, and what looks wrong
};
// Blocks. Fails with Code::invalid: a broken archive, no such Dockerfile, a COPY of nothing.
[[nodiscard]] Result<BuiltImage> build_image(std::string_view archive,
                                             std::string_view dockerfile_name,
                                             const ImageTrees& images);

// A Dockerfile that was written for another entry file: the archive holds a Python file beside the
// entry file that is newer. Names both; empty when nothing looks wrong.
struct Entry;
[[nodiscard]] std::string stale_dockerfile(std::string_view entry_file,
                                           std::string_view dockerfile_name,
                                           const std::vector<Entry>& entries);

}  // namespace toolgate::runtimes
