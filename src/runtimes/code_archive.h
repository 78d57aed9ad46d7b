// Direct code deployment: an archive with a program and its packages, and an entry point.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtimes/image.h"
#include "runtimes/recipe.h"

namespace toolgate::runtimes {

struct CodeArchive {
  Recipe recipe;
  std::string digest;
};
// Unpacks into `images`. `runtime` is "PYTHON_3_13" or "NODE_22". Packages with machine code for
// another machine (AWS's is arm64) are taken out and become requirements of the same version.
// Without any package, a requirements.txt is installed. Fails with Code::invalid: no such runtime,
// no such entry file, a broken archive. Blocks.
[[nodiscard]] Result<CodeArchive> keep_code(std::string_view bytes, std::string_view runtime,
                                            const std::vector<std::string>& entry_point,
                                            const ImageTrees& images);

}  // namespace toolgate::runtimes
