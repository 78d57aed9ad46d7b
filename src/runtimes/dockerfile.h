// Reads a Dockerfile as what it says about running a program: base image, files, packages, command.
// Nothing is executed; what only a container could do is noted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtimes/recipe.h"

namespace toolgate::runtimes {

inline constexpr std::size_t dockerfile_bytes_max = 256 * 1024;

// A COPY or ADD out of the build's context into the image's tree, in order.
struct Copy {
  std::vector<std::string> from;  // in the context: "requirements.txt", "."
  std::string to;                 // in the tree: "app/requirements.txt"
  bool into = false;              // `to` is a folder: "COPY a b c dir/"
};

struct Dockerfile {
  std::string base;  // "ghcr.io/astral-sh/uv:python3.13-bookworm-slim"
  std::vector<Copy> copies;
  Recipe recipe;                   // paths are of the tree
  std::vector<std::string> notes;  // sentences: what is not done, with its line
};

// The last stage of the Dockerfile. Fails with Code::invalid, naming the line: no FROM, neither CMD
// nor ENTRYPOINT, a broken instruction, a here-document.
[[nodiscard]] Result<Dockerfile> read_dockerfile(std::string_view text);

}  // namespace toolgate::runtimes
