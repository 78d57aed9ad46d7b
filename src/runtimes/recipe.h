// How an image or a code archive is run: what a Dockerfile, or a runtime's entry point, comes to
// when there is no container.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/json.h"

namespace toolgate::runtimes {

struct Recipe {
  std::string python;                // wished for: "3.13"; empty: whatever is there
  std::vector<std::string> command;  // argv; a name is looked for in the environment's PATH
  std::vector<std::pair<std::string, std::string>> environment;
  std::string directory;                       // where it starts, in the tree: "app"; "" is the top
  std::vector<std::string> requirement_files;  // of pip, in the tree: "app/requirements.txt"
  std::vector<std::string> requirements;       // lines of pip's own: "requests", "mcp<2"
  std::vector<std::string> projects;           // folders of the tree to be installed: "app"
};

// As a member of a document, and back. Fails with Code::internal: we wrote it ourselves.
[[nodiscard]] Json to_json(const Recipe& recipe);
[[nodiscard]] Result<Recipe> recipe_from(const Json& json);

// The Python file that the command runs, in the tree ("app/server.py" of `python -m server` and of
// `python server.py`), without looking whether it is there; empty when it runs none.
[[nodiscard]] std::string entry_file(const Recipe& recipe);

// True when a module's source imports FastMCP of mcp 1.x, which mcp 2 does not have any more.
[[nodiscard]] bool imports_fastmcp(std::string_view source);

}  // namespace toolgate::runtimes
