// Dockerfiles from archives of strangers: what is read stays in the tree, says how it is started,
// and comes back from its document as it was.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "runtimes/dockerfile.h"

using namespace toolgate;

namespace {

bool in_tree(const std::string& path) {
  return !path.starts_with('/') && path != ".." && !path.starts_with("../") &&
         path.find("/../") == std::string::npos && !path.ends_with("/..");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  const auto file = runtimes::read_dockerfile(text);
  if (!file) {
    ASSERT(!file.error().message.empty());
    return 0;
  }
  const auto& recipe = file->recipe;
  ASSERT(!recipe.command.empty() && !file->base.empty());
  ASSERT(in_tree(recipe.directory));
  ASSERT(std::ranges::all_of(recipe.requirement_files, in_tree));
  ASSERT(std::ranges::all_of(recipe.projects, in_tree));
  for (const auto& copy : file->copies) {
    ASSERT(in_tree(copy.to) && std::ranges::all_of(copy.from, in_tree));
  }
  const auto again = runtimes::recipe_from(runtimes::to_json(recipe));
  ASSERT(again.has_value() && again->command == recipe.command);
  (void)runtimes::entry_file(recipe);
  return 0;
}
